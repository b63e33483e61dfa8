// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A number as it was read: `mantissa × 10^exponent`, exactly unless `isTruncated`.
struct JSONNumber {
    /// Whether it begins with a minus sign.
    var isNegative = false
    /// The first 19 significant digits at most.
    var mantissa: UInt64 = 0
    /// The power of ten.
    var exponent = 0
    /// Whether there were more digits than `mantissa` holds.
    var isTruncated = false
    /// Whether it has neither a fraction nor an exponent.
    var isInteger = true
}

extension JSONReader {
    /// Reads a whole number.
    ///
    /// A fraction or exponent is accepted where the number is whole, such as `3.0` or `3e2`.
    ///
    /// - Parameter type: The type of the number.
    /// - Returns: The number.
    /// - Throws: ``JSONError`` when no number is next, or the type can't hold it exactly.
    @inlinable
    public mutating func readInteger<Integer: FixedWidthInteger>(
        as type: Integer.Type = Integer.self
    ) throws(JSONError) -> Integer {
        let small = readSmallInteger()
        if small != .min, let value = Integer(exactly: small) { return value }
        return try readLargeInteger(as: type, small)
    }

    /// Reads a whole number of at most 18 digits without a fraction or exponent.
    ///
    /// - Returns: The number; `Int64.min` when something else is next, of which nothing is read then.
    @usableFromInline
    mutating func readSmallInteger() -> Int64 {
        skipSpace()
        var index = offset
        let isNegative = index < count && byte(at: index) == UInt8(ascii: "-")
        index &+= isNegative ? 1 : 0
        let start = index
        var value: Int64 = 0
        while index < count {
            let digit = byte(at: index) &- UInt8(ascii: "0")
            if digit > 9 { break }
            // Beyond 18 digits the value is given up below.
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        let length = index &- start
        guard length > 0 && length <= 18 else { return .min }
        if length > 1 && byte(at: start) == UInt8(ascii: "0") { return .min }
        if index < count {
            switch byte(at: index) {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return .min
            default: break
            }
        }
        offset = index
        return isNegative ? 0 &- value : value
    }

    @usableFromInline @inline(never)
    mutating func readLargeInteger<Integer: FixedWidthInteger>(
        as type: Integer.Type,
        _ small: Int64
    ) throws(JSONError) -> Integer {
        let isTooLarge = JSONError.Reason.outOfRange("\(type)")
        guard small == .min else { throw fault(isTooLarge, at: startOfDigits) }
        let start = offset
        let number = try readExactNumber(for: type)
        guard let magnitude = number.wholeMagnitude else { throw fault(isTooLarge, at: start) }
        if !number.isNegative {
            guard let value = Integer(exactly: magnitude) else { throw fault(isTooLarge, at: start) }
            return value
        }
        // The most negative number has no positive counterpart: subtract instead of negating.
        guard let part = Integer(exactly: magnitude / 2), let rest = Integer(exactly: magnitude - magnitude / 2) else {
            throw fault(isTooLarge, at: start)
        }
        let (half, halfOverflow) = Integer.zero.subtractingReportingOverflow(part)
        let (value, overflow) = half.subtractingReportingOverflow(rest)
        guard !halfOverflow && !overflow else { throw fault(isTooLarge, at: start) }
        return value
    }

    /// Where the digits begin that have just been read.
    private var startOfDigits: Int {
        var index = offset
        while index > 0 && (byte(at: index - 1) &- UInt8(ascii: "0") <= 9 || byte(at: index - 1) == UInt8(ascii: "-")) {
            index -= 1
        }
        return index
    }

    /// Reads a number, rounded correctly (to nearest, ties to even).
    ///
    /// - Throws: ``JSONError`` when no number is next, or its magnitude is above the greatest finite one.
    public mutating func readDouble() throws(JSONError) -> Double {
        skipSpace()
        let start = offset
        let number = try scanNumber()
        if let value = number.double { return value }
        guard let value = Double(text(from: start)), value.isFinite else {
            throw fault(.outOfRange("Double"), at: start)
        }
        return value
    }

    /// Reads a number, rounded correctly (to nearest, ties to even).
    ///
    /// - Throws: ``JSONError`` when no number is next, or its magnitude is above the greatest finite one.
    public mutating func readFloat() throws(JSONError) -> Float {
        skipSpace()
        let start = offset
        let number = try scanNumber()
        if let value = number.float { return value }
        guard let value = Float(text(from: start)), value.isFinite else { throw fault(.outOfRange("Float"), at: start) }
        return value
    }

    private func text(from start: Int) -> Substring {
        String(decoding: bytes(start..<offset), as: UTF8.self)[...]
    }
}

// MARK: - The grammar

extension JSONReader {
    /// Reads a number of the grammar of RFC 8259, section 6.
    mutating func scanNumber() throws(JSONError) -> JSONNumber {
        skipSpace()
        var number = JSONNumber()
        var index = offset
        if index < count && byte(at: index) == UInt8(ascii: "-") {
            number.isNegative = true
            index &+= 1
        }
        let start = index
        let kept = scanDigits(&index, &number)
        if index == start { throw notANumber(at: index, hasSign: number.isNegative) }
        if index &- start > 1 && byte(at: start) == UInt8(ascii: "0") { throw fault(.invalidNumber, at: offset) }
        number.exponent = index &- start &- kept
        if index < count && byte(at: index) == UInt8(ascii: ".") {
            index &+= 1
            let fraction = index
            number.exponent &-= scanDigits(&index, &number)
            number.isInteger = false
            if index == fraction { throw incomplete(at: index) }
        }
        if index < count && byte(at: index) | 0x20 == UInt8(ascii: "e") {
            number.isInteger = false
            number.exponent &+= try scanExponent(&index)
        }
        offset = index
        return number
    }

