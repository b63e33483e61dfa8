// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the messages of a topic become keys and values and back.
///
/// A topic, a table or a single send takes a schema. It is made from types, each of which brings its own form, or from
/// serdes:
///
/// ```swift
/// Schema(key: String.self, value: Order.self)              // UTF-8 keys, JSON values
/// Schema(key: .string, value: Serde<Order>.json | .gzip)
/// ```
///
/// Faust's `allow_empty` is the optional type here: a topic of `Order?` delivers null values as `nil`. Its hooks
/// `on_dumps_key_prepare_headers` and `on_dumps_value_prepare_headers` are ``Serde/preparingHeaders(_:)``; a schema that
/// decodes by the headers is a serde made with `encodeWithHeaders` and `decodeWithHeaders`.
public struct Schema<Key: Sendable, Value: Sendable>: Sendable {
    /// How keys are read and written.
    public var key: Serde<Key>
    /// How values are read and written.
    public var value: Serde<Value>

    /// A schema of two serdes.
    @inlinable
    public init(key: Serde<Key>, value: Serde<Value>) {
        self.key = key
        self.value = value
    }

    /// The key as bytes.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - headers: The headers of the message, which the serde may change.
    /// - Returns: The bytes; `nil` is null.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/encode``.
    @inlinable
    public func encodeKey(_ key: Key, headers: inout Headers) throws(FaustError) -> Bytes? {
        do { return try self.key.encode(key, headers: &headers) } catch { throw fault(.encode, "key", self.key, error) }
    }

    /// The value as bytes; see ``encodeKey(_:headers:)``.
    @inlinable
    public func encodeValue(_ value: Value, headers: inout Headers) throws(FaustError) -> Bytes? {
        do {
            return try self.value.encode(value, headers: &headers)
        } catch {
            throw fault(.encode, "value", self.value, error)
        }
    }

    /// The key of bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes; `nil` is null.
    ///   - headers: The headers of the message; evaluated only when the serde looks at headers.
    /// - Returns: The key.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode``, without a place.
    @inlinable
    public func decodeKey(
        _ bytes: Bytes?,
        headers: @autoclosure () -> Headers = Headers()
    ) throws(FaustError) -> Key {
        do { return try key.decode(bytes, headers: headers()) } catch { throw fault(.decode, "key", key, error) }
    }

    /// The value of bytes; see ``decodeKey(_:headers:)``.
    @inlinable
    public func decodeValue(
        _ bytes: Bytes?,
        headers: @autoclosure () -> Headers = Headers()
    ) throws(FaustError) -> Value {
        do { return try value.decode(bytes, headers: headers()) } catch { throw fault(.decode, "value", value, error) }
    }

    /// The key of a message.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` and the place of the message.
    @inlinable
    public func decodeKey(of message: Message) throws(FaustError) -> Key {
        do {
            return try key.decode(message.key, headers: message.headers)
        } catch {
            throw fault(.decode, "key", key, error, at: message)
        }
    }

    /// The value of a message.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` and the place of the message.
    @inlinable
    public func decodeValue(of message: Message) throws(FaustError) -> Value {
        do {
            return try value.decode(message.value, headers: message.headers)
        } catch {
            throw fault(.decode, "value", value, error, at: message)
        }
    }

    @usableFromInline
    func fault<Part>(
        _ code: FaustError.Code,
        _ part: String,
        _ serde: Serde<Part>,
        _ cause: any Error,
        at message: Message? = nil
    ) -> FaustError {
        FaustError(
            code,
            "the \(part) can't be \(code == .decode ? "read" : "written") as \(serde)",
            cause: cause,
            topicPartition: message?.topicPartition,
            offset: message?.offset
        )
    }
}

extension Schema where Key: JSONDecodable & JSONEncodable, Value: JSONDecodable & JSONEncodable {
    /// A schema in which each type has its own form: `Serde.keyDefault` and `Serde.valueDefault`.
    @inlinable
    public init(key: Key.Type, value: Value.Type) {
        self.init(key: .keyDefault, value: .valueDefault)
    }
}

extension Schema where Key == Bytes?, Value: JSONDecodable & JSONEncodable {
    /// A schema for values whose keys are of no interest: any key is accepted, null and bytes as they are.
    @inlinable
    public init(value: Value.Type) {
        self.init(key: .raw, value: .valueDefault)
    }
}
