// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization

/// Reads partitions of the log, alone or as a member of a group.
final class LogConsumer: TransportConsumer {
    private struct State {
        var readers: [TopicPartition: PartitionReader] = [:]
        var queues: [LogQueue] = []
        var member: GroupMember?
        var isClosed = false
        /// Whether the member, if there was one, has left the group.
        var hasLeft = false
    }

    /// The group, if there is one.
    let group: String?
    private let engine: LogEngine
    private let configuration: ConsumerConfiguration
    private let state = Mutex(State())

    init(engine: LogEngine, configuration: ConsumerConfiguration) {
        self.engine = engine
        self.configuration = configuration
        group = configuration.group
    }

    deinit {
        for reader in state.withLock({ $0.readers.values }) { reader.log.remove(reader) }
    }

    func makeQueue() -> any TransportQueue {
        let queue = LogQueue(engine: engine)
        let isClosed = state.withLock { state in
            state.queues.append(queue)
            return state.isClosed
        }
        if isClosed { queue.close() }
        return queue
    }

    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        guard let group else {
            throw FaustError(.configuration, "a consumer without a group can't subscribe: give it one")
        }
        let subscription = try GroupSubscription(sets, partitions: { engine.topic($0)?.metadata.partitions })
        if let member = state.withLock({ $0.member }) { return member.resubscribe(subscription) }
        let member = GroupMember(
            coordinator: engine.groups.coordinator(group),
            clientID: configuration.clientID,
            subscription: subscription,
            listener: listener,
            onRevoked: { [weak self] partitions in for partition in partitions { self?.stopReading(partition) } },
            written: { [writer = engine.writer] in await writer.flush() }
        )
        try state.withLock { state in
            if state.isClosed { throw Self.closedError }
            if state.member != nil { throw FaustError(.lifecycle, "the consumer has subscribed already") }
            state.member = member
        }
        member.join()
    }

    func close() async {
        let (member, queues) = state.withLock { state in
            state.isClosed = true
            return (state.member, state.queues)
        }
        await member?.leave()
        let readers = state.withLock { state in
            state.hasLeft = true
            defer { state.readers = [:] }
            return state.readers
        }
        for reader in readers.values { stop(reader) }
        for queue in queues { queue.close() }
    }

    private static let closedError = FaustError(.closed, "the consumer is closed")
}

// MARK: - Reading

extension LogConsumer {
    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        guard let queue = queue as? LogQueue else {
            preconditionFailure("a consumer reads into queues that it has made itself")
        }
        guard let log = engine.log(partition) else {
            return report(FaustError(.unknownPartition, "there is no such partition", topicPartition: partition))
        }
        guard let start = resolve(log, position) else { return }
        let reader = PartitionReader(
            log: log,
            queue: queue,
            position: start,
            epoch: epoch,
            onOutOfRange: { [weak self] reader, position in self?.outOfRange(reader, position) },
            onDamage: { [weak self] log, range, reason in self?.damaged(log, range, reason) }
        )
        let (previous, isClosed) = state.withLock { state in
            (state.isClosed ? nil : state.readers.updateValue(reader, forKey: partition), state.isClosed)
        }
        if let previous { stop(previous) }
        if isClosed { return }
        // First known to the log, then looked at: an append between the two is not missed.
        log.add(reader)
        queue.becameReady(reader)
    }

    func stopReading(_ partition: TopicPartition) {
        if let reader = state.withLock({ $0.readers.removeValue(forKey: partition) }) { stop(reader) }
    }

    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        guard let reader = state.withLock({ $0.readers[partition] }) else { return }
        let start = resolve(reader.log, position)
        reader.queue.change(reader) { reader in
            reader.position = start ?? .max
            reader.epoch = epoch
            reader.generation += 1
        }
    }

    func pause(_ partitions: [TopicPartition]) {
        set(partitions, paused: true)
    }

    func resume(_ partitions: [TopicPartition]) {
        set(partitions, paused: false)
    }

    private func set(_ partitions: [TopicPartition], paused: Bool) {
        let readers = state.withLock { state in partitions.compactMap { state.readers[$0] } }
        for reader in readers { reader.queue.change(reader) { $0.isPaused = paused } }
    }

    private func stop(_ reader: PartitionReader) {
        reader.queue.change(reader) { $0.isStopped = true }
        reader.log.remove(reader)
    }

    /// Where to start: the position wanted, else the group's, else where the configuration says.
    private func resolve(_ log: PartitionLog, _ position: Int64?) -> Int64? {
        let partition = log.topicPartition
        let wanted = position ?? group.flatMap { engine.committedOffsets(group: $0, [partition])[partition] }
        let bounds = log.state
        if let wanted, wanted >= bounds.start && wanted <= bounds.end { return wanted }
        return reset(log, wanted)
    }

    private func outOfRange(_ reader: PartitionReader, _ position: Int64) -> Int64? {
        reset(reader.log, position)
    }

    private func reset(_ log: PartitionLog, _ wanted: Int64?) -> Int64? {
        let offset = engine.resetOffset(log, configuration.offsetReset)
        let partition = log.topicPartition
        if let wanted {
            configuration.logger.warning(
                "the offset is not in the log; reading goes on elsewhere",
                metadata: [
                    "partition": "\(partition)", "offset": "\(wanted)",
                    "reset": "\(offset.map(String.init) ?? "none")",
                ]
            )
        }
        if offset == nil {
            let what = wanted.map { "offset \($0) is not in the log" } ?? "the group has committed no offset"
            report(
                FaustError(
                    .group,
                    "\(what) and offsetReset is none: commit an offset, or let the reset be earliest or latest",
                    topicPartition: partition,
                    offset: wanted,
                    isFatal: true
                )
            )
        }
        return offset
    }

    private func damaged(_ log: PartitionLog, _ range: Range<Int64>, _ reason: String) {
        configuration.logger.critical(
            "messages are damaged and are skipped",
            metadata: [
                "topic": "\(log.topicPartition.topic)", "partition": "\(log.topicPartition.partition)",
                "offset": "\(range.lowerBound)", "next": "\(range.upperBound)", "reason": "\(reason)",
            ]
        )
    }

    private func report(_ error: FaustError) {
        configuration.logger.error("a partition can't be read", metadata: ["error": "\(error)"])
        state.withLock { $0.member }?.fail(error)
    }
}

