// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import _StringProcessing

extension App {
    /// Declares a topic by the types of its keys and values.
    ///
    /// Keys are written as they are (strings as UTF-8, numbers as text), values as JSON, unless the types or the settings
    /// ``Settings/keySerializer`` and ``Settings/valueSerializer`` say otherwise. Use an optional value for topics with
    /// tombstones.
    ///
    /// - Parameters:
    ///   - name: The name: 1 to 249 characters out of `a-z A-Z 0-9 . _ -`.
    ///   - key: The type of the keys.
    ///   - value: The type of the values, such as a `@Record`.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    @inlinable
    public func topic<Key: JSONCodable, Value: JSONCodable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Key, Value> {
        topic(name, schema: defaultSchema(key, value), partitions: partitions, configuration: configuration)
    }

    /// Declares a topic whose values go through `Codable`; see
    /// ``topic(_:key:value:partitions:configuration:)-swift.method``.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - key: The type of the keys.
    ///   - value: The type of the values.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    @inlinable
    @_disfavoredOverload
    public func topic<Key: JSONCodable, Value: Codable & Sendable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Key, Value> {
        let schema = Schema(
            key: declared { try Serde<Key>.keyDefault(settings.keySerializer, in: codecs) } ?? .keyDefault,
            value: declared { try Serde<Value>.valueDefault(settings.valueSerializer, in: codecs) } ?? .valueDefault
        )
        return topic(name, schema: schema, partitions: partitions, configuration: configuration)
    }

