// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How decimals are written.
public enum JSONDecimalStyle: Sendable {
    /// As a string of digits, as Faust does [MO36]: no reader takes it for binary floating point.
    case string
    /// As a number.
    case number
}

extension JSONWriter {
    /// Writes `null`.
    @inlinable
    public mutating func writeNull() {
        append("null")
    }

    /// Writes `true` or `false`.
    @inlinable
    public mutating func write(_ value: Bool) {
        append(value ? "true" : "false")
    }

    /// Writes a whole number.
    @inlinable
    public mutating func write<Integer: FixedWidthInteger>(_ value: Integer) {
        if Integer.bitWidth <= 64 {
            writeDigits(of: UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
        } else {
            writePlain("\(value)")
        }
    }

    /// Writes a number in the shortest form that reads back as the same, such as `6.31`, `97.0` or `1e-07`.
    ///
    /// - Throws: ``JSONError`` with ``JSONError/Reason/notFinite`` when it is infinite or not a number.
    public mutating func write(_ value: Double) throws(JSONError) {
        guard value.isFinite else { throw fault(.notFinite) }
        if !writeShortDecimal(value) { writePlain(value.description) }
    }

    /// Writes a number in the shortest form that reads back as the same in single precision.
    ///
    /// - Throws: ``JSONError`` with ``JSONError/Reason/notFinite`` when it is infinite or not a number.
    public mutating func write(_ value: Float) throws(JSONError) {
        guard value.isFinite else { throw fault(.notFinite) }
        writePlain(value.description)
    }

    /// Writes a decimal number exactly.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - style: Whether as a string, as Faust does, or as a number.
    /// - Throws: ``JSONError`` with ``JSONError/Reason/notFinite`` when it is not a number.
    public mutating func write(_ value: Decimal, as style: JSONDecimalStyle = .string) throws(JSONError) {
        guard value.isFinite else { throw fault(.notFinite) }
        if style == .string { append("\"") }
        writePlain(value.description)
        if style == .string { append("\"") }
    }

    /// Writes bytes as they are, which must be one JSON value.
    public mutating func writeRaw(_ bytes: Bytes) {
        bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { append(start, count: bytes.count) }
        }
    }

    /// Writes text that needs neither quotes nor escapes.
    @usableFromInline
    mutating func writePlain(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            if let start = utf8.baseAddress { append(start, count: utf8.count) }
        }
    }

    @usableFromInline
    mutating func writeDigits(of magnitude: UInt64, isNegative: Bool) {
        reserve(20)
        if isNegative { append(UInt8(ascii: "-")) }
        let length = Self.digitCount(of: magnitude)
        putDigits(of: magnitude, length: length)
    }

    /// Writes exactly `length` digits, with zeros in front; there is room for them.
    @inline(__always)
    private mutating func putDigits(of magnitude: UInt64, length: Int) {
        var rest = magnitude
        var place = used &+ length
        while place > used {
            place &-= 1
            let quotient = rest / 10
            let digit = UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            base.storeBytes(of: UInt8(ascii: "0") &+ digit, toByteOffset: place, as: UInt8.self)
            rest = quotient
        }
        used &+= length
    }

    private static func digitCount(of magnitude: UInt64) -> Int {
        var length = 1
        var rest = magnitude
        while rest >= 10_000 {
            rest /= 10_000
            length &+= 4
        }
        return length &+ (rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
    }

    /// Writes a number that has at most six decimal places and fifteen digits.
    ///
    /// No two decimal numbers of up to fifteen digits are nearest to the same binary one, so that the first number of
    /// decimal places with which dividing gives the value back has the shortest form.
    ///
    /// - Returns: Whether it is such a number; if not, nothing is written.
    private mutating func writeShortDecimal(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude >= 0.001 && magnitude < 1e15 else { return false }
        var scale: UInt64 = 1
        for places in 0...6 {
            let scaled = magnitude * Double(scale) + 0.5
            guard scaled < 1e15 else { return false }
            let digits = UInt64(scaled)
            if Double(digits) / Double(scale) == magnitude {
                putDecimal(digits, scale: scale, places: places, isNegative: value < 0)
                return true
            }
            scale &*= 10
        }
        return false
    }

    private mutating func putDecimal(_ digits: UInt64, scale: UInt64, places: Int, isNegative: Bool) {
        reserve(24)
        if isNegative { append(UInt8(ascii: "-")) }
        let whole = digits / scale
        putDigits(of: whole, length: Self.digitCount(of: whole))
        append(UInt8(ascii: "."))
        // A whole number gets one decimal place, to tell that it is floating point.
        putDigits(of: digits &- whole &* scale, length: max(places, 1))
    }
}
