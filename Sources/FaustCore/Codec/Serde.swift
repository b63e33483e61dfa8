// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How values of one type become bytes and bytes become values: a serializer and a deserializer, as in Kafka Streams.
///
/// A topic has one for its keys and one for its values. Mostly the type decides (see `keyDefault` and
/// `valueDefault`); where it should not, name a serde, and put codecs behind it:
///
/// ```swift
/// let orders = app.topic("orders", key: .string, value: Serde<Order>.json | .gzip)
/// ```
///
/// A null key or value is part of what a serde reads and writes: the serdes of an optional type turn `nil` into null (a
/// tombstone in a compacted topic) and back, all others refuse null.
///
/// A serde is made once, when a topic is declared, for a concrete type, so that no type has to be found out per message.
/// It may be used from any thread.
public struct Serde<Value: Sendable>: Sendable {
    /// What the serde is, for errors and listings: `json`, `raw`, `json|gzip`.
    public let name: String
    @usableFromInline let encoder: @Sendable (Value, inout Headers) throws -> Bytes?
    @usableFromInline let decoder: @Sendable (Bytes?) throws -> Value
    @usableFromInline typealias HeaderDecoder = @Sendable (Bytes?, Headers) throws -> Value
    /// Takes the place of `decoder` where the headers have a say, so that others need not decode them.
    @usableFromInline let headerDecoder: HeaderDecoder?

    @inlinable
    init(
        name: String,
        encoder: @escaping @Sendable (Value, inout Headers) throws -> Bytes?,
        decoder: @escaping @Sendable (Bytes?) throws -> Value,
        headerDecoder: HeaderDecoder?
    ) {
        self.name = name
        self.encoder = encoder
        self.decoder = decoder
        self.headerDecoder = headerDecoder
    }

    /// A serde that knows no null: reading null throws.
    ///
    /// - Parameters:
    ///   - name: What the serde is, for errors and listings.
    ///   - encode: Turns a value into bytes.
    ///   - decode: Turns bytes into a value; must not trap, whatever the bytes.
    @inlinable
    public init(
        _ name: String,
        encode: @escaping @Sendable (Value) throws -> Bytes,
        decode: @escaping @Sendable (Bytes) throws -> Value
    ) {
        self.init(
            name: name,
            encoder: { value, _ in try encode(value) },
            decoder: { bytes in
                guard let bytes else { throw Self.nullFault }
                return try decode(bytes)
            },
            headerDecoder: nil
        )
    }

    /// A serde that reads and writes null as it likes.
    ///
    /// - Parameters:
    ///   - name: What the serde is, for errors and listings.
    ///   - encode: Turns a value into bytes, or into `nil` for null.
    ///   - decode: Turns bytes, or `nil` for null, into a value; must not trap, whatever the bytes.
    @inlinable
    public init(
        _ name: String,
        encodeNullable encode: @escaping @Sendable (Value) throws -> Bytes?,
        decodeNullable decode: @escaping @Sendable (Bytes?) throws -> Value
    ) {
        self.init(
            name: name,
            encoder: { value, _ in try encode(value) },
            decoder: decode,
            headerDecoder: nil
        )
    }

    /// A serde that writes and reads headers too: schema ids, content types, envelopes.
    ///
    /// - Parameters:
    ///   - name: What the serde is, for errors and listings.
    ///   - encode: Turns a value into bytes, or into `nil` for null; may change the headers that go with the message.
    ///   - decode: Turns bytes, or `nil` for null, into a value, given the headers of the message; must not trap,
    ///     whatever the bytes.
    public init(
        _ name: String,
        encodeWithHeaders encode: @escaping @Sendable (Value, inout Headers) throws -> Bytes?,
        decodeWithHeaders decode: @escaping @Sendable (Bytes?, Headers) throws -> Value
    ) {
        self.init(
            name: name,
            encoder: encode,
            decoder: { try decode($0, Headers()) },
            headerDecoder: decode
        )
    }

