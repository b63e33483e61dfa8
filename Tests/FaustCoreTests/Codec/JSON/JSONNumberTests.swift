// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite("Numbers in JSON")
struct JSONNumberTests {
    private func decode<Value: JSONDecodable>(_ type: Value.Type = Value.self, _ text: String) throws -> Value {
        try JSON.decode(type, from: Bytes(text))
    }

    @Test("the limits of each integer type are read, and one beyond is refused")
    func integerLimits() throws {
        func check<Integer: FixedWidthInteger & JSONCodable>(_ type: Integer.Type) throws {
            for value in [Integer.min, Integer.max, 0, 1] {
                #expect(try decode(type, "\(value)") == value)
                #expect(String(try JSON.encode(value)) == "\(value)")
            }
        }
        try check(Int8.self)
        try check(Int16.self)
        try check(Int32.self)
        try check(Int64.self)
        try check(Int.self)
        try check(UInt8.self)
        try check(UInt16.self)
        try check(UInt32.self)
        try check(UInt64.self)
        try check(UInt.self)
        func refuse<Integer: FixedWidthInteger & JSONCodable>(_ type: Integer.Type, _ texts: [String]) {
            for text in texts {
                let error = #expect(throws: JSONError.self) { try decode(type, text) }
                #expect(error?.reason == .outOfRange("\(type)"))
                #expect(error?.byteOffset == 0)
            }
        }
        refuse(
            Int8.self,
            ["128", "-129", "1e3", "1.5", "0.1", "-1e-1", "99999999999999999999999999999999999999999999"]
        )
        refuse(UInt8.self, ["256", "-1", "-0.5", "1e99999999999"])
        refuse(Int64.self, ["9223372036854775808", "-9223372036854775809", "1e19", "9223372036854775807.5"])
        refuse(UInt64.self, ["18446744073709551616", "-1", "1e20"])
        refuse(Int.self, ["1e400", "123456789012345678901234567890123456789", "-1e38"])
    }

