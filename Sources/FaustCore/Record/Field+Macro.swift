// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import _StringProcessing

/// Says how a stored property of a ``Record`` is named, read, written and checked.
///
/// ```swift
/// @Record(validation: true)
/// struct Customer {
///     @Field("nick", length: 1...20, pattern: "[a-z]+") var nickname: String
///     @Field(range: 0...150) var age: Int
///     @Field(date: .epochMilliseconds) var joined: Date
///     @Field(exclude: true) var password: Secret<String>?       // read, never written
///     @Field(oneOf: [Card.self, Cash.self]) var payment: any Means
/// }
/// ```
///
/// In an enum it names a case: `@Field("credit_card") case card(Card)`.
///
/// All broken rules are reported together by ``Record/validationErrors``. A rule for an optional field holds when there is a
/// value. The schema of the record contains them.
///
/// - Parameters:
///   - name: The name on the wire, in both directions.
///   - inputName: The name that is read, if it differs.
///   - outputName: The name that is written; the one that is read, if it is left out.
///   - exclude: Whether the field is left out on writing. It is still read.
///   - coerce: Whether numbers, strings and Booleans are accepted in place of one another for this field.
///   - reveal: Whether a ``Secret``, ``Sensitive`` or ``Personal`` value is written; without it writing throws.
///   - date: How a date is written and read; ISO 8601 unless given.
///   - oneOf: The types that a field of type `any P` can have, each a record with `includeMetadata`; `__faust.ns` chooses.
///   - range: The values allowed, as a range of any kind: `0...100`, `0..<1`, `1...`, `...9`. Limits may be 0.
///   - length: How long a string (in Unicode scalars, as JSON Schema and Python count) or a collection may be.
///   - pattern: A regular expression that the whole string must match. It is checked while the program compiles.
@attached(peer)
public macro Field(
    _ name: String? = nil,
    inputName: String? = nil,
    outputName: String? = nil,
    exclude: Bool = false,
    coerce: Bool = false,
    reveal: Bool = false,
    date: JSONDateStyle? = nil,
    oneOf: [any NamespacedRecord.Type] = [],
    range: (any RangeExpression)? = nil,
    length: (any RangeExpression<Int>)? = nil,
    pattern: String? = nil
) = #externalMacro(module: "FaustMacros", type: "FieldMacro")

/// Says how a stored property of a ``Record`` is named, read, written and checked, with a regex literal as its pattern.
///
/// ```swift
/// @Field(pattern: #/[A-Z]{3}/#) var currency: String
/// ```
///
/// - Parameters:
///   - name: The name on the wire, in both directions.
///   - inputName: The name that is read, if it differs.
///   - outputName: The name that is written; the one that is read, if it is left out.
///   - exclude: Whether the field is left out on writing.
///   - coerce: Whether the field is read from other kinds of JSON values.
///   - reveal: Whether a protected value is written.
///   - length: How long a string may be.
///   - pattern: A regex literal that the whole string must match.
@attached(peer)
public macro Field<Output>(
    _ name: String? = nil,
    inputName: String? = nil,
    outputName: String? = nil,
    exclude: Bool = false,
    coerce: Bool = false,
    reveal: Bool = false,
    length: (any RangeExpression<Int>)? = nil,
    pattern: Regex<Output>
) = #externalMacro(module: "FaustMacros", type: "FieldMacro")
