// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftDiagnostics
package import SwiftSyntax
package import SwiftSyntaxMacros

/// The implementation of `@Field`, which adds nothing.
///
/// `@Record` reads its arguments. It reports where it has no effect.
package enum FieldMacro: PeerMacro {
    package static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = DiagnosticList()
        if let misuse = misuse(of: declaration, in: context) {
            problems.report("field", at: node, misuse)
        }
        problems.diagnostics.forEach(context.diagnose)
        return []
    }

    private static func misuse(of declaration: some DeclSyntaxProtocol, in context: some MacroExpansionContext)
        -> String?
    {
        if !declaration.is(EnumCaseDeclSyntax.self) {
            guard let variable = declaration.as(VariableDeclSyntax.self) else {
                return "@Field belongs to a stored property or an enum case of a @Record type"
            }
            let name = variable.bindings.first?.pattern.trimmedDescription ?? ""
            if variable.isTypeProperty {
                return "'\(name)' is static, so it isn't a field of the record; remove @Field"
            }
            if variable.bindings.contains(where: \.isComputed) {
                return "'\(name)' is computed, so it isn't a field of the record; remove @Field or make it stored"
            }
        }
        guard let type = context.lexicalContext.first?.asProtocol((any DeclGroupSyntax).self),
            type.attributes.first(named: "Record") != nil
        else { return "@Field has no effect here, because the type around it isn't a @Record; add @Record to it" }
        return nil
    }
}
