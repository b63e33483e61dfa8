// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension EventStream {
    /// Joins each event with the entry that a table has for its key, and drops events for which there is none (Kafka
    /// Streams' `KStream.join(KTable)`).
    ///
    /// ```swift
    /// for try await (order, customer) in stream.join(customers) { … }
    /// ```
    ///
    /// **What it sees.** The table as it is when the event is processed: what the agents that write to it have done so far
    /// on this worker. Streams and tables are not brought in the order of their times. Only the stream's events make
    /// results; a change of the table makes none. **Keys.** The entry is that of the event's key in the partition of the
    /// event, so that the topics must have as many partitions as the table; that is checked when the worker starts. An event
    /// without a key has no partner. A default of the table is no entry. **Delivery and order** are those of the stream.
    ///
    /// - Parameter table: The table, or one that every worker has whole.
    /// - Returns: The events with a partner, each with it. `map { order, customer in … }` makes something else of them.
    public func join<Right: Sendable>(_ table: Table<Key, Right>) -> EventStream<Key, (Value, Right)> {
        joined(with: table) { value, entry in entry.map { (value, $0) } }
    }

    /// Joins each event with the entry of its key in a table without a default; see
    /// ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter table: The table.
    /// - Returns: The events with a partner, each with it.
    public func join<Right: Sendable>(_ table: Table<Key, Right?>) -> EventStream<Key, (Value, Right)> {
        joined(with: table) { value, entry in (entry ?? nil).map { (value, $0) } }
    }

    /// Joins each event with the entry that a table has for its key, or with `nil` (Kafka Streams'
    /// `KStream.leftJoin(KTable)`); see ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter table: The table, or one that every worker has whole.
    /// - Returns: All events, each with its partner if there is one.
    public func leftJoin<Right: Sendable>(_ table: Table<Key, Right>) -> EventStream<Key, (Value, Right?)> {
        joined(with: table) { ($0, $1) }
    }

    /// Joins each event with the entry of its key in a table without a default, or with `nil`; see
    /// ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter table: The table.
    /// - Returns: All events, each with its partner if there is one.
    public func leftJoin<Right: Sendable>(_ table: Table<Key, Right?>) -> EventStream<Key, (Value, Right?)> {
        joined(with: table) { ($0, $1 ?? nil) }
    }

    private func joined<Entry: Sendable, Joined: Sendable>(
        with table: Table<Key, Entry>,
        _ make: @escaping @Sendable (Value, Entry?) -> Joined?
    ) -> EventStream<Key, Joined> {
        if let app = source.context.app, !table.isGlobal {
            let owner = source.context.agent.map { "agent \($0)" } ?? "the stream of \(name)"
            app.declare(CopartitionCheck(owner: owner, parties: [.stream(name), .table(table.core)]))
        }
        let (key, core) = (key, table.core)
        return with(
            pipeline.then { value, message throws -> Joined? in
                guard message.key != nil else { return make(value, nil) }
                return make(value, try core.value(for: try key(message), beside: message))
            }
        )
    }
}

extension EventStream {
    /// Joins each event with the entry of a global table whose key is a part of the event (Kafka Streams'
    /// `KStream.join(GlobalKTable)`), and drops events for which there is none.
    ///
    /// ```swift
    /// for try await (order, product) in stream.join(products, by: \.productID) { … }
    /// ```
    ///
    /// Every worker has all entries of such a table, so that nothing needs to be partitioned alike. It sees what has arrived
    /// of the other workers' changes. Apart from that all is as with ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameters:
    ///   - table: A table of ``App/globalTable(_:key:value:help:configuration:)-swift.method`` or a sibling; any other one
    ///     stops the worker with an error.
    ///   - foreignKey: The key of the entry; `nil` when the event has none. What it throws leaves the loop, like an error
    ///     of the body.
    /// - Returns: The events with a partner, each with it.
    public func join<Foreign: Sendable, Right: Sendable>(
        _ table: GlobalTable<Foreign, Right>,
        by foreignKey: @escaping @Sendable (Value) throws -> Foreign?
    ) -> EventStream<Key, (Value, Right)> {
        looked(up: foreignKey, in: table) { value, entry in entry.map { (value, $0) } }
    }

    /// Joins each event with the entry of a global table without a default whose key is a part of the event; see
    /// ``join(_:by:)-(GlobalTable<Foreign,Right>,_)``.
    ///
    /// - Parameters:
    ///   - table: The global table.
    ///   - foreignKey: The key of the entry; `nil` when the event has none.
    /// - Returns: The events with a partner, each with it.
    public func join<Foreign: Sendable, Right: Sendable>(
        _ table: GlobalTable<Foreign, Right?>,
        by foreignKey: @escaping @Sendable (Value) throws -> Foreign?
    ) -> EventStream<Key, (Value, Right)> {
        looked(up: foreignKey, in: table) { value, entry in (entry ?? nil).map { (value, $0) } }
    }

    /// Joins each event with the entry of a global table whose key is a part of the event, or with `nil`; see
    /// ``join(_:by:)-(GlobalTable<Foreign,Right>,_)``.
    ///
    /// - Parameters:
    ///   - table: The global table.
    ///   - foreignKey: The key of the entry; `nil` when the event has none.
    /// - Returns: All events, each with its partner if there is one.
    public func leftJoin<Foreign: Sendable, Right: Sendable>(
        _ table: GlobalTable<Foreign, Right>,
        by foreignKey: @escaping @Sendable (Value) throws -> Foreign?
    ) -> EventStream<Key, (Value, Right?)> {
        looked(up: foreignKey, in: table) { ($0, $1) }
    }

    /// Joins each event with the entry of a global table without a default whose key is a part of the event, or with
    /// `nil`; see ``join(_:by:)-(GlobalTable<Foreign,Right>,_)``.
    ///
    /// - Parameters:
    ///   - table: The global table.
    ///   - foreignKey: The key of the entry; `nil` when the event has none.
    /// - Returns: All events, each with its partner if there is one.
    public func leftJoin<Foreign: Sendable, Right: Sendable>(
        _ table: GlobalTable<Foreign, Right?>,
        by foreignKey: @escaping @Sendable (Value) throws -> Foreign?
    ) -> EventStream<Key, (Value, Right?)> {
        looked(up: foreignKey, in: table) { ($0, $1 ?? nil) }
    }

    private func looked<Foreign: Sendable, Entry: Sendable, Joined: Sendable>(
        up foreignKey: @escaping @Sendable (Value) throws -> Foreign?,
        in table: GlobalTable<Foreign, Entry>,
        _ make: @escaping @Sendable (Value, Entry?) -> Joined?
    ) -> EventStream<Key, Joined> {
        let core = table.core
        if !table.isGlobal {
            source.context.app?
                .refuse(
                    FaustError(
                        .configuration,
                        "the stream of \(name) can't be joined with table \(table.name) by a key that is not its own: each worker"
                            + " has some partitions only; declare it with app.globalTable, or group the stream by that key"
                    )
                )
        }
        return with(
            pipeline.then { value, _ throws -> Joined? in
                guard let key = try foreignKey(value) else { return make(value, nil) }
                return make(value, try core.value(for: key))
            }
        )
    }
}

extension TableCore {
    /// The value of a key in the partition that a message comes from.
    fileprivate func value(for key: Key, beside message: Message) throws(FaustError) -> Value? {
        // What never was in a topic has no partition that says anything.
        if configuration.isGlobal || message.batch.attachment != nil { return try value(for: key) }
        return try partition(message.partition).value(of: try form.encode(key))
    }
}
