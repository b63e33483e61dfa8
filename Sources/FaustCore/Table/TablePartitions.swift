// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// All partitions of a table while a worker runs; those that are not assigned to it are empty shells.
@usableFromInline
final class TablePartitions<Key: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let all: ContiguousArray<TablePartition<Key, Value>>
    private let changelog: String
    private let partitioner: Partitioner

    init(
        changelog: String,
        count: Int32,
        partitioner: Partitioner,
        make: (TopicPartition) -> TablePartition<Key, Value>
    ) {
        self.changelog = changelog
        self.partitioner = partitioner
        all = ContiguousArray((0..<count).map { make(TopicPartition(changelog, $0)) })
    }

    /// The number of partitions.
    var count: Int32 { Int32(all.count) }
    /// The partitions whose entries are here.
    var ready: [TablePartition<Key, Value>] { all.filter(\.isReady) }

    /// The partitions whose entries are changed here.
    var owned: [TablePartition<Key, Value>] { all.filter(\.isOwned) }
    /// How the partitions are that are here.
    var status: [TablePartitionStatus] { all.compactMap(\.status) }

    subscript(number: Int32) -> TablePartition<Key, Value> { all[Int(number)] }

    /// The number of the partition that all events in hand come from; `nil` when there is no single one, or the topics
    /// do not have as many partitions as the table.
    func number(in scope: EventScope) -> Int32? {
        guard scope.partitionCount == count, let number = scope.partitionNumber, number < count else { return nil }
        return number
    }

    /// The number of the partition that a key belongs to for the code of a scope.
    ///
    /// With events of several partitions in hand, as in the array of a `take`, it is the partition of the key, which must
    /// be among theirs.
    ///
    /// - Returns: `nil` when the scope has no event of a topic with as many partitions in hand.
    func number(for key: Key, in scope: EventScope, _ form: TableForm<Key, Value>) throws(FaustError) -> Int32? {
        try number(in: scope, form.name) { try form.partitionKey(key) }
    }

    /// The same for a key as topics have it, which is asked for when several partitions come into question.
    func number(in scope: EventScope, _ table: String, topicKey: () throws -> Bytes?) throws(FaustError) -> Int32? {
        if let number = number(in: scope) { return number }
        guard scope.partitionCount == count else { return nil }
        let inHand = Set(scope.partitions.map(\.partition))
        guard !inHand.isEmpty, let number = try number(table, topicKey: topicKey) else { return nil }
        return inHand.contains(number) ? number : nil
    }

    /// The number of the partition that events of a key come from.
    func number(of key: Key, _ form: TableForm<Key, Value>) throws(FaustError) -> Int32? {
        try number(form.name) { try form.partitionKey(key) }
    }

    private func number(_ table: String, topicKey: () throws -> Bytes?) throws(FaustError) -> Int32? {
        do {
            return try partitioner.partition(forKey: try topicKey(), topic: changelog, partitions: count)
        } catch {
            throw error as? FaustError
                ?? FaustError(.encode, "table \(table): a key has no partition", cause: error)
        }
    }

    /// Looks for a key in the partition that events of it come from, then in all others that are here.
    ///
    /// - Throws: ``FaustError`` when it is not found and its own partition is not here.
    func search<Found>(
        for key: Key,
        _ form: TableForm<Key, Value>,
        _ look: (TablePartition<Key, Value>) throws(FaustError) -> Found?
    ) throws(FaustError) -> Found? {
        let own = try number(of: key, form).map { self[$0] }
        if let own, own.isReady, let found = try look(own) { return found }
        for partition in all where partition !== own && partition.isReady {
            if let found = try look(partition) { return found }
        }
        // Throws when the partition is not here.
        return try own.flatMap { partition throws(FaustError) in try look(partition) }
    }

    /// Why a write was refused.
    func refusal(of scope: EventScope, _ table: String) -> FaustError {
        if let partitions = scope.partitionCount, partitions != count {
            return FaustError(
                .configuration,
                "\(scope.owner) can't change table \(table): its topics have \(partitions) partitions, the changelog"
                    + " \(changelog) has \(count); declare the table with as many, or send the events through a topic that has"
            )
        }
        if scope.partitionCount == nil {
            return FaustError(
                .configuration,
                "\(scope.owner) can't change table \(table): it reads a channel, or topics with different numbers of"
                    + " partitions; read topics with \(count) partitions each"
            )
        }
        let inHand = scope.partitions
        return FaustError(
            .lifecycle,
            inHand.isEmpty
                ? "\(scope.owner) can't change table \(table) without an event in hand: do so inside of the loop"
                : "\(scope.owner) can't change table \(table) for a key that is in none of the partitions in hand"
                    + " (\(inHand)): change the entries of the events' own keys"
        )
    }
}
