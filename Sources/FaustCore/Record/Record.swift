// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A model: what the values of a topic or table are made of.
///
/// Put ``Record(naming:namespace:includeMetadata:coerce:validation:polymorphic:)`` before a struct or enum instead of
/// conforming by hand; it generates everything that is required here.
///
/// A record is a value and `Sendable`. It is equatable or hashable if you say so (`@Record struct Order: Hashable`).
public protocol Record: JSONCodable, NestedValidation {
    /// The name of the type on the wire, in `__faust.ns`.
    static var namespace: String { get }

    /// What the record is made of, for schemas and for the command line.
    static var shape: RecordShape { get }

    /// All the rules that the values break: those of the fields, of nested records and your own; empty if none.
    ///
    /// They stand in the order of the fields.
    var validationErrors: [ValidationError] { get }

    /// Rules of your own that the values break; empty unless you implement it.
    ///
    /// ```swift
    /// @Record
    /// struct Booking {
    ///     var from: Date
    ///     var to: Date
    ///     var additionalValidationErrors: [ValidationError] {
    ///         from < to ? [] : [ValidationError(field: "to", reason: "must be after 'from'")]
    ///     }
    /// }
    /// ```
    var additionalValidationErrors: [ValidationError] { get }
}

/// A record that writes its namespace, and can therefore be told apart from others in a polymorphic enum or field.
///
/// `@Record(includeMetadata: true)` declares it.
public protocol NamespacedRecord: Record {}

extension Record {
    /// The broken rules, of which a record without rules has only its own.
    public var validationErrors: [ValidationError] { additionalValidationErrors }

    /// No rules of its own.
    public var additionalValidationErrors: [ValidationError] { [] }

    /// Whether the values keep all the rules.
    public var isValid: Bool { validationErrors.isEmpty }

    /// Checks the rules of the fields.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/validation`` that lists every broken rule; its cause is a
    ///   ``ValidationFailure``.
    public func validate() throws(FaustError) {
        let errors = validationErrors
        if errors.isEmpty { return }
        let failure = ValidationFailure(record: Self.namespace, errors: errors)
        throw FaustError(.validation, failure.description, cause: failure)
    }

    /// A copy with changes.
    ///
    /// ```swift
    /// let bigger = order.derive { $0.amount = 2 }
    /// ```
    ///
    /// Faust's `derive(*objects)` merges other records of the same type, which would replace every field; write
    /// `other.derive { … }` instead.
    ///
    /// - Parameter change: Changes the copy.
    /// - Returns: The changed copy; this record stays as it is.
    /// - Throws: What `change` throws.
    @inlinable
    public func derive<Failure: Error>(_ change: (inout Self) throws(Failure) -> Void) throws(Failure) -> Self {
        var copy = self
        try change(&copy)
        return copy
    }

    /// The fields of a struct, in the order of declaration; empty for an enum.
    public static var fields: [RecordField] {
        if case .structure(let fields) = shape { fields } else { [] }
    }

    /// The JSON Schema (draft 2020-12) of the record, as JSON text.
    ///
    /// It describes what is accepted on reading, with types, required fields, defaults that are literals, rules, and the
    /// comments of the fields. Nested records are in `$defs`.
    public static var schema: String {
        var builder = JSONSchemaBuilder(root: Self.self)
        return builder.text()
    }
}
