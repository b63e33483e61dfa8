// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftParser
import SwiftSyntax

extension RecordExpansion {
    /// `shape` of a struct.
    func shape(of fields: [StoredField]) -> String {
        shape("structure") { code in
            for field in fields where field.isSettable { code.line(description(of: field) + ",") }
        }
    }

    /// `shape` of an enum whose cases have raw values.
    func rawShape(of cases: [EnumCase]) -> String {
        shape("rawValues") { code in
            for item in cases { code.line("RecordSupport.json(Self.\(item.name).rawValue),") }
        }
    }

    /// `shape` of an enum whose cases carry values or nothing.
    func shape(of cases: [EnumCase]) -> String {
        shape("cases") { code in
            for item in cases {
                let form: String
                switch item.payload {
                case .none: form = ".none"
                case .single: form = ".single"
                case .labelled: form = ".labelled"
                case .list: form = ".list"
                }
                let names = "name: \(item.plainName.swiftLiteral), wireName: \(item.wireName.swiftLiteral)"
                let fields = item.fields.map(description).joined(separator: ", ")
                let summary = item.summary.map { ", summary: \($0.swiftLiteral)" } ?? ""
                code.line("RecordCase(\(names), form: \(form), fields: [\(fields)]\(summary)),")
            }
        }
    }

    /// `shape` of an enum whose cases are told apart by namespace.
    func polymorphicShape(of cases: [EnumCase]) -> String {
        shape("oneOf") { code in
            for item in cases { code.line("\(item.fields[0].type.text).self,") }
        }
    }

    private func shape(_ kind: String, _ elements: (inout Code) -> Void) -> String {
        member("static var shape: RecordShape") { code in
            code.line(".\(kind)([")
            code.indented(elements)
            code.line("])")
        }
    }

    private func description(of field: StoredField) -> String {
        var arguments = ["name: \(field.plainName.swiftLiteral)"]
        arguments.append("inputName: \(field.inputName.swiftLiteral)")
        arguments.append("outputName: \(field.outputName.swiftLiteral)")
        arguments.append("type: (\(field.type.text)).self")
        arguments.append("typeName: \(field.type.text.swiftLiteral)")
        arguments.append("isRequired: \(field.isRequired)")
        if let value = field.defaultValue {
            arguments.append("defaultText: \(value.description.swiftLiteral)")
            if let json = value.jsonText { arguments.append("defaultJSON: \(json.swiftLiteral)") }
        }
        if field.options.isExcluded { arguments.append("isExcluded: true") }
        if let date = field.options.date { arguments.append("date: \(date)") }
        if !field.options.oneOf.isEmpty {
            let types = field.options.oneOf.map(\.description).joined(separator: ", ")
            arguments.append("oneOf: [\(types)]")
        }
        let rules = self.rules(of: field)
        if !rules.isEmpty { arguments.append("rules: [\(rules.joined(separator: ", "))]") }
        if let summary = field.summary { arguments.append("summary: \(summary.swiftLiteral)") }
        return "RecordField(\(arguments.joined(separator: ", ")))"
    }

    private func rules(of field: StoredField) -> [String] {
        var rules: [String] = []
        if let range = field.options.range { rules.append(".range(\(range), \(range.description.swiftLiteral))") }
        if let length = field.options.length { rules.append(".length(\(length))") }
        if let pattern = field.options.patternText { rules.append(".pattern(\(pattern.swiftLiteral))") }
        return rules
    }
}

extension ExprSyntax {
    /// The JSON text of a literal; `nil` for any other expression.
    fileprivate var jsonText: String? {
        if let string = self.as(StringLiteralExprSyntax.self) { return string.representedLiteralValue?.jsonLiteral }
        if let boolean = self.as(BooleanLiteralExprSyntax.self) { return boolean.literal.text }
        if self.is(NilLiteralExprSyntax.self) { return "null" }
        if let array = self.as(ArrayExprSyntax.self) {
            let elements = array.elements.map(\.expression.jsonText)
            return elements.contains(nil) ? nil : "[" + elements.compactMap(\.self).joined(separator: ",") + "]"
        }
        if let dictionary = self.as(DictionaryExprSyntax.self), case .colon = dictionary.content { return "{}" }
        return numberText
    }

    private var numberText: String? {
        if let minus = self.as(PrefixOperatorExprSyntax.self), minus.operator.text == "-" {
            return minus.expression.numberText.map { "-" + $0 }
        }
        let text: String
        if let integer = self.as(IntegerLiteralExprSyntax.self) {
            text = integer.literal.text
        } else if let number = self.as(FloatLiteralExprSyntax.self) {
            text = number.literal.text
        } else {
            return nil
        }
        let digits = text.filter { $0 != "_" }
        // Hexadecimal, octal and binary literals have no form in JSON, nor have leading zeros.
        let isJSON =
            !digits.contains { "xob".contains($0) }
            && !(digits.hasPrefix("0") && digits.dropFirst().first?.isNumber == true)
        return isJSON ? digits : nil
    }
}
