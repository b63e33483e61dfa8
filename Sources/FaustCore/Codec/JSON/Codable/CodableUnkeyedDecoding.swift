// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The elements of an array, one after the other.
struct CodableUnkeyedDecoding: UnkeyedDecodingContainer {
    private let decoding: CodableDecoding
    private let node: Int
    /// The node of the next element.
    private var next: Int
    private(set) var currentIndex = 0

    init(_ decoding: CodableDecoding, _ node: Int) throws {
        guard decoding.nodes[node].kind == .array else {
            let found = decoding.nodes[node].kind
            throw decoding.error(.typeMismatch(expected: "an array", found: found), [Any].self, at: node)
        }
        self.decoding = decoding
        self.node = node
        self.next = node + 1
    }

    var codingPath: [any CodingKey] { decoding.path(to: node) }
    var count: Int? { Int(decoding.nodes[node].count) }
    var isAtEnd: Bool { currentIndex >= Int(decoding.nodes[node].count) }

    /// Reads the next element and moves on; stays where it is when `read` throws.
    private mutating func take<Value>(_ type: Any.Type, _ read: (Int) throws -> Value) throws -> Value {
        guard !isAtEnd else {
            let context = DecodingError.Context(
                codingPath: codingPath + [JSONCodingKey(intValue: currentIndex)],
                debugDescription: "The array has no more than \(currentIndex) elements."
            )
            throw DecodingError.valueNotFound(type, context)
        }
        let value = try read(next)
        next = Int(decoding.nodes[next].next)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, decoding.nodes[next].kind == .null else {
            // Throws at the end, and leaves any other element for the next call.
            if isAtEnd { try take(Any?.self) { _ in } }
            return false
        }
        try take(Any?.self) { _ in }
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take(type, decoding.bool) }
    mutating func decode(_ type: String.Type) throws -> String { try take(type, decoding.string) }
    mutating func decode(_ type: Double.Type) throws -> Double { try take(type, decoding.double) }
    mutating func decode(_ type: Float.Type) throws -> Float { try take(type, decoding.float) }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer() }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer() }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer() }

    private mutating func integer<Integer: FixedWidthInteger>() throws -> Integer {
        let decoding = decoding
        return try take(Integer.self) { try decoding.integer(Integer.self, at: $0) }
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoding = decoding
        return try take(type) { try decoding.value(type, at: $0) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let decoding = decoding
        return try take(type) { KeyedDecodingContainer(try CodableKeyedDecoding<NestedKey>(decoding, $0)) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let decoding = decoding
        return try take([Any].self) { try CodableUnkeyedDecoding(decoding, $0) }
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoding = decoding
        return try take((any Decoder).self) { CodableDecoder(decoding: decoding, node: $0) }
    }
}

/// A value that is one string, number, bool or `null`, or that another type decodes.
struct CodableSingleValueDecoding: SingleValueDecodingContainer {
    let decoding: CodableDecoding
    let node: Int

    var codingPath: [any CodingKey] { decoding.path(to: node) }

    func decodeNil() -> Bool { decoding.nodes[node].kind == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try decoding.bool(node) }
    func decode(_ type: String.Type) throws -> String { try decoding.string(node) }
    func decode(_ type: Double.Type) throws -> Double { try decoding.double(node) }
    func decode(_ type: Float.Type) throws -> Float { try decoding.float(node) }
    func decode(_ type: Int.Type) throws -> Int { try decoding.integer(type, at: node) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoding.integer(type, at: node) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoding.integer(type, at: node) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoding.integer(type, at: node) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoding.integer(type, at: node) }
    func decode(_ type: Int128.Type) throws -> Int128 { try decoding.integer(type, at: node) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoding.integer(type, at: node) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoding.integer(type, at: node) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoding.integer(type, at: node) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoding.integer(type, at: node) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoding.integer(type, at: node) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try decoding.integer(type, at: node) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoding.value(type, at: node) }
}
