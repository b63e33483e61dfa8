// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A type of the standard library, Foundation or FaustCore whose form in JSON is known.
protocol JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)]
}

/// An optional of any type.
protocol OptionalType {}

extension Optional: OptionalType {}

extension Optional: JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        [("anyOf", "[\(builder.schema(of: Wrapped.self)),{\"type\":\"null\"}]")]
    }
}

extension Array: JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        [("type", "\"array\""), ("items", builder.schema(of: Element.self))]
    }
}

extension ContiguousArray: JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        [("type", "\"array\""), ("items", builder.schema(of: Element.self))]
    }
}

extension Set: JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        [("type", "\"array\""), ("items", builder.schema(of: Element.self))]
    }
}

extension Dictionary: JSONSchemaDescribed {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        [("type", "\"object\""), ("additionalProperties", builder.schema(of: Value.self))]
    }
}

extension ProtectedValue {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] {
        (Value.self as? any JSONSchemaDescribed.Type)?.schemaMembers(in: &builder) ?? []
    }
}

extension Secret: JSONSchemaDescribed {}
extension Sensitive: JSONSchemaDescribed {}
extension Personal: JSONSchemaDescribed {}

/// A type with a schema that never changes.
protocol PlainSchema: JSONSchemaDescribed {
    static var plainSchema: [(String, String)] { get }
}

extension PlainSchema {
    static func schemaMembers(in builder: inout JSONSchemaBuilder) -> [(String, String)] { plainSchema }
}

extension Bool: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"boolean\"")] }
}

extension String: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\"")] }
}

extension Double: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"number\"")] }
}

extension Float: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"number\"")] }
}

extension Decimal: PlainSchema {
    /// Written as a string, as Faust does; both are read.
    static var plainSchema: [(String, String)] { [("type", "[\"string\",\"number\"]")] }
}

extension UUID: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\""), ("format", "\"uuid\"")] }
}

extension Date: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\""), ("format", "\"date-time\"")] }
}

extension URL: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\""), ("format", "\"uri-reference\"")] }
}

extension Data: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\""), ("contentEncoding", "\"base64\"")] }
}

extension Bytes: PlainSchema {
    static var plainSchema: [(String, String)] { [("type", "\"string\""), ("contentEncoding", "\"base64\"")] }
}
