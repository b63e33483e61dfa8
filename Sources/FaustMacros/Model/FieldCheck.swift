// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// Checks that the options of a field fit its type, as far as the spelling tells.
struct FieldCheck {
    let field: StoredField

    func run(_ problems: inout DiagnosticList) {
        let type = field.type
        if let objection = type.objection(hasOneOf: !field.options.oneOf.isEmpty) {
            problems.report("unsupported", at: field.node, "'\(field.plainName)' \(objection)")
            return
        }
        if let remedy = misuse {
            problems.report("option", at: field.node, "'\(field.plainName)' is '\(type.text)'; \(remedy)")
        }
    }

    private var misuse: String? {
        let type = field.type
        let options = field.options
        if options.range != nil, type.scalar == .string || type.scalar == .boolean {
            return "'range' is for numbers and dates: use 'length' for the number of characters"
        }
        if options.length != nil, type.scalar.map({ $0 != .string }) ?? (type.baseName == "Date") {
            return "'length' is for strings and collections: use 'range' for the limits of a number"
        }
        if options.pattern != nil, type.scalar.map({ $0 != .string }) ?? false {
            return "'pattern' is for strings: use 'range' for the limits of a number"
        }
        if options.date != nil, type.baseName != "Date" {
            return "'date' is the form of a Date on the wire: leave it out or make the field a Date"
        }
        if options.reveals, !type.isProtected {
            return "'reveal' is for Secret, Sensitive and Personal: leave it out"
        }
        if options.coerces, type.scalar == nil {
            return "'coerce' is for numbers, strings and Bool: leave it out"
        }
        if !options.oneOf.isEmpty, !type.base.is(SomeOrAnyTypeSyntax.self) {
            return "'oneOf' is for a field whose type is 'any' of a protocol: leave it out"
        }
        return nil
    }
}
