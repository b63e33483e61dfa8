// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension EventStream {
    /// Has the stream go through a topic, so that its events are partitioned anew by a part of their values.
    ///
    /// ```swift
    /// for try await order in stream.groupBy(\.accountID) { spent[order.accountID] += order.price }
    /// ```
    ///
    /// Every event is sent to the topic `{app.id}-{agent}-{source}-{name}-repartition` under its new key, and the stream
    /// that is returned reads that topic: the events of one key meet in one partition, on one worker. As in Faust it
    /// always sends, even if the topic is partitioned that way already. The app's id and the agent's name are left out
    /// where the source's name begins with both, and the agent's outside of agents.
    ///
    /// **Delivery**: an event is finished when the broker has what was sent; what comes of it is another event, finished
    /// by the loop. Nothing is lost in between; under exactly-once nothing is doubled either. **Order**: per new key as
    /// the events of one source partition came. **Values**: timestamps and headers stay. The bytes of the values are sent
    /// as they are, unless an operator before has changed the values: those are encoded anew. An event whose key is `nil`
    /// is sent without a key, to any partition. **Errors**: what operators before it throw, such as a key that can't be
    /// encoded, is treated by the agent's ``ErrorPolicy``, with the original event in hand; outside of agents the worker
    /// stops in the end.
    ///
    /// The stream before it, with all of its operators, is read on its own beside the body, also while the body works.
    /// Call it in every run of the body, before the loop; a stream goes through one topic.
    ///
    /// Tables that the body changes must have as many partitions as the topic.
    ///
    /// - Parameters:
    ///   - key: The part of the value that is the new key.
    ///   - name: What the topic is named after; `nil` takes the type and the stored property, such as
    ///     `Order.accountID`.
    ///   - partitions: The number of partitions if the topic is created; `nil` takes ``Settings/topicPartitions``.
    /// - Returns: The stream of the topic, under the new keys.
    public func groupBy<NewKey: JSONCodable>(
        _ key: any KeyPath<Value, NewKey> & Sendable,
        name: String? = nil,
        partitions: Int? = nil
    ) -> EventStream<NewKey, Value> {
        group(name ?? Self.name(of: key), partitions) { $0[keyPath: key] }
    }

    /// Has the stream go through a topic, partitioned anew by keys that a closure makes; see
    /// ``groupBy(_:name:partitions:)``.
    ///
    /// - Parameters:
    ///   - name: What the topic is named after.
    ///   - partitions: The number of partitions if the topic is created; `nil` takes ``Settings/topicPartitions``.
    ///   - key: Makes the new key; may suspend. What it throws is treated by the agent's ``ErrorPolicy``, but ``Skip``
    ///     drops the event.
    /// - Returns: The stream of the topic, under the new keys.
    public func groupBy<NewKey: JSONCodable>(
        name: String,
        partitions: Int? = nil,
        _ key: @escaping @Sendable (Value) async throws -> NewKey
    ) -> EventStream<NewKey, Value> {
        group(name, partitions, by: key)
    }

    /// Has the stream go through a topic with a schema of its own, partitioned anew by keys that a closure makes; see
    /// ``groupBy(_:name:partitions:)``.
    ///
    /// - Parameters:
    ///   - name: What the topic is named after.
    ///   - partitions: The number of partitions if the topic is created; `nil` takes ``Settings/topicPartitions``.
    ///   - schema: How keys and values are written in the topic; values are encoded anew.
    ///   - key: Makes the new key; may suspend.
    /// - Returns: The stream of the topic, under the new keys.
    public func groupBy<NewKey: Sendable>(
        name: String,
        partitions: Int? = nil,
        schema: Schema<NewKey, Value>,
        _ key: @escaping @Sendable (Value) async throws -> NewKey
    ) -> EventStream<NewKey, Value> {
        attempt { app in
            try divert(
                to: app.repartitionTopic(agent: source.context.agent, source: self.name, name: name),
                partitions: partitions,
                isOwn: true,
                app,
                .made(schema.key) { value, _ in try await key(value) },
                .encoded(schema.value)
            )
        }
    }

    /// Has the stream go through a topic of yours (Faust's `through`).
    ///
    /// Every event is sent to the topic under its key, with the timestamp and the headers that it has, and the stream
    /// that is returned reads that topic: also what others send there. Delivery, errors and use are those of
    /// ``groupBy(_:name:partitions:)``.
    ///
    /// - Parameter topic: A topic of one name; its schema writes keys and values.
    /// - Returns: The stream of the topic.
    public func through(_ topic: Topic<Key, Value>) -> EventStream<Key, Value> {
        let key = key
        return attempt { app in
            guard topic.names.count == 1 else {
                throw FaustError(.configuration, "a stream can't go through \(topic.name): name one topic to send to")
            }
            return try divert(
                to: topic.name,
                partitions: nil,
                isOwn: false,
                app,
                .made(topic.schema.key) { _, message in try key(message) },
                .encoded(topic.schema.value)
            )
        }
    }

    /// Has the stream go through a topic that is named here and has the forms of this stream; see
    /// ``through(_:)-(Topic<Key,Value>)``.
    ///
    /// The bytes of the keys are sent as they are, and those of the values unless an operator has changed the values.
    ///
    /// - Parameters:
    ///   - name: The name of the topic.
    ///   - partitions: The number of partitions if the topic is created; `nil` takes ``Settings/topicPartitions``.
    /// - Returns: The stream of the topic.
    public func through(_ name: String, partitions: Int? = nil) -> EventStream<Key, Value> {
        attempt { app in
            try divert(
                to: name,
                partitions: partitions,
                isOwn: false,
                app,
                .untouched(key),
                passingValues(app)
            )
        }
    }

    // MARK: What they share

    private func group<NewKey: JSONCodable>(
        _ name: String?,
        _ partitions: Int?,
        by key: @escaping @Sendable (Value) async throws -> NewKey
    ) -> EventStream<NewKey, Value> {
        attempt { app in
            guard let name else {
                throw FaustError(
                    .configuration,
                    "the topic that \(self.name) is grouped in needs a name: give groupBy one, since the key path is not"
                        + " that of a stored property"
                )
            }
            let serde = try Serde<NewKey>.keyDefault(app.settings.keySerializer, in: app.codecs)
            return try divert(
                to: app.repartitionTopic(agent: source.context.agent, source: self.name, name: name),
                partitions: partitions,
                isOwn: true,
                app,
                .made(serde) { value, _ in try await key(value) },
                passingValues(app)
            )
        }
    }

    private func attempt<NewKey: Sendable>(
        _ make: (App) throws -> EventStream<NewKey, Value>
    ) -> EventStream<NewKey, Value> {
        do {
            guard let app = source.context.app else {
                throw FaustError(.lifecycle, "a stream that belongs to no app can't go through a topic")
            }
            return try make(app)
        } catch {
            return refused(error)
        }
    }

    /// The type and the property of a key path, as Faust names a field: `Order.accountID`.
    ///
    /// - Returns: `nil` for what is not a stored property: what stands for it changes from build to build.
    static func name(of keyPath: any AnyKeyPath & Sendable) -> String? {
        let text = "\(keyPath)".drop { $0 == "\\" }
        return text.contains("<") || text.contains("?") || text.contains("!") ? nil : String(text)
    }
}
