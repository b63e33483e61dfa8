// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A type that reads itself from JSON.
///
/// `@Record` writes the conformance; the standard types, dates, UUIDs, decimals and collections have theirs. Reading is
/// done straight from the bytes, without a tree in between.
public protocol JSONDecodable: Sendable {
    /// Reads the next value.
    ///
    /// Reads exactly one value: what follows it stays for the caller.
    ///
    /// - Parameter reader: The reader, standing before the value.
    /// - Throws: ``JSONError`` when the value is not well-formed JSON or not what the type asks for.
    init(from reader: inout JSONReader) throws(JSONError)
}

/// A type that writes itself as JSON.
public protocol JSONEncodable: Sendable {
    /// Writes the value.
    ///
    /// Writes exactly one JSON value; separators are the writer's business.
    ///
    /// - Parameter writer: The writer.
    /// - Throws: ``JSONError`` when the value has no JSON form, such as a number that is not finite.
    func encode(to writer: inout JSONWriter) throws(JSONError)
}

/// A type that reads itself from JSON and writes itself as JSON.
public typealias JSONCodable = JSONDecodable & JSONEncodable
