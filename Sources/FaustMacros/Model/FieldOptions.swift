// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftParser
import SwiftSyntax

/// The arguments of `@Field(…)`.
struct FieldOptions {
    var name: String?
    var inputName: String?
    var outputName: String?
    var isExcluded = false
    var coerces = false
    var reveals = false
    var date: ExprSyntax?
    var oneOf: [ExprSyntax] = []
    var range: ExprSyntax?
    var length: ExprSyntax?
    var pattern: ExprSyntax?

    init() {}

    init(of attribute: AttributeSyntax, _ problems: inout DiagnosticList) {
        let arguments = Arguments(of: attribute)
        name = arguments.string(nil, &problems)
        inputName = arguments.string("inputName", &problems)
        outputName = arguments.string("outputName", &problems)
        isExcluded = arguments.flag("exclude", &problems)
        coerces = arguments.flag("coerce", &problems)
        reveals = arguments.flag("reveal", &problems)
        date = arguments.expression("date")?.trimmed
        oneOf = arguments.elements("oneOf", &problems)
        range = arguments.expression("range")?.trimmed
        length = arguments.expression("length")?.trimmed
        pattern = arguments.expression("pattern")?.trimmed
        checkPattern(&problems)
    }

    /// The regular expression between the quotes or slashes.
    var patternText: String? {
        if let literal = pattern?.as(StringLiteralExprSyntax.self) { return literal.representedLiteralValue }
        return pattern?.as(RegexLiteralExprSyntax.self)?.regex.text
    }

    /// Whether anything but a name for both directions is given.
    var hasMoreThanName: Bool {
        inputName != nil || outputName != nil || isExcluded || coerces || reveals || date != nil || !oneOf.isEmpty
            || range != nil || length != nil || pattern != nil
    }

    private func checkPattern(_ problems: inout DiagnosticList) {
        guard let pattern else { return }
        if let text = patternText {
            do {
                _ = try Regex(text)
            } catch {
                problems.report("pattern", at: pattern, "'pattern' of @Field is no regular expression: \(error)")
            }
            return
        }
        problems.report(
            "pattern",
            at: pattern,
            "'pattern' of @Field must be a string literal or a regex literal such as #/[A-Z]{3}/#; "
                + "for other rules write them in 'additionalValidationErrors'"
        )
    }
}
