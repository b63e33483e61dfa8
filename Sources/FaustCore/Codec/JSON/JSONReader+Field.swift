// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONReader {
    /// Moves on to the next field of an object that a table knows.
    ///
    /// Fields that it does not know are checked and skipped. A field that appears twice is returned twice: the last one
    /// should count. Fields are found fastest in the order of the table.
    ///
    /// - Parameter table: The names.
    /// - Returns: The index of the field's name in the table, its value being next; -1 once the object has ended.
    /// - Throws: ``JSONError`` when the object is not well-formed.
    @inlinable
    public mutating func nextField(of table: JSONFieldTable) throws(JSONError) -> Int {
        let expected = Int(truncatingIfNeeded: expectedFields & 0xFF)
        // The usual case: a comma, or nothing yet, and the expected name, with a space before it at most.
        if expected < table.count && offset < count {
            var start = offset
            var isSeparated = isFirst
            if byte(at: start) == UInt8(ascii: ",") {
                start &+= 1
                isSeparated = !isFirst
            }
            if start < count && byte(at: start) == 0x20 { start &+= 1 }
            let field = table.fields + expected
            if isSeparated && field.pointee.matches(at: base + start, available: count &- start) {
                offset = start &+ field.pointee.length
                isFirst = false
                expectedFields &+= expected < 0xFF ? 1 : 0
                return expected
            }
        }
        return try nextFieldSlowly(of: table)
    }

    @usableFromInline @inline(never)
    mutating func nextFieldSlowly(of table: JSONFieldTable) throws(JSONError) -> Int {
        while try nextQuote() {
            let expected = Int(truncatingIfNeeded: expectedFields & 0xFF)
            let start = offset &+ 1
            let hasEscapes = try skipString()
            let name = start..<(offset &- 1)
            try readColon()
            let index =
                hasEscapes
                ? table.indexUnescaped(unescaped(name), expected) : table.index(of: bytes(name), startingAt: expected)
            if index >= 0 {
                expectedFields = (expectedFields & ~0xFF) | UInt64(min(index + 1, 0xFF))
                return index
            }
            try skipValue()
        }
        return -1
    }

    /// Moves on to the next field of an object, whatever its name is.
    ///
    /// - Returns: The name, its value being next; `nil` once the object has ended.
    /// - Throws: ``JSONError`` when the object is not well-formed.
    public mutating func nextKey() throws(JSONError) -> String? {
        guard try nextQuote() else { return nil }
        let key = try readString()
        try readColon()
        return key
    }

    /// Moves on to the quote that begins the next name; `false` once the object has ended.
    mutating func nextQuote() throws(JSONError) -> Bool {
        skipSpace()
        guard offset < count else { throw fault(.unexpectedEnd) }
        var next = byte(at: offset)
        if next == UInt8(ascii: "}") {
            offset &+= 1
            depth &-= 1
            isFirst = false
            expectedFields &>>= 8
            return false
        }
        if isFirst {
            isFirst = false
        } else {
            guard next == UInt8(ascii: ",") else { throw unexpected("',' or '}'") }
            offset &+= 1
            skipSpace()
            guard offset < count else { throw fault(.unexpectedEnd) }
            next = byte(at: offset)
        }
        guard next == UInt8(ascii: "\"") else { throw unexpected("a field's name") }
        return true
    }

    mutating func readColon() throws(JSONError) {
        skipSpace()
        guard offset < count, byte(at: offset) == UInt8(ascii: ":") else { throw unexpected("':'") }
        offset &+= 1
    }

    /// A part of the input.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }
}

extension JSONFieldTable {
    /// The field with a name, tried from `first` on; -1 when there is none.
    fileprivate func indexUnescaped(_ name: String, _ first: Int) -> Int {
        var name = name
        return name.withUTF8 { index(of: UnsafeRawBufferPointer($0), startingAt: first) }
    }
}