    /// Declares a topic whose keys are of no interest: they are optional bytes.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - value: The type of the values.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    @inlinable
    public func topic<Value: JSONCodable>(
        _ name: String,
        value: Value.Type,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Bytes?, Value> {
        let value = declared { try Serde<Value>.valueDefault(settings.valueSerializer, in: codecs) } ?? .valueDefault
        return topic(
            name,
            schema: Schema(key: .raw, value: value),
            partitions: partitions,
            configuration: configuration
        )
    }

    /// Declares a topic whose keys are of no interest and whose values go through `Codable`; see
    /// ``topic(_:value:partitions:configuration:)-(_,Value.Type,_,_)``.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - value: The type of the values.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    @inlinable
    @_disfavoredOverload
    public func topic<Value: Codable & Sendable>(
        _ name: String,
        value: Value.Type,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Bytes?, Value> {
        let value = declared { try Serde<Value>.valueDefault(settings.valueSerializer, in: codecs) } ?? .valueDefault
        return topic(
            name,
            schema: Schema(key: .raw, value: value),
            partitions: partitions,
            configuration: configuration
        )
    }

    /// Declares a topic of bytes that nobody decodes.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    public func topic(
        _ name: String,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Bytes?, Bytes> {
        topic(name, schema: Schema(key: .raw, value: .raw), partitions: partitions, configuration: configuration)
    }

    /// Declares a topic by a schema: the serdes of its keys and values.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - schema: How keys and values become bytes.
    ///   - partitions: The number of partitions if it is created; `nil` takes ``Settings/topicPartitions``.
    ///   - configuration: Further settings if it is created.
    /// - Returns: The handle.
    public func topic<Key: Sendable, Value: Sendable>(
        _ name: String,
        schema: Schema<Key, Value>,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Key, Value> {
        topics([name], schema: schema, partitions: partitions, configuration: configuration)
    }

    /// Declares several topics of one kind that are read as one stream.
    ///
    /// - Parameters:
    ///   - names: The names of the topics; the handle can't send.
    ///   - schema: How keys and values become bytes.
    ///   - partitions: The number of partitions of those that are created.
    ///   - configuration: Further settings for those that are created.
    /// - Returns: The handle.
    public func topics<Key: Sendable, Value: Sendable>(
        _ names: [String],
        schema: Schema<Key, Value>,
        partitions: Int? = nil,
        configuration: TopicConfiguration = TopicConfiguration()
    ) -> Topic<Key, Value> {
        let serdes = (key: schema.key.name, value: schema.value.name)
        for name in names { declareTopic(name, partitions, configuration, serdes) }
        return Topic(TopicSelection(names: names), schema: schema, app: self)
    }

    /// All topics whose names match a regular expression, read as one stream; also those that are created while the
    /// worker runs.
    ///
    /// Every worker looks for new topics each ``Settings/consumerMetadataMaxAge`` (5 minutes by default). They are read from
    /// where ``Settings/consumerAutoOffsetReset`` says. Topics with equally many partitions are co-partitioned. The
    /// broker's own topics, whose names begin with `__`, are left out.
    ///
    /// - Parameters:
    ///   - pattern: The regular expression; it must match the whole name. Take care that it does not match what the
    ///     app itself writes. The handle can't send.
    ///   - schema: How keys and values become bytes.
    /// - Returns: The handle.
    public func topics<Key: Sendable, Value: Sendable>(
        matching pattern: String,
        schema: Schema<Key, Value>
    ) -> Topic<Key, Value> {
        do {
            _ = try Regex(pattern)
        } catch {
            fault(FaustError(.configuration, "'\(pattern)' is no regular expression for names of topics", cause: error))
        }
        return Topic(TopicSelection(pattern: pattern), schema: schema, app: self)
    }

    /// All topics whose names match a regular expression; see ``topics(matching:schema:)``.
    ///
    /// - Parameters:
    ///   - pattern: The regular expression; it must match the whole name.
    ///   - key: The type of the keys.
    ///   - value: The type of the values, such as a `@Record`.
    /// - Returns: The handle.
    @inlinable
    public func topics<Key: JSONCodable, Value: JSONCodable>(
        matching pattern: String,
        key: Key.Type,
        value: Value.Type
    ) -> Topic<Key, Value> {
        topics(matching: pattern, schema: defaultSchema(key, value))
    }

    /// Declares a channel: values that pass between agents of this process.
    ///
    /// - Parameters:
    ///   - name: What the channel is called in logs.
    ///   - value: The type of the values.
    /// - Returns: The handle.
    public func channel<Value: Sendable>(_ name: String, of value: Value.Type) -> EventChannel<Value> {
        EventChannel(name: name, app: self, hub: ChannelHub(name: name))
    }

    /// Notes a mistake to be thrown when the app starts.
    func fault(_ error: FaustError) {
        declarations.withLock { $0.faults.append(error) }
    }

    @inlinable
    func defaultSchema<Key: JSONCodable, Value: JSONCodable>(_: Key.Type, _: Value.Type) -> Schema<Key, Value> {
        Schema(
            key: declared { try Serde<Key>.keyDefault(settings.keySerializer, in: codecs) } ?? .keyDefault,
            value: declared { try Serde<Value>.valueDefault(settings.valueSerializer, in: codecs) } ?? .valueDefault
        )
    }

    @usableFromInline
    func declared<Result>(_ make: () throws -> Result) -> Result? {
        do {
            return try make()
        } catch {
            fault(error as? FaustError ?? FaustError(.configuration, "a serializer can't be made", cause: error))
            return nil
        }
    }

    private func declareTopic(
        _ name: String,
        _ partitions: Int?,
        _ configuration: TopicConfiguration,
        _ serdes: (key: String, value: String)
    ) {
        let count = partitions.map { Int32(clamping: $0) }
        let check = TopicDeclaration(name: name, partitions: count ?? 1)
        declarations.withLock { declarations in
            if let fault = check.fault { declarations.faults.append(FaustError(.invalidTopic, fault)) }
            if let known = declarations.topics[name], let count, let other = known.partitions, other != count {
                declarations.faults.append(
                    FaustError(.configuration, "topic \(name) is declared with \(other) and with \(count) partitions")
                )
            }
            if declarations.topics[name] == nil || partitions != nil {
                declarations.topics[name] = .init(
                    partitions: count,
                    configuration: configuration,
                    keySerde: serdes.key,
                    valueSerde: serdes.value
                )
            }
        }
    }

    /// Declares a stream outside of agents.
    func declareStream(of topics: TopicSelection) -> StreamSource {
        let name = topics.description
        let buffer = StreamBuffer(name: name, maxsize: settings.streamBufferMaxsize)
        let isLate = declarations.withLock { declarations in
            if !declarations.isSealed { declarations.streams.append(.init(topics: topics, buffer: buffer)) }
            return declarations.isSealed
        }
        if isLate {
            buffer.close(
                throwing: FaustError(
                    .lifecycle,
                    "declare the stream of \(name) before the app runs, then iterate over it"
                )
            )
        }
        return StreamSource(buffer: buffer, context: streamContext(agent: name), endsWithIterator: true)
    }
}
