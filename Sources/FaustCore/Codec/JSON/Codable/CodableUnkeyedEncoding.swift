// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The elements of an array.
struct CodableUnkeyedEncoding: UnkeyedEncodingContainer {
    private let encoding: CodableEncoding
    private let level: Int
    private let serial: Int
    private(set) var count = 0

    init(_ encoding: CodableEncoding, level: Int) {
        self.encoding = encoding
        self.level = level
        self.serial = encoding.array(at: level)
    }

    private mutating func add(_ body: () throws -> Void) throws {
        try encoding.add(nil, toContainerAt: level, serial: serial, body)
        count += 1
    }

    var codingPath: [any CodingKey] { encoding.path(at: level) }

    mutating func encodeNil() throws { try add { [encoding] in encoding.writer.writeNull() } }
    mutating func encode(_ value: Bool) throws { try add { [encoding] in encoding.writer.write(value) } }
    mutating func encode(_ value: String) throws { try add { [encoding] in encoding.writer.write(value) } }
    mutating func encode(_ value: Double) throws {
        try add { [encoding] in try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) } }
    }
    mutating func encode(_ value: Float) throws {
        try add { [encoding] in try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) } }
    }
    mutating func encode(_ value: Int) throws { try integer(value) }
    mutating func encode(_ value: Int8) throws { try integer(value) }
    mutating func encode(_ value: Int16) throws { try integer(value) }
    mutating func encode(_ value: Int32) throws { try integer(value) }
    mutating func encode(_ value: Int64) throws { try integer(value) }
    mutating func encode(_ value: Int128) throws { try integer(value) }
    mutating func encode(_ value: UInt) throws { try integer(value) }
    mutating func encode(_ value: UInt8) throws { try integer(value) }
    mutating func encode(_ value: UInt16) throws { try integer(value) }
    mutating func encode(_ value: UInt32) throws { try integer(value) }
    mutating func encode(_ value: UInt64) throws { try integer(value) }
    mutating func encode(_ value: UInt128) throws { try integer(value) }
    mutating func encode(_ value: some Encodable) throws { try add { [encoding] in try encoding.write(value) } }

    private mutating func integer(_ value: some FixedWidthInteger) throws {
        try add { [encoding] in encoding.writer.write(value) }
    }

    // MARK: Nesting

    /// Leaves a place for a part; the part goes nowhere when the array is already closed.
    private mutating func part() -> CodableEncoding {
        var part = CodableEncoding()
        // Throws only when this container may not be written to any more.
        try? add { [encoding] in part = encoding.addPart() }
        return part
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        KeyedEncodingContainer(CodableKeyedEncoding<NestedKey>(part(), level: 0))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        CodableUnkeyedEncoding(part(), level: 0)
    }

    mutating func superEncoder() -> any Encoder {
        CodableEncoder(encoding: part(), level: 0)
    }
}

/// A value that is one string, number, bool or `null`, or that another type encodes.
struct CodableSingleValueEncoding: SingleValueEncodingContainer {
    let encoding: CodableEncoding
    let level: Int

    var codingPath: [any CodingKey] { encoding.path(at: level) }

    func encodeNil() throws { encoding.writer.writeNull() }
    func encode(_ value: Bool) throws { encoding.writer.write(value) }
    func encode(_ value: String) throws { encoding.writer.write(value) }
    func encode(_ value: Double) throws {
        try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) }
    }
    func encode(_ value: Float) throws {
        try encoding.write(value) { (writer) throws(JSONError) in try writer.write(value) }
    }
    func encode(_ value: Int) throws { encoding.writer.write(value) }
    func encode(_ value: Int8) throws { encoding.writer.write(value) }
    func encode(_ value: Int16) throws { encoding.writer.write(value) }
    func encode(_ value: Int32) throws { encoding.writer.write(value) }
    func encode(_ value: Int64) throws { encoding.writer.write(value) }
    func encode(_ value: Int128) throws { encoding.writer.write(value) }
    func encode(_ value: UInt) throws { encoding.writer.write(value) }
    func encode(_ value: UInt8) throws { encoding.writer.write(value) }
    func encode(_ value: UInt16) throws { encoding.writer.write(value) }
    func encode(_ value: UInt32) throws { encoding.writer.write(value) }
    func encode(_ value: UInt64) throws { encoding.writer.write(value) }
    func encode(_ value: UInt128) throws { encoding.writer.write(value) }
    func encode(_ value: some Encodable) throws { try encoding.write(value) }
}
