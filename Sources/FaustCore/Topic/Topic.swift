// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A topic of an app: where messages of one kind of key and value are read and written.
///
/// Made by ``App/topic(_:key:value:partitions:configuration:)-swift.method`` and its siblings before the app runs. The
/// worker creates the topic when it starts, unless it exists; an existing topic is never altered. A handle is a value
/// that can be used from any task.
public struct Topic<Key: Sendable, Value: Sendable>: AnyTopic, Sendable {
    /// The names of the topics; more than one for a topic that only reads, none for one that reads by a pattern.
    public var names: [String] { selection.names }
    @usableFromInline let selection: TopicSelection
    /// How keys and values become bytes.
    public let schema: Schema<Key, Value>
    let app: App

    init(_ selection: TopicSelection, schema: Schema<Key, Value>, app: App) {
        self.selection = selection
        self.schema = schema
        self.app = app
    }

    /// The name of the topic, or the names with commas, or the pattern of the names.
    public var name: String { selection.description }

    /// Sends a message and waits until the broker has it.
    ///
    /// Messages to one partition are appended in the order of the calls. Inside an agent, the event in hand is not
    /// acknowledged before its sends are.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition: equal keys meet in one.
    ///   - partition: The partition, if the key is not to decide.
    ///   - timestamp: The time of the message; `nil` is the time of the append.
    ///   - headers: The headers.
    ///   - schema: How key and value become bytes this time; `nil` takes the topic's schema.
    /// - Returns: Where the message is.
    /// - Throws: ``FaustError``: code ``FaustError/Code/encode`` when the value can't be written,
    ///   ``FaustError/Code/unknownPartition``, ``FaustError/Code/messageTooLarge``, ``FaustError/Code/transport``, or
    ///   ``FaustError/Code/lifecycle`` when the app does not run.
    @discardableResult
    public func send(
        _ value: Value,
        key: Key,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers(),
        schema: Schema<Key, Value>? = nil
    ) async throws -> RecordMetadata {
        let draft = try draft(value, key, partition, timestamp, headers, schema ?? self.schema)
        return try await app.producer().send(draft)
    }

    /// Hands a message over and goes on at once (Faust's `send_soon`).
    ///
    /// It waits only while very many messages are under way. The next commit waits for the message; when it is lost for
    /// good the commit fails and the events since the last one are processed again, so that nothing is lost silently.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition.
    ///   - partition: The partition, if the key is not to decide.
    ///   - timestamp: The time of the message; `nil` is the time of the append.
    ///   - headers: The headers.
    ///   - schema: How key and value become bytes this time; `nil` takes the topic's schema.
    ///   - completion: Is told where the message is, or why it is lost; called on any thread, must not block.
    /// - Throws: ``FaustError`` when the message can't be written or the app does not run.
    public func post(
        _ value: Value,
        key: Key,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers(),
        schema: Schema<Key, Value>? = nil,
        completion: (@Sendable (Result<RecordMetadata, FaustError>) -> Void)? = nil
    ) async throws {
        let draft = try draft(value, key, partition, timestamp, headers, schema ?? self.schema)
        try await app.producer().post(draft, completion: completion)
    }

    /// A stream of the topic outside of an agent, for an ``App/task(_:)`` or a program of your own.
    ///
    /// - Returns: A stream of all partitions that this worker is assigned. Its events are committed like an agent's,
    ///   but nobody restarts the loop: an error leaves it, and the event in hand stays unacknowledged.
    /// - Precondition: The app does not run yet; what a worker reads is known when it starts.
    public func stream() -> EventStream<Key, Value> {
        stream(from: app.declareStream(of: selection))
    }

    @inlinable
    func stream(from source: StreamSource) -> EventStream<Key, Value> {
        EventStream(source: source, schema: schema, name: name)
    }

    func draft(
        _ value: Value,
        _ key: Key,
        _ partition: Int32?,
        _ timestamp: Timestamp?,
        _ headers: Headers,
        _ schema: Schema<Key, Value>
    ) throws -> MessageDraft {
        guard names.count == 1 else {
            throw FaustError(
                .configuration,
                "a topic that is not one name (\(name)) can only be read: send to one of them"
            )
        }
        var headers = headers
        let key = try schema.encodeKey(key, headers: &headers)
        let value = try schema.encodeValue(value, headers: &headers)
        return MessageDraft(
            topic: names[0],
            partition: partition,
            key: key,
            value: value,
            timestampMilliseconds: timestamp?.milliseconds,
            headers: headers
        )
    }
}

extension Topic where Key: ExpressibleByNilLiteral {
    /// Sends a message without a key; see ``send(_:key:partition:timestamp:headers:schema:)``.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - partition: The partition; `nil` spreads messages evenly.
    ///   - timestamp: The time of the message; `nil` is the time of the append.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: ``FaustError``, as the form with a key.
    @discardableResult
    public func send(
        _ value: Value,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        try await send(value, key: nil, partition: partition, timestamp: timestamp, headers: headers)
    }
}

/// A topic of any key and value.
public protocol AnyTopic: Sendable {
    /// The name of the topic.
    var name: String { get }
}
