// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// A table's part in a run of a worker: its partitions, their recovery and their share in each commit.
final class TableRun<Key: Sendable, Value: Sendable>: CommitParticipant {
    /// What was handed over by a commit and is not in the store yet.
    private struct Pending {
        let partition: TablePartition<Key, Value>
        let delta: TablePartition<Key, Value>.Delta
        let receipt: ChangelogReceipt
    }

    private let core: TableCore<Key, Value>
    private let context: TableContext
    private let partitions = Mutex<TablePartitions<Key, Value>?>(nil)
    private let pending = Mutex<[Pending]>([])
    private let progress: RecoveryProgress

    init(_ core: TableCore<Key, Value>, _ context: TableContext) {
        self.core = core
        self.context = context
        progress = RecoveryProgress(table: core.name, logger: context.logger, elapsed: context.clock.elapsed)
    }

    var name: String { "table \(core.name)" }

    // MARK: The run of the app

    func start() async throws {
        let count = try await declareChangelog()
        let (form, cacheLimit, tellsChanges) = (core.form, core.configuration.cachedEntries, core.tellsChanges)
        let all = TablePartitions<Key, Value>(
            changelog: core.changelogTopic,
            count: count,
            partitioner: context.partitioner
        ) { TablePartition(changelog: $0, form: form, cacheLimit: cacheLimit, tellsChanges: tellsChanges) }
        partitions.withLock { $0 = all }
        core.setLive(all)
    }

    func stop() async {
        core.setLive(nil)
    }

    /// Creates the changelog if need be.
    ///
    /// - Returns: The number of its partitions.
    private func declareChangelog() async throws -> Int32 {
        let topic = core.changelogTopic
        let wanted = core.configuration.partitions.map { Int32(clamping: $0) }
        if let known = try await context.transport.topics([topic])[topic]?.partitions {
            guard wanted == nil || wanted == known else {
                throw FaustError(
                    .configuration,
                    "table \(core.name) is declared with \(wanted ?? 0) partitions, its changelog \(topic) has \(known):"
                        + " the number can't be changed; give the app a new version, or the table a new name"
                )
            }
            return known
        }
        let declaration = core.changelog(partitions: context.defaultPartitions, replicas: context.replicas)
        guard let count = try await context.catalog.declare([declaration])[topic] else {
            throw FaustError(.unknownPartition, "the changelog \(topic) does not exist and was not created")
        }
        return count
    }

    // MARK: Partitions

    /// The table partition that goes with a partition of a topic.
    private func partition(for source: TopicPartition) -> TablePartition<Key, Value>? {
        guard let all = partitions.withLock({ $0 }), source.partition < all.count,
            context.catalog.knownPartitions(of: source.topic) == all.count
        else { return nil }
        return all[source.partition]
    }

    func needsRecovery(_ source: TopicPartition) -> Bool {
        guard let partition = partition(for: source) else { return false }
        return !partition.join(source)
    }

    func recover(_ source: TopicPartition) async throws {
        guard let partition = partition(for: source) else { return }
        try await partition.turn.take {
            guard !partition.isReady else { return }
            try await TableRecovery(partition: partition, core: core, context: context, progress: progress).run()
            // A partition that was revoked meanwhile stays closed.
            try Task.checkCancellation()
            try core.keeper?.open(partition.number, marker: try partition.openStore()?.value(of: .empty))
            partition.markReady()
            await core.recovered(partition.number)
        }
    }

    func revoked(_ sources: [TopicPartition]) async {
        for source in sources { partition(for: source)?.leave(source) }
    }

    func lost(_ sources: [TopicPartition]) async {
        await revoked(sources)
    }

    // MARK: Commits

    func beforePrepare() async throws {
        let keeper = core.keeper
        guard let all = partitions.withLock({ $0 }), keeper != nil || core.tellsChanges else { return }
        for partition in all.ready {
            let scope = EventScope(owner: name, partition: partition.changelog, partitionCount: all.count)
            try await withTaskExecutorPreference(context.lane(partition.number)) {
                try await EventScope.$current.withValue(scope) {
                    try await keeper?.advance(partition, core.form, scope: scope)
                    try await core.tellChanges(of: partition, scope: scope)
                }
            }
        }
    }

    func prepare(_ changelog: ChangelogWriter) async throws {
        guard let all = partitions.withLock({ $0 }) else { return }
        for partition in all.ready {
            let marker = try core.keeper?.handOver(partition.number)
            guard let delta = try partition.handOver(marker: marker) else { continue }
            let receipt = changelog.send(delta.messages)
            pending.withLock { $0.append(Pending(partition: partition, delta: delta, receipt: receipt)) }
        }
    }

    func store() async throws {
        let pending = takePending()
        for item in pending {
            var delta = item.delta
            if let last = item.receipt.last(in: item.partition.changelog) {
                delta.batch.position = StorePosition(
                    next: last.offset + 1,
                    last: .init(offset: last.offset, timestampMilliseconds: last.timestampMilliseconds)
                )
            }
            try item.partition.apply(delta)
        }
        core.keeper?.settle()
    }

    func rollBack(_ sources: [TopicPartition]) async {
        _ = takePending()
        core.keeper?.rollBack()
        guard let all = partitions.withLock({ $0 }) else { return }
        for partition in all.ready { partition.rollBack() }
    }

    private func takePending() -> [Pending] {
        pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
    }
}

/// What a table needs from the worker that it belongs to.
struct TableContext: Sendable {
    let transport: any Transport
    let catalog: TopicCatalog
    let reader: ChangelogReader
    let partitioner: Partitioner
    let stores: StoreRegistry
    let settings: Settings
    let logger: Logger
    let clock: AppClock
    /// The number of partitions of a table that names none.
    let defaultPartitions: Int32
    /// The lane that a partition belongs to.
    let lane: @Sendable (Int32) -> Lane?

    var replicas: Int16 { Int16(clamping: settings.topicReplicationFactor) }
}
