// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// The statements that read and write one field.
struct FieldCode {
    let field: StoredField
    let storage: String

    /// The declaration of the variable that holds the value while the record is read.
    var declaration: String {
        // An optional with a default needs to tell null, which sets it to nil, from a missing field.
        let needsBoth = field.type.isOptional && field.defaultValue != nil
        return "var \(field.local): \(optional(field.type.baseText))" + (needsBoth ? "?" : "")
    }

    /// Reads the value into the variable.
    var read: String {
        let value = readExpression
        switch (field.type.isOptional, field.defaultValue != nil) {
        case (true, false): return "\(field.local) = try reader.readNull() ? nil : \(value)"
        case (true, true): return "\(field.local) = try .some(reader.readNull() ? nil : \(value))"
        // As in Faust, null stands for the default.
        case (false, true): return "if try !reader.readNull() { \(field.local) = try \(value) }"
        case (false, false): return "\(field.local) = try \(value)"
        }
    }

    /// The value that was read, or an error when it is missing.
    var required: String {
        "try RecordSupport.require(\(field.local), \(field.inputName.swiftLiteral), in: reader)"
    }

    /// Reads the value of the field's type, without `?`; throws.
    var readExpression: String {
        let base = field.type.baseText
        if !field.options.oneOf.isEmpty { return "\(storage).read_\(field.plainName)(from: &reader)" }
        if let date = field.options.date { return "reader.readDate(\(date))" }
        if field.coerces, let scalar = field.type.scalar {
            switch scalar {
            case .integer: return "reader.readCoercedInteger(as: \(base).self)"
            case .floatingPoint: return "reader.readCoerced\(field.type.baseName)()"
            case .decimal: return "reader.readCoercedDecimal()"
            case .boolean: return "reader.readCoercedBool()"
            case .string: return "reader.readCoercedString()"
            }
        }
        return "\(callable(field.type.base))(from: &reader)"
    }

    /// Writes a value of the field's type.
    func write(_ value: String, to code: inout Code) {
        guard let special = writeSpecially("value") else {
            code.line("try \(value).encode(to: &writer)")
            return
        }
        if field.type.isOptional {
            code.line("if let value = \(value) {")
            code.indented { $0.line(special) }
            code.line("} else {")
            code.indented { $0.line("writer.writeNull()") }
            code.line("}")
        } else {
            code.line(writeSpecially(value) ?? special)
        }
    }

    private func writeSpecially(_ value: String) -> String? {
        if !field.options.oneOf.isEmpty { return "try \(storage).write_\(field.plainName)(\(value), to: &writer)" }
        if let date = field.options.date { return "try writer.write(\(value), as: \(date))" }
        if field.options.reveals { return "try \(value).reveal().encode(to: &writer)" }
        return nil
    }

    /// The type in a place where it is called or followed by `.self`.
    private func callable(_ type: TypeSyntax) -> String {
        let isPlain =
            type.is(IdentifierTypeSyntax.self) || type.is(MemberTypeSyntax.self) || type.is(ArrayTypeSyntax.self)
            || type.is(DictionaryTypeSyntax.self)
        return isPlain ? type.trimmedDescription : "(\(type.trimmedDescription))"
    }

    private func optional(_ text: String) -> String {
        field.type.base.is(SomeOrAnyTypeSyntax.self) ? "(\(text))?" : "\(text)?"
    }
}
