// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONReader {
    /// Reads a decimal number without rounding it, from a JSON number or from a string that holds one.
    ///
    /// Faust writes decimals as strings, other programs as numbers; both are accepted.
    ///
    /// - Throws: ``JSONError`` when neither is next, or the number has more than 38 significant digits or an exponent
    ///   that `Decimal` can't hold (-128 to 127).
    public mutating func readDecimal() throws(JSONError) -> Decimal {
        skipSpace()
        let start = offset
        guard let kind = peek, kind == .string else {
            return try decimal(readExactNumber(for: Decimal.self), from: start)
        }
        return try decimal(
            readNumberInString { (reader) throws(JSONError) in
                try reader.readExactNumber(for: Decimal.self)
            },
            from: start
        )
    }

    private func decimal(_ number: JSONExactNumber, from start: Int) throws(JSONError) -> Decimal {
        guard let decimal = Decimal(number) else { throw fault(.outOfRange("Decimal"), at: start) }
        return decimal
    }

    /// Reads a string whose whole content is what `read` reads.
    mutating func readNumberInString<Value>(
        _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        skipSpace()
        let start = offset
        guard offset < count, byte(at: offset) == UInt8(ascii: "\"") else { throw mismatch("a number in a string") }
        let hasEscapes = try skipString()
        guard !hasEscapes else { throw fault(.invalidNumber, at: start) }
        // The content is read with a reader of its own, so that it can't go past the closing quote.
        var reader = JSONReader(bytes((start + 1)..<(offset - 1)))
        do throws(JSONError) {
            let value = try read(&reader)
            try reader.finish()
            return value
        } catch {
            let isRange = if case .outOfRange = error.reason { true } else { false }
            throw fault(isRange ? error.reason : .invalidNumber, at: start)
        }
    }
}

extension Decimal {
    /// The same number; `nil` when its exponent is out of range.
    init?(_ number: JSONExactNumber) {
        var (mantissa, exponent) = (number.mantissa, number.exponent)
        while exponent > 127 && mantissa != 0 && mantissa < UInt128.max / 1000 {
            mantissa *= 10
            exponent -= 1
        }
        guard exponent >= -128 && exponent <= 127 else { return nil }
        // Two halves of 19 digits each fit; Decimal's own arithmetic is exact up to 38 digits.
        let (high, low) = mantissa.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        let shift = Decimal(sign: .plus, exponent: 19, significand: 1)
        let significand = Decimal(UInt64(high)) * shift + Decimal(UInt64(low))
        let isNegative = number.isNegative && mantissa != 0
        self.init(sign: isNegative ? .minus : .plus, exponent: exponent, significand: significand)
    }
}
