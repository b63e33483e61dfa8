// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Serde where Value == Bytes {
    /// The bytes as they are, without a copy.
    @inlinable public static var raw: Serde<Bytes> { Serde("raw", encode: { $0 }, decode: { $0 }) }
    /// The bytes as they are; the same as `raw`, and says the type too where it can't be inferred.
    @inlinable public static var bytes: Serde<Bytes> { raw }
}

extension Serde where Value == Bytes? {
    /// The bytes as they are, null included.
    @inlinable public static var raw: Serde<Bytes?> {
        Serde("raw", encodeNullable: { $0 }, decodeNullable: { $0 })
    }
}

extension Serde where Value == [UInt8] {
    /// The bytes as they are.
    @inlinable public static var raw: Serde<[UInt8]> {
        Serde("raw", encode: { Bytes($0) }, decode: { bytes in bytes.withUnsafeBytes { [UInt8]($0) } })
    }
}

extension Serde where Value == Data {
    /// The bytes as they are.
    @inlinable public static var raw: Serde<Data> {
        Serde("raw", encode: { Bytes($0) }, decode: { bytes in bytes.withUnsafeBytes { Data($0) } })
    }
}

extension Serde where Value == String {
    /// UTF-8 as it is, without quotes; bytes that are not UTF-8 are refused.
    @inlinable public static var raw: Serde<String> {
        Serde("raw", encode: { Bytes($0) }, decode: { try decodeUTF8($0) })
    }

    /// UTF-8 as it is; the same as `raw`, and says the type too where it can't be inferred.
    @inlinable public static var string: Serde<String> { raw }
}

extension Serde where Value: LosslessStringConvertible {
    /// The value's description in UTF-8: `42`, `-1.5`.
    ///
    /// What Faust writes for integer and floating-point keys.
    ///
    /// The text of a key should be the only one for its value, since equal keys meet in one partition by their bytes.
    @inlinable public static var text: Serde<Value> {
        Serde("text", encode: { Bytes($0.description) }, decode: { try Value(decoding: $0) })
    }
}

extension Serde where Value == Int {
    /// Decimal text; the same as `text`, and says the type too where it can't be inferred.
    @inlinable public static var integer: Serde<Int> { text }
}

extension Serde where Value == UUID {
    /// The 36 characters of RFC 9562 in lower case, as Python and Java write them; read in either case.
    public static var text: Serde<UUID> {
        Serde(
            "text",
            encode: { Bytes($0.uuidString.lowercased()) },
            decode: { bytes in
                let text = try decodeUTF8(bytes)
                guard let value = UUID(uuidString: text) else { throw notA(UUID.self, text) }
                return value
            }
        )
    }
}

extension Serde where Value: FixedWidthInteger {
    /// Two's complement, most significant byte first, in exactly the width of the type: `Int32` and `Int64` are what
    /// Kafka's `IntegerSerializer` and `LongSerializer` write.
    @inlinable public static var bigEndian: Serde<Value> {
        Serde(
            "big-endian",
            encode: { value in withUnsafeBytes(of: value.bigEndian) { Bytes($0) } },
            decode: { try decodeBigEndian($0) }
        )
    }
}

extension Serde where Value == Double {
    /// IEEE 754, most significant byte first, 8 bytes: what Kafka's `DoubleSerializer` writes.
    public static var bigEndian: Serde<Double> {
        Serde(
            "big-endian",
            encode: { value in withUnsafeBytes(of: value.bitPattern.bigEndian) { Bytes($0) } },
            decode: { Double(bitPattern: try decodeBigEndian($0)) }
        )
    }
}

extension Serde where Value == Float {
    /// IEEE 754, most significant byte first, 4 bytes: what Kafka's `FloatSerializer` writes.
    public static var bigEndian: Serde<Float> {
        Serde(
            "big-endian",
            encode: { value in withUnsafeBytes(of: value.bitPattern.bigEndian) { Bytes($0) } },
            decode: { Float(bitPattern: try decodeBigEndian($0)) }
        )
    }
}

/// The string that bytes are the UTF-8 of; other bytes are refused.
@usableFromInline
func decodeUTF8(_ bytes: Bytes) throws -> String {
    guard let text = bytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
        throw FaustError(.decode, "\(bytes.count) bytes that are not UTF-8")
    }
    return text
}

/// The integer whose bytes are given from the most significant one on.
@usableFromInline
func decodeBigEndian<Value: FixedWidthInteger>(_ bytes: Bytes) throws -> Value {
    guard bytes.count * 8 == Value.bitWidth else {
        throw FaustError(.decode, "\(bytes.count) bytes where \(Value.bitWidth / 8) are expected")
    }
    return bytes.reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
}

/// The error of a text that is not of its type; shows the start of the text only.
private func notA(_ type: Any.Type, _ text: String) -> FaustError {
    FaustError(.decode, "'\(text.prefix(40))' is no \(type)")
}

extension LosslessStringConvertible {
    /// The value that bytes are the text of.
    @usableFromInline
    init(decoding bytes: Bytes) throws {
        let text = try decodeUTF8(bytes)
        guard let value = Self(text) else { throw notA(Self.self, text) }
        self = value
    }
}
