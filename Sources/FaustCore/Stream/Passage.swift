// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the values of a stream pass through a topic.
struct ValuePassage<Value: Sendable>: Sendable {
    /// What they are written with, for listings.
    let serde: String
    /// The bytes to send for a value of a message.
    let write: @Sendable (Value, Message, inout Headers) throws -> Bytes?
    /// The value of a message of the topic.
    let read: @Sendable (Message) throws -> Value

    /// Sends the bytes of the source's messages.
    static func untouched(_ decode: @escaping @Sendable (Message) throws -> Value) -> ValuePassage {
        ValuePassage(serde: "raw", write: { _, message, _ in message.value }, read: decode)
    }

    static func encoded(_ serde: Serde<Value>) -> ValuePassage {
        let schema = Schema<Bytes?, Value>(key: .raw, value: serde)
        return ValuePassage(
            serde: serde.name,
            write: { value, _, headers in try schema.encodeValue(value, headers: &headers) },
            read: { message in
                do throws(FaustError) { return try schema.decodeValue(of: message) } catch {
                    throw DecodeFailure(error)
                }
            }
        )
    }

    /// Encodes values in the form that the app gives to their type.
    ///
    /// - Throws: ``FaustError`` when there is none.
    static func encoded(by app: App) throws -> ValuePassage {
        if let type = Value.self as? any (JSONDecodable & JSONEncodable).Type,
            let serde = try jsonDefault(type, app) as? Serde<Value>
        {
            return .encoded(serde)
        }
        if let type = Value.self as? any (Decodable & Encodable & Sendable).Type,
            let serde = try codableDefault(type, app) as? Serde<Value>
        {
            return .encoded(serde)
        }
        throw FaustError(
            .configuration,
            "values of type \(Value.self) can't be written to a topic: make the type Codable, or give a schema"
        )
    }

    private static func jsonDefault<Encoded: JSONCodable>(_: Encoded.Type, _ app: App) throws -> any Sendable {
        try Serde<Encoded>.valueDefault(app.settings.valueSerializer, in: app.codecs)
    }

    private static func codableDefault<Encoded: Codable & Sendable>(_: Encoded.Type, _ app: App) throws -> any Sendable
    {
        try Serde<Encoded>.valueDefault(app.settings.valueSerializer, in: app.codecs)
    }
}

/// How the keys of a stream pass through a topic.
struct KeyPassage<Value: Sendable, Key: Sendable>: Sendable {
    /// What they are written with, for listings.
    let serde: String
    /// The bytes of the key to send for a value of a message.
    let write: @Sendable (Value, Message, inout Headers) async throws -> Bytes?
    /// The key of a message of the topic.
    let read: @Sendable (Message) throws -> Key

    /// Sends the keys of the source's messages as they are.
    static func untouched(_ decode: @escaping @Sendable (Message) throws -> Key) -> KeyPassage {
        KeyPassage(serde: "raw", write: { _, message, _ in message.key }, read: decode)
    }

    /// Makes keys.
    static func made(
        _ serde: Serde<Key>,
        _ make: @escaping @Sendable (Value, Message) async throws -> Key
    ) -> KeyPassage {
        let schema = Schema<Key, Bytes?>(key: serde, value: .raw)
        return KeyPassage(
            serde: serde.name,
            write: { value, message, headers in
                let key = try await make(value, message)
                return try schema.encodeKey(key, headers: &headers)
            },
            read: { message in
                do throws(FaustError) { return try schema.decodeKey(of: message) } catch { throw DecodeFailure(error) }
            }
        )
    }
}

extension EventStream {
    /// The values as they are sent on: their bytes, or encoded anew when operators have changed them.
    func passingValues(_ app: App) throws -> ValuePassage<Value> {
        if let decode { return .untouched(decode) }
        return try .encoded(by: app)
    }

    /// Has the stream go through a topic.
    func divert<NewKey: Sendable>(
        to topic: String,
        partitions: Int?,
        isOwn: Bool,
        _ app: App,
        _ keys: KeyPassage<Value, NewKey>,
        _ values: ValuePassage<Value>
    ) throws -> EventStream<NewKey, Value> {
        let (pipeline, context) = (pipeline, source.context)
        let diversion = Diversion(
            topic: topic,
            isOwn: isOwn,
            partitions: partitions,
            serdes: (keys.serde, values.serde)
        ) {
            message in
            try await pipeline.forEach(of: message) { value in
                var headers = message.headers
                let key = try await keys.write(value, message, &headers)
                let draft = MessageDraft(
                    topic: topic,
                    key: key,
                    value: try values.write(value, message, &headers),
                    timestampMilliseconds: message.originalTimestamp,
                    headers: headers
                )
                try await context.producer().post(draft)
            }
        }
        let target = try app.divert(source.buffer, diversion)
        return EventStream<NewKey, Value>(
            source: StreamSource(buffer: target, context: context),
            key: keys.read,
            pipeline: .sync(values.read),
            name: topic,
            decode: values.read
        )
    }

    /// A stream that throws, and stops the worker, since it was declared wrongly.
    func refused<NewKey: Sendable>(_ error: any Error) -> EventStream<NewKey, Value> {
        let fault = error as? FaustError ?? FaustError(.configuration, "a stream can't go on", cause: error)
        source.context.app?.refuse(fault)
        let buffer = StreamBuffer(name: name, maxsize: 1)
        buffer.close(throwing: fault)
        return EventStream<NewKey, Value>(
            source: StreamSource(buffer: buffer, context: source.context),
            key: { _ in throw fault },
            pipeline: .sync { _ in throw fault },
            name: name
        )
    }
}

extension Message {
    /// The time of the message; `nil` when it never was in a topic.
    fileprivate var originalTimestamp: Int64? { batch.attachment == nil ? timestampMilliseconds : nil }
}
