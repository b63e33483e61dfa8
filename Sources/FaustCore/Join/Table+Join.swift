// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Table {
    /// Joins the entries of two tables that have the same key (Kafka Streams' `KTable.join`); see ``TableJoin``.
    ///
    /// Defaults of tables are no entries: entries whose key has none in the other table are left out.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func join<Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<Key, (Value, Right)> {
        TableJoin(core, right.core, { $0 }, { $0 }, JoinedTables.inner)
    }

    /// The same where the other table has no default; see ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func join<Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<Key, (Value, Right)> {
        TableJoin(core, right.core, { $0 }, { $0 ?? nil }, JoinedTables.inner)
    }

    /// The same where this table has no default; see ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func join<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<Key, (Left, Right)>
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 }, JoinedTables.inner)
    }

    /// The same where neither table has a default; see ``join(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func join<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<Key, (Left, Right)>
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 ?? nil }, JoinedTables.inner)
    }

    /// Joins each entry of this table with the one that another table has for its key, or with `nil` (Kafka Streams'
    /// `KTable.leftJoin`); see ``TableJoin``.
    ///
    /// Defaults of tables are no entries: entries of the other table whose key has none here are left out.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func leftJoin<Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<Key, (Value, Right?)> {
        TableJoin(core, right.core, { $0 }, { $0 }, JoinedTables.left)
    }

    /// The same where the other table has no default; see ``leftJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func leftJoin<Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<Key, (Value, Right?)> {
        TableJoin(core, right.core, { $0 }, { $0 ?? nil }, JoinedTables.left)
    }

    /// The same where this table has no default; see ``leftJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func leftJoin<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<Key, (Left, Right?)>
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 }, JoinedTables.left)
    }

    /// The same where neither table has a default; see ``leftJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func leftJoin<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<Key, (Left, Right?)>
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 ?? nil }, JoinedTables.left)
    }

    /// Joins the entries of two tables by key; one of the two is there at least (Kafka Streams' `KTable.outerJoin`); see
    /// ``TableJoin``.
    ///
    /// Defaults of tables are no entries: no entry is left out.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func outerJoin<Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<Key, (Value?, Right?)> {
        TableJoin(core, right.core, { $0 }, { $0 }, JoinedTables.outer)
    }

    /// The same where the other table has no default; see ``outerJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func outerJoin<Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<Key, (Value?, Right?)> {
        TableJoin(core, right.core, { $0 }, { $0 ?? nil }, JoinedTables.outer)
    }

    /// The same where this table has no default; see ``outerJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func outerJoin<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right>) -> TableJoin<
        Key, (Left?, Right?)
    >
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 }, JoinedTables.outer)
    }

    /// The same where neither table has a default; see ``outerJoin(_:)-(Table<Key,Right>)``.
    ///
    /// - Parameter right: The other table, with as many partitions.
    /// - Returns: The joined tables.
    public func outerJoin<Left: Sendable, Right: Sendable>(_ right: Table<Key, Right?>) -> TableJoin<
        Key, (Left?, Right?)
    >
    where Value == Left? {
        TableJoin(core, right.core, { $0 ?? nil }, { $0 ?? nil }, JoinedTables.outer)
    }
}

/// Which entries of two tables are joined.
private enum JoinedTables {
    static func inner<Left, Right>(_ left: Left?, _ right: Right?) -> (Left, Right)? {
        guard let left, let right else { return nil }
        return (left, right)
    }

    static func left<Left, Right>(_ left: Left?, _ right: Right?) -> (Left, Right?)? {
        left.map { ($0, right) }
    }

    static func outer<Left, Right>(_ left: Left?, _ right: Right?) -> (Left?, Right?)? {
        left == nil && right == nil ? nil : (left, right)
    }
}
