// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONReader {
    /// Reads a string in base64 (RFC 4648, section 4) with its padding.
    ///
    /// - Throws: ``JSONError`` when no string is next, or it is not base64.
    public mutating func readBase64() throws(JSONError) -> [UInt8] {
        let start = nextValueOffset
        guard peek == .string else { throw mismatch("a string in base64") }
        offset = start
        let hasEscapes = try skipString()
        let content = (start + 1)..<(offset - 1)
        // Escapes may only be there for the slash, which some writers escape.
        let decoded =
            if hasEscapes {
                Array(unescaped(content).utf8).withUnsafeBytes { Self.decodeBase64($0) }
            } else {
                Self.decodeBase64(bytes(content))
            }
        guard let decoded else { throw fault(.invalidValue("not base64"), at: start) }
        return decoded
    }

    private static func decodeBase64(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var padding = 0
        while padding < 2 && padding < text.count && text[text.count - 1 - padding] == UInt8(ascii: "=") {
            padding += 1
        }
        let digits = text.count - padding
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for index in 0..<digits {
            guard let digit = base64Digit(text[index]) else { return nil }
            group = group &<< 6 | digit
            if index % 4 == 3 {
                for shift in [16, 8, 0] as [UInt32] { decoded.append(UInt8(truncatingIfNeeded: group &>> shift)) }
                group = 0
            }
        }
        switch padding {
        // The bits that are left over must be zero, so that each text has one meaning.
        case 1:
            guard group & 0x3 == 0 else { return nil }
            decoded.append(UInt8(truncatingIfNeeded: group &>> 10))
            decoded.append(UInt8(truncatingIfNeeded: group &>> 2))
        case 2:
            guard group & 0xF == 0 else { return nil }
            decoded.append(UInt8(truncatingIfNeeded: group &>> 4))
        default: break
        }
        return decoded
    }

    private static func base64Digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

extension JSONWriter {
    /// Writes bytes as a string in base64 (RFC 4648, section 4) with its padding.
    public mutating func writeBase64(_ bytes: UnsafeRawBufferPointer) {
        reserve((bytes.count + 2) / 3 * 4 + 2)
        append(UInt8(ascii: "\""))
        var index = 0
        while index < bytes.count {
            let left = min(bytes.count - index, 3)
            var group = UInt32(bytes[index]) << 16
            if left > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if left > 2 { group |= UInt32(bytes[index + 2]) }
            for place in 0..<4 {
                let digit = group &>> UInt32(18 - 6 * place) & 0x3F
                append(place <= left ? Self.base64Alphabet.utf8Start[Int(digit)] : UInt8(ascii: "="))
            }
            index += left
        }
        append(UInt8(ascii: "\""))
    }

    private static let base64Alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
}
