// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Decimal: JSONDecodable, JSONEncodable {
    /// Reads a number, or a string that holds one, without rounding it.
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readDecimal()
    }

    /// Writes the number as a string, as Faust does [MO36].
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.write(self)
    }
}

extension UUID: JSONDecodable, JSONEncodable, JSONKey {
    /// Reads a string such as `0188e5a0-1c2d-7e3f-8a4b-5c6d7e8f9a0b`, in either case.
    public init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.nextValueOffset
        guard let value = UUID(uuidString: try reader.readString()) else {
            throw reader.fault(.invalidValue("not a UUID"), at: start)
        }
        self = value
    }

    /// Writes a string in lower case (RFC 9562, section 4), as Faust does.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.write(jsonKey)
    }

    /// The UUID that is written so.
    public static func fromJSONKey(_ name: String) -> UUID? { UUID(uuidString: name) }

    /// The UUID in lower case.
    public var jsonKey: String { uuidString.lowercased() }
}

extension URL: JSONDecodable, JSONEncodable {
    /// Reads a string.
    public init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.nextValueOffset
        guard let value = URL(string: try reader.readString()) else {
            throw reader.fault(.invalidValue("not a URL"), at: start)
        }
        self = value
    }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.write(absoluteString)
    }
}

extension Date: JSONDecodable, JSONEncodable {
    /// Reads a date and time in the form of ISO 8601.
    public init(from reader: inout JSONReader) throws(JSONError) {
        self = try reader.readDate(.iso8601)
    }

    /// Writes a date and time in the form of ISO 8601, in UTC.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        try writer.write(self, as: .iso8601)
    }
}

extension Data: JSONDecodable, JSONEncodable {
    /// Reads a string in base64.
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init(try reader.readBase64())
    }

    /// Writes a string in base64.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        withUnsafeBytes { writer.writeBase64($0) }
    }
}

extension Bytes: JSONDecodable, JSONEncodable {
    /// Reads a string in base64.
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init(try reader.readBase64())
    }

    /// Writes a string in base64.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        withUnsafeBytes { writer.writeBase64($0) }
    }
}
