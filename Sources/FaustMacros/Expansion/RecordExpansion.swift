// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// Turns a record into the members that `@Record` adds to it.
struct RecordExpansion {
    let record: RecordDeclaration

    /// The members of the type.
    var members: [String] {
        var members: [String] = []
        switch record.form {
        case .structure(let fields):
            if !record.declaresInitialiser { members.append(memberwiseInitialiser(fields)) }
            if !record.declaresDecoder { members.append(decoder(of: fields)) }
            if !record.declaresEncoder { members.append(encoder(of: fields)) }
            members += [namespace, shape(of: fields)]
            if let validation = validationErrors(of: fields) { members.append(validation) }
        case .rawValues(let rawType, let cases):
            if !record.declaresDecoder { members.append(rawDecoder(rawType)) }
            if !record.declaresEncoder { members.append(rawEncoder) }
            members += [namespace, rawShape(of: cases)]
        case .cases(let cases):
            if !record.declaresDecoder { members.append(decoder(of: cases)) }
            if !record.declaresEncoder { members.append(encoder(of: cases)) }
            members += [namespace, shape(of: cases)]
            if let validation = validationErrors(of: cases) { members.append(validation) }
        case .polymorphic(let cases):
            if !record.declaresDecoder { members.append(polymorphicDecoder(of: cases)) }
            if !record.declaresEncoder { members.append(polymorphicEncoder(of: cases)) }
            members += [namespace, polymorphicShape(of: cases)]
            if let validation = validationErrors(of: cases) { members.append(validation) }
        }
        if !record.isGeneric, let storage = storageDeclaration { members.append(storage) }
        return members
    }

    /// The declarations beside the type: for a generic one its tables, because it can't have static stored properties.
    var peers: [String] {
        guard record.isGeneric, let storage = storageDeclaration else { return [] }
        return [storage]
    }

    /// The type that holds the tables and patterns.
    var storage: String {
        record.isGeneric ? "_RecordStorage\(record.name)" : "_RecordStorage"
    }

    /// A member with the access level of the type.
    func member(_ header: String, _ body: (inout Code) -> Void) -> String {
        var code = Code()
        code.block(record.access + header, body)
        return code.text
    }

    private var namespace: String {
        member("static var namespace: String") { $0.line(record.namespace.swiftLiteral) }
    }
}

extension RecordExpansion {
    private var storageDeclaration: String? {
        var code = Code()
        var isEmpty = true
        code.block((record.isGeneric ? "fileprivate" : "private") + " enum \(storage)") { code in
            for table in tables {
                let names = table.names.map(\.swiftLiteral).joined(separator: ", ")
                code.line("static let \(table.name) = JSONFieldTable([\(names)])")
                isEmpty = false
            }
            guard case .structure(let fields) = record.form else { return }
            for field in fields {
                if let pattern = field.options.pattern {
                    code.line("static let pattern_\(field.plainName) = RecordPattern(\(pattern))")
                    isEmpty = false
                }
                if !field.options.oneOf.isEmpty {
                    oneOfFunctions(of: field, to: &code)
                    isEmpty = false
                }
            }
        }
        return isEmpty ? nil : code.text
    }

    /// The tables of names that the readers look fields up in.
    private var tables: [(name: String, names: [String])] {
        if record.declaresDecoder { return [] }
        switch record.form {
        case .structure(let fields):
            return [("fields", fields.filter(\.isSettable).map(\.inputName))]
        case .cases(let cases):
            let carrying = cases.filter { !$0.fields.isEmpty }
            guard !carrying.isEmpty else { return [] }
            var tables = [(name: "cases", names: carrying.map(\.wireName))]
            for item in carrying {
                guard case .labelled(let fields) = item.payload else { continue }
                tables.append(("fields_\(item.plainName)", fields.map(\.inputName)))
            }
            return tables
        case .rawValues, .polymorphic:
            return []
        }
    }
}
