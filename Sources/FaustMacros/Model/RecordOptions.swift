// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// The arguments of `@Record(…)`.
struct RecordOptions {
    var naming = Naming.snakeCase
    var namespace: String?
    var includesMetadata: Bool
    var coerces: Bool
    var validates: Bool
    var isPolymorphic: Bool

    init(of attribute: AttributeSyntax, _ problems: inout DiagnosticList) {
        let arguments = Arguments(of: attribute)
        includesMetadata = arguments.flag("includeMetadata", &problems)
        coerces = arguments.flag("coerce", &problems)
        validates = arguments.flag("validation", &problems)
        isPolymorphic = arguments.flag("polymorphic", &problems)
        namespace = arguments.string("namespace", &problems)
        if namespace == "" {
            problems.report(
                "namespace",
                at: attribute,
                "the namespace of a record can't be empty: leave it out or name it"
            )
        }
        if let expression = arguments.expression("naming") { readNaming(expression, &problems) }
    }

    private mutating func readNaming(_ expression: ExprSyntax, _ problems: inout DiagnosticList) {
        let name = expression.as(MemberAccessExprSyntax.self)?.declName.baseName.text
        if let naming = name.flatMap(Naming.init(rawValue:)) {
            self.naming = naming
        } else {
            problems.report(
                "naming",
                at: expression,
                "'naming' of @Record must be written as .snakeCase, .camelCase or .asWritten"
            )
        }
    }
}
