// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The decoding of one text into `Codable` types.
///
/// Decoders and containers refer to it. They may outlive the call of `JSON.decode`, but not read any more then: the bytes
/// are taken away at its end, so that no pointer is left dangling.
final class CodableDecoding {
    private var bytes: UnsafeRawBufferPointer
    let nodes: ContiguousArray<JSONTape.Node>

    /// The index of a `null` that is not in the text, for what is missing.
    var missing: Int { nodes.count - 1 }

    init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            nodes = try JSONTape(&reader).nodes
        } catch {
            throw reader.located(error)
        }
        self.bytes = bytes
    }

    /// Takes the bytes away.
    func invalidate() {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    // MARK: Names

    /// The bytes of a string without its quotes; none once the bytes are taken away.
    func content(of node: Int) -> UnsafeRawBufferPointer {
        let start = Int(nodes[node].start) + 1
        let end = start + Int(nodes[node].length) - 2
        return UnsafeRawBufferPointer(rebasing: bytes[min(start, bytes.count)..<min(end, bytes.count)])
    }

    /// Whether a string is equal to a text.
    func matches(_ node: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if nodes[node].hasEscapes {
            return name(at: node).utf8.elementsEqual(text)
        }
        let content = content(of: node)
        return content.count == text.count && content.elementsEqual(text)
    }

    /// The text of the name of a field.
    func name(at node: Int) -> String {
        let reader = JSONReader(bytes)
        let start = Int(nodes[node].start) + 1
        let end = start + Int(nodes[node].length) - 2
        guard end <= bytes.count else { return "" }
        return reader.unescaped(start..<end)
    }

    // MARK: Values

    /// A value, by the shortest way there is for its type.
    func value<Value: Decodable>(_ type: Value.Type, at node: Int) throws -> Value {
        if type == String.self { return cast(try string(node)) }
        if type == Int.self { return cast(try integer(Int.self, at: node)) }
        if type == Double.self { return cast(try double(node)) }
        if type == Bool.self { return cast(try bool(node)) }
        if type == Date.self { return cast(try scalar(Date.self, at: node)) }
        if type == Data.self { return cast(try scalar(Data.self, at: node)) }
        if type == Decimal.self { return cast(try scalar(Decimal.self, at: node)) }
        if type == URL.self { return cast(try scalar(URL.self, at: node)) }
        if type == JSONValue.self { return cast(try scalar(JSONValue.self, at: node)) }
        return try Value(from: CodableDecoder(decoding: self, node: node))
    }

    /// The same value, whose type is known to be the other one.
    private func cast<From, To>(_ value: From) -> To {
        // The callers compared the types: this gives the same value another static type only.
        unsafeBitCast(value, to: To.self)
    }

    func string(_ node: Int) throws -> String {
        try read(String.self, at: node) { (reader) throws(JSONError) in try reader.readString() }
    }

    func bool(_ node: Int) throws -> Bool {
        try read(Bool.self, at: node) { (reader) throws(JSONError) in try reader.readBool() }
    }

    func double(_ node: Int) throws -> Double {
        try read(Double.self, at: node) { (reader) throws(JSONError) in try reader.readDouble() }
    }

    func float(_ node: Int) throws -> Float {
        try read(Float.self, at: node) { (reader) throws(JSONError) in try reader.readFloat() }
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at node: Int) throws -> Integer {
        try read(type, at: node) { (reader) throws(JSONError) in try reader.readInteger(as: type) }
    }

    private func scalar<Value: JSONDecodable>(_ type: Value.Type, at node: Int) throws -> Value {
        try read(type, at: node) { (reader) throws(JSONError) in try Value(from: &reader) }
    }

    @inline(__always)
    private func read<Value>(
        _ type: Any.Type,
        at node: Int,
        _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws -> Value {
        guard node != missing else { throw error(.typeMismatch(expected: "\(type)", found: .null), type, at: node) }
        var reader = JSONReader(bytes)
        // Beyond the end once the bytes are taken away: then there is nothing to read.
        reader.offset = min(Int(nodes[node].start), bytes.count)
        do throws(JSONError) {
            return try body(&reader)
        } catch let failure {
            throw error(failure.reason, type, at: node)
        }
    }

    // MARK: Errors

    /// The steps to a value.
    func path(to node: Int) -> [any CodingKey] {
        node == missing ? [] : JSONPath.keys(in: bytes, at: Int(nodes[node].start))
    }

    /// The error that users of `Codable` expect, with ours as its cause.
    func error(_ reason: JSONError.Reason, _ type: Any.Type, at node: Int) -> DecodingError {
        let start = node == missing ? 0 : Int(nodes[node].start)
        let cause = JSONError(reason, byteOffset: start, path: JSONPath.find(in: bytes, at: start))
        let context = DecodingError.Context(
            codingPath: path(to: node),
            debugDescription: "\(cause)",
            underlyingError: cause
        )
        switch reason {
        case .typeMismatch(_, found: .null): return .valueNotFound(type, context)
        case .typeMismatch: return .typeMismatch(type, context)
        default: return .dataCorrupted(context)
        }
    }

    /// The error about a field that is not there.
    func missingField(_ key: some CodingKey, at node: Int) -> DecodingError {
        let start = node == missing ? 0 : Int(nodes[node].start)
        let path = JSONPath.find(in: bytes, at: start)
        let cause = JSONError(.missingField(key.stringValue), byteOffset: start, path: path)
        let context = DecodingError.Context(
            codingPath: self.path(to: node),
            debugDescription: "\(cause)",
            underlyingError: cause
        )
        return .keyNotFound(key, context)
    }
}

/// The decoder of one value.
struct CodableDecoder: Decoder {
    let decoding: CodableDecoding
    let node: Int

    var codingPath: [any CodingKey] { decoding.path(to: node) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try CodableKeyedDecoding<Key>(decoding, node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try CodableUnkeyedDecoding(decoding, node)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        CodableSingleValueDecoding(decoding: decoding, node: node)
    }
}
