// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// A case of an enum with `@Record`.
struct EnumCase {
    /// What the case carries, which decides its form on the wire.
    enum Payload {
        /// Nothing: `"name"`.
        case none
        /// One value without a label: `{"name":value}`.
        case single(StoredField)
        /// Values with labels: `{"name":{"label":value}}`.
        case labelled([StoredField])
        /// Several values without labels: `{"name":[value,value]}`.
        case list([StoredField])
    }

    /// The name as it is used in code, with backticks if it has them.
    let name: String
    let wireName: String
    let payload: Payload
    let summary: String?
    let node: Syntax

    /// The name without backticks.
    var plainName: String { name.filter { $0 != "`" } }

    /// All the values that the case carries.
    var fields: [StoredField] {
        switch payload {
        case .none: []
        case .single(let field): [field]
        case .labelled(let fields), .list(let fields): fields
        }
    }

    /// The names that a pattern binds the values to: `_0, _1`.
    var bindings: [String] { fields.indices.map { "_\($0)" } }

    /// The pattern that matches the case and binds its values.
    var pattern: String {
        bindings.isEmpty ? ".\(name)" : ".\(name)(\(bindings.map { "let \($0)" }.joined(separator: ", ")))"
    }
}

extension RecordDeclaration {
    /// What an enum is made of.
    static func form(
        of enumeration: EnumDeclSyntax,
        _ record: RecordOptions,
        _ attribute: AttributeSyntax,
        _ problems: inout DiagnosticList
    ) -> Form {
        let cases = enumeration.memberBlock.members.flatMap { member in
            member.decl.as(EnumCaseDeclSyntax.self).map { self.cases(of: $0, record, &problems) } ?? []
        }
        if record.namespace != nil || record.includesMetadata {
            problems.report(
                "namespace",
                at: attribute,
                "'namespace' and 'includeMetadata' belong to structs: '\(enumeration.name.text)' is an enum, "
                    + "which is told apart by the names of its cases"
            )
        }
        checkCaseNames(cases, &problems)
        if record.isPolymorphic {
            checkPolymorphic(cases, &problems)
            return .polymorphic(cases)
        }
        let rawType = enumeration.inheritanceClause?.inheritedTypes.first?.type.trimmedDescription ?? ""
        if Scalar(typeName: rawType) != nil {
            checkRawCases(of: enumeration, &problems)
            return .rawValues(rawType: rawType, cases: cases)
        }
        return .cases(cases)
    }

    private static func checkRawCases(of enumeration: EnumDeclSyntax, _ problems: inout DiagnosticList) {
        for member in enumeration.memberBlock.members {
            let attribute = member.decl.as(EnumCaseDeclSyntax.self)?.attributes.first(named: "Field")
            guard let attribute else { continue }
            problems.report(
                "raw-value",
                at: attribute,
                "cases of '\(enumeration.name.text)' are written as their raw values; change the raw value instead of @Field"
            )
        }
    }

    private static func cases(
        of declaration: EnumCaseDeclSyntax,
        _ record: RecordOptions,
        _ problems: inout DiagnosticList
    ) -> [EnumCase] {
        let options =
            declaration.attributes.first(named: "Field").map { FieldOptions(of: $0, &problems) } ?? FieldOptions()
        if let attribute = declaration.attributes.first(named: "Field"), options.hasMoreThanName {
            problems.report(
                "option",
                at: attribute,
                "@Field takes nothing but a name at a case; for rules and forms of its values give it a nested @Record struct"
            )
        }
        return declaration.elements.map { element in
            let plainName = element.name.text.filter { $0 != "`" }
            return EnumCase(
                name: element.name.text,
                wireName: options.name ?? record.naming.wireName(of: plainName),
                payload: payload(of: element, record, &problems),
                summary: declaration.leadingTrivia.documentationSummary,
                node: Syntax(element.name)
            )
        }
    }

    private static func payload(
        of element: EnumCaseElementSyntax,
        _ record: RecordOptions,
        _ problems: inout DiagnosticList
    ) -> EnumCase.Payload {
        guard let parameters = element.parameterClause?.parameters, !parameters.isEmpty else { return .none }
        let fields = parameters.enumerated()
            .map { index, parameter in
                let label = parameter.firstName.flatMap { $0.tokenKind == .wildcard ? nil : $0 }
                let field = StoredField(
                    name: label ?? .identifier("\(index)"),
                    type: FieldType(parameter.type),
                    defaultValue: parameter.defaultValue?.value.trimmed,
                    record: record
                )
                if let objection = field.type.objection(hasOneOf: false) {
                    problems.report(
                        "unsupported",
                        at: parameter.type,
                        "a value of case '\(element.name.text)' \(objection)"
                    )
                }
                return field
            }
        let labels = parameters.filter { $0.firstName != nil && $0.firstName?.tokenKind != .wildcard }.count
        if labels == fields.count {
            checkNames(of: fields, record, &problems)
            return .labelled(fields)
        }
        if labels > 0 {
            problems.report(
                "labels",
                at: element.name,
                "case '\(element.name.text)' has values with and without labels; label all of them or none"
            )
        }
        return fields.count == 1 ? .single(fields[0]) : .list(fields)
    }

    private static func checkCaseNames(_ cases: [EnumCase], _ problems: inout DiagnosticList) {
        var names: [String: String] = [:]
        for item in cases {
            guard let other = names.updateValue(item.plainName, forKey: item.wireName) else { continue }
            problems.report(
                "duplicate",
                at: item.node,
                "cases '\(item.plainName)' and '\(other)' have the same name on the wire, \"\(item.wireName)\"; "
                    + "give one of them another with @Field(\"…\")"
            )
        }
    }

    private static func checkPolymorphic(_ cases: [EnumCase], _ problems: inout DiagnosticList) {
        var types: [String: String] = [:]
        for item in cases {
            guard case .single(let field) = item.payload else {
                problems.report(
                    "polymorphic",
                    at: item.node,
                    "case '\(item.plainName)' must carry exactly one record, as in 'case card(Card)': "
                        + "the namespace of the record tells the cases apart"
                )
                continue
            }
            guard let other = types.updateValue(item.plainName, forKey: field.type.text) else { continue }
            problems.report(
                "polymorphic",
                at: item.node,
                "cases '\(other)' and '\(item.plainName)' both carry '\(field.type.text)', whose namespace can't tell them "
                    + "apart; give one of them a record of its own"
            )
        }
    }
}
