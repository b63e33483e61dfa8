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

extension Serde where Value: FixedWidthInteger {
    /// The decimal text of the integer: `42`, `-7`.
    @inlinable public static var text: Serde<Value> {
        Serde("text", encode: { Bytes(String($0)) }, decode: { try decodeInteger($0) })
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
    try bytes.withUnsafeBytes { buffer in
        guard isUTF8(buffer) else { throw FaustError(.decode, "\(buffer.count) bytes that are not UTF-8") }
        return String(decoding: buffer, as: UTF8.self)
    }
}

/// Whether bytes are well-formed UTF-8; the initialiser of `String` that checks takes three times as long for a key.
private func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while position < bytes.count {
        if bytes[position] < 0x80 {
            position += 1
            while position + 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                position += 8
            }
        } else {
            let length = UTF8Sequence.length(in: UnsafeRawBufferPointer(rebasing: bytes[position...]))
            guard length > 0 else { return false }
            position += length
        }
    }
    return true
}

/// The integer that bytes are the decimal text of: digits, with a sign or without.
@inlinable
func decodeInteger<Value: FixedWidthInteger>(_ bytes: Bytes) throws -> Value {
    let value: Value? = bytes.withUnsafeBytes { buffer in
        let isNegative = buffer.first == UInt8(ascii: "-")
        let digits = buffer[(isNegative || buffer.first == UInt8(ascii: "+") ? 1 : 0)...]
        guard !digits.isEmpty else { return nil }
        var value: Value = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let digit = Value(truncatingIfNeeded: byte & 0x0F)
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            // Negative numbers are built downwards, since they reach one further than positive ones.
            let (sum, isBeyond) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if isTooLarge || isBeyond { return nil }
            value = sum
        }
        return value
    }
    guard let value else { throw notA(Value.self, String(bytes)) }
    return value
}

/// The integer whose bytes are given from the most significant one on.
@inlinable
func decodeBigEndian<Value: FixedWidthInteger>(_ bytes: Bytes) throws -> Value {
    guard bytes.count * 8 == Value.bitWidth else {
        throw FaustError(.decode, "\(bytes.count) bytes where \(Value.bitWidth / 8) are expected")
    }
    return bytes.reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
}

/// The error of a text that is not of its type; shows the start of the text only.
@usableFromInline
func notA(_ type: Any.Type, _ text: String) -> FaustError {
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
