// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Writes JSON (RFC 8259) straight into bytes: compact, in UTF-8.
///
/// The commas between fields and elements are the writer's business; that every field has one value is the caller's.
///
/// ```swift
/// writer.beginObject()
/// writer.field("\"name\":")
/// writer.write(name)
/// writer.endObject()
/// ```
public struct JSONWriter: ~Copyable {
    /// Memory of `capacity` bytes, of which the first `used` are written.
    ///
    /// The writer owns it: it can't be copied, and either `deinit` or the `Bytes` made by `finish` release it.
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int
    /// The number of open arrays and objects.
    @usableFromInline var depth: Int
    /// Whether there have been more open arrays and objects than readers accept.
    @usableFromInline var isTooDeep: Bool

    /// A writer with nothing written.
    ///
    /// - Parameter capacity: How many bytes to reserve; the buffer doubles when they are used up. Texts that fit cost one
    ///   allocation.
    @inlinable
    public init(capacity: Int = 128) {
        self.capacity = max(capacity, 16)
        base = .allocate(byteCount: self.capacity, alignment: 1)
        used = 0
        depth = 0
        isTooDeep = false
    }

    deinit {
        base.deallocate()
    }

    /// The number of bytes written so far.
    @inlinable public var count: Int { used }

    /// The bytes written, without copying them.
    ///
    /// - Throws: ``JSONError`` when more than ``JSON/maximumDepth`` arrays and objects were inside one another, so that
    ///   the text could not be read again.
    public consuming func finish() throws(JSONError) -> Bytes {
        if isTooDeep {
            _ = consume self
            throw JSONError(.tooDeep, byteOffset: 0, path: "$")
        }
        let storage = ByteStorage(adopting: UnsafeRawPointer(base), count: used) { $0.deallocate() }
        discard self
        return Bytes(storage)
    }

    /// Calls `body` with the bytes written so far, which must not escape.
    func withWrittenBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base, count: used))
    }

    /// Makes room for a number of bytes.
    @inlinable @inline(__always)
    mutating func reserve(_ additional: Int) {
        if capacity &- used < additional { grow(additional) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ additional: Int) {
        let newCapacity = max(capacity * 2, used + additional)
        let newBase = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 1)
        newBase.copyMemory(from: base, byteCount: used)
        base.deallocate()
        base = newBase
        capacity = newCapacity
    }

    /// Writes a byte for which there is room.
    @inlinable @inline(__always)
    mutating func append(_ byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    /// Writes bytes as they are.
    @inlinable @inline(__always)
    mutating func append(_ bytes: UnsafeRawPointer, count length: Int) {
        reserve(length)
        (base + used).copyMemory(from: bytes, byteCount: length)
        used &+= length
    }

    @inlinable @inline(__always)
    mutating func append(_ text: StaticString) {
        append(text.utf8Start, count: text.utf8CodeUnitCount)
    }
}

// MARK: - Objects and arrays

extension JSONWriter {
    /// Writes the `{` of an object; ``field(_:)`` or ``key(_:)`` with a value each, and ``endObject()`` come next.
    @inlinable
    public mutating func beginObject() {
        begin(UInt8(ascii: "{"))
    }

    /// Writes the `}` of an object.
    @inlinable
    public mutating func endObject() {
        end(UInt8(ascii: "}"))
    }

    /// Writes the `[` of an array; ``element()`` with a value each, and ``endArray()`` come next.
    @inlinable
    public mutating func beginArray() {
        begin(UInt8(ascii: "["))
    }

    /// Writes the `]` of an array.
    @inlinable
    public mutating func endArray() {
        end(UInt8(ascii: "]"))
    }

    @inlinable @inline(__always)
    mutating func begin(_ bracket: UInt8) {
        depth &+= 1
        if depth > JSON.maximumDepth { isTooDeep = true }
        reserve(1)
        append(bracket)
    }

    @inlinable @inline(__always)
    mutating func end(_ bracket: UInt8) {
        depth &-= 1
        reserve(1)
        append(bracket)
    }

    /// Begins an element of an array: writes a comma if another one precedes it.
    @inlinable
    public mutating func element() {
        reserve(1)
        separate(after: UInt8(ascii: "["))
    }

    /// Begins a field of an object: writes a comma if another one precedes it, then the name.
    ///
    /// - Parameter quotedName: The name as JSON has it, with its quotes and the colon; it is written as it is.
    @inlinable @inline(__always)
    public mutating func field(_ quotedName: StaticString) {
        reserve(1 &+ quotedName.utf8CodeUnitCount)
        separate(after: UInt8(ascii: "{"))
        append(quotedName)
    }

    /// Begins a field of an object: writes a comma if another one precedes it, then the name.
    ///
    /// - Parameter name: The name, which is quoted and escaped.
    public mutating func key(_ name: String) {
        reserve(1)
        separate(after: UInt8(ascii: "{"))
        write(name)
        reserve(1)
        append(UInt8(ascii: ":"))
    }

    /// Writes a comma unless the last byte is the bracket: no value and no name ends with one.
    @inlinable @inline(__always)
    mutating func separate(after bracket: UInt8) {
        if used > 0 && base.load(fromByteOffset: used &- 1, as: UInt8.self) != bracket {
            append(UInt8(ascii: ","))
        }
    }
}

// MARK: - Errors

extension JSONWriter {
    /// An error about the value that is to be written next.
    ///
    /// - Parameter reason: What went wrong.
    /// - Returns: The error, to be thrown.
    @inline(never)
    public func fault(_ reason: JSONError.Reason) -> JSONError {
        withWrittenBytes { written in
            JSONError(reason, byteOffset: used, path: JSONPath.find(in: written, at: used))
        }
    }

    /// Ends the recursion into values that lie too deep inside one another.
    @inlinable
    func checkDepth() throws(JSONError) {
        if isTooDeep { throw fault(.tooDeep) }
    }
}