    /// Adds digits to the mantissa as long as they fit.
    ///
    /// - Returns: How many have been added; leading zeros count as added.
    @inline(__always)
    private func scanDigits(_ index: inout Int, _ number: inout JSONNumber) -> Int {
        var mantissa = number.mantissa
        var dropped = 0
        let start = index
        while index < count {
            let digit = byte(at: index) &- UInt8(ascii: "0")
            if digit > 9 { break }
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else {
                dropped &+= 1
            }
            index &+= 1
        }
        number.mantissa = mantissa
        if dropped > 0 { number.isTruncated = true }
        return index &- start &- dropped
    }

    /// Reads the exponent at the `e`; one beyond all reason stays at the greatest that is kept.
    private func scanExponent(_ index: inout Int) throws(JSONError) -> Int {
        index &+= 1
        var isNegative = false
        if index < count && (byte(at: index) == UInt8(ascii: "-") || byte(at: index) == UInt8(ascii: "+")) {
            isNegative = byte(at: index) == UInt8(ascii: "-")
            index &+= 1
        }
        let start = index
        var exponent = 0
        while index < count {
            let digit = byte(at: index) &- UInt8(ascii: "0")
            if digit > 9 { break }
            exponent = min(exponent &* 10 &+ Int(digit), JSONExactNumber.greatestExponent)
            index &+= 1
        }
        if index == start { throw incomplete(at: index) }
        return isNegative ? -exponent : exponent
    }

    private func incomplete(at index: Int) -> JSONError {
        index < count ? fault(.invalidNumber, at: offset) : fault(.unexpectedEnd, at: count)
    }

    private func notANumber(at index: Int, hasSign: Bool) -> JSONError {
        hasSign ? incomplete(at: index) : mismatch("a number")
    }
}

// MARK: - Rounding

extension JSONNumber {
    /// The number rounded correctly, when one multiplication or division does it (Clinger 1990): both operands are exact.
    var double: Double? {
        guard !isTruncated && mantissa <= 1 << 53 else { return nil }
        let value = Double(mantissa)
        if exponent == 0 || mantissa == 0 { return isNegative ? -value : value }
        guard exponent >= -22 && exponent <= 22 else { return nil }
        let scaled =
            exponent < 0 ? value / PowersOfTen.doubles[-exponent] : value * PowersOfTen.doubles[exponent]
        return isNegative ? -scaled : scaled
    }

    /// The same for single precision.
    var float: Float? {
        guard !isTruncated && mantissa <= 1 << 24 else { return nil }
        let value = Float(mantissa)
        if exponent == 0 || mantissa == 0 { return isNegative ? -value : value }
        guard exponent >= -10 && exponent <= 10 else { return nil }
        let power = Float(PowersOfTen.doubles[abs(exponent)])
        let scaled = exponent < 0 ? value / power : value * power
        return isNegative ? -scaled : scaled
    }
}

/// The powers of ten that floating-point numbers hold exactly.
enum PowersOfTen {
    /// 10^0 to 10^22.
    static let doubles: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
