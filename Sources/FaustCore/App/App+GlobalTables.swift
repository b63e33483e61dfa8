// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A table that every worker has whole: ``App/globalTable(_:key:default:help:configuration:)-swift.method`` makes it.
///
/// The handle is that of any table; ``Table/isGlobal`` tells the difference. Each worker reads all partitions of the
/// changelog, outside of the consumer group, before it joins its group: the first event, task or timer finds the table as
/// it was when the worker started. From then on it follows what other workers commit; ``Monitor/tables`` tells how far behind
/// it is.
///
/// **Reading** sees all partitions everywhere, also inside of an agent's stream: first the partition of the event in hand,
/// then the one that events of the key come from, then the others. A worker sees its own changes at once, and those of others
/// when they are committed and have arrived. **Writing** works where it does for any table, and goes to the partition of the
/// event in hand, of which this worker is the only one to change it.
///
/// On disk, every worker has stores of all partitions, so that workers of one machine need a data directory each.
public typealias GlobalTable<Key: Sendable, Value: Sendable> = Table<Key, Value>

/// A table of sets that every worker has whole; see ``GlobalTable`` and ``SetTable``.
public typealias SetGlobalTable<Key: Sendable, Member: Hashable & Sendable> = SetTable<Key, Member>

extension Table {
    /// Whether every worker has all partitions; see ``GlobalTable``.
    public var isGlobal: Bool { core.configuration.isGlobal }
}

extension SetTable {
    /// Whether every worker has all partitions; see ``GlobalTable``.
    public var isGlobal: Bool { core.configuration.isGlobal }
}

extension TableConfiguration {
    fileprivate var global: TableConfiguration {
        var configuration = self
        configuration.isGlobal = true
        return configuration
    }
}

extension App {
    /// Declares a table that every worker has whole, whose keys have a default value; see ``GlobalTable``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - default: The value of keys that are not there; evaluated each time.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func globalTable<Key: JSONCodable, Value: JSONCodable>(
        _ name: String,
        key: Key.Type,
        default: @autoclosure @escaping @Sendable () -> Value,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> GlobalTable<Key, Value> {
        table(name, key: key, default: `default`(), help: help, configuration: configuration.global)
    }

    /// Declares a table that every worker has whole, whose values go through `Codable`; see ``GlobalTable``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - key: The type of the keys.
    ///   - default: The value of keys that are not there; evaluated each time.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    @_disfavoredOverload
    public func globalTable<Key: JSONCodable, Value: Codable & Sendable>(
        _ name: String,
        key: Key.Type,
        default: @autoclosure @escaping @Sendable () -> Value,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> GlobalTable<Key, Value> {
        table(name, key: key, default: `default`(), help: help, configuration: configuration.global)
    }

    /// Declares a table without a default that every worker has whole; see ``GlobalTable``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - value: The type of the values.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func globalTable<Key: JSONCodable, Value: JSONCodable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> GlobalTable<Key, Value?> {
        table(name, key: key, value: value, help: help, configuration: configuration.global)
    }

    /// Declares a table without a default that every worker has whole, whose values go through `Codable`; see
    /// ``GlobalTable``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - key: The type of the keys.
    ///   - value: The type of the values.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    @_disfavoredOverload
    public func globalTable<Key: JSONCodable, Value: Codable & Sendable>(
        _ name: String,
        key: Key.Type,
        value: Value.Type,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> GlobalTable<Key, Value?> {
        table(name, key: key, value: value, help: help, configuration: configuration.global)
    }

    /// Declares a table of sets that every worker has whole; see ``GlobalTable`` and ``SetTable``.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - value: The type of the members of the sets.
    ///   - startManager: Whether sets can be changed from anywhere through ``SetTable/manager``.
    ///   - managerTopic: The name of the manager's topic; `nil` takes `{app.id}-{name}-setmanager`.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func setGlobalTable<Key: JSONCodable, Member: JSONCodable & Hashable>(
        _ name: String,
        key: Key.Type,
        value: Member.Type,
        startManager: Bool = false,
        managerTopic: String? = nil,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> SetGlobalTable<Key, Member> {
        setTable(
            name,
            key: key,
            value: value,
            startManager: startManager,
            managerTopic: managerTopic,
            help: help,
            configuration: configuration.global
        )
    }
}