    @Test("whole numbers are accepted in every notation")
    func wholeNotations() throws {
        for text in ["300", "3e2", "3E+2", "300.0", "300.000", "30000e-2", "0.3e3", "3.00e2", "0.0003e6"] {
            #expect(try decode(Int.self, text) == 300)
            #expect(try decode(UInt16.self, text) == 300)
        }
        for text in ["0", "-0", "0.0", "0e99999999999999999999", "0.000e-5", "-0.0"] {
            #expect(try decode(Int.self, text) == 0)
            #expect(try decode(UInt.self, text) == 0)
        }
        #expect(try decode(Int64.self, "-9223372036854775808.0") == .min)
        #expect(try decode(UInt64.self, "1844674407370955161.5e1") == .max)
        #expect(
            try decode(Int128.self, "-12345678901234567890123456789012345678")
                == -12_345_678_901_234_567_890_123_456_789_012_345_678
        )
    }

    @Test("random floating-point numbers survive, in the standard library's form")
    func doubleRoundTrip() throws {
        var generator = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let text = try JSON.encode(value)
            #expect(String(text) == value.description)
            #expect(try JSON.decode(Double.self, from: text) == value)
        }
    }

    @Test("random short decimals survive, in the standard library's form")
    func decimalRoundTrip() throws {
        var generator = SeededRandom(seed: 2)
        for _ in 0..<20_000 {
            let digits = Double(Int64.random(in: -10_000_000_000...10_000_000_000, using: &generator))
            let value = digits / pow(10, Double(Int.random(in: 0...9, using: &generator)))
            let text = try JSON.encode(value)
            #expect(String(text) == value.description)
            #expect(try JSON.decode(Double.self, from: text) == value)
        }
        for value in [
            0.0, -0.0, 0.1, 1e-3, 9.99e-4, 1e15, 1e16, 123456.789012, 0.1 + 0.2, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude,
        ] {
            #expect(String(try JSON.encode(value)) == value.description)
        }
    }

    @Test("numbers of any length are rounded as the standard library does")
    func rounding() throws {
        var generator = SeededRandom(seed: 3)
        for _ in 0..<20_000 {
            var text =
                "\(UInt64.random(in: 0...(.max >> UInt64.random(in: 0...63, using: &generator)), using: &generator))"
            if Bool.random(using: &generator) {
                text += "."
                for _ in 0..<Int.random(in: 1...25, using: &generator) {
                    text += "\(Int.random(in: 0...9, using: &generator))"
                }
            }
            if Bool.random(using: &generator) { text += "e\(Int.random(in: -40...40, using: &generator))" }
            #expect(try decode(Double.self, text) == Double(text))
            if let float = Float(text), float.isFinite { #expect(try decode(Float.self, text) == float) }
        }
    }

    @Test(
        "numbers on the border between two doubles",
        arguments: [
            ("9007199254740993", 9_007_199_254_740_992),
            ("9007199254740993.00000000000000000000000000000001", 9_007_199_254_740_994),
            ("2.2250738585072011e-308", Double(bitPattern: 0x000F_FFFF_FFFF_FFFF)),
            ("1.00000000000000011102230246251565404", 1.0),
            ("0.000000000000000000000000000000000000000000000000000000001e57", 1),
            ("1000000000000000000000000000000e-30", 1),
            ("179769313486231570814527423731704356798070e267", .greatestFiniteMagnitude), ("1e-400", 0),
            ("1e-99999999999999999999", 0),
            ("2.4703282292062327208299439634110764e-324", 0),
            ("123456789012345678901234567890", 1.2345678901234568e29),
        ] as [(String, Double)]
    )
    func borders(text: String, value: Double) throws {
        #expect(try decode(Double.self, text) == value)
        #expect(try decode(Double.self, "-" + text) == -value)
    }

    @Test("numbers that no finite double is near are refused")
    func overflow() {
        for text in ["1e309", "-1e309", "1.8e308", "1e999999999999999999999", "1" + String(repeating: "0", count: 400)]
        {
            #expect(throws: JSONError.self) { try decode(Double.self, text) }
        }
        #expect(throws: JSONError.self) { try decode(Float.self, "1e39") }
    }

    @Test("a number of a million digits is read")
    func longNumber() throws {
        let digits = String(repeating: "1", count: 1_000_000)
        #expect(try decode(Double.self, "0." + digits) == 1.0 / 9)
        #expect(throws: JSONError.self) { try decode(Int.self, digits) }
        #expect(throws: JSONError.self) { try decode(Decimal.self, digits) }
        #expect(throws: JSONError.self) { try decode(JSONValue.self, digits) }
    }

    @Test("numbers that are not finite have no JSON form")
    func notFinite() throws {
        for value in [Double.nan, .infinity, -.infinity] {
            let error = #expect(throws: JSONError.self) { try JSON.encode(["a": [0, value]]) }
            #expect(error?.reason == .notFinite)
            #expect(error?.path == "$.a[1]")
            #expect(throws: JSONError.self) { try JSON.encode(Float(value)) }
        }
        #expect(throws: JSONError.self) { try JSON.encode(Decimal.nan) }
    }

    @Test("floats are written so that they read back")
    func floats() throws {
        var generator = SeededRandom(seed: 4)
        for _ in 0..<10_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            guard value.isFinite else { continue }
            #expect(try JSON.decode(Float.self, from: JSON.encode(value)) == value)
        }
        #expect(String(try JSON.encode(Float(0.1))) == "0.1")
    }

    @Test("decimals keep every digit, in strings and numbers")
    func decimals() throws {
        let texts = [
            "0", "1", "-1", "6.31", "-0.01", "12345678901234567890123456789012345678",
            "0.12345678901234567890123456789012345678",
            "99999999999999999999999999999999999999", "-9999999999999999999.9999999999999999999",
            "1000000000000000000000000000000000000",
        ]
        for text in texts {
            let expected = try #require(Decimal(string: text))
            #expect(try decode(Decimal.self, text) == expected)
            #expect(try decode(Decimal.self, "\"\(text)\"") == expected)
            #expect(String(try JSON.encode(expected)) == "\"\(text)\"")
        }
        #expect(try decode(Decimal.self, "1.50e3") == 1500)
        #expect(try decode(Decimal.self, "1e127") == Decimal(sign: .plus, exponent: 127, significand: 1))
        #expect(try decode(Decimal.self, "1e130") == Decimal(sign: .plus, exponent: 127, significand: 1000))
        #expect(try decode(Decimal.self, "1e-128") == Decimal(sign: .plus, exponent: -128, significand: 1))
        #expect(
            try decode(Decimal.self, "0.000000000000000000000000000000000000000000001000")
                == Decimal(sign: .plus, exponent: -45, significand: 1)
        )
        for text in [
            "123456789012345678901234567890123456789", "1e-129", "1e300", "\"\"", "\"1x\"", "\"NaN\"", "\" 1\"x",
            "\"0x1\"", "true", "\"01\"", "\"+1\"",
        ] {
            #expect(throws: JSONError.self) { try decode(Decimal.self, text) }
        }
    }

    @Test("numbers in strings and truth values are coerced exactly or refused")
    func coercion() throws {
        struct Coerced: JSONDecodable {
            var integer: Int
            var double: Double
            var bool: Bool
            var string: String
            var decimal: Decimal
            init(from reader: inout JSONReader) throws(JSONError) {
                try reader.beginArray()
                _ = try reader.nextElement()
                integer = try reader.readCoercedInteger()
                _ = try reader.nextElement()
                double = try reader.readCoercedDouble()
                _ = try reader.nextElement()
                bool = try reader.readCoercedBool()
                _ = try reader.nextElement()
                string = try reader.readCoercedString()
                _ = try reader.nextElement()
                decimal = try reader.readCoercedDecimal()
                if try reader.nextElement() { throw reader.fault(.invalidValue("too many")) }
            }
        }
        let coerced = try decode(Coerced.self, #"["97", "6.31", "Yes", 1.50, "2.5"]"#)
        #expect(
            coerced.integer == 97 && coerced.double == 6.31 && coerced.bool && coerced.string == "1.50"
                && coerced.decimal == 2.5
        )
        let others = try decode(Coerced.self, #"[true, false, 0, true, 7]"#)
        #expect(
            others.integer == 1 && others.double == 0 && !others.bool && others.string == "true" && others.decimal == 7
        )
        for text in [
            #"["9.5",1,1,1,1]"#, #"["",1,1,1,1]"#, #"["1 2",1,1,1,1]"#, #"[null,1,1,1,1]"#, #"[1,"x",1,1,1]"#,
            #"[1,1,2,1,1]"#,
            #"[1,1,"maybe",1,1]"#, #"[1,1,1,[],1]"#, #"[1,1,1,1,"1]"#, #"["99999999999999999999",1,1,1,1]"#,
        ] {
            #expect(throws: JSONError.self) { try decode(Coerced.self, text) }
        }
    }
}