    /// Turns a value into bytes.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - headers: The headers of the message, which the serde may change.
    /// - Returns: The bytes; `nil` is null.
    /// - Throws: What the serde or a codec behind it throws. A ``Schema`` makes a ``FaustError`` of it.
    @inlinable
    public func encode(_ value: Value, headers: inout Headers) throws -> Bytes? {
        try encoder(value, &headers)
    }

    /// Turns a value into bytes without regard to headers.
    @inlinable
    public func encode(_ value: Value) throws -> Bytes? {
        var headers = Headers()
        return try encoder(value, &headers)
    }

    /// Turns bytes into a value.
    ///
    /// - Parameters:
    ///   - bytes: The bytes; `nil` is null.
    ///   - headers: The headers of the message; evaluated only by serdes that look at headers.
    /// - Returns: The value.
    /// - Throws: What the serde or a codec behind it throws. A ``Schema`` makes a ``FaustError`` of it.
    @inlinable
    public func decode(_ bytes: Bytes?, headers: @autoclosure () -> Headers = Headers()) throws -> Value {
        if let headerDecoder { return try headerDecoder(bytes, headers()) }
        return try decoder(bytes)
    }

    @usableFromInline static var nullFault: FaustError {
        FaustError(
            .decode,
            "null where a \(Value.self) is expected; to accept null (tombstones), declare the type as \(Value.self)?"
        )
    }
}

extension Serde {
    /// A serde with a codec behind it: the codec transforms what the serde has written, and before the serde reads.
    ///
    /// Null passes by the codec. Chains read from left to right: `.json | .gzip | .binary`.
    public static func | <Behind: Codec>(serde: Serde, codec: Behind) -> Serde {
        let (encoder, decoder) = (serde.encoder, serde.decoder)
        var headerDecoder: HeaderDecoder?
        if let inner = serde.headerDecoder {
            headerDecoder = { bytes, headers in try inner(bytes.map { try codec.decode($0) }, headers) }
        }
        return Serde(
            name: "\(serde.name)|\(codec.name)",
            encoder: { value, headers in
                guard let bytes = try encoder(value, &headers) else { return nil }
                return try codec.encode(bytes)
            },
            decoder: { bytes in try decoder(bytes.map { try codec.decode($0) }) },
            headerDecoder: headerDecoder
        )
    }

    /// The same serde, which also adds headers to what is sent, as `on_dumps_value_prepare_headers` of a Faust schema.
    ///
    /// - Parameter prepare: Is called with each value before it is encoded and with the headers that go with the
    ///   message; what it throws keeps the message from being sent.
    /// - Returns: A serde that calls `prepare` first.
    public func preparingHeaders(_ prepare: @escaping @Sendable (Value, inout Headers) throws -> Void) -> Serde {
        let inner = encoder
        return Serde(
            name: name,
            encoder: { value, headers in
                try prepare(value, &headers)
                return try inner(value, &headers)
            },
            decoder: decoder,
            headerDecoder: headerDecoder
        )
    }

    /// The serde of the optional type: `nil` is null, everything else is as before.
    public var optional: Serde<Value?> {
        let (encoder, decoder) = (encoder, decoder)
        var optionalHeaderDecoder: Serde<Value?>.HeaderDecoder?
        if let inner = headerDecoder {
            optionalHeaderDecoder = { bytes, headers in
                guard let bytes else { return nil }
                return try inner(bytes, headers)
            }
        }
        return Serde<Value?>(
            name: name,
            encoder: { value, headers in
                guard let value else { return nil }
                return try encoder(value, &headers)
            },
            decoder: { bytes in
                guard let bytes else { return nil }
                return try decoder(bytes)
            },
            headerDecoder: optionalHeaderDecoder
        )
    }
}

extension Serde: CustomStringConvertible {
    /// The serde and the type: `json|gzip of Order`.
    public var description: String { "\(name) of \(Value.self)" }
}
