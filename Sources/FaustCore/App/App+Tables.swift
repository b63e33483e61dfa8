// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// Declares a table whose keys have a default value.
    ///
    /// ```swift
    /// let counts = app.table("counts", key: String.self, default: 0)
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - default: The value of keys that are not there; evaluated each time.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func table<Key: JSONCodable, Value: JSONCodable>(
        _ name: String,
        key: Key.Type,
        default: @autoclosure @escaping @Sendable () -> Value,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> Table<Key, Value> {
        makeTable(name, value: .valueDefault, help, configuration, `default`)
    }

    /// Declares a table whose values go through `Codable`; see ``table(_:key:default:help:configuration:)-swift.method``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - key: The type of the keys.
    ///   - default: The value of keys that are not there; evaluated each time.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    @_disfavoredOverload
    public func table<Key: JSONCodable, Value: Codable & Sendable>(
        _ name: String,
        key: Key.Type,
        default: @autoclosure @escaping @Sendable () -> Value,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> Table<Key, Value> {
        makeTable(name, value: .valueDefault, help, configuration, `default`)
    }

    /// Declares a table without a default: reading a key that is not there gives `nil`, and setting `nil` removes it.
    ///
    /// ```swift
    /// let users = app.table("users", key: String.self, value: User.self)
    /// users["alice"]?.visits += 1
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - value: The type of the values.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func table<Key: JSONCodable, Value: JSONCodable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> Table<Key, Value?> {
        makeTable(name, value: .valueDefault, help, configuration) { nil }
    }

    /// Declares a table without a default whose values go through `Codable`; see
    /// ``table(_:key:value:help:configuration:)-swift.method``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - key: The type of the keys.
    ///   - value: The type of the values.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    @_disfavoredOverload
    public func table<Key: JSONCodable, Value: Codable & Sendable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> Table<Key, Value?> {
        makeTable(name, value: .valueDefault, help, configuration) { nil }
    }

    private func makeTable<Key: JSONCodable, Value: Sendable>(
        _ name: String,
        value: Serde<Value>,
        _ help: String,
        _ configuration: TableConfiguration,
        _ makeDefault: @escaping @Sendable () -> Value
    ) -> Table<Key, Value> {
        let topicKey = topicKeySerde(Key.self)
        let form = TableForm(
            name: name,
            key: .natural(json: Serde<Key>.json),
            value: value,
            partitionKey: { try topicKey.encode($0) }
        )
        let core = TableCore(form, configuration: configuration, help: help, app: self)
        declare(core)
        return Table(core: core, makeDefault: makeDefault)
    }

    /// The form in which events of a key come, which need not be that of the changelog.
    func topicKeySerde<Key: JSONCodable>(_: Key.Type) -> Serde<Key> {
        declared { try Serde<Key>.keyDefault(settings.keySerializer, in: codecs) } ?? .keyDefault
    }

    func declare<Key, Value>(_ core: TableCore<Key, Value>) {
        declare(core, partitions: core.configuration.partitions)
    }

    func declare(_ table: any DeclaredTable, partitions: Int?) {
        let check = TopicDeclaration(
            name: table.changelogTopic,
            partitions: partitions.map { Int32(clamping: $0) } ?? 1
        )
        let isLate = declarations.withLock { declarations in
            if let fault = check.fault { declarations.faults.append(FaustError(.invalidTopic, fault)) }
            if declarations.tables.contains(where: { $0.name == table.name }) {
                declarations.faults.append(
                    FaustError(.configuration, "there are two tables of the name \(table.name)")
                )
            }
            declarations.tables.append(table)
            return declarations.isSealed
        }
        if isLate { stopSignal.fire(FaustError(.lifecycle, "declare table \(table.name) before the app runs")) }
    }
}

extension App {
    /// Puts a table in the place of one that was declared under the same name.
    func replace(_ old: any DeclaredTable, with new: any DeclaredTable) {
        let isLate = declarations.withLock { declarations in
            guard !declarations.isSealed, old.isPlain,
                let index = declarations.tables.firstIndex(where: { $0 === old })
            else { return true }
            declarations.tables[index] = new
            return false
        }
        if isLate {
            let error = FaustError(
                .lifecycle,
                "table \(new.name) can be given windows or a time to live, one of them, once, before the app runs"
            )
            if engine.withLock({ $0 }) == nil { fault(error) } else { stopSignal.fire(error) }
        }
    }
}

extension TableContext {
    /// What a table needs from a worker.
    ///
    /// - Throws: ``FaustError`` when there is no store of the URL's kind.
    init(_ engine: Engine, _ app: App, url: String?) throws(FaustError) {
        let stores = Hosting.host?.stores(insteadOf: app.stores) ?? app.stores
        _ = try stores.opener(for: url ?? engine.settings.store)
        self.init(
            transport: engine.transport,
            catalog: engine.catalog,
            reader: engine.changelogReader,
            partitioner: engine.settings.producerPartitioner,
            stores: stores,
            settings: engine.settings,
            logger: app.logger,
            clock: app.clock,
            defaultPartitions: engine.tablePartitions(app.declarations.withLock { $0 }),
            recoverySink: app.declarations.withLock { $0.recoverySink },
            failed: { [stopSignal = app.stopSignal] in stopSignal.fire($0) },
            // The engine holds what takes part in its commits.
            backlog: Backlog(group: app.id) { [weak engine] in engine },
            lane: { [weak engine] partition in engine?.lane(of: partition) }
        )
    }
}
