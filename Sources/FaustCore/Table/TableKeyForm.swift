// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the keys of a table become bytes in the store and in the changelog.
///
/// The changelog has what Faust writes: JSON, or the bytes themselves. The store has a form whose order is that of the
/// keys, as far as there is one: UTF-8 for strings, big-endian numbers whose sign is flipped for integers. Of all other
/// keys it has the bytes of the changelog.
struct TableKeyForm<Key: Sendable>: Sendable {
    /// The key as the store has it.
    let encode: @Sendable (Key) throws -> Bytes
    /// The key of what the store has.
    let decode: @Sendable (Bytes) throws -> Key
    /// What the changelog has of a key of the store.
    let changelogKey: @Sendable (Bytes) throws -> Bytes
    /// What the store has of a key of the changelog.
    let storeKey: @Sendable (Bytes) throws -> Bytes
    /// A second key of the store, without a value, that comes and goes with one; the changelog does not have it.
    let companion: (@Sendable (Bytes) throws -> Bytes?)?
    /// What ``changelogKey`` makes of many keys, in memory that they share; `nil` where that has no use.
    var changelogKeys: (@Sendable ([Bytes]) throws -> [Bytes])?
    /// Whether the store has strings as their UTF-8 and integers as ``orderedBytes(of:)``, and nothing besides.
    var isPlain = false

    /// The form of a serde that was named: the same bytes in both.
    init(_ serde: Serde<Key>) {
        encode = { key in
            guard let bytes = try serde.encode(key) else {
                throw FaustError(.encode, "a table can't have the key null")
            }
            return bytes
        }
        decode = { try serde.decode($0) }
        changelogKey = { $0 }
        storeKey = { $0 }
        companion = nil
    }

    init(
        encode: @escaping @Sendable (Key) throws -> Bytes,
        decode: @escaping @Sendable (Bytes) throws -> Key,
        changelogKey: @escaping @Sendable (Bytes) throws -> Bytes,
        storeKey: @escaping @Sendable (Bytes) throws -> Bytes,
        companion: (@Sendable (Bytes) throws -> Bytes?)? = nil
    ) {
        self.encode = encode
        self.decode = decode
        self.changelogKey = changelogKey
        self.storeKey = storeKey
        self.companion = companion
    }

    /// The form of a key type that nobody named a serde for.
    ///
    /// - Parameter json: The type's JSON serde.
    /// - Returns: The form.
    static func natural(json: Serde<Key>) -> TableKeyForm {
        // The types are compared once, when a table is declared.
        if let type = Key.self as? any OrderedTableKey.Type, var form = type.anyTableKeyForm as? TableKeyForm {
            form.isPlain = true
            return form
        }
        return TableKeyForm(Serde<Key>.plainForValues ?? json)
    }
}

/// A key type with a form of its own in stores, so that the order of bytes is that of the keys.
protocol OrderedTableKey: Sendable {
    static var anyTableKeyForm: any Sendable { get }
}

extension OrderedTableKey where Self: FixedWidthInteger & JSONCodable {
    static var anyTableKeyForm: any Sendable {
        TableKeyForm<Self>(
            encode: { orderedBytes(of: $0) },
            decode: { try integer(ofOrdered: $0) },
            changelogKey: { try JSON.encode(try integer(ofOrdered: $0) as Self) },
            storeKey: { orderedBytes(of: try JSON.decode(Self.self, from: $0)) }
        )
    }
}

extension Int: OrderedTableKey {}
extension Int8: OrderedTableKey {}
extension Int16: OrderedTableKey {}
extension Int32: OrderedTableKey {}
extension Int64: OrderedTableKey {}
extension UInt: OrderedTableKey {}
extension UInt8: OrderedTableKey {}
extension UInt16: OrderedTableKey {}
extension UInt32: OrderedTableKey {}
extension UInt64: OrderedTableKey {}

extension String: OrderedTableKey {
    static var anyTableKeyForm: any Sendable {
        var form = TableKeyForm<String>(
            encode: { Bytes($0) },
            decode: { try decodeUTF8($0) },
            changelogKey: quoted,
            storeKey: { bytes in
                if bytes.count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[bytes.count - 1] == UInt8(ascii: "\"") {
                    let content = bytes[1..<bytes.count - 1]
                    if isPlainText(content) { return content }
                }
                return Bytes(try JSON.decode(String.self, from: bytes))
            }
        )
        form.changelogKeys = quoted
        return form
    }
}

/// Big-endian bytes of an integer with its sign flipped, so that their order is that of the numbers.
func orderedBytes<Integer: FixedWidthInteger>(of value: Integer) -> Bytes {
    Bytes(
        ByteStorage(count: Integer.bitWidth / 8) { buffer in
            var rest = Integer.isSigned ? value ^ Integer.min : value
            for index in buffer.indices.reversed() {
                buffer[index] = UInt8(truncatingIfNeeded: rest)
                rest = Integer.bitWidth > 8 ? rest >> 8 : 0
            }
            return buffer.count
        }
    )
}

/// The integer of what ``orderedBytes(of:)`` has made.
func integer<Integer: FixedWidthInteger>(ofOrdered bytes: Bytes) throws -> Integer {
    let value: Integer = try decodeBigEndian(bytes)
    return Integer.isSigned ? value ^ Integer.min : value
}

/// Whether a text in ASCII is the same inside and outside of JSON's quotes.
private func isPlainText(_ bytes: Bytes) -> Bool {
    bytes.withUnsafeBytes { buffer in
        buffer.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}

/// A text as JSON has it.
@Sendable
private func quoted(_ text: Bytes) throws -> Bytes {
    guard isPlainText(text) else { return try JSON.encode(try decodeUTF8(text)) }
    return Bytes(ByteStorage(count: text.count + 2) { putQuoted(text, in: $0, at: 0) })
}

/// Texts as JSON has them; those that are the same inside of the quotes share one buffer.
@Sendable
private func quoted(_ texts: [Bytes]) throws -> [Bytes] {
    let arePlain = texts.map(isPlainText)
    let total = zip(texts, arePlain).reduce(0) { $1.1 ? $0 + $1.0.count + 2 : $0 }
    let storage = ByteStorage(count: total) { buffer in
        var end = 0
        for (text, isPlain) in zip(texts, arePlain) where isPlain { end += putQuoted(text, in: buffer, at: end) }
        return end
    }
    var end = 0
    return try zip(texts, arePlain)
        .map { text, isPlain in
            guard isPlain else { return try JSON.encode(try decodeUTF8(text)) }
            defer { end += text.count + 2 }
            return Bytes(storage: storage, start: end, count: text.count + 2)
        }
}

/// Writes a text and the quotes around it.
///
/// - Returns: How many bytes that are.
private func putQuoted(_ text: Bytes, in buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    buffer[start] = UInt8(ascii: "\"")
    text.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[(start + 1)...])
            .copyMemory(from: $0)
    }
    buffer[start + 1 + text.count] = UInt8(ascii: "\"")
    return text.count + 2
}
