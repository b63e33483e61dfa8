// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A number of at most 38 significant digits, exactly: `mantissa × 10^exponent`.
///
/// The mantissa does not end in a zero, unless it is zero.
struct JSONExactNumber {
    /// The greatest exponent that is told apart from greater ones; no type that we read comes near it.
    static let greatestExponent = 1_000_000_000
    /// How many significant digits there may be.
    static let greatestDigitCount = 38

    var isNegative = false
    var mantissa: UInt128 = 0
    var exponent = 0

    /// The magnitude as a whole number; `nil` when it is not whole or above 128 bits.
    var wholeMagnitude: UInt128? {
        if mantissa == 0 { return 0 }
        guard exponent >= 0 && exponent <= Self.greatestDigitCount else { return nil }
        var value = mantissa
        for _ in 0..<exponent {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value
    }

    /// Reads a text that has the grammar of a JSON number; `nil` when there are more significant digits than allowed.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - exponent: The value of its exponent and of nothing else.
    init?(_ text: UnsafeRawBufferPointer, exponent: Int) {
        var digitCount = 0
        var zeros = 0
        var fractionDigits = 0
        var isFraction = false
        loop: for byte in text {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                fractionDigits += isFraction ? 1 : 0
                // Zeros count only once another digit follows.
                if byte == UInt8(ascii: "0") {
                    zeros += 1
                    continue loop
                }
                if mantissa == 0 { zeros = 0 }
                digitCount += zeros + 1
                guard digitCount <= Self.greatestDigitCount else { return nil }
                for _ in 0...zeros { mantissa *= 10 }
                mantissa += UInt128(byte - UInt8(ascii: "0"))
                zeros = 0
            default: break loop
            }
        }
        self.exponent = mantissa == 0 ? 0 : exponent - fractionDigits + zeros
    }
}

extension JSONReader {
    /// Reads a number without rounding it.
    ///
    /// - Parameter type: The type to name in an error.
    /// - Returns: The number.
    /// - Throws: ``JSONError`` when no number is next, or it has too many digits.
    mutating func readExactNumber(for type: Any.Type) throws(JSONError) -> JSONExactNumber {
        skipSpace()
        let start = offset
        _ = try scanNumber()
        guard let number = JSONExactNumber(bytes(start..<offset), exponent: exponent(from: start)) else {
            throw fault(.outOfRange("\(type)"), at: start)
        }
        return number
    }

    /// The value of the exponent of the number that has just been read.
    private func exponent(from start: Int) -> Int {
        guard let mark = bytes(start..<offset).firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return 0 }
        var exponent = 0
        for index in (start + mark + 1)..<offset where byte(at: index) >= UInt8(ascii: "0") {
            let digit = Int(byte(at: index) - UInt8(ascii: "0"))
            exponent = min(exponent * 10 + digit, JSONExactNumber.greatestExponent)
        }
        return byte(at: start + mark + 1) == UInt8(ascii: "-") ? -exponent : exponent
    }
}
