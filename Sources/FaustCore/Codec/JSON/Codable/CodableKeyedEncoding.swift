// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The fields of an object.
struct CodableKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let encoding: CodableEncoding
    private let level: Int
    private let serial: Int

    init(_ encoding: CodableEncoding, level: Int) {
        self.encoding = encoding
        self.level = level
        self.serial = encoding.object(at: level)
    }

    private func add(_ key: some CodingKey, _ body: () throws -> Void) throws {
        try encoding.add(key.stringValue, toContainerAt: level, serial: serial, body)
    }

    var codingPath: [any CodingKey] { encoding.path(at: level) }

    func encodeNil(forKey key: Key) throws { try add(key) { encoding.writer.writeNull() } }
    func encode(_ value: Bool, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: String, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Double, forKey key: Key) throws {
        try add(key) { try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) } }
    }
    func encode(_ value: Float, forKey key: Key) throws {
        try add(key) { try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) } }
    }
    func encode(_ value: Int, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Int8, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Int16, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Int32, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Int64, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: Int128, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt8, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt16, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt32, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt64, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: UInt128, forKey key: Key) throws { try add(key) { encoding.writer.write(value) } }
    func encode(_ value: some Encodable, forKey key: Key) throws { try add(key) { try encoding.write(value) } }

    // MARK: Nesting

    /// Leaves a place for a part; the part goes nowhere when the object is already closed.
    private func part(_ key: some CodingKey) -> CodableEncoding {
        var part = CodableEncoding()
        // Throws only when this container may not be written to any more.
        try? add(key) { part = encoding.addPart() }
        return part
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        KeyedEncodingContainer(CodableKeyedEncoding<NestedKey>(part(key), level: 0))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        CodableUnkeyedEncoding(part(key), level: 0)
    }

    func superEncoder() -> any Encoder {
        CodableEncoder(encoding: part(JSONCodingKey.superclass), level: 0)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        CodableEncoder(encoding: part(key), level: 0)
    }
}
