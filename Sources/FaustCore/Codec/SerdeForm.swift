// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The forms that bytes can have before any codec, by name.
enum SerdeForm {
    /// The names that every registry understands; which of them fit depends on the type.
    static let names = ["json", "raw", "text", "big-endian"]

    /// Other names that mean the same.
    static let canonicalName = ["string": "text", "integer": "text", "bigendian": "big-endian", "bytes": "raw"]

    /// The serdes of a type that are not JSON, the natural one for keys first; empty for most types.
    static func plain<Value>(of type: Value.Type) -> [Serde<Value>] {
        // The types are compared once, when a topic is declared; a serde of the very same type always casts.
        guard let plainType = type as? any PlainlySerializable.Type else { return [] }
        return plainType.plainSerdes.compactMap { $0 as? Serde<Value> }
    }

    /// Whether values of the type are bytes already, so that JSON would only get in the way.
    static func isBytes<Value>(_ type: Value.Type) -> Bool {
        (type as? any PlainlySerializable.Type)?.isBytes ?? false
    }
}

/// A type with a plainer form than JSON.
///
/// It is internal because it does not have to be implemented elsewhere: a type of one's own is given its serde where the
/// topic is declared.
protocol PlainlySerializable: Sendable {
    /// Serdes of this type, the natural one for keys first.
    static var plainSerdes: [any Sendable] { get }
    /// Whether the values are bytes already.
    static var isBytes: Bool { get }
}

extension PlainlySerializable {
    static var isBytes: Bool { false }
}

extension Bytes: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<Bytes>.raw] }
    static var isBytes: Bool { true }
}

extension Data: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<Data>.raw] }
    static var isBytes: Bool { true }
}

extension Array: PlainlySerializable where Element == UInt8 {
    static var plainSerdes: [any Sendable] { [Serde<[UInt8]>.raw] }
    static var isBytes: Bool { true }
}

extension String: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<String>.raw, Serde<String>.text] }
}

extension UUID: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<UUID>.text] }
}

extension PlainlySerializable where Self: FixedWidthInteger & LosslessStringConvertible & Sendable {
    static var plainSerdes: [any Sendable] { [Serde<Self>.text, Serde<Self>.bigEndian] }
}

extension Int: PlainlySerializable {}
extension Int8: PlainlySerializable {}
extension Int16: PlainlySerializable {}
extension Int32: PlainlySerializable {}
extension Int64: PlainlySerializable {}
extension UInt: PlainlySerializable {}
extension UInt8: PlainlySerializable {}
extension UInt16: PlainlySerializable {}
extension UInt32: PlainlySerializable {}
extension UInt64: PlainlySerializable {}

extension Double: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<Double>.text, Serde<Double>.bigEndian] }
}

extension Float: PlainlySerializable {
    static var plainSerdes: [any Sendable] { [Serde<Float>.text, Serde<Float>.bigEndian] }
}

extension Optional: PlainlySerializable where Wrapped: PlainlySerializable {
    static var plainSerdes: [any Sendable] {
        SerdeForm.plain(of: Wrapped.self).map(\.optional)
    }
    static var isBytes: Bool { Wrapped.isBytes }
}
