// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A type whose values can be names of an object's fields, and so keys of a dictionary.
///
/// Strings, integers, UUIDs and enums with such raw values are. A type that can be written as text and read back
/// (`LosslessStringConvertible`) needs no more than to declare the conformance.
public protocol JSONKey: Hashable, Sendable {
    /// The key with a name; `nil` when none has it.
    ///
    /// Not an initialiser: `Int.init` as a function from a string would be ambiguous in every program.
    static func fromJSONKey(_ name: String) -> Self?

    /// The name.
    var jsonKey: String { get }
}

extension JSONKey where Self: LosslessStringConvertible {
    /// The key that is written so.
    @inlinable
    public static func fromJSONKey(_ name: String) -> Self? { Self(name) }

    /// The key as it is written.
    @inlinable public var jsonKey: String { description }
}

extension JSONKey where Self: RawRepresentable, RawValue: JSONKey {
    /// The case with a raw value.
    @inlinable
    public static func fromJSONKey(_ name: String) -> Self? {
        RawValue.fromJSONKey(name).flatMap(Self.init(rawValue:))
    }

    /// The raw value as a name.
    @inlinable public var jsonKey: String { rawValue.jsonKey }
}

extension String: JSONKey {
    /// The name itself.
    @inlinable
    public static func fromJSONKey(_ name: String) -> String? { name }

    /// The name itself.
    @inlinable public var jsonKey: String { self }
}

extension Int: JSONKey {}
extension Int8: JSONKey {}
extension Int16: JSONKey {}
extension Int32: JSONKey {}
extension Int64: JSONKey {}
extension UInt: JSONKey {}
extension UInt8: JSONKey {}
extension UInt16: JSONKey {}
extension UInt32: JSONKey {}
extension UInt64: JSONKey {}

extension JSONReader {
    @usableFromInline @inline(never)
    func unusableKey(_ name: String, for type: Any.Type) -> JSONError {
        fault(.invalidValue("\"\(name)\" is no key of type \(type)"))
    }
}
