// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftDiagnostics
package import SwiftSyntax
import SwiftSyntaxBuilder
package import SwiftSyntaxMacros

/// The implementation of `@Record`.
package enum RecordMacro {}

extension RecordMacro: MemberMacro {
    package static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = DiagnosticList()
        let record = RecordDeclaration(declaration, attribute: node, in: context, &problems)
        // The other roles read the declaration again; only this one reports, so that nothing is said twice.
        problems.diagnostics.forEach(context.diagnose)
        guard let record else { return [] }
        return RecordExpansion(record: record).members.map { DeclSyntax(stringLiteral: $0) }
    }
}

extension RecordMacro: ExtensionMacro {
    package static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var problems = DiagnosticList()
        guard let record = RecordDeclaration(declaration, attribute: node, in: context, &problems) else { return [] }
        let wanted = protocols.map(\.trimmedDescription)
            .filter { name in
                !name.hasSuffix("NamespacedRecord") || record.options.includesMetadata
            }
        guard !wanted.isEmpty else { return [] }
        let conformances = wanted.joined(separator: ", ")
        let text = DeclSyntax(stringLiteral: "extension \(type.trimmedDescription): \(conformances) {}")
        return text.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }
}

extension RecordMacro: PeerMacro {
    package static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = DiagnosticList()
        guard let group = declaration.asProtocol((any DeclGroupSyntax).self) else { return [] }
        return peers(of: group, attribute: node, in: context, &problems)
    }

    private static func peers(
        of declaration: some DeclGroupSyntax,
        attribute: AttributeSyntax,
        in context: some MacroExpansionContext,
        _ problems: inout DiagnosticList
    ) -> [DeclSyntax] {
        let record = RecordDeclaration(declaration, attribute: attribute, in: context, &problems)
        return record.map { RecordExpansion(record: $0).peers.map { DeclSyntax(stringLiteral: $0) } } ?? []
    }
}
