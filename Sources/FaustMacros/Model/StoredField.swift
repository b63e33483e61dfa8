// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// A stored property of a record, or a value in a case of an enum, with everything that the expansion needs of it.
struct StoredField {
    /// The name as it is used in code, with backticks if it has them.
    let name: String
    let type: FieldType
    /// The initial value.
    let defaultValue: ExprSyntax?
    /// Whether it is a `let` that already has its value, and so can't be set.
    let isConstant: Bool
    let isVariable: Bool
    let options: FieldOptions
    let inputName: String
    let outputName: String
    /// The first paragraph of the comment above it.
    let summary: String?
    let coerces: Bool
    let node: Syntax

    /// The name without backticks.
    var plainName: String { name.filter { $0 != "`" } }

    /// The variable that holds the value while the record is read.
    var local: String { "_\(plainName)" }

    /// Whether the field can be missing.
    var isRequired: Bool { defaultValue == nil && !type.isOptional }

    /// Whether the field is set by readers and by the memberwise initialiser.
    var isSettable: Bool { !isConstant }
}

extension StoredField {
    init(
        name: TokenSyntax,
        type: FieldType,
        defaultValue: ExprSyntax?,
        isConstant: Bool = false,
        isVariable: Bool = true,
        options: FieldOptions = FieldOptions(),
        summary: String? = nil,
        record: RecordOptions
    ) {
        self.name = name.text
        self.type = type
        self.defaultValue = defaultValue
        self.isConstant = isConstant
        self.isVariable = isVariable
        self.options = options
        self.summary = summary
        self.node = Syntax(name)
        self.coerces = record.coerces || options.coerces
        let derived = options.name ?? record.naming.wireName(of: name.text.filter { $0 != "`" })
        inputName = options.inputName ?? derived
        // As in Faust, the name on output follows the one on input unless it is given.
        outputName = options.outputName ?? options.inputName ?? derived
    }
}

extension FieldType {
    /// The type of an initial value that is a plain literal, as Swift itself infers it.
    init?(inferredFrom value: ExprSyntax?) {
        guard let value else { return nil }
        let literal = value.as(PrefixOperatorExprSyntax.self)?.expression ?? value
        let name: String
        switch literal.kind {
        case .integerLiteralExpr: name = "Int"
        case .floatLiteralExpr: name = "Double"
        case .booleanLiteralExpr: name = "Bool"
        case .stringLiteralExpr: name = "String"
        default: return nil
        }
        self.init(TypeSyntax(IdentifierTypeSyntax(name: .identifier(name))))
    }
}

extension Trivia {
    /// The first paragraph of the documentation comment in the trivia.
    var documentationSummary: String? {
        var lines: [String] = []
        for piece in pieces {
            guard case .docLineComment(let text) = piece else { continue }
            let line = text.dropFirst(3).drop { $0 == " " }
            if line.isEmpty, !lines.isEmpty { break }
            if !line.isEmpty { lines.append(String(line)) }
        }
        return lines.isEmpty ? nil : lines.joined(separator: " ")
    }
}
