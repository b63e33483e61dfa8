// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// A table's part in a run of a worker: its partitions, their recovery and their share in each commit.
final class TableRun<Key: Sendable, Value: Sendable>: CommitParticipant {
    /// What was handed over by a commit and is not in the store yet.
    private struct Pending {
        let partition: TablePartition<Key, Value>
        let delta: TableDelta
        let receipt: ChangelogReceipt
    }

    private let core: TableCore<Key, Value>
    private let context: TableContext
    private let partitions = Mutex<TablePartitions<Key, Value>?>(nil)
    private let pending = Mutex<[Pending]>([])
    private let progress: RecoveryProgress
    /// What follows the partitions of a global table that other workers have, and how far they are.
    private let followers = Recoveries()

    init(_ core: TableCore<Key, Value>, _ context: TableContext) {
        self.core = core
        self.context = context
        progress = RecoveryProgress(
            table: core.name,
            logger: context.logger,
            elapsed: context.clock.elapsed,
            sink: context.recoverySink
        )
    }

    var name: String { "table \(core.name)" }

    // MARK: The run of the app

    func start() async throws {
        let count = try await declareChangelog()
        let (form, configuration, tellsChanges) = (core.form, core.configuration, core.tellsChanges)
        let all = TablePartitions<Key, Value>(
            changelog: core.changelogTopic,
            count: count,
            partitioner: context.partitioner
        ) {
            TablePartition(
                changelog: $0,
                form: form,
                cacheLimit: configuration.cachedEntries,
                tellsChanges: tellsChanges,
                isGlobal: configuration.isGlobal
            )
        }
        partitions.withLock { $0 = all }
        if configuration.isGlobal { try await readAll(all) }
        core.setLive(all)
        if configuration.isGlobal { for partition in all.all { await core.recovered(partition.number) } }
    }

    func stop() async {
        core.setLive(nil)
        guard core.configuration.isGlobal, let all = partitions.withLock({ $0 }) else { return }
        await followers.cancel(all.all.map(\.changelog) + [lagWatch])
        for partition in all.all { partition.close() }
    }

    // MARK: Global tables

    /// How often it is looked how far other workers are ahead.
    private static var lagInterval: Duration { .seconds(5) }
    /// What the task that looks is called: a partition that there is not.
    private var lagWatch: TopicPartition { TopicPartition(core.changelogTopic, -1) }

    /// Brings all partitions to the ends of their changelogs, then follows them.
    private func readAll(_ all: TablePartitions<Key, Value>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for partition in all.all {
                group.addTask { [self] in
                    try await recovery(of: partition).run()
                    partition.markFollowing()
                    follow(partition)
                }
            }
            try await group.waitForAll()
        }
        followers.start(lagWatch) { [self] in
            while (try? await context.clock.sleep(Self.lagInterval)) != nil {
                let ends = try? await context.transport.offsets(of: all.all.map(\.changelog))
                for partition in all.all { partition.note(end: ends?[partition.changelog]?.upperBound) }
            }
        }
    }

    private func follow(_ partition: TablePartition<Key, Value>) {
        followers.start(partition.changelog) { [self] in
            do {
                try await recovery(of: partition).follow()
            } catch {
                guard !Task.isCancelled else { return }
                context.failed(
                    error as? FaustError
                        ?? FaustError(.storage, "table \(core.name) can't follow its changelog", cause: error)
                )
            }
        }
    }

    private func recovery(of partition: TablePartition<Key, Value>) -> TableRecovery<Key, Value> {
        TableRecovery(partition: partition, core: core, context: context, progress: progress)
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
            guard !partition.isOwned else { return }
            await followers.cancel([partition.changelog])
            try await recovery(of: partition).run()
            // A partition that was revoked meanwhile stays closed.
            try Task.checkCancellation()
            try core.keeper?.open(partition.number, marker: try partition.openStore()?.value(of: .empty))
            partition.markReady()
            if !core.configuration.isGlobal { await core.recovered(partition.number) }
        }
    }

    func revoked(_ sources: [TopicPartition]) async {
        for source in sources {
            guard let partition = partition(for: source), partition.leave(source) else { continue }
            if core.configuration.isGlobal { follow(partition) }
        }
    }

    func lost(_ sources: [TopicPartition]) async {
        await revoked(sources)
    }

    // MARK: Commits

    func beforePrepare() async throws {
        let keeper = core.keeper
        guard let all = partitions.withLock({ $0 }), keeper != nil || core.tellsChanges else { return }
        if let keeper { await tellDelays(keeper, all.owned.map(\.number)) }
        for partition in all.owned {
            let scope = EventScope(owner: name, partition: partition.changelog, partitionCount: all.count)
            try await withTaskExecutorPreference(context.lane(partition.number)) {
                try await EventScope.$current.withValue(scope) {
                    try await keeper?.advance(partition, core.form, scope: scope)
                    try await core.tellChanges(of: partition, scope: scope)
                }
            }
        }
    }

    /// Tells the keeper which of the partitions that nothing was written to are behind, not silent.
    private func tellDelays(_ keeper: any TableKeeper<Key, Value>, _ numbers: [Int32]) async {
        let silent = Set(numbers.filter(keeper.isSilent))
        guard !silent.isEmpty else { return }
        for number in silent.subtracting(await context.backlog.without(silent)) { keeper.noteDelay(number) }
    }

    func prepare(_ changelog: ChangelogWriter) async throws {
        guard let all = partitions.withLock({ $0 }) else { return }
        for partition in all.owned {
            let marker = try core.keeper?.handOver(partition.number)
            guard var delta = try partition.handOver(marker: marker) else { continue }
            let receipt = changelog.send(delta.messages)
            // The producer has them.
            delta.messages = []
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
        if let all = partitions.withLock({ $0 }) {
            for partition in all.owned { partition.rollBack() }
        }
        // What it knows of entries is read anew, from what is left of them.
        core.keeper?.rollBack()
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
    var defaultPartitions: Int32
    /// Is told how far recoveries are.
    let recoverySink: (@Sendable (RecoveryReport) -> Void)?
    /// Stops the worker.
    let failed: @Sendable (FaustError) -> Void
    /// Tells silence from delay.
    let backlog: Backlog
    /// The lane that a partition belongs to.
    let lane: @Sendable (Int32) -> Lane?

    var replicas: Int16 { Int16(clamping: settings.topicReplicationFactor) }
}
