// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftDiagnostics
import SwiftSyntax

/// A mistake in the use of the macros: what is wrong with which property, and the remedy.
struct RecordDiagnostic: DiagnosticMessage {
    let message: String
    let diagnosticID: MessageID
    let severity = DiagnosticSeverity.error

    init(_ id: String, _ message: String) {
        self.message = message
        self.diagnosticID = MessageID(domain: "FaustMacros", id: id)
    }
}

/// What a fix-it does.
struct RecordFixIt: FixItMessage {
    let message: String
    let fixItID: MessageID

    init(_ id: String, _ message: String) {
        self.message = message
        self.fixItID = MessageID(domain: "FaustMacros", id: id)
    }
}

/// Collects the mistakes, so that all of them are reported at once.
struct DiagnosticList {
    private(set) var diagnostics: [Diagnostic] = []

    var isEmpty: Bool { diagnostics.isEmpty }

    /// Adds a mistake.
    mutating func report(_ id: String, at node: some SyntaxProtocol, _ message: String, fixIts: [FixIt] = []) {
        diagnostics.append(Diagnostic(node: node, message: RecordDiagnostic(id, message), fixIts: fixIts))
    }
}
