// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

extension RecordExpansion {
    /// `init(name:…)` with the defaults of the fields.
    func memberwiseInitialiser(_ fields: [StoredField]) -> String {
        let settable = fields.filter(\.isSettable)
        let parameters = settable.map { field in
            let standard = field.defaultValue?.description ?? (field.type.isOptional ? "nil" : nil)
            return "\(field.name): \(field.type.text)" + (standard.map { " = \($0)" } ?? "")
        }
        var code = Code()
        let isLong = parameters.joined().count > 80
        if isLong {
            code.line("\(record.access)init(")
            code.indented { code in
                for (index, parameter) in parameters.enumerated() {
                    code.line(parameter + (index + 1 < parameters.count ? "," : ""))
                }
            }
        }
        let header = isLong ? ")" : "\(record.access)init(\(parameters.joined(separator: ", ")))"
        code.block(header) { code in
            for field in settable { code.line("self.\(field.name) = \(field.name)") }
        }
        return code.text
    }

    /// `init(from:)`, which reads a JSON object.
    func decoder(of fields: [StoredField]) -> String {
        let settable = fields.filter(\.isSettable)
        return member("init(from reader: inout JSONReader) throws(JSONError)") { code in
            readFields(settable, table: "fields", to: &code)
            for field in settable where field.defaultValue == nil {
                let value = field.isRequired ? FieldCode(field: field, storage: storage).required : field.local
                code.line("self.\(field.name) = \(value)")
            }
            // The initial value has been set already. These come last so that property wrappers are initialised.
            for field in settable where field.defaultValue != nil {
                code.line("if let \(field.local) { self.\(field.name) = \(field.local) }")
            }
            if record.options.validates { code.line("try RecordSupport.validate(self, in: reader)") }
        }
    }

    /// Reads the fields of an object into variables.
    func readFields(_ fields: [StoredField], table: String, to code: inout Code) {
        for field in fields { code.line(FieldCode(field: field, storage: storage).declaration) }
        code.line("try reader.beginObject()")
        code.block("fields: while true") { code in
            code.line("switch try reader.nextField(of: \(storage).\(table)) {")
            for (index, field) in fields.enumerated() {
                code.line("case \(index): \(FieldCode(field: field, storage: storage).read)")
            }
            code.line("default: break fields")
            code.line("}")
        }
    }

    /// `encode(to:)`, which writes a JSON object with the fields in the order of declaration.
    func encoder(of fields: [StoredField]) -> String {
        member("func encode(to writer: inout JSONWriter) throws(JSONError)") { code in
            code.line("writer.beginObject()")
            for field in fields where !field.options.isExcluded {
                code.line("writer.field(\((field.outputName.jsonLiteral + ":").swiftLiteral))")
                FieldCode(field: field, storage: storage).write("self.\(field.name)", to: &code)
            }
            if record.options.includesMetadata {
                // The whole field is known while the program compiles, so it is written like a name.
                let metadata = "\"__faust\":{\"ns\":\(record.namespace.jsonLiteral)}"
                code.line("writer.field(\(metadata.swiftLiteral))")
            }
            code.line("writer.endObject()")
        }
    }

    /// `validationErrors`, if there is anything to check.
    func validationErrors(of fields: [StoredField]) -> String? {
        var checks = Code()
        checks.indented { checks in
            for field in fields { check(field, to: &checks) }
        }
        guard !checks.text.isEmpty else { return nil }
        var code = Code()
        code.line("\(record.access)var validationErrors: [ValidationError] {")
        code.indented { $0.line("var validation = RecordValidation()") }
        code.line(checks.text)
        code.indented { $0.line("return validation.errors + self.additionalValidationErrors") }
        code.line("}")
        return code.text
    }

    private func check(_ field: StoredField, to code: inout Code) {
        let name = field.plainName.swiftLiteral
        let options = field.options
        var value = "self.\(field.name)"
        if field.type.isProtected { value += field.type.isOptional ? "?.reveal()" : ".reveal()" }
        if let range = options.range {
            code.line("validation.check(\(value), \(name), range: \(range), \(range.description.swiftLiteral))")
        }
        if let length = options.length {
            code.line("validation.check(\(value), \(name), length: \(length), \(length.description.swiftLiteral))")
        }
        if let pattern = options.patternText {
            let stored = "\(storage).pattern_\(field.plainName)"
            code.line("validation.check(\(value), \(name), pattern: \(stored), \(pattern.swiftLiteral))")
        }
        if !field.type.isLeaf { code.line(nestedCheck(of: value, at: name)) }
    }

    /// Checks the records inside a value.
    func nestedCheck(of value: String, at path: String) -> String {
        // Inside a generic type the compiler does not know yet whether the value is a record.
        "validation.check(\(record.isGeneric ? "anything: " : "")\(value), \(path))"
    }

    /// The functions that read and write a field of type `any P` by the namespace.
    func oneOfFunctions(of field: StoredField, to code: inout Code) {
        let types = field.options.oneOf.map { expression in
            let text = expression.description
            return text.hasSuffix(".self") ? String(text.dropLast(5)) : text
        }
        let base = field.type.baseText
        code.block(
            "static func read_\(field.plainName)(from reader: inout JSONReader) throws(JSONError) -> \(base)"
        ) { code in
            code.line("let namespace = try RecordSupport.namespace(ahead: &reader)")
            code.line("switch namespace {")
            for type in types { code.line("case \(type).namespace: return try \(type)(from: &reader)") }
            let expected = types.map { "\($0).namespace" }.joined(separator: ", ")
            code.line("default: throw RecordSupport.unknownNamespace(namespace, expected: [\(expected)], in: reader)")
            code.line("}")
        }
        code.block(
            "static func write_\(field.plainName)(_ value: \(base), to writer: inout JSONWriter) throws(JSONError)"
        ) { code in
            code.line("switch value {")
            for type in types {
                code.line("case let value as \(type): try RecordSupport.writeNamespaced(value, to: &writer)")
            }
            code.line(
                "default: throw RecordSupport.unlistedType(of: value, field: \(field.plainName.swiftLiteral), in: writer)"
            )
            code.line("}")
        }
    }
}
