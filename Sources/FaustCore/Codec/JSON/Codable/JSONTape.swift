// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The values of a JSON text in the order in which they begin, checked once, so that any of them can be found again.
///
/// The fields of an object follow it as name, value, name, value; the elements of an array follow it likewise.
struct JSONTape {
    /// A value, or the name of a field.
    struct Node {
        /// Where it begins in the text.
        var start: UInt32
        /// The number of bytes of it.
        var length: UInt32
        /// The index of the node after it and all that it contains.
        var next: UInt32
        /// The number of fields or elements.
        var count: UInt32
        var kind: JSONKind
        /// Whether a string has escapes.
        var hasEscapes: Bool
    }

    private(set) var nodes: ContiguousArray<Node> = []

    /// The greatest text that a tape can hold.
    private static let greatestByteCount = Int(UInt32.max)

    /// The tape of a whole text.
    ///
    /// Its last node is a `null` that is not in the text, for what is missing.
    init(_ reader: inout JSONReader) throws(JSONError) {
        guard reader.count <= Self.greatestByteCount else { throw reader.fault(.invalidValue("a text above 4 GiB")) }
        nodes.reserveCapacity(32)
        try add(&reader)
        try reader.finish()
        nodes.append(Node(start: 0, length: 0, next: 0, count: 0, kind: .null, hasEscapes: false))
    }

    // These call `add` again, at most `JSON.maximumDepth` deep.

    private mutating func add(_ reader: inout JSONReader) throws(JSONError) {
        reader.skipSpace()
        guard let kind = reader.peek else { throw reader.unexpected("a value") }
        let index = begin(kind, reader)
        var count = 0
        var hasEscapes = false
        switch kind {
        case .object: count = try addFields(&reader)
        case .array: count = try addElements(&reader)
        case .string: hasEscapes = try reader.skipString()
        default: try reader.skipValue()
        }
        end(index, reader, count: count, hasEscapes: hasEscapes)
    }

    private mutating func addFields(_ reader: inout JSONReader) throws(JSONError) -> Int {
        var count = 0
        try reader.beginObject()
        while try reader.nextQuote() {
            let index = begin(.string, reader)
            let hasEscapes = try reader.skipString()
            end(index, reader, count: 0, hasEscapes: hasEscapes)
            try reader.readColon()
            try add(&reader)
            count += 1
        }
        return count
    }

    private mutating func addElements(_ reader: inout JSONReader) throws(JSONError) -> Int {
        var count = 0
        try reader.beginArray()
        while try reader.nextElement() {
            try add(&reader)
            count += 1
        }
        return count
    }

    private mutating func begin(_ kind: JSONKind, _ reader: borrowing JSONReader) -> Int {
        let start = UInt32(truncatingIfNeeded: reader.nextValueOffset)
        nodes.append(Node(start: start, length: 0, next: 0, count: 0, kind: kind, hasEscapes: false))
        return nodes.count - 1
    }

    private mutating func end(_ index: Int, _ reader: borrowing JSONReader, count: Int, hasEscapes: Bool) {
        nodes[index].length = UInt32(truncatingIfNeeded: reader.offset) - nodes[index].start
        nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
        nodes[index].count = UInt32(truncatingIfNeeded: count)
        nodes[index].hasEscapes = hasEscapes
    }
}
