// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The fields of an object.
struct CodableKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoding: CodableDecoding
    private let node: Int
    /// The values by name, when there are so many that walking the fields would take long.
    private let index: [String: Int]?

    private static var greatestWalk: Int { 16 }

    init(_ decoding: CodableDecoding, _ node: Int) throws {
        guard decoding.nodes[node].kind == .object else {
            let found = decoding.nodes[node].kind
            throw decoding.error(.typeMismatch(expected: "an object", found: found), [String: Any].self, at: node)
        }
        self.decoding = decoding
        self.node = node
        self.index = decoding.nodes[node].count > Self.greatestWalk ? Self.index(decoding, node) : nil
    }

    private static func index(_ decoding: CodableDecoding, _ node: Int) -> [String: Int] {
        var index: [String: Int] = [:]
        for name in names(decoding, node) {
            index[decoding.name(at: name)] = name + 1
        }
        return index
    }

    /// The nodes of the names.
    private static func names(_ decoding: CodableDecoding, _ node: Int) -> some Sequence<Int> {
        let end = Int(decoding.nodes[node].next)
        return sequence(first: node + 1) { Int(decoding.nodes[$0 + 1].next) }.prefix { $0 < end }
    }

    // MARK: Finding

    /// The node of a field's value; of equal names the last one counts.
    private func find(_ key: some CodingKey) -> Int? {
        var name = key.stringValue
        if let index { return index[name] }
        return name.withUTF8 { name in
            var found: Int?
            var candidate = node + 1
            let end = Int(decoding.nodes[node].next)
            while candidate < end {
                if decoding.matches(candidate, name) { found = candidate + 1 }
                candidate = Int(decoding.nodes[candidate + 1].next)
            }
            return found
        }
    }

    private func value(of key: some CodingKey) throws -> Int {
        guard let value = find(key) else { throw decoding.missingField(key, at: node) }
        return value
    }

    /// The node of a field's value that is neither missing nor `null`.
    private func present(_ key: Key) -> Int? {
        guard let value = find(key), decoding.nodes[value].kind != .null else { return nil }
        return value
    }

    // MARK: Protocol

    var codingPath: [any CodingKey] { decoding.path(to: node) }

    var allKeys: [Key] {
        if let index { return index.keys.compactMap { Key(stringValue: $0) } }
        var seen: Set<String> = []
        return Self.names(decoding, node)
            .compactMap { name in
                let name = decoding.name(at: name)
                return seen.insert(name).inserted ? Key(stringValue: name) : nil
            }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { decoding.nodes[try value(of: key)].kind == .null }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoding.bool(value(of: key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoding.string(value(of: key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try decoding.double(value(of: key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try decoding.float(value(of: key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(key) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try integer(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try integer(key) }

    private func integer<Integer: FixedWidthInteger>(_ key: Key) throws -> Integer {
        try decoding.integer(Integer.self, at: value(of: key))
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decoding.value(type, at: value(of: key))
    }

    // The fields that are optional most often; the standard library gives the rest, by looking each up three times.

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map(decoding.bool) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key).map(decoding.string)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try present(key).map(decoding.double)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key).map { try decoding.integer(Int.self, at: $0) }
    }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try decoding.value(type, at: $0) }
    }

    // MARK: Nesting

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try CodableKeyedDecoding<NestedKey>(decoding, value(of: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try CodableUnkeyedDecoding(decoding, value(of: key))
    }

    func superDecoder() throws -> any Decoder {
        CodableDecoder(decoding: decoding, node: find(JSONCodingKey.superclass) ?? decoding.missing)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        CodableDecoder(decoding: decoding, node: find(key) ?? decoding.missing)
    }
}
