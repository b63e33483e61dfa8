// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Reading of values that other programs have written as another kind, for records that ask for it (`coerce`, [MO10]).
///
/// Nothing is rounded and nothing guessed: what has no exact counterpart is an error.
extension JSONReader {
    /// Reads a whole number from a number, from a string that holds one, or from a bool (1 or 0).
    ///
    /// - Throws: ``JSONError`` when none of them is next, or the type can't hold the number exactly.
    @inlinable
    public mutating func readCoercedInteger<Integer: FixedWidthInteger>(
        as type: Integer.Type = Integer.self
    ) throws(JSONError) -> Integer {
        switch peek {
        case .string: try readIntegerInString(as: type)
        case .bool: try readBool() ? 1 : 0
        default: try readInteger(as: type)
        }
    }

    @usableFromInline
    mutating func readIntegerInString<Integer: FixedWidthInteger>(as type: Integer.Type) throws(JSONError) -> Integer {
        try readNumberInString { (reader) throws(JSONError) in try reader.readInteger(as: type) }
    }

    /// Reads a number from a number, from a string that holds one, or from a bool (1 or 0).
    ///
    /// - Throws: ``JSONError`` when none of them is next.
    public mutating func readCoercedDouble() throws(JSONError) -> Double {
        switch peek {
        case .string: try readNumberInString { (reader) throws(JSONError) in try reader.readDouble() }
        case .bool: try readBool() ? 1 : 0
        default: try readDouble()
        }
    }

    /// Reads a number from a number, from a string that holds one, or from a bool (1 or 0).
    ///
    /// - Throws: ``JSONError`` when none of them is next.
    public mutating func readCoercedFloat() throws(JSONError) -> Float {
        switch peek {
        case .string: try readNumberInString { (reader) throws(JSONError) in try reader.readFloat() }
        case .bool: try readBool() ? 1 : 0
        default: try readFloat()
        }
    }

    /// Reads a decimal number from a number, from a string that holds one, or from a bool (1 or 0).
    ///
    /// - Throws: ``JSONError`` when none of them is next.
    public mutating func readCoercedDecimal() throws(JSONError) -> Decimal {
        peek == .bool ? try readBool() ? 1 : 0 : try readDecimal()
    }

    /// Reads a truth value from a bool, from the numbers 1 and 0, or from the strings `true`, `false`, `1`, `0`, `yes`,
    /// `no`, `on` and `off` in any case.
    ///
    /// - Throws: ``JSONError`` when none of them is next.
    public mutating func readCoercedBool() throws(JSONError) -> Bool {
        let start = position
        switch peek {
        case .string:
            switch try readString().lowercased() {
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: throw fault(.invalidValue("a string that is no truth value"), at: start)
            }
        case .number:
            switch try readDouble() {
            case 1: return true
            case 0: return false
            default: throw fault(.invalidValue("a number that is no truth value: neither 0 nor 1"), at: start)
            }
        default:
            return try readBool()
        }
    }

    /// Reads a string from a string, or the text of a number or bool as it stands in the input.
    ///
    /// - Throws: ``JSONError`` when none of them is next.
    public mutating func readCoercedString() throws(JSONError) -> String {
        switch peek {
        case .number, .bool: String(decoding: bytes(try readRawValue()), as: UTF8.self)
        default: try readString()
        }
    }
}
