// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxMacros

/// A type with `@Record`, read and checked.
struct RecordDeclaration {
    /// What the type is made of.
    enum Form {
        case structure([StoredField])
        case rawValues(rawType: String, cases: [EnumCase])
        case cases([EnumCase])
        case polymorphic([EnumCase])
    }

    let name: String
    let options: RecordOptions
    let form: Form
    /// `public `, `package ` or nothing: what generated members start with.
    let access: String
    /// The name of the type with those of the types around it.
    let defaultNamespace: String
    /// Whether the type can't have static stored properties because it is generic.
    let isGeneric: Bool
    let declaresInitialiser: Bool
    let declaresDecoder: Bool
    let declaresEncoder: Bool

    var namespace: String { options.namespace ?? defaultNamespace }

    init?(
        _ declaration: some DeclGroupSyntax,
        attribute: AttributeSyntax,
        in context: some MacroExpansionContext,
        _ problems: inout DiagnosticList
    ) {
        options = RecordOptions(of: attribute, &problems)
        let members = declaration.memberBlock.members
        for member in members {
            guard let block = member.decl.as(IfConfigDeclSyntax.self), block.containsStoredProperty else { continue }
            problems.report("conditional", at: block, "@Record can't see fields inside #if; declare them outside")
        }
        if let structure = declaration.as(StructDeclSyntax.self) {
            name = structure.name.text.filter { $0 != "`" }
            isGeneric = structure.genericParameterClause != nil
            form = .structure(Self.fields(of: members, options, &problems))
        } else if let enumeration = declaration.as(EnumDeclSyntax.self) {
            name = enumeration.name.text.filter { $0 != "`" }
            isGeneric = enumeration.genericParameterClause != nil
            form = Self.form(of: enumeration, options, attribute, &problems)
        } else {
            Self.reportKind(of: declaration, &problems)
            return nil
        }
        if let outer = Self.genericContext(in: context) {
            problems.report(
                "generic-context",
                at: attribute,
                "'\(name)' is inside the generic type '\(outer)', where a @Record can't keep its tables; move it out"
            )
        }
        if !context.lexicalContext.isEmpty { Self.checkPrivate(declaration.modifiers, name: name, &problems) }
        access = Self.access(of: declaration.modifiers)
        defaultNamespace = (Self.outerNames(in: context) + [name]).joined(separator: ".")
        let initialisers = members.compactMap { $0.decl.as(InitializerDeclSyntax.self) }
        declaresDecoder = initialisers.contains(where: \.readsJSON)
        declaresInitialiser = initialisers.contains { !$0.readsJSON }
        declaresEncoder = members.contains { $0.decl.as(FunctionDeclSyntax.self)?.writesJSON ?? false }
        if !problems.isEmpty { return nil }
    }

    private static func reportKind(of declaration: some DeclGroupSyntax, _ problems: inout DiagnosticList) {
        if let type = declaration.as(ClassDeclSyntax.self) {
            let change = FixIt(
                message: RecordFixIt("struct", "make it a struct"),
                changes: [
                    .replace(
                        oldNode: Syntax(type.classKeyword),
                        newNode: Syntax(type.classKeyword.with(\.tokenKind, .keyword(.struct)))
                    )
                ]
            )
            problems.report(
                "kind",
                at: type.classKeyword,
                "@Record needs a struct or an enum, and '\(type.name.text)' is a class; make it a struct",
                fixIts: [change]
            )
        } else if let type = declaration.as(ActorDeclSyntax.self) {
            problems.report(
                "kind",
                at: type.actorKeyword,
                "@Record needs a struct or an enum, and '\(type.name.text)' is an actor; "
                    + "keep the values in a @Record struct that the actor holds"
            )
        } else {
            problems.report(
                "kind",
                at: declaration.introducer,
                "@Record needs a struct or an enum, not '\(declaration.introducer.text)'"
            )
        }
    }

    /// Reports a private type inside another one, which the generated extension can't see.
    private static func checkPrivate(
        _ modifiers: DeclModifierListSyntax,
        name: String,
        _ problems: inout DiagnosticList
    ) {
        guard let modifier = modifiers.first(where: { $0.name.tokenKind == .keyword(.private) }) else { return }
        let change = FixIt(
            message: RecordFixIt("fileprivate", "make it fileprivate"),
            changes: [
                .replace(
                    oldNode: Syntax(modifier.name),
                    newNode: Syntax(modifier.name.with(\.tokenKind, .keyword(.fileprivate)))
                )
            ]
        )
        problems.report(
            "private",
            at: modifier,
            "'\(name)' is private inside another type, where its conformance can't be declared; make it fileprivate",
            fixIts: [change]
        )
    }

    private static func access(of modifiers: DeclModifierListSyntax) -> String {
        for modifier in modifiers {
            if modifier.name.tokenKind == .keyword(.public) { return "public " }
            if modifier.name.tokenKind == .keyword(.package) { return "package " }
        }
        return ""
    }

    private static func genericContext(in context: some MacroExpansionContext) -> String? {
        for outer in context.lexicalContext {
            guard let type = outer.asProtocol((any WithGenericParametersSyntax).self),
                type.genericParameterClause != nil,
                let named = outer.asProtocol((any NamedDeclSyntax).self)
            else { continue }
            return named.name.text
        }
        return nil
    }

    private static func outerNames(in context: some MacroExpansionContext) -> [String] {
        context.lexicalContext.reversed()
            .compactMap { outer in
                if let type = outer.asProtocol((any NamedDeclSyntax).self) {
                    return type.name.text.filter { $0 != "`" }
                }
                return outer.as(ExtensionDeclSyntax.self)?.extendedType.trimmedDescription
            }
    }
}

extension IfConfigDeclSyntax {
    fileprivate var containsStoredProperty: Bool {
        clauses.contains { clause in
            guard case .decls(let members) = clause.elements else { return false }
            return members.contains { member in
                guard let variable = member.decl.as(VariableDeclSyntax.self), !variable.isTypeProperty else {
                    return false
                }
                return variable.bindings.contains { !$0.isComputed }
            }
        }
    }
}

extension InitializerDeclSyntax {
    /// Whether it is `init(from:)` with a JSON reader.
    fileprivate var readsJSON: Bool {
        let parameters = signature.parameterClause.parameters
        return parameters.count == 1 && parameters.first?.firstName.text == "from"
            && parameters.first?.type.trimmedDescription.hasSuffix("JSONReader") == true
    }
}

extension FunctionDeclSyntax {
    /// Whether it is `encode(to:)` with a JSON writer.
    fileprivate var writesJSON: Bool {
        let parameters = signature.parameterClause.parameters
        return name.text == "encode" && parameters.count == 1
            && parameters.first?.type.trimmedDescription.hasSuffix("JSONWriter") == true
    }
}
