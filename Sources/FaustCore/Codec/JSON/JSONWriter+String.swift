// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONWriter {
    /// Writes a string in quotes.
    ///
    /// Only what must be escaped is: quotes, backslashes and control characters.
    public mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            // Enough for the quotes and for text without escapes, which is the usual case.
            reserve(utf8.count &+ 2)
            append(UInt8(ascii: "\""))
            if let start = utf8.baseAddress { writeContent(UnsafeRawPointer(start), count: utf8.count) }
            append(UInt8(ascii: "\""))
        }
    }

    /// Writes the content of a string; leaves room for one byte more.
    private mutating func writeContent(_ text: UnsafeRawPointer, count length: Int) {
        var index = 0
        while index &+ 8 <= length {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard Self.isPlain(word) else { break }
            base.storeBytes(of: word, toByteOffset: used &+ index, as: UInt64.self)
            index &+= 8
        }
        while index < length {
            let byte = text.load(fromByteOffset: index, as: UInt8.self)
            guard Self.isPlain(byte) else { break }
            base.storeBytes(of: byte, toByteOffset: used &+ index, as: UInt8.self)
            index &+= 1
        }
        used &+= index
        if index < length { writeEscaping(text + index, count: length &- index) }
    }

    @inline(never)
    private mutating func writeEscaping(_ text: UnsafeRawPointer, count length: Int) {
        for index in 0..<length {
            // Room for this byte escaped, the rest as it is, and the closing quote.
            reserve(length &- index &+ 6)
            let byte = text.load(fromByteOffset: index, as: UInt8.self)
            if Self.isPlain(byte) {
                append(byte)
            } else {
                writeEscape(of: byte)
            }
        }
    }

    private mutating func writeEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(byte &>> 4 &+ UInt8(ascii: "0"))
            let low = byte & 0x0F
            append(low &+ (low < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10))
        }
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Whether none of eight bytes must be escaped.
    ///
    /// Bytes above 0x7F, which are parts of characters, need not be.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        let found = ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | controls
        return found & (ones &* 0x80) == 0
    }
}
