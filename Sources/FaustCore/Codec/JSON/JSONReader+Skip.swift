// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONReader {
    /// Checks the next value, whatever it is, and moves behind it.
    ///
    /// - Throws: ``JSONError`` when it is not well-formed.
    public mutating func skipValue() throws(JSONError) {
        skipSpace()
        guard offset < count else { throw fault(.unexpectedEnd) }
        switch byte(at: offset) {
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "{"): try skipObject()
        case UInt8(ascii: "["): try skipArray()
        case UInt8(ascii: "t"): try readLiteral("true")
        case UInt8(ascii: "f"): try readLiteral("false")
        case UInt8(ascii: "n"): try readLiteral("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try scanNumber()
        default: throw unexpected("a value")
        }
    }

    // These call `skipValue` again, at most `JSON.maximumDepth` deep.

    private mutating func skipObject() throws(JSONError) {
        try beginObject()
        while try nextQuote() {
            _ = try skipString()
            try readColon()
            try skipValue()
        }
    }

    private mutating func skipArray() throws(JSONError) {
        try beginArray()
        while try nextElement() {
            try skipValue()
        }
    }

    /// Checks the next value and moves behind it.
    ///
    /// - Returns: Where it is in the input, without the white space around it.
    /// - Throws: ``JSONError`` when it is not well-formed.
    public mutating func readRawValue() throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = offset
        try skipValue()
        return start..<offset
    }
}
