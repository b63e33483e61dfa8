// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// An immutable run of bytes: the key, the value or a header of a message.
///
/// A value of this type is a slice of a shared, immutable buffer. Copying it costs one retain; the bytes are never
/// copied. All the messages that were read together share one buffer, which lives as long as any slice of it: keep
/// `Bytes(copying:)` of a slice that outlives its batch by far, such as one stored in a dictionary.
public struct Bytes: Sendable {
    /// The buffer that this is a slice of.
    public let storage: ByteStorage
    /// Where in the buffer the slice starts.
    public let start: Int
    /// The number of bytes.
    public let count: Int

    /// A slice of a buffer.
    ///
    /// - Parameters:
    ///   - storage: The buffer.
    ///   - start: The index of the slice's first byte.
    ///   - count: The number of bytes; `start + count` must not be greater than `storage.count`.
    @inlinable
    public init(storage: ByteStorage, start: Int, count: Int) {
        precondition(start >= 0 && count >= 0 && start &+ count <= storage.count, "a slice outside its buffer")
        self.storage = storage
        self.start = start
        self.count = count
    }

    /// No bytes at all; not the same as a missing (null) key or value, which is `Bytes?.none`.
    public static let empty = Bytes(ByteStorage(count: 0) { _ in 0 })

    /// The whole of a buffer.
    @inlinable
    public init(_ storage: ByteStorage) {
        self.init(storage: storage, start: 0, count: storage.count)
    }

    /// A copy of a sequence of bytes.
    @inlinable
    public init(_ bytes: some Collection<UInt8>) {
        self.init(ByteStorage(count: bytes.count) { $0.initialize(from: bytes).1 })
    }

    /// The UTF-8 bytes of a string.
    @inlinable
    public init(_ string: String) {
        self.init(string.utf8)
    }

    /// A copy in a buffer of its own, which keeps nothing else alive.
    @inlinable
    public init(copying other: Bytes) {
        self = other.withUnsafeBytes { Bytes($0) }
    }

    /// The bytes in a buffer that holds nothing else, for what stays: a slice would keep a whole batch alive.
    var owned: Bytes { count == storage.count ? self : Bytes(copying: self) }

    /// Calls `body` with the bytes in memory.
    ///
    /// - Parameter body: Must not let the pointer escape: it is valid for the duration of the call only.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The slice holds a reference to `storage`, so that the memory outlives the call.
        let pointer = UnsafeRawBufferPointer(start: storage.baseAddress + start, count: count)
        defer { withExtendedLifetime(storage) {} }
        return try body(pointer)
    }
}

extension Bytes: RandomAccessCollection {
    /// The position of the first byte, always 0.
    @inlinable public var startIndex: Int { 0 }
    /// The position after the last byte.
    @inlinable public var endIndex: Int { count }

    /// The byte at a position; traps when the position is not in `0..<count`.
    @inlinable
    public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count, "a position outside the bytes")
        return storage.baseAddress.load(fromByteOffset: start &+ position, as: UInt8.self)
    }

    /// A part of the bytes, which shares their buffer.
    @inlinable
    public subscript(bounds: Range<Int>) -> Bytes {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= count, "a range outside the bytes")
        return Bytes(storage: storage, start: start &+ bounds.lowerBound, count: bounds.count)
    }

    /// Calls `body` with the bytes in memory; never `nil`.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        try withUnsafeBytes { try body($0.assumingMemoryBound(to: UInt8.self)) }
    }
}

extension Bytes: Hashable {
    /// Whether both have the same bytes.
    public static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in right.withUnsafeBytes { byteOrder(left, $0) == 0 } }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Bytes: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The UTF-8 bytes of a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The bytes of a literal.
    public init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }

    /// The bytes read as UTF-8, with U+FFFD in place of what is not.
    public var description: String {
        String(self)
    }
}

extension String {
    /// The bytes read as UTF-8, with U+FFFD in place of what is not.
    @inlinable
    public init(_ bytes: Bytes) {
        self = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
