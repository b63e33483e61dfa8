// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Base64 by RFC 4648 with padding, which Faust calls `binary`: bytes as text, for topics whose readers expect text.
public struct Base64Codec: Codec {
    /// `binary`.
    public let name = "binary"

    /// Base64.
    public init() {}

    /// The bytes in the standard alphabet, padded, without line breaks.
    public func encode(_ bytes: Bytes) -> Bytes {
        Base64.encode(bytes)
    }

    /// The bytes that a text in Base64 stands for.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` for a character outside the alphabet, a wrong
    ///   length or wrong padding.
    public func decode(_ bytes: Bytes) throws -> Bytes {
        try Base64.decode(bytes)
    }
}

extension Codec where Self == Base64Codec {
    /// Base64, as Faust's codec of this name.
    public static var binary: Base64Codec { Base64Codec() }
}

/// The two directions of Base64.
private enum Base64 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    /// The six bits of each character; 0xFF for what is not in the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: Bytes) -> Bytes {
        let alphabet = alphabet
        let storage = ByteStorage(count: (bytes.count + 2) / 3 * 4) { output in
            bytes.withUnsafeBytes { input in
                for (group, start) in stride(from: 0, to: input.count, by: 3).enumerated() {
                    let rest = min(3, input.count - start)
                    var bits = UInt32(input[start]) << 16
                    if rest > 1 { bits |= UInt32(input[start + 1]) << 8 }
                    if rest > 2 { bits |= UInt32(input[start + 2]) }
                    output[4 * group] = alphabet[Int(bits >> 18)]
                    output[4 * group + 1] = alphabet[Int(bits >> 12 & 63)]
                    output[4 * group + 2] = rest > 1 ? alphabet[Int(bits >> 6 & 63)] : padding
                    output[4 * group + 3] = rest > 2 ? alphabet[Int(bits & 63)] : padding
                }
            }
            return output.count
        }
        return Bytes(storage)
    }

    static func decode(_ bytes: Bytes) throws -> Bytes {
        guard bytes.count.isMultiple(of: 4) else {
            throw fault("\(bytes.count) characters are no multiple of 4")
        }
        let end = bytes.suffix(2)
        let padded = end.reversed().prefix { $0 == padding }.count
        let values = values
        let storage = try ByteStorage(count: bytes.count / 4 * 3 - padded) { output in
            try bytes.withUnsafeBytes { input in
                var written = 0
                var bits: UInt32 = 0
                for position in 0..<input.count - padded {
                    let value = values[Int(input[position])]
                    guard value != 0xFF else { throw fault("byte \(input[position]) at \(position) is no character") }
                    bits = bits << 6 | UInt32(value)
                    guard position & 3 != 0 else { continue }
                    // Each character after the first of its group of four completes one byte.
                    output[written] = UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * (position & 3)))
                    written += 1
                }
                // So that each text stands for other bytes.
                guard bits & (padded == 2 ? 0xF : padded == 1 ? 0x3 : 0) == 0 else {
                    throw fault("the bits before the padding are not 0")
                }
                return written
            }
        }
        return Bytes(storage)
    }

    private static func fault(_ reason: String) -> FaustError {
        FaustError(.decode, "not Base64 of RFC 4648 with padding: \(reason)")
    }
}
