// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Writes the JSON Schema (draft 2020-12) of a record, with the records inside it under `$defs`.
struct JSONSchemaBuilder {
    private let root: any Record.Type
    /// The records met so far, in order, with their names in `$defs`.
    private var definitions: [(type: any Record.Type, name: String)] = []

    init(root: any Record.Type) {
        self.root = root
    }

    /// The whole schema as JSON text.
    mutating func text() -> String {
        var members = [
            ("$schema", JSONSchemaBuilder.quote("https://json-schema.org/draft/2020-12/schema")),
            ("title", JSONSchemaBuilder.quote(root.namespace)),
        ]
        members += self.members(of: root)
        var written: [(String, String)] = []
        // Writing a definition may find further records, which come at the end.
        while written.count < definitions.count {
            let (type, name) = definitions[written.count]
            written.append((name, JSONSchemaBuilder.object(self.members(of: type))))
        }
        if !written.isEmpty { members.append(("$defs", JSONSchemaBuilder.object(written))) }
        return JSONSchemaBuilder.object(members)
    }

    /// The schema of a type, as JSON text.
    mutating func schema(of type: Any.Type) -> String {
        JSONSchemaBuilder.object(members(ofAny: type))
    }

    private mutating func members(ofAny type: Any.Type) -> [(String, String)] {
        if let record = type as? any Record.Type {
            return [("$ref", JSONSchemaBuilder.quote(reference(to: record)))]
        }
        if let described = type as? any JSONSchemaDescribed.Type { return described.schemaMembers(in: &self) }
        if let integer = type as? any FixedWidthInteger.Type {
            let isUnsigned = !integer.isSigned
            return [("type", "\"integer\"")] + (isUnsigned ? [("minimum", "0")] : [])
        }
        // A type of the user's own that writes itself by hand: nothing is known about its form.
        return []
    }

    private mutating func reference(to type: any Record.Type) -> String {
        if type == root { return "#" }
        if let known = definitions.first(where: { $0.type == type }) {
            return JSONSchemaBuilder.pointer(to: known.name)
        }
        // Instances of one generic record have the same namespace.
        let taken = definitions.filter { $0.type.namespace == type.namespace }.count
        let name = type.namespace + (taken == 0 ? "" : "\(taken + 1)")
        definitions.append((type, name))
        return JSONSchemaBuilder.pointer(to: name)
    }

    private mutating func members(of record: any Record.Type) -> [(String, String)] {
        switch record.shape {
        case .structure(let fields):
            var properties = fields.map { ($0.inputName, schema(of: $0)) }
            if record is any NamespacedRecord.Type {
                let name = JSONSchemaBuilder.object([("const", JSONSchemaBuilder.quote(record.namespace))])
                let metadata = JSONSchemaBuilder.object([("ns", name)])
                let members = [("type", "\"object\""), ("properties", metadata)]
                properties.append(("__faust", JSONSchemaBuilder.object(members)))
            }
            return object(properties, required: fields.filter(\.isRequired).map(\.inputName))
        case .rawValues(let values):
            return [("enum", JSONSchemaBuilder.array(values))]
        case .cases(let cases):
            return [("oneOf", JSONSchemaBuilder.array(cases.map { schema(of: $0) }))]
        case .oneOf(let types):
            return [("oneOf", JSONSchemaBuilder.array(types.map { schema(of: $0) }))]
        }
    }

    private mutating func schema(of field: RecordField) -> String {
        var members = self.members(ofTypeOf: field)
        for rule in field.rules { members += rule.schemaMembers }
        if let standard = field.defaultJSON { members.append(("default", standard)) }
        if let summary = field.summary { members.append(("description", JSONSchemaBuilder.quote(summary))) }
        return JSONSchemaBuilder.object(members)
    }

    private mutating func members(ofTypeOf field: RecordField) -> [(String, String)] {
        let isOptional = field.type is any OptionalType.Type
        if !field.oneOf.isEmpty {
            let choices = field.oneOf.map { schema(of: $0) } + (isOptional ? ["{\"type\":\"null\"}"] : [])
            return [("oneOf", JSONSchemaBuilder.array(choices))]
        }
        switch field.date {
        case .epochSeconds, .epochMilliseconds:
            return [("type", isOptional ? "[\"number\",\"null\"]" : "\"number\"")]
        case .iso8601, nil:
            return members(ofAny: field.type)
        }
    }

    private mutating func schema(of item: RecordCase) -> String {
        guard item.form != .none else {
            return JSONSchemaBuilder.object([("const", JSONSchemaBuilder.quote(item.wireName))])
        }
        let payload: String
        switch item.form {
        case .none, .single:
            payload = item.fields.first.map { schema(of: $0) } ?? "{}"
        case .labelled:
            let properties = item.fields.map { ($0.inputName, schema(of: $0)) }
            let required = item.fields.filter(\.isRequired).map(\.inputName)
            payload = JSONSchemaBuilder.object(object(properties, required: required))
        case .list:
            let items = item.fields.map { schema(of: $0) }
            payload = JSONSchemaBuilder.object([
                ("type", "\"array\""),
                ("prefixItems", JSONSchemaBuilder.array(items)),
                ("minItems", "\(items.count)"),
                ("maxItems", "\(items.count)"),
            ])
        }
        return JSONSchemaBuilder.object(object([(item.wireName, payload)], required: [item.wireName]))
    }

    private func object(_ properties: [(String, String)], required: [String]) -> [(String, String)] {
        var members = [("type", "\"object\""), ("properties", JSONSchemaBuilder.object(properties))]
        if !required.isEmpty {
            members.append(("required", JSONSchemaBuilder.array(required.map(JSONSchemaBuilder.quote))))
        }
        return members
    }
}

extension JSONSchemaBuilder {
    static func quote(_ text: String) -> String {
        RecordSupport.json(text)
    }

    /// The JSON Pointer (RFC 6901) to a definition.
    static func pointer(to name: String) -> String {
        "#/$defs/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    static func array(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ",") + "]"
    }

    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(quote($0)):\($1)" }.joined(separator: ",") + "}"
    }
}

extension RecordField.Rule {
    /// The rule in the terms of JSON Schema; nothing where it has none.
    fileprivate var schemaMembers: [(String, String)] {
        switch self {
        case .limits(_, let lower, let upper, let isUpperIncluded):
            let least = lower.map { [("minimum", $0)] } ?? []
            return least + (upper.map { [(isUpperIncluded ? "maximum" : "exclusiveMaximum", $0)] } ?? [])
        case .length(let least, let greatest):
            // The keywords of other kinds of values have no effect, so that both can stand for the length.
            let lower = least.map { [("minLength", "\($0)"), ("minItems", "\($0)")] } ?? []
            return lower + (greatest.map { [("maxLength", "\($0)"), ("maxItems", "\($0)")] } ?? [])
        case .pattern(let pattern):
            return [("pattern", JSONSchemaBuilder.quote("^(?:\(pattern))$"))]
        }
    }
}
