// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Makes a struct or enum a ``Record``: a model that is read from JSON and written as JSON by generated code.
///
/// The code works straight on the bytes, without reflection and without `Codable`. Every stored property with a type that
/// is ``JSONCodable`` is a field; computed, static and observed properties are as usual (the first two are no fields).
///
/// ```swift
/// @Record
/// struct Order {
///     var accountID: String              // "account_id" on the wire
///     var amount: Int = 1                // a missing field, and null, take the default
///     var note: String?                  // may be missing
///     @Field("unit_price", range: 0...) var price: Double
/// }
///
/// let order = try JSON.decode(Order.self, from: #"{"account_id":"a","unit_price":2.5}"#)
/// let bytes = try JSON.encode(order)     // {"account_id":"a","amount":1,"note":null,"unit_price":2.5}
/// ```
///
/// **Reading.** Fields may come in any order, the last of equal ones counts, and unknown ones are checked and ignored. A
/// missing field takes its initial value, or `nil` if it is optional; otherwise the error names it. `null` stands for the
/// default of a field that is not optional, as in Faust.
///
/// **Writing.** Fields are written in the order of declaration, without white space; `nil` is written as `null`.
///
/// **Initialiser.** The record gets a memberwise initialiser with its own access level, so that a public record can be made
/// elsewhere. If you write an initialiser in the type itself, yours is the only one. Initial values are its defaults; those
/// of a public record can therefore only use what is public.
///
/// **Enums.** An enum with raw values is written as its raw value. Otherwise a case is written as
///
/// | case | on the wire |
/// |---|---|
/// | `case cash` | `"cash"` |
/// | `case card(number: String, expiry: String?)` | `{"card":{"number":"…","expiry":null}}` |
/// | `case voucher(String)` | `{"voucher":"…"}` |
/// | `case split(Int, Int)` | `{"split":[1,2]}` |
///
/// **Names** on the wire are in snake case unless `naming` says otherwise: `accountID` is `account_id`, `productURL2` is
/// `product_url2`. `@Field("name")` names a single field or case.
///
/// **Namespace.** With `includeMetadata` the object ends with `"__faust":{"ns":"…"}`, as Faust writes it, each nested record
/// with its own. On reading it is ignored where the type is known, and chooses the type in a polymorphic enum:
///
/// ```swift
/// @Record(namespace: "shop.Card", includeMetadata: true) struct Card { var number: String }
/// @Record(namespace: "shop.Cash", includeMetadata: true) struct Cash { var amount: Int }
/// @Record(polymorphic: true) enum Payment { case card(Card), cash(Cash) }
///
/// // {"number":"4711","__faust":{"ns":"shop.Card"}} is Payment.card(Card(number: "4711"))
/// ```
///
/// A closed enum takes the place of Faust's global registry: the compiler knows every type that can arrive, `switch` is
/// exhaustive, and arrays, optionals and topics of `Payment` need nothing more. An unknown namespace is an error that lists
/// the known ones. For a protocol with types of your own there is `@Field(oneOf:)`.
///
/// **Generic records** work (`@Record struct Page<Item: JSONCodable>`), recursive ones through arrays, dictionaries and
/// indirect enums, and with ``Boxed``. A record inside a generic type or a function does not: macros can't add what it
/// needs there.
///
/// **Other than in Faust** the namespace is written only on request, a memberwise initialiser does not validate (reading
/// does, and ``Record/validate()`` at any time), `null` for an optional field with a default is `nil`, unknown fields are not
/// kept, limits of 0 hold, and a fraction `.5` of a second is half a second.
///
/// - Parameters:
///   - naming: How names of properties become names on the wire.
///   - namespace: The name that `__faust.ns` holds; the name of the type with those of the types around it, such as
///     `Shop.Order`, without the module, if it is left out. Faust's default is `module.Order`: to exchange polymorphic
///     records with Python write that.
///   - includeMetadata: Whether the namespace is written.
///   - coerce: Whether numbers, strings and Booleans are accepted in place of one another, such as `"1"` for 1; see
///     `JSONReader.readCoercedInteger` and its siblings.
///   - validation: Whether reading fails when the record breaks the rules of its fields. They can be checked at any time
///     with ``Record/validate()``.
///   - polymorphic: Makes an enum take the record that `__faust.ns` names; each case carries one struct with
///     `includeMetadata`.
@attached(
    member,
    names: named(init),
    named(encode(to:)),
    named(namespace),
    named(shape),
    named(validationErrors),
    named(_RecordStorage)
)
@attached(extension, conformances: Record, NamespacedRecord)
@attached(peer, names: prefixed(_RecordStorage))
public macro Record(
    naming: FieldNaming = .snakeCase,
    namespace: String? = nil,
    includeMetadata: Bool = false,
    coerce: Bool = false,
    validation: Bool = false,
    polymorphic: Bool = false
) = #externalMacro(module: "FaustMacros", type: "RecordMacro")

/// How the name of a property becomes a name on the wire.
public enum FieldNaming: Sendable {
    /// `accountID` becomes `account_id`; what Faust's Python models have.
    case snakeCase
    /// `account_id` and `accountID` become `accountId`.
    case camelCase
    /// The name stays as it is written.
    case asWritten
}
