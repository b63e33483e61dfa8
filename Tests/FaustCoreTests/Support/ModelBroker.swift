// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

@testable import FaustCore

/// A broker and consumer as a plain model: partitions with holes, a fetch position, one committed offset each.
///
/// It notes whatever breaks a promise of the engine.
final class ModelBroker: TransportConsumer {
    struct Record: Sendable {
        let offset: Int64
        let key: String
    }

    struct Partition: Sendable {
        var records: [Record]
        /// The offset behind the last record and the holes behind it.
        var end: Int64
        var committed: Int64?
        var position: Int64 = 0
        var epoch: UInt64 = 0
        var isRead = false
        var isPaused = false
        /// What was fetched and not polled yet.
        var queued: [MessageBatch] = []
        /// The offsets that each agent has processed since the output was last lost.
        var processed: [Int: Set<Int64>] = [:]
        /// The offsets that each agent has processed at all.
        var everProcessed: [Int: Set<Int64>] = [:]
    }

    /// How the next commit goes.
    enum CommitMood: Sendable {
        case confirms
        case refusesSome
        case throwsError
    }

    private struct State {
        var partitions: [TopicPartition: Partition]
        var violations: [String] = []
        var mood = CommitMood.confirms
        let agents: Int
    }

    private let state: Mutex<State>

    init(_ partitions: [TopicPartition: Partition], agents: Int) {
        state = Mutex(State(partitions: partitions, agents: agents))
    }

    subscript(partition: TopicPartition) -> Partition? { state.withLock { $0.partitions[partition] } }

    var violations: [String] { state.withLock { $0.violations } }

    func setMood(_ mood: CommitMood) {
        state.withLock { $0.mood = mood }
    }

    func report(_ violation: String) {
        state.withLock { $0.violations.append(violation) }
    }

    /// Whether a message is of the epoch that its partition is read under.
    func isInForce(_ message: Message) -> Bool {
        guard let partition = self[message.topicPartition] else { return false }
        return partition.isRead && partition.epoch == message.batch.epoch
    }

    private func change(_ partition: TopicPartition, _ body: (inout Partition) -> Void) {
        state.withLock { state in
            guard var known = state.partitions[partition] else { return }
            body(&known)
            state.partitions[partition] = known
        }
    }

    // MARK: What the test does

    /// Fetches a batch of up to `limit` records into the queue, if the partition is read.
    func fetch(_ id: TopicPartition, limit: Int) {
        change(id) { partition in
            guard partition.isRead, !partition.isPaused, partition.position < partition.end else { return }
            let rest = partition.records.filter { $0.offset >= partition.position }
            let taken = rest.prefix(limit)
            // The position goes past the holes up to the next record.
            let next = rest.dropFirst(limit).first?.offset ?? partition.end
            let keys = Dictionary(uniqueKeysWithValues: taken.map { ($0.offset, $0.key) })
            partition.queued.append(
                .test(id, taken.map(\.offset), epoch: partition.epoch, next: next) { keys[$0] }
            )
            partition.position = next
        }
    }

    /// The next batch in the queue of a partition, whatever its epoch.
    func poll(_ id: TopicPartition) -> MessageBatch? {
        var batch: MessageBatch?
        change(id) { partition in
            if !partition.queued.isEmpty { batch = partition.queued.removeFirst() }
        }
        return batch
    }

    /// Notes that an agent has processed a message.
    func process(_ message: Message, agent: Int) {
        change(message.topicPartition) { partition in
            partition.processed[agent, default: []].insert(message.offset)
            partition.everProcessed[agent, default: []].insert(message.offset)
        }
    }

    /// What was made of messages since their last commit is lost.
    func loseOutput() {
        state.withLock { state in
            for (id, partition) in state.partitions {
                let committed = partition.committed ?? 0
                state.partitions[id]?.processed = partition.processed.mapValues { $0.filter { $0 < committed } }
            }
        }
    }

    // MARK: What the engine does

    func makeQueue() -> any TransportQueue { FakeQueue() }
    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {}
    func close() async {}

    func read(_ id: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        change(id) { partition in
            partition.position = position ?? partition.committed ?? 0
            partition.epoch = epoch
            partition.isRead = true
            partition.isPaused = false
        }
    }

    func stopReading(_ id: TopicPartition) {
        change(id) { $0.isRead = false }
    }

    func seek(_ id: TopicPartition, to position: Int64?, epoch: UInt64) {
        change(id) { partition in
            partition.position = position ?? partition.committed ?? 0
            partition.epoch = epoch
        }
    }

    func pause(_ partitions: [TopicPartition]) {
        for id in partitions { change(id) { $0.isPaused = true } }
    }

    func resume(_ partitions: [TopicPartition]) {
        for id in partitions { change(id) { $0.isPaused = false } }
    }

    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        try state.withLock { state in
            if state.mood == .throwsError { throw FaustError(.transport, "no commit today") }
            var result = CommitResult(committed: [:])
            for (id, offset) in offsets.sorted(by: { $0.key < $1.key }) {
                if state.mood == .refusesSome, id.partition % 2 == 0 {
                    result.failures[id] = FaustError(.group, "not this one")
                    continue
                }
                check(id, offset, &state)
                state.partitions[id]?.committed = offset
                result.committed[id] = offset
            }
            return result
        }
    }

    private func check(_ id: TopicPartition, _ offset: Int64, _ state: inout State) {
        guard let partition = state.partitions[id] else { return }
        if !partition.isRead { state.violations.append("\(id) committed without being read") }
        if offset < partition.committed ?? 0 { state.violations.append("\(id) went back to \(offset)") }
        if offset > partition.end { state.violations.append("\(id) committed \(offset) past its end") }
        for agent in 0..<state.agents {
            let missing = partition.records.first { record in
                record.offset < offset && !(partition.processed[agent]?.contains(record.offset) ?? false)
            }
            if let missing {
                state.violations.append("\(id) committed \(offset), agent \(agent) has not processed \(missing.offset)")
            }
        }
    }
}
