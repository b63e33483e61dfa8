// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftDiagnostics
import SwiftSyntax

extension RecordDeclaration {
    /// The stored properties of a struct, in the order of declaration.
    static func fields(
        of members: MemberBlockItemListSyntax,
        _ record: RecordOptions,
        _ problems: inout DiagnosticList
    ) -> [StoredField] {
        var fields: [StoredField] = []
        for member in members {
            guard let variable = member.decl.as(VariableDeclSyntax.self), !variable.isTypeProperty else { continue }
            fields += self.fields(of: variable, record, &problems)
        }
        if record.isPolymorphic {
            problems.report(
                "polymorphic",
                at: members,
                "'polymorphic: true' belongs to an enum with one record in each case, not to a struct"
            )
        }
        checkNames(of: fields, record, &problems)
        return fields
    }

    private static func fields(
        of variable: VariableDeclSyntax,
        _ record: RecordOptions,
        _ problems: inout DiagnosticList
    ) -> [StoredField] {
        let options =
            variable.attributes.first(named: "Field").map { FieldOptions(of: $0, &problems) } ?? FieldOptions()
        var fields: [StoredField] = []
        // In `var a, b: Int` the type stands at the last name and counts for those before it.
        var laterType: TypeSyntax?
        for binding in variable.bindings.reversed() where !binding.isComputed {
            let written = binding.typeAnnotation?.type ?? (binding.initializer == nil ? laterType : nil)
            laterType = written ?? laterType
            let field = self.field(binding, of: variable, type: written, options, record, &problems)
            if let field { fields.insert(field, at: 0) }
        }
        return fields
    }

    private static func field(
        _ binding: PatternBindingSyntax,
        of variable: VariableDeclSyntax,
        type written: TypeSyntax?,
        _ options: FieldOptions,
        _ record: RecordOptions,
        _ problems: inout DiagnosticList
    ) -> StoredField? {
        guard let pattern = binding.pattern.as(IdentifierPatternSyntax.self) else {
            problems.report(
                "pattern-binding",
                at: binding.pattern,
                "@Record can't take fields out of '\(binding.pattern.trimmedDescription)'; declare each with a line of its own"
            )
            return nil
        }
        let name = pattern.identifier
        if variable.modifiers.contains(where: { $0.name.tokenKind == .keyword(.lazy) }) {
            problems.report(
                "lazy",
                at: name,
                "'\(name.text)' is lazy, so it has no value to write yet; make it computed, or a plain stored property"
            )
            return nil
        }
        guard let type = written.map(FieldType.init) ?? FieldType(inferredFrom: binding.initializer?.value) else {
            reportMissingType(binding, name, &problems)
            return nil
        }
        let isLet = variable.bindingSpecifier.tokenKind == .keyword(.let)
        let isConstant = isLet && binding.initializer != nil
        if isConstant, !options.isExcluded { reportConstant(variable, name, &problems) }
        let field = StoredField(
            name: name,
            type: type,
            defaultValue: binding.initializer?.value.trimmed,
            isConstant: isConstant,
            isVariable: !isLet,
            options: options,
            summary: variable.leadingTrivia.documentationSummary,
            record: record
        )
        FieldCheck(field: field).run(&problems)
        return field
    }

    private static func reportMissingType(
        _ binding: PatternBindingSyntax,
        _ name: TokenSyntax,
        _ problems: inout DiagnosticList
    ) {
        let annotation = TypeAnnotationSyntax(
            colon: .colonToken(trailingTrivia: .space),
            type: TypeSyntax(IdentifierTypeSyntax(name: .identifier("<#Type#>"))),
            trailingTrivia: .space
        )
        let changed = binding.with(\.pattern, binding.pattern.trimmed).with(\.typeAnnotation, annotation)
        let change = FixIt(
            message: RecordFixIt("type", "write its type"),
            changes: [.replace(oldNode: Syntax(binding), newNode: Syntax(changed))]
        )
        problems.report(
            "type",
            at: name,
            "'\(name.text)' needs a written type, such as '\(name.text): String': a macro can't see inferred types",
            fixIts: [change]
        )
    }

    private static func reportConstant(
        _ variable: VariableDeclSyntax,
        _ name: TokenSyntax,
        _ problems: inout DiagnosticList
    ) {
        let keyword = variable.bindingSpecifier
        let change = FixIt(
            message: RecordFixIt("var", "make it a 'var', whose value is the default of a missing field"),
            changes: [
                .replace(oldNode: Syntax(keyword), newNode: Syntax(keyword.with(\.tokenKind, .keyword(.var))))
            ]
        )
        problems.report(
            "constant",
            at: name,
            "'\(name.text)' is a 'let' with a value, so no message can set it; make it 'var', 'static let', "
                + "or keep it off the wire with @Field(exclude: true)",
            fixIts: [change]
        )
    }

    /// Reports names on the wire that two fields share.
    static func checkNames(of fields: [StoredField], _ record: RecordOptions, _ problems: inout DiagnosticList) {
        var read: [String: String] = [:]
        var written: [String: String] = [:]
        for field in fields where !field.isConstant {
            var other = read.updateValue(field.plainName, forKey: field.inputName)
            if !field.options.isExcluded {
                other = written.updateValue(field.plainName, forKey: field.outputName) ?? other
            }
            if let other {
                problems.report(
                    "duplicate",
                    at: field.node,
                    "'\(field.plainName)' and '\(other)' have the same name on the wire, \"\(field.inputName)\"; "
                        + "give one of them another with @Field(\"…\")"
                )
            }
            if record.includesMetadata, field.outputName == "__faust" || field.inputName == "__faust" {
                problems.report(
                    "reserved",
                    at: field.node,
                    "'\(field.plainName)' can't be named \"__faust\", which holds the namespace; "
                        + "rename it or leave out includeMetadata"
                )
            }
        }
    }
}

extension VariableDeclSyntax {
    /// Whether it is `static` or `class`.
    var isTypeProperty: Bool {
        modifiers.contains { $0.name.tokenKind == .keyword(.static) || $0.name.tokenKind == .keyword(.class) }
    }
}

extension PatternBindingSyntax {
    /// Whether it has a getter; `willSet` and `didSet` leave it stored.
    var isComputed: Bool {
        switch accessorBlock?.accessors {
        case nil: false
        case .getter: true
        case .accessors(let accessors):
            !accessors.allSatisfy { ["willSet", "didSet"].contains($0.accessorSpecifier.text) }
        }
    }
}
