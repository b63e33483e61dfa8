// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A value that must not show up by accident: ``Secret``, ``Sensitive`` and ``Personal``.
///
/// It is never printed, interpolated, dumped or reflected, and writing it as JSON throws unless its field has
/// `@Field(reveal: true)`. It is read from JSON like the value inside.
public protocol ProtectedValue<Value>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable, JSONDecodable, JSONEncodable
{
    /// The type of the value inside.
    associatedtype Value: JSONCodable

    /// Hides a value.
    init(_ value: Value)

    /// The value inside; take care where it goes.
    func reveal() -> Value
}

extension ProtectedValue {
    /// A mask, always the same.
    public var description: String { "***********" }

    /// A mask, always the same.
    public var debugDescription: String { description }

    /// A mirror that shows nothing of what is inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    /// Reads the value inside.
    @inlinable
    public init(from reader: inout JSONReader) throws(JSONError) {
        self.init(try Value(from: &reader))
    }

    /// Always throws: nothing protected is written by accident.
    public func encode(to writer: inout JSONWriter) throws(JSONError) {
        throw writer.fault(
            .invalidValue(
                "\(type(of: self)) is not written unless its field says so; add @Field(reveal: true), or exclude: true"
            )
        )
    }
}

/// A password, key or token: it is read by ``reveal()`` and by nothing else.
///
/// ```swift
/// @Record
/// struct Login {
///     var name: String
///     @Field(exclude: true) var password: Secret<String>
/// }
/// print(login)                        // Login(name: "ada", password: ***********)
/// check(login.password.reveal())
/// ```
public struct Secret<Value: JSONCodable>: ProtectedValue {
    private let value: Value

    /// Hides a value.
    public init(_ value: Value) {
        self.value = value
    }

    /// The value inside; take care where it goes.
    public func reveal() -> Value { value }
}

/// A value that must not leave the organisation, such as a salary; it behaves as ``Secret`` does.
public struct Sensitive<Value: JSONCodable>: ProtectedValue {
    private let value: Value

    /// Hides a value.
    public init(_ value: Value) {
        self.value = value
    }

    /// The value inside; take care where it goes.
    public func reveal() -> Value { value }
}

/// A value about a person, such as a name or an address; it behaves as ``Secret`` does.
public struct Personal<Value: JSONCodable>: ProtectedValue {
    private let value: Value

    /// Hides a value.
    public init(_ value: Value) {
        self.value = value
    }

    /// The value inside; take care where it goes.
    public func reveal() -> Value { value }
}

extension Secret: Equatable where Value: Equatable {}
extension Secret: Hashable where Value: Hashable {}
extension Sensitive: Equatable where Value: Equatable {}
extension Sensitive: Hashable where Value: Hashable {}
extension Personal: Equatable where Value: Equatable {}
extension Personal: Hashable where Value: Hashable {}
