// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

extension RecordExpansion {
    /// `init(from:)` of an enum whose cases have raw values.
    func rawDecoder(_ rawType: String) -> String {
        member("init(from reader: inout JSONReader) throws(JSONError)") { code in
            let coerced = record.options.coerces && Scalar(typeName: rawType) == .integer
            code.line("let start = reader.position")
            code.line(
                "let rawValue = try "
                    + (coerced ? "reader.readCoercedInteger(as: \(rawType).self)" : "\(rawType)(from: &reader)")
            )
            code.block("guard let value = Self(rawValue: rawValue) else") { code in
                code.line(
                    "throw RecordSupport.unknownCase(rawValue, of: \(record.name.swiftLiteral), at: start, in: reader)"
                )
            }
            code.line("self = value")
        }
    }

    /// `encode(to:)` of an enum whose cases have raw values.
    var rawEncoder: String {
        member("func encode(to writer: inout JSONWriter) throws(JSONError)") { code in
            code.line("try self.rawValue.encode(to: &writer)")
        }
    }

    /// `init(from:)` of an enum whose cases carry values or nothing.
    func decoder(of cases: [EnumCase]) -> String {
        let plain = cases.filter(\.fields.isEmpty)
        let carrying = cases.filter { !$0.fields.isEmpty }
        return member("init(from reader: inout JSONReader) throws(JSONError)") { code in
            if carrying.isEmpty {
                readPlainCases(plain, to: &code)
                return
            }
            if !plain.isEmpty {
                code.block("if reader.peek == .string") { code in
                    readPlainCases(plain, to: &code)
                    code.line("return")
                }
            }
            code.line("var found: Self?")
            code.line("try reader.beginObject()")
            code.block("cases: while true") { code in
                code.line("let index = try reader.nextField(of: \(storage).cases)")
                code.line("if index < 0 { break cases }")
                code.line(
                    "if case .some = found { throw RecordSupport.severalCases(of: \(record.name.swiftLiteral), in: reader) }"
                )
                code.line("switch index {")
                for (index, item) in carrying.enumerated() {
                    code.line("case \(index):")
                    code.indented { readPayload(of: item, to: &$0) }
                }
                code.line("default: break cases")
                code.line("}")
            }
            code.line(
                "guard let found else { throw RecordSupport.noCase(of: \(record.name.swiftLiteral), in: reader) }"
            )
            code.line("self = found")
        }
    }

    private func readPlainCases(_ cases: [EnumCase], to code: inout Code) {
        code.line("let start = reader.position")
        code.line("let name = try reader.readString()")
        code.line("switch name {")
        for item in cases { code.line("case \(item.wireName.swiftLiteral): self = .\(item.name)") }
        code.line(
            "default: throw RecordSupport.unknownCase(name, of: \(record.name.swiftLiteral), at: start, in: reader)"
        )
        code.line("}")
    }

    private func readPayload(of item: EnumCase, to code: inout Code) {
        switch item.payload {
        case .none: break
        case .single(let field):
            code.line("found = .\(item.name)(try \(payloadExpression(field)))")
        case .labelled(let fields):
            readFields(fields, table: "fields_\(item.plainName)", to: &code)
            let values = fields.map { field in
                let part = FieldCode(field: field, storage: storage)
                let value =
                    field.defaultValue.map { "\(field.local) ?? \($0)" }
                    ?? (field.isRequired ? part.required : field.local)
                return "\(field.name): \(value)"
            }
            code.line("found = .\(item.name)(\(values.joined(separator: ", ")))")
        case .list(let fields):
            code.line("try reader.beginArray()")
            for (index, field) in fields.enumerated() {
                code.line("try RecordSupport.nextElement(\(index), of: \(fields.count), from: &reader)")
                code.line("let _\(index) = try \(payloadExpression(field))")
            }
            code.line("try RecordSupport.endArray(of: \(fields.count), from: &reader)")
            code.line("found = .\(item.name)(\(item.bindings.joined(separator: ", ")))")
        }
    }

