// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A key of a set table together with one member of its set: what the table has an entry for.
struct KeyedMember<Key: Sendable, Member: Sendable>: Sendable {
    let key: Key
    let member: Member
}

/// The value of such an entry: that it is there.
struct Membership: Sendable {
    static let serde = Serde<Membership>("true", encode: { _ in present }, decode: { _ in Membership() })
    private static let present: Bytes = "true"
}

extension TableKeyForm {
    /// The form of a key with a member: `[key, member]` in the changelog, and in the store the two behind each other, so
    /// that the members of a key lie together and the keys are in order.
    static func member<SetKey: Sendable, Member: Sendable>(
        _ key: TableKeyForm<SetKey>,
        _ member: TableKeyForm<Member>
    ) -> TableKeyForm where Key == KeyedMember<SetKey, Member> {
        TableKeyForm(
            encode: { KeyedMemberLayout.bytes(try key.encode($0.key), try member.encode($0.member)) },
            decode: { bytes in
                let parts = try KeyedMemberLayout.parts(of: bytes)
                return KeyedMember(key: try key.decode(parts.key), member: try member.decode(parts.member))
            },
            changelogKey: { bytes in
                let parts = try KeyedMemberLayout.parts(of: bytes)
                var writer = JSONWriter()
                writer.beginArray()
                writer.element()
                writer.writeRaw(try key.changelogKey(parts.key))
                writer.element()
                writer.writeRaw(try member.changelogKey(parts.member))
                writer.endArray()
                return try writer.finish()
            },
            storeKey: { bytes in
                let pair = try JSON.decode(RawPair.self, from: bytes)
                return KeyedMemberLayout.bytes(
                    try key.storeKey(bytes[pair.first]),
                    try member.storeKey(bytes[pair.second])
                )
            }
        )
    }

    /// The form of a type that is a part of something else in the changelog, and so is JSON there whatever it is.
    static func nested(json: Serde<Key>) -> TableKeyForm {
        if let type = Key.self as? any OrderedTableKey.Type, let form = type.anyTableKeyForm as? TableKeyForm {
            return form
        }
        return TableKeyForm(json)
    }
}

/// Where key and member lie in the store's key of an entry.
///
/// The key ends with 0 and 1; a 0 in it is written as 0 and 255. So no key is the beginning of another one, and the order of
/// what is written is that of the keys.
enum KeyedMemberLayout {
    private static let end: UInt8 = 1
    private static let zero: UInt8 = 0xFF

    static func bytes(_ key: Bytes, _ member: Bytes) -> Bytes {
        Bytes(prefixBytes(key) + member)
    }

    /// What all entries of a key start with.
    static func prefix(_ key: Bytes) -> Bytes {
        Bytes(prefixBytes(key))
    }

    private static func prefixBytes(_ key: Bytes) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(key.count + 2)
        for byte in key {
            bytes.append(byte)
            if byte == 0 { bytes.append(zero) }
        }
        return bytes + [0, end]
    }

    static func parts(of bytes: Bytes) throws -> (key: Bytes, member: Bytes) {
        let bound = try keyBound(of: bytes)
        let escaped = bytes[0..<bound - 2]
        return (escaped.contains(0) ? unescaped(escaped) : escaped, bytes[bound...])
    }

    /// Where the member begins.
    static func keyBound(of bytes: Bytes) throws -> Int {
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == 0 else {
                index += 1
                continue
            }
            if bytes[index + 1] == end { return index + 2 }
            guard bytes[index + 1] == zero else { break }
            index += 2
        }
        throw FaustError(.decode, "the key of a set's member has no end")
    }

    private static func unescaped(_ bytes: Bytes) -> Bytes {
        var result: [UInt8] = []
        var isAfterZero = false
        for byte in bytes {
            if isAfterZero {
                isAfterZero = false
                continue
            }
            result.append(byte)
            isAfterZero = byte == 0
        }
        return Bytes(result)
    }
}

/// An array of two values that are looked at later.
private struct RawPair: JSONDecodable {
    var first = 0..<0
    var second = 0..<0

    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginArray()
        guard try reader.nextElement() else { throw reader.fault(.invalidValue("a key with a member")) }
        first = try reader.readRawValue()
        guard try reader.nextElement() else { throw reader.fault(.invalidValue("a key with a member")) }
        second = try reader.readRawValue()
        if try reader.nextElement() { throw reader.fault(.invalidValue("a key with one member")) }
    }
}
