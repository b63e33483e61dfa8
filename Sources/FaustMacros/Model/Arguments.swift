// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftParser
import SwiftSyntax

/// The arguments of an attribute, read as the literals that a macro can see.
struct Arguments {
    private let list: [LabeledExprSyntax]
    private let macro: String

    init(of attribute: AttributeSyntax) {
        self.macro = attribute.attributeName.trimmedDescription
        if case .argumentList(let list) = attribute.arguments {
            self.list = Array(list)
        } else {
            self.list = []
        }
    }

    /// The argument with a label; `nil` stands for the one without.
    func expression(_ label: String?) -> ExprSyntax? {
        let found = list.first { $0.label?.text == label }?.expression
        return found.flatMap { $0.is(NilLiteralExprSyntax.self) ? nil : $0 }
    }

    /// A string literal without interpolation.
    func string(_ label: String?, _ problems: inout DiagnosticList) -> String? {
        guard let expression = expression(label) else { return nil }
        if let value = expression.as(StringLiteralExprSyntax.self)?.representedLiteralValue { return value }
        problems.report(
            "literal",
            at: expression,
            "'\(label ?? "name")' of @\(macro) must be a string literal: the macro reads it while the program compiles"
        )
        return nil
    }

    /// `true` or `false`.
    func flag(_ label: String, _ problems: inout DiagnosticList) -> Bool {
        guard let expression = expression(label) else { return false }
        if let literal = expression.as(BooleanLiteralExprSyntax.self) {
            return literal.literal.tokenKind == .keyword(.true)
        }
        problems.report(
            "literal",
            at: expression,
            "'\(label)' of @\(macro) must be true or false: the macro reads it while the program compiles"
        )
        return false
    }

    /// The elements of an array literal.
    func elements(_ label: String, _ problems: inout DiagnosticList) -> [ExprSyntax] {
        guard let expression = expression(label) else { return [] }
        if let array = expression.as(ArrayExprSyntax.self) { return array.elements.map(\.expression.trimmed) }
        problems.report(
            "literal",
            at: expression,
            "'\(label)' of @\(macro) must be an array literal such as [Card.self, Cash.self]"
        )
        return []
    }
}

extension AttributeListSyntax {
    /// The first attribute with a name, also written with its module in front.
    func first(named name: String) -> AttributeSyntax? {
        for case .attribute(let attribute) in self {
            let text = attribute.attributeName.trimmedDescription
            if text == name || text.hasSuffix("." + name) { return attribute }
        }
        return nil
    }
}