    private func payloadExpression(_ field: StoredField) -> String {
        let value = FieldCode(field: field, storage: storage).readExpression
        return field.type.isOptional ? "reader.readNull() ? nil : \(value)" : value
    }

    /// `encode(to:)` of an enum whose cases carry values or nothing.
    func encoder(of cases: [EnumCase]) -> String {
        member("func encode(to writer: inout JSONWriter) throws(JSONError)") { code in
            code.line("switch self {")
            for item in cases {
                code.line("case \(item.pattern):")
                code.indented { code in
                    guard !item.fields.isEmpty else {
                        code.line("try \(item.wireName.swiftLiteral).encode(to: &writer)")
                        return
                    }
                    code.line("writer.beginObject()")
                    code.line("writer.field(\((item.wireName.jsonLiteral + ":").swiftLiteral))")
                    writePayload(of: item, to: &code)
                    code.line("writer.endObject()")
                }
            }
            code.line("}")
        }
    }

    private func writePayload(of item: EnumCase, to code: inout Code) {
        switch item.payload {
        case .none: break
        case .single: code.line("try _0.encode(to: &writer)")
        case .labelled(let fields):
            code.line("writer.beginObject()")
            for (index, field) in fields.enumerated() {
                code.line("writer.field(\((field.outputName.jsonLiteral + ":").swiftLiteral))")
                code.line("try _\(index).encode(to: &writer)")
            }
            code.line("writer.endObject()")
        case .list(let fields):
            code.line("writer.beginArray()")
            for index in fields.indices {
                code.line("writer.element()")
                code.line("try _\(index).encode(to: &writer)")
            }
            code.line("writer.endArray()")
        }
    }

    /// `validationErrors` of an enum, if a case carries something to check.
    func validationErrors(of cases: [EnumCase]) -> String? {
        let checked = cases.filter { $0.fields.contains { !$0.type.isLeaf } }
        guard !checked.isEmpty else { return nil }
        return member("var validationErrors: [ValidationError]") { code in
            code.line("var validation = RecordValidation()")
            code.line("switch self {")
            for item in checked {
                let patterns = item.fields.enumerated().map { $1.type.isLeaf ? "_" : "let _\($0)" }
                code.line("case .\(item.name)(\(patterns.joined(separator: ", "))):")
                code.indented { code in
                    for (index, field) in item.fields.enumerated() where !field.type.isLeaf {
                        var path = item.plainName
                        if case .labelled = item.payload { path += ".\(field.plainName)" }
                        code.line(nestedCheck(of: "_\(index)", at: path.swiftLiteral))
                    }
                }
            }
            if checked.count < cases.count { code.line("default: break") }
            code.line("}")
            code.line("return validation.errors + self.additionalValidationErrors")
        }
    }
}

extension RecordExpansion {
    /// `init(from:)` of an enum that takes the record which `__faust.ns` names.
    func polymorphicDecoder(of cases: [EnumCase]) -> String {
        member("init(from reader: inout JSONReader) throws(JSONError)") { code in
            code.line("let namespace = try RecordSupport.namespace(ahead: &reader)")
            code.line("switch namespace {")
            for item in cases {
                let type = item.fields[0].type.text
                code.line("case \(type).namespace: self = .\(item.name)(try \(type)(from: &reader))")
            }
            let expected = cases.map { "\($0.fields[0].type.text).namespace" }.joined(separator: ", ")
            code.line("default: throw RecordSupport.unknownNamespace(namespace, expected: [\(expected)], in: reader)")
            code.line("}")
        }
    }

    /// `encode(to:)` of an enum whose records write their namespace themselves.
    func polymorphicEncoder(of cases: [EnumCase]) -> String {
        member("func encode(to writer: inout JSONWriter) throws(JSONError)") { code in
            code.line("switch self {")
            for item in cases {
                code.line("case \(item.pattern): try RecordSupport.writeNamespaced(_0, to: &writer)")
            }
            code.line("}")
        }
    }
}
