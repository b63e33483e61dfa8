// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Any JSON value, as a tree: for data whose shape is not known before it is read.
///
/// Whole numbers that fit `Int64` are integers, all others floating-point numbers, rounded correctly; text that has to keep
/// every digit is for a type with a `Decimal`. Objects don't keep the order of their fields.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A whole number, written without fraction and exponent.
    case integer(Int64)
    /// Another number.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])
}

extension JSONValue: JSONDecodable, JSONEncodable {
    /// Reads any value, at most ``JSON/maximumDepth`` deep.
    public init(from reader: inout JSONReader) throws(JSONError) {
        switch reader.peek {
        case .object: self = .object(try Dictionary(from: &reader))
        case .array: self = .array(try Array(from: &reader))
        case .string: self = .string(try reader.readString())
        case .number: self = try Self.number(from: &reader)
        case .bool: self = .bool(try reader.readBool())
        case .null where try reader.readNull(): self = .null
        default: throw reader.unexpected("a value")
        }
    }

    private static func number(from reader: inout JSONReader) throws(JSONError) -> JSONValue {
        let small = reader.readSmallInteger()
        if small != .min { return .integer(small) }
        let start = reader.position
        let number = try reader.scanNumber()
        reader.offset = start
        // 19 digits may or may not fit.
        if number.isInteger, !number.isTruncated {
            let limit = UInt64(Int64.max) + (number.isNegative ? 1 : 0)
            if number.mantissa <= limit { return .integer(try reader.readInteger(as: Int64.self)) }
        }
        return .double(try reader.readDouble())
    }

    /// Writes the value.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        switch self {
        case .null: writer.writeNull()
        case .bool(let value): writer.write(value)
        case .integer(let value): writer.write(value)
        case .double(let value): try writer.write(value)
        case .string(let value): writer.write(value)
        case .array(let values): try values.encode(to: &writer)
        case .object(let fields): try fields.encode(to: &writer)
        }
    }
}

extension JSONValue {
    /// A field of an object; `nil` when there is none, or the value is not an object.
    public subscript(name: String) -> JSONValue? {
        if case .object(let fields) = self { fields[name] } else { nil }
    }

    /// An element of an array; `nil` when there is none, or the value is not an array.
    public subscript(index: Int) -> JSONValue? {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { nil }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// The value `null`.
    public init(nilLiteral: ()) {
        self = .null
    }

    /// A bool.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// A whole number.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// A floating-point number.
    public init(floatLiteral value: Double) {
        self = .double(value)
    }

    /// A string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// An array.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// An object; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
