// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustMacros
import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacros
import SwiftSyntaxMacrosGenericTestSupport
import Testing

private let specifications: [String: MacroSpec] = [
    "Record": MacroSpec(type: RecordMacro.self, conformances: ["Record", "NamespacedRecord"].map(type)),
    "Field": MacroSpec(type: FieldMacro.self),
]

private func type(_ name: String) -> TypeSyntax {
    TypeSyntax(IdentifierTypeSyntax(name: .identifier(name)))
}

/// Checks what a source becomes when its macros are expanded, and that nothing is reported.
func expectExpansion(of source: String, _ expanded: String, _ location: Testing.SourceLocation = #_sourceLocation) {
    assertMacroExpansion(
        source,
        expandedSource: expanded,
        macroSpecs: specifications,
        failureHandler: { Issue.record("\($0.message)", sourceLocation: location) }
    )
}

/// The messages that the macros report about a source, in order.
func messages(about source: String) -> [String] {
    diagnostics(of: source).map(\.message)
}

/// What the fix-its of the messages about a source put in place of what.
func fixIts(for source: String) -> [String] {
    diagnostics(of: source).flatMap(\.fixIts).flatMap(\.changes)
        .map { change in
            guard case .replace(let old, let new) = change else { return "" }
            return "\(old.trimmedDescription) -> \(new.trimmedDescription)"
        }
}

private func diagnostics(of source: String) -> [Diagnostic] {
    let file = Parser.parse(source: source)
    let context = BasicMacroExpansionContext(
        sourceFiles: [file: .init(moduleName: "Tests", fullFilePath: "Tests.swift")]
    )
    _ = file.expand(
        macroSpecs: specifications,
        contextGenerator: {
            BasicMacroExpansionContext(sharingWith: context, lexicalContext: $0.allMacroLexicalContexts())
        },
        indentationWidth: .spaces(4)
    )
    return context.diagnostics
}
