// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Bytes from the other side that are not what the protocol says.
package struct WireFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads the fields of a frame.
///
/// The bytes come from another process and are trusted in nothing: every length is compared with what is there before
/// it is used, and before memory is allocated for it.
struct WireReader {
    let bytes: Bytes
    private(set) var position = 0

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - position }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(WireFault) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw WireFault("\(size) bytes of a number are missing") }
        let start = position
        position += size
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Value.self)) }
    }

    mutating func boolean() throws(WireFault) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw WireFault("\(other) is neither true nor false")
        }
    }

    /// Bytes that share the storage of the frame.
    mutating func slice(_ count: Int) throws(WireFault) -> Bytes {
        guard count >= 0, count <= remaining else { throw WireFault("\(count) bytes announced, \(remaining) there") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func string() throws(WireFault) -> String {
        let slice = try slice(Int(integer(UInt32.self)))
        guard let string = slice.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw WireFault("a text is not UTF-8")
        }
        return string
    }

    /// A number of bytes, or null.
    mutating func optionalBytes() throws(WireFault) -> Bytes? {
        let count = try integer(Int32.self)
        guard count != -1 else { return nil }
        return try slice(Int(count))
    }

    mutating func optional<Value>(
        _ value: (inout WireReader) throws(WireFault) -> Value
    ) throws(WireFault) -> Value? {
        try boolean() ? try value(&self) : nil
    }

    /// A number of elements, each of which takes at least `elementByteCount` bytes.
    mutating func count(elementByteCount: Int) throws(WireFault) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= remaining / elementByteCount else {
            throw WireFault("\(count) elements announced, \(remaining) bytes there")
        }
        return count
    }

    mutating func array<Element>(
        elementByteCount: Int,
        _ element: (inout WireReader) throws(WireFault) -> Element
    ) throws(WireFault) -> [Element] {
        let count = try count(elementByteCount: elementByteCount)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    mutating func dictionary<Key: Hashable, Value>(
        elementByteCount: Int,
        key: (inout WireReader) throws(WireFault) -> Key,
        value: (inout WireReader) throws(WireFault) -> Value
    ) throws(WireFault) -> [Key: Value] {
        var dictionary: [Key: Value] = [:]
        for _ in 0..<(try count(elementByteCount: elementByteCount)) {
            let key = try key(&self)
            dictionary[key] = try value(&self)
        }
        return dictionary
    }

    /// Throws unless everything has been read.
    func end() throws(WireFault) {
        guard remaining == 0 else { throw WireFault("\(remaining) bytes too many") }
    }
}
