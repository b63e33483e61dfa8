// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONReader {
    /// Reads a string.
    ///
    /// - Throws: ``JSONError`` when no string is next, or it is not valid: an unknown escape, half a surrogate pair, an
    ///   unescaped control character, bytes that are not UTF-8.
    public mutating func readString() throws(JSONError) -> String {
        skipSpace()
        guard offset < count, byte(at: offset) == UInt8(ascii: "\"") else { throw mismatch("a string") }
        let start = offset &+ 1
        let end = endOfPlainText(from: start)
        if end < count && byte(at: end) == UInt8(ascii: "\"") {
            offset = end &+ 1
            return String(decoding: bytes(start..<end), as: UTF8.self)
        }
        let hasEscapes = try skipRestOfString(from: end)
        let content = start..<(offset &- 1)
        return hasEscapes ? unescaped(content) : String(decoding: bytes(content), as: UTF8.self)
    }

    /// Checks the string whose opening quote is next, and moves behind it.
    ///
    /// - Returns: Whether there are escapes in it.
    mutating func skipString() throws(JSONError) -> Bool {
        let end = endOfPlainText(from: offset &+ 1)
        if end < count && byte(at: end) == UInt8(ascii: "\"") {
            offset = end &+ 1
            return false
        }
        return try skipRestOfString(from: end)
    }

    /// The index of the first byte from `start` on that is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let special = Self.specialBytes(in: word)
            if special != 0 { return index &+ special.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            let byte = byte(at: index)
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index &+= 1
        }
        return index
    }

    /// The high bit of each byte of a word that ends plain text.
    ///
    /// Only the lowest bit that is set is exact, as a borrow may set others above it.
    @inline(__always)
    private static func specialBytes(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        let found = ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | controls | word
        return found & (ones &* 0x80)
    }

    /// Checks a string from the first byte that is not plain text on, and moves behind it.
    private mutating func skipRestOfString(from first: Int) throws(JSONError) -> Bool {
        var index = first
        var hasEscapes = false
        while index < count {
            switch byte(at: index) {
            case UInt8(ascii: "\""):
                offset = index &+ 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index = try endOfEscape(at: index)
            case 0..<0x20:
                throw fault(.controlCharacter, at: index)
            case 0x80...:
                let length = UTF8Sequence.length(in: bytes(index..<count))
                guard length > 0 else { throw fault(.invalidUTF8, at: index) }
                index &+= length
            default:
                index = endOfPlainText(from: index)
            }
        }
        throw fault(.unexpectedEnd, at: count)
    }

    /// The index after the escape, or pair of escapes, at `index`.
    private func endOfEscape(at index: Int) throws(JSONError) -> Int {
        guard index &+ 1 < count else { throw fault(.unexpectedEnd, at: count) }
        switch byte(at: index &+ 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index &+ 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(at: index)
            if unit & 0xF800 != 0xD800 { return index &+ 6 }
            let next = index &+ 6
            guard unit < 0xDC00, next &+ 1 < count, byte(at: next) == UInt8(ascii: "\\"),
                byte(at: next &+ 1) == UInt8(ascii: "u"), try codeUnit(at: next) & 0xFC00 == 0xDC00
            else { throw fault(.loneSurrogate, at: index) }
            return next &+ 6
        default:
            throw fault(.invalidEscape, at: index)
        }
    }

    /// The code unit that the `\uXXXX` at `index` stands for.
    private func codeUnit(at index: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for place in (index &+ 2)..<(index &+ 6) {
            guard place < count else { throw fault(.unexpectedEnd, at: count) }
            guard let digit = Self.hexadecimalDigit(byte(at: place)) else { throw fault(.invalidEscape, at: index) }
            unit = unit &<< 4 | digit
        }
        return unit
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a")) &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A")) &+ 10
        default: nil
        }
    }
}

// MARK: - Unescaping

extension JSONReader {
    /// The text of a string's content that has been checked.
    func unescaped(_ content: Range<Int>) -> String {
        // An escape is never shorter than what it stands for.
        String(unsafeUninitializedCapacity: content.count) { output in
            var length = 0
            var index = content.lowerBound
            while index < content.upperBound {
                if byte(at: index) == UInt8(ascii: "\\") {
                    index = unescape(at: index, into: output, &length)
                } else {
                    output[length] = byte(at: index)
                    length &+= 1
                    index &+= 1
                }
            }
            return length
        }
    }

    private func unescape(at index: Int, into output: UnsafeMutableBufferPointer<UInt8>, _ length: inout Int) -> Int {
        let plain: UInt8
        switch byte(at: index &+ 1) {
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"): return unescapeUnicode(at: index, into: output, &length)
        case let other: plain = other
        }
        output[length] = plain
        length &+= 1
        return index &+ 2
    }

    private func unescapeUnicode(
        at index: Int,
        into output: UnsafeMutableBufferPointer<UInt8>,
        _ length: inout Int
    ) -> Int {
        var end = index &+ 6
        var scalar = checkedCodeUnit(at: index)
        if scalar & 0xFC00 == 0xD800 {
            scalar = 0x10000 &+ (scalar & 0x3FF) &<< 10 &+ (checkedCodeUnit(at: end) & 0x3FF)
            end &+= 6
        }
        // Surrogates were refused when the string was checked.
        for byte in UTF8.encode(UnicodeScalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
            output[length] = byte
            length &+= 1
        }
        return end
    }

    private func checkedCodeUnit(at index: Int) -> UInt32 {
        var unit: UInt32 = 0
        for place in (index &+ 2)..<(index &+ 6) {
            unit = unit &<< 4 | (Self.hexadecimalDigit(byte(at: place)) ?? 0)
        }
        return unit
    }
}
