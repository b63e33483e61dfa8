// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Reads JSON (RFC 8259) straight from bytes, one value after the other.
///
/// A reader is made inside ``JSON/decode(_:from:)-(_,Bytes)`` and handed to ``JSONDecodable/init(from:)``; it can be used
/// only there. It is a view of memory that somebody else owns, which is safe because a reader can be neither made nor copied
/// outside this module, and `JSON.decode` keeps the memory alive until the reader is gone.
///
/// Every method skips white space before what it reads, checks what it passes, and throws a ``JSONError`` when that is not
/// well-formed. A method used at the wrong moment throws or reads a wrong value, but never reads outside the input.
///
/// ```swift
/// try reader.beginObject()
/// loop: while true {
///     switch try reader.nextField(of: Self.fields) {
///     case 0: name = try reader.readString()
///     case 1: amount = try reader.readInteger(as: Int.self)
///     default: break loop
///     }
/// }
/// ```
public struct JSONReader: ~Copyable {
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let count: Int
    /// The index of the next byte; never greater than `count`.
    @usableFromInline var offset: Int
    /// The number of open arrays and objects.
    @usableFromInline var depth: Int
    /// Whether an array or object was opened and nothing was read of it yet.
    @usableFromInline var isFirst: Bool
    /// For each of the eight innermost objects, in a byte, the field that probably comes next; the innermost lowest.
    @usableFromInline var expectedFields: UInt64

    /// A reader of a buffer, which must outlive it.
    @inlinable
    init(_ bytes: UnsafeRawBufferPointer) {
        // With no bytes there is no address; nothing is ever read from the one put in its place.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        count = bytes.count
        offset = 0
        depth = 0
        isFirst = false
        expectedFields = 0
    }

    @inlinable
    var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }

    /// The byte at an index, which must be less than `count`.
    @inlinable @inline(__always)
    func byte(at index: Int) -> UInt8 {
        base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Moves on to the next byte that is not white space.
    @inlinable @inline(__always)
    mutating func skipSpace() {
        if offset < count && byte(at: offset) > 0x20 { return }
        skipSpaceSlowly()
    }

    @usableFromInline
    mutating func skipSpaceSlowly() {
        offset = indexAfterSpace
    }

    var indexAfterSpace: Int {
        var index = offset
        while index < count {
            switch byte(at: index) {
            case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
            default: return index
            }
        }
        return index
    }

    /// Checks that only white space is left.
    @inlinable
    mutating func finish() throws(JSONError) {
        if offset == count { return }
        skipSpace()
        if offset != count { throw fault(.trailingBytes) }
    }
}

// MARK: - Objects and arrays

extension JSONReader {
    /// Reads the `{` of an object; ``nextField(of:)`` or ``nextKey()`` comes next.
    ///
    /// - Throws: ``JSONError`` when no object is next, or ``JSON/maximumDepth`` is exceeded.
    @inlinable
    public mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
        expectedFields &<<= 8
    }

    /// Reads the `[` of an array; ``nextElement()`` comes next.
    ///
    /// - Throws: ``JSONError`` when no array is next, or ``JSON/maximumDepth`` is exceeded.
    @inlinable
    public mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), "an array")
    }

    @inlinable @inline(__always)
    mutating func begin(_ bracket: UInt8, _ name: @autoclosure () -> String) throws(JSONError) {
        skipSpace()
        guard offset < count, byte(at: offset) == bracket else { throw mismatch(name()) }
        guard depth < JSON.maximumDepth else { throw fault(.tooDeep) }
        offset &+= 1
        depth &+= 1
        isFirst = true
    }

    /// Moves on to the next element of an array.
    ///
    /// - Returns: Whether there is one, which is then to be read; `false` once the array has ended.
    /// - Throws: ``JSONError`` when neither a comma nor the end of the array is next.
    @inlinable
    public mutating func nextElement() throws(JSONError) -> Bool {
        skipSpace()
        guard offset < count else { throw fault(.unexpectedEnd) }
        let next = byte(at: offset)
        if next == UInt8(ascii: "]") {
            offset &+= 1
            depth &-= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard next == UInt8(ascii: ",") else { throw unexpected("',' or ']'") }
        offset &+= 1
        return true
    }
}

// MARK: - Literals

extension JSONReader {
    /// What kind of value is next; `nil` at the end of the input and when no value begins there.
    public var peek: JSONKind? {
        let index = indexAfterSpace
        return index < count ? JSONKind(firstByte: byte(at: index)) : nil
    }

    /// Reads `null` if that is next.
    ///
    /// - Returns: Whether it was; if not, nothing was read.
    /// - Throws: ``JSONError`` when the next value begins like `null` and is not.
    @inlinable
    public mutating func readNull() throws(JSONError) -> Bool {
        skipSpace()
        guard offset < count, byte(at: offset) == UInt8(ascii: "n") else { return false }
        try readLiteral("null")
        return true
    }

    /// Reads `true` or `false`.
    ///
    /// - Throws: ``JSONError`` when neither is next.
    public mutating func readBool() throws(JSONError) -> Bool {
        skipSpace()
        guard offset < count else { throw fault(.unexpectedEnd) }
        switch byte(at: offset) {
        case UInt8(ascii: "t"):
            try readLiteral("true")
            return true
        case UInt8(ascii: "f"):
            try readLiteral("false")
            return false
        default:
            throw mismatch("a bool")
        }
    }

    /// Reads a word of which the first byte has been seen.
    @usableFromInline
    mutating func readLiteral(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        for index in 1..<length {
            guard offset + index < count else { throw fault(.unexpectedEnd, at: count) }
            if byte(at: offset + index) != word.utf8Start[index] { throw unexpected("\(word)", at: offset + index) }
        }
        offset += length
    }
}

// MARK: - Errors

extension JSONReader {
    /// An error at the current place.
    ///
    /// - Parameters:
    ///   - reason: What went wrong.
    ///   - field: The field of the current value that it is about, when it is about one. After an object was read to
    ///     its end the current value is that object.
    /// - Returns: The error, to be thrown.
    @inline(never)
    public func fault(_ reason: JSONError.Reason, field: String? = nil) -> JSONError {
        JSONError(reason, byteOffset: offset, path: field.map { JSONPath.step(to: $0) } ?? "")
    }

    @usableFromInline @inline(never)
    func fault(_ reason: JSONError.Reason) -> JSONError {
        fault(reason, field: nil)
    }

    @inline(never)
    func fault(_ reason: JSONError.Reason, at offset: Int) -> JSONError {
        JSONError(reason, byteOffset: offset)
    }

    /// An error about the next byte.
    @usableFromInline @inline(never)
    func unexpected(_ expected: String) -> JSONError {
        unexpected(expected, at: indexAfterSpace)
    }

    func unexpected(_ expected: String, at offset: Int) -> JSONError {
        guard offset < count else { return fault(.unexpectedEnd, at: count) }
        return fault(.unexpectedByte(byte(at: offset), expected: expected), at: offset)
    }

    /// An error about the kind of the next value.
    @usableFromInline @inline(never)
    func mismatch(_ expected: String) -> JSONError {
        guard let found = peek else { return unexpected(expected) }
        return fault(.typeMismatch(expected: expected, found: found), at: indexAfterSpace)
    }

    /// The error with its full path.
    @usableFromInline @inline(never)
    func located(_ error: JSONError) -> JSONError {
        guard !error.path.hasPrefix("$") else { return error }
        var error = error
        error.path = JSONPath.find(in: buffer, at: error.byteOffset) + error.path
        return error
    }
}
