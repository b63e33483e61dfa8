// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftSyntax

/// The type of a field, as far as its spelling tells.
struct FieldType {
    /// The type as it is written.
    let text: String
    /// The type without `?`, if it is written as an optional.
    let wrapped: TypeSyntax?
    private let syntax: TypeSyntax

    init(_ type: TypeSyntax) {
        let type = FieldType.unparenthesised(type.trimmed)
        syntax = type
        if let forced = type.as(ImplicitlyUnwrappedOptionalTypeSyntax.self) {
            wrapped = forced.wrappedType.trimmed
            text = "\(forced.wrappedType.trimmedDescription)?"
        } else {
            wrapped = FieldType.wrappedType(of: type)
            text = type.trimmedDescription
        }
    }

    var isOptional: Bool { wrapped != nil }

    /// The type without `?`.
    var base: TypeSyntax { wrapped.map(FieldType.unparenthesised) ?? syntax }

    /// The spelling of ``base``.
    var baseText: String { base.trimmedDescription }

    /// The name of ``base`` without its module and without generic arguments: `Secret` for `FaustCore.Secret<String>`.
    var baseName: String {
        if let identifier = base.as(IdentifierTypeSyntax.self) { return identifier.name.text }
        if let member = base.as(MemberTypeSyntax.self) { return member.name.text }
        return ""
    }

    /// How the scalar is read when it may come as another kind of JSON value; `nil` for other types.
    var scalar: Scalar? {
        Scalar(typeName: baseName)
    }

    /// Whether the value is a ``Secret``, `Sensitive` or `Personal`.
    var isProtected: Bool {
        ["Secret", "Sensitive", "Personal"].contains(baseName)
    }

    /// Whether no record can be inside, so that there is nothing to validate further down.
    var isLeaf: Bool {
        scalar != nil || isProtected || ["Date", "UUID", "Data", "Bytes", "URL"].contains(baseName)
    }

    /// What the type is if no field can have it, with the remedy; otherwise `nil`.
    func objection(hasOneOf: Bool) -> String? {
        if let objection = ownObjection(hasOneOf: hasOneOf) { return "is " + objection }
        return innerObjection.map { "contains " + $0 }
    }

    private var innerObjection: String? {
        for part in FieldType.parts(of: base).map(FieldType.init) {
            if let objection = part.ownObjection(hasOneOf: false) ?? part.innerObjection { return objection }
        }
        return nil
    }

    private func ownObjection(hasOneOf: Bool) -> String? {
        if base.is(TupleTypeSyntax.self) { return "a tuple, which has no form in JSON; use a nested @Record struct" }
        if base.is(FunctionTypeSyntax.self) {
            return "a function, which can't be written as JSON; make it computed or move it out of the record"
        }
        let names = ["Any", "AnyObject", "AnyHashable"]
        if names.contains(baseName) { return "'\(baseName)'; use JSONValue for JSON of any form" }
        if base.is(SomeOrAnyTypeSyntax.self), !hasOneOf {
            return "'\(baseText)', and nothing says which types can be in it; "
                + "list them with @Field(oneOf: [Card.self, Cash.self]) or use a @Record(polymorphic: true) enum"
        }
        return nil
    }

    /// The types that a type is put together from: elements, keys and values, generic arguments.
    private static func parts(of type: TypeSyntax) -> [TypeSyntax] {
        if let array = type.as(ArrayTypeSyntax.self) { return [array.element] }
        if let dictionary = type.as(DictionaryTypeSyntax.self) { return [dictionary.key, dictionary.value] }
        if let optional = type.as(OptionalTypeSyntax.self) { return [optional.wrappedType] }
        let clause =
            type.as(IdentifierTypeSyntax.self)?.genericArgumentClause
            ?? type.as(MemberTypeSyntax.self)?.genericArgumentClause
        return clause?.arguments.compactMap { $0.argument.as(TypeSyntax.self) } ?? []
    }

    private static func unparenthesised(_ type: TypeSyntax) -> TypeSyntax {
        guard let tuple = type.as(TupleTypeSyntax.self), tuple.elements.count == 1, let only = tuple.elements.first,
            only.firstName == nil
        else { return type }
        return unparenthesised(only.type.trimmed)
    }

    private static func wrappedType(of type: TypeSyntax) -> TypeSyntax? {
        if let optional = type.as(OptionalTypeSyntax.self) { return optional.wrappedType.trimmed }
        let clause: GenericArgumentClauseSyntax?
        if let identifier = type.as(IdentifierTypeSyntax.self), identifier.name.text == "Optional" {
            clause = identifier.genericArgumentClause
        } else if let member = type.as(MemberTypeSyntax.self), member.trimmedDescription.hasPrefix("Swift.Optional<") {
            clause = member.genericArgumentClause
        } else {
            return nil
        }
        return clause?.arguments.first?.argument.as(TypeSyntax.self)?.trimmed
    }
}

/// The types whose values fit in one JSON token.
enum Scalar {
    case integer
    case floatingPoint
    case decimal
    case boolean
    case string

    init?(typeName: String) {
        switch typeName {
        case "Int", "Int8", "Int16", "Int32", "Int64", "Int128", "UInt", "UInt8", "UInt16", "UInt32", "UInt64",
            "UInt128":
            self = .integer
        case "Double", "Float": self = .floatingPoint
        case "Decimal": self = .decimal
        case "Bool": self = .boolean
        case "String": self = .string
        default: return nil
        }
    }

    var isNumber: Bool {
        switch self {
        case .integer, .floatingPoint, .decimal: true
        case .boolean, .string: false
        }
    }
}