// MARK: - Commits

extension LogConsumer {
    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        guard let group else {
            throw FaustError(.configuration, "a consumer without a group can't commit: give it one")
        }
        // While the member leaves, what is revoked can still be committed.
        let (member, hasLeft) = state.withLock { ($0.member, $0.hasLeft) }
        if hasLeft { throw Self.closedError }
        let engine = engine
        let refused = Mutex<[TopicPartition: FaustError]>([:])
        try await engine.writer.execute { set in
            let failures = Self.failures(offsets, engine, engine.groups.coordinator(group), member)
            refused.withLock { $0 = failures }
            let accepted = offsets.filter { failures[$0.key] == nil }
            if !accepted.isEmpty { engine.addOffsets(accepted, group: group, to: &set) }
        }
        let failures = refused.withLock { $0 }
        return CommitResult(committed: offsets.filter { failures[$0.key] == nil }, failures: failures)
    }

    /// Throws when one of the offsets could not be committed now.
    func checkCommit(_ offsets: [TopicPartition: Int64]) throws(FaustError) {
        guard let group else {
            throw FaustError(.configuration, "a consumer without a group can't commit: give it one")
        }
        let (member, hasLeft) = state.withLock { ($0.member, $0.hasLeft) }
        if hasLeft { throw Self.closedError }
        let failures = Self.failures(offsets, engine, engine.groups.coordinator(group), member)
        if let error = failures.min(by: { $0.key < $1.key })?.value { throw error }
    }

    private static func failures(
        _ offsets: [TopicPartition: Int64],
        _ engine: LogEngine,
        _ coordinator: GroupCoordinator,
        _ member: GroupMember?
    ) -> [TopicPartition: FaustError] {
        var failures: [TopicPartition: FaustError] = [:]
        for (partition, offset) in offsets {
            if engine.log(partition) == nil {
                failures[partition] = FaustError(
                    .unknownPartition,
                    "there is no such partition",
                    topicPartition: partition
                )
            } else if offset < 0 {
                failures[partition] = FaustError(
                    .validation,
                    "an offset can't be negative",
                    topicPartition: partition,
                    offset: offset
                )
            } else if !coordinator.mayCommit(partition, member: member?.id) {
                failures[partition] = FaustError(
                    .group,
                    "the partition is not assigned to this member of the group '\(coordinator.name)' (any more)",
                    topicPartition: partition,
                    offset: offset
                )
            }
        }
        return failures
    }
}
