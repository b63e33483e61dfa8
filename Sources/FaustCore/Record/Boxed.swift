// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Keeps a stored property outside its struct, so that a record can contain another one of its own type.
///
/// ```swift
/// @Record
/// struct Folder {
///     var name: String
///     @Boxed var parent: Folder?
/// }
/// ```
///
/// It is not seen in JSON. The value lives in memory of its own, which copies of the record share until one is changed.
@propertyWrapper
public struct Boxed<Value> {
    fileprivate indirect enum Storage {
        case value(Value)
    }

    private var storage: Storage

    /// Puts a value into a box.
    ///
    /// - Parameter wrappedValue: The value.
    public init(wrappedValue: Value) {
        storage = .value(wrappedValue)
    }

    /// The value.
    public var wrappedValue: Value {
        get {
            switch storage {
            case .value(let value): value
            }
        }
        set { storage = .value(newValue) }
    }
}

// The conditions stand here because a constraint of the type itself would be a circular reference in recursive structs.
extension Boxed: Sendable where Value: Sendable {}
extension Boxed.Storage: Sendable where Value: Sendable {}

extension Boxed: Equatable where Value: Equatable {
    /// Whether the values are equal.
    public static func == (left: Boxed, right: Boxed) -> Bool { left.wrappedValue == right.wrappedValue }
}

extension Boxed: Hashable where Value: Hashable {
    /// Hashes the value.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(wrappedValue)
    }
}

extension Boxed: CustomStringConvertible {
    /// The description of the value.
    public var description: String { "\(wrappedValue)" }
}
