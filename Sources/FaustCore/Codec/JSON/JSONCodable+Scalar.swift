// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The standard types write and read themselves as the JSON kind that is closest.

extension Bool: JSONDecodable, JSONEncodable {
    /// Reads `true` or `false`.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readBool()
    }

    /// Writes `true` or `false`.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.write(self)
    }
}

extension String: JSONDecodable, JSONEncodable {
    /// Reads a string.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readString()
    }

    /// Writes a string.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.write(self)
    }
}

extension Double: JSONDecodable, JSONEncodable {
    /// Reads a number, rounded correctly.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readDouble()
    }

    /// Writes a number; throws when it is not finite.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.write(self)
    }
}

extension Float: JSONDecodable, JSONEncodable {
    /// Reads a number, rounded correctly.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readFloat()
    }

    /// Writes a number; throws when it is not finite.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.write(self)
    }
}

extension JSONDecodable where Self: FixedWidthInteger {
    /// Reads a whole number; throws when the type can't hold it.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readInteger(as: Self.self)
    }
}

extension JSONEncodable where Self: FixedWidthInteger {
    /// Writes a whole number.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.write(self)
    }
}

extension Int: JSONDecodable, JSONEncodable {}
extension Int8: JSONDecodable, JSONEncodable {}
extension Int16: JSONDecodable, JSONEncodable {}
extension Int32: JSONDecodable, JSONEncodable {}
extension Int64: JSONDecodable, JSONEncodable {}
extension Int128: JSONDecodable, JSONEncodable {}
extension UInt: JSONDecodable, JSONEncodable {}
extension UInt8: JSONDecodable, JSONEncodable {}
extension UInt16: JSONDecodable, JSONEncodable {}
extension UInt32: JSONDecodable, JSONEncodable {}
extension UInt64: JSONDecodable, JSONEncodable {}
extension UInt128: JSONDecodable, JSONEncodable {}

extension JSONDecodable where Self: RawRepresentable, RawValue: JSONDecodable {
    /// Reads the raw value; throws when no case has it.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.nextValueOffset
        let rawValue = try RawValue(from: &reader)
        guard let value = Self(rawValue: rawValue) else {
            throw reader.unknownRawValue(rawValue, of: Self.self, at: start)
        }
        self = value
    }
}

extension JSONEncodable where Self: RawRepresentable, RawValue: JSONEncodable {
    /// Writes the raw value.
    @inlinable
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try rawValue.encode(to: &writer)
    }
}

extension JSONReader {
    /// Where the next value begins.
    @usableFromInline var nextValueOffset: Int { indexAfterSpace }

    @usableFromInline @inline(never)
    func unknownRawValue(_ rawValue: Any, of type: Any.Type, at offset: Int) -> JSONError {
        fault(.invalidValue("\(type) has no case for \"\(rawValue)\""), at: offset)
    }
}
