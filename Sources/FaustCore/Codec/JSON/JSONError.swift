// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What is wrong with a JSON text, or with a value that should become one, and where.
public struct JSONError: Error, Sendable, Hashable {
    /// What went wrong.
    public enum Reason: Sendable, Hashable {
        /// The input ends in the middle of a value.
        case unexpectedEnd
        /// A byte that can't stand there, and what was expected instead.
        case unexpectedByte(UInt8, expected: String)
        /// A number that does not follow RFC 8259, section 6, such as `01`, `+1` or `1.`.
        case invalidNumber
        /// A backslash that begins none of the escapes of RFC 8259, section 7.
        case invalidEscape
        /// A `\u` escape of one half of a surrogate pair without the other; no Unicode text has it.
        case loneSurrogate
        /// A control character (U+0000 to U+001F) that is not escaped.
        case controlCharacter
        /// Bytes that are not UTF-8: overlong, truncated, a surrogate, or above U+10FFFF.
        case invalidUTF8
        /// More than ``JSON/maximumDepth`` arrays and objects inside one another.
        case tooDeep
        /// Something follows the value.
        case trailingBytes
        /// A value of another kind than the type asks for.
        case typeMismatch(expected: String, found: JSONKind)
        /// A number that the type can't hold exactly; the name of the type.
        case outOfRange(String)
        /// An object without a field that must be there; the field's name.
        case missingField(String)
        /// A value of the right kind that the type refuses; why.
        case invalidValue(String)
        /// A floating-point number that is infinite or not a number, which JSON can't express.
        case notFinite
    }

    /// What went wrong.
    public var reason: Reason
    /// Where in the input (when decoding) or in the output so far (when encoding), in bytes from its start.
    public var byteOffset: Int
    /// Which value it is about, from the root `$` on, such as `$.items[3].price`.
    ///
    /// The path is worked out only once an error leaves `JSON.decode`: until then it holds just the part that lies below
    /// the place at `byteOffset`, mostly nothing.
    public var path: String

    /// An error; mostly made by ``JSONReader/fault(_:field:)``.
    ///
    /// - Parameters:
    ///   - reason: What went wrong.
    ///   - byteOffset: Where, in bytes from the start of the input.
    ///   - path: Which value it is about; empty to have `JSON.decode` find it by `byteOffset`.
    public init(_ reason: Reason, byteOffset: Int, path: String = "") {
        self.reason = reason
        self.byteOffset = byteOffset
        self.path = path
    }
}

extension JSONError.Reason: CustomStringConvertible {
    /// What went wrong, as half a sentence.
    public var description: String {
        switch self {
        case .unexpectedEnd: "the input ends in the middle of a value"
        case .unexpectedByte(let byte, let expected): "\(Self.name(of: byte)) where \(expected) was expected"
        case .invalidNumber: "not a number by RFC 8259"
        case .invalidEscape: "an unknown escape in a string"
        case .loneSurrogate: "half a surrogate pair in a string"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "not valid UTF-8"
        case .tooDeep: "more than \(JSON.maximumDepth) arrays and objects inside one another"
        case .trailingBytes: "something follows the value"
        case .typeMismatch(let expected, let found): "\(found) where \(expected) was expected"
        case .outOfRange(let type): "a number that does not fit \(type)"
        case .missingField(let name): "the field \"\(name)\" is missing"
        case .invalidValue(let why): why
        case .notFinite: "JSON has no infinity and no NaN"
        }
    }

    private static func name(of byte: UInt8) -> String {
        if byte > 0x20 && byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x" + (digits.count < 2 ? "0" : "") + digits
    }
}

extension JSONError: CustomStringConvertible {
    /// The error in one line: the path, what is wrong, the byte offset.
    public var description: String {
        "\(path.isEmpty ? "$" : path): \(reason) (at byte \(byteOffset))"
    }
}
