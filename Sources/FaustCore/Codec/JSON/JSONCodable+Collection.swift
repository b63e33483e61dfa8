// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Optional: JSONDecodable where Wrapped: JSONDecodable {
    /// Reads a value or `null`.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readNull() ? nil : try Wrapped(from: &reader)
    }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    /// Writes the value or `null`.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.checkDepth()
        switch self {
        case .some(let value): try value.encode(to: &writer)
        case .none: writer.writeNull()
        }
    }
}

extension JSONReader {
    /// Reads an array, handing each element on.
    @inlinable
    mutating func readElements<Element: JSONDecodable>(
        _ body: (consuming Element) -> Void
    ) throws(JSONError) {
        try beginArray()
        while try nextElement() {
            body(try Element(from: &self))
        }
    }
}

extension JSONWriter {
    /// Writes a sequence as an array.
    @inlinable
    mutating func writeElements<Elements: Sequence>(_ elements: Elements) throws(JSONError)
    where Elements.Element: JSONEncodable {
        beginArray()
        try checkDepth()
        for value in elements {
            element()
            try value.encode(to: &self)
        }
        endArray()
    }
}

extension Array: JSONDecodable where Element: JSONDecodable {
    /// Reads an array.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.readElements { append($0) }
    }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    /// Writes an array.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.writeElements(self)
    }
}

extension ContiguousArray: JSONDecodable where Element: JSONDecodable {
    /// Reads an array.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.readElements { append($0) }
    }
}

extension ContiguousArray: JSONEncodable where Element: JSONEncodable {
    /// Writes an array.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.writeElements(self)
    }
}

extension Set: JSONDecodable where Element: JSONDecodable {
    /// Reads an array; of equal elements the first is kept.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.readElements { insert($0) }
    }
}

extension Set: JSONEncodable where Element: JSONEncodable {
    /// Writes an array, in no particular order.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.writeElements(self)
    }
}

extension Dictionary: JSONDecodable where Key: JSONKey, Value: JSONDecodable {
    /// Reads an object; of equal keys the last one counts.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.beginObject()
        while let name = try reader.nextKey() {
            guard let key = Key.fromJSONKey(name) else { throw reader.unusableKey(name, for: Key.self) }
            self[key] = try Value(from: &reader)
        }
    }
}

extension Dictionary: JSONEncodable where Key: JSONKey, Value: JSONEncodable {
    /// Writes an object, its fields in no particular order.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.beginObject()
        try writer.checkDepth()
        for (key, value) in self {
            writer.key(key.jsonKey)
            try value.encode(to: &writer)
        }
        writer.endObject()
    }
}
