// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Logging
import Synchronization

/// A way in which a transport breaks the contract.
enum Fault: String, Sendable, CaseIterable {
    case forgetsTopics
    case acceptsInvalidNames
    case keepsDeletedTopics
    case wrongMetadata
    case completesTwice
    case losesMessage
    case swapsMessages
    case emptiesNulls
    case dropsHeaders
    case movesTimestamps
    case appendsToUnknownPartitions
    case flushesNothing
    case sendsAfterClose
    case wrongEnd
    case inventsUnknownOffsets
    case ignoresTimestamps
    case startsOneLate
    case ignoresReset
    case ignoresSeek
    case keepsEpoch
    case ignoresPause
    case ignoresResume
    case ignoresStop
    case losesWake
    case pollsForever
    case ignoresTimeout
    case ignoresLimit
    case starves
    case mixesQueues
    case revokesEverything
    case doesNotAwaitRevoked
    case doesNotRevokeOnLeave
    case acceptsForeignCommits
    case confirmsWithoutCommitting
    case separatesCopartitions
    case showsOpenTransactions
    case commitsAborted
    case ignoresTransactionOffsets
    case doesNotFence
    case ignoresClose
    case mixesMembers

    /// The check that must find the transport out.
    var check: String {
        switch self {
        case .forgetsTopics: "a topic that was created is listed with its partitions"
        case .acceptsInvalidNames: "names and numbers that no topic can have are refused"
        case .keepsDeletedTopics: "a topic that was deleted is gone with its messages"
        case .wrongMetadata: "metadata tells partition, offset and timestamp"
        case .completesTwice: "messages keep the order in which they were sent"
        case .losesMessage: "thousands of messages in few calls arrive complete and in order"
        case .swapsMessages: "thousands of messages in few calls arrive complete and in order"
        case .emptiesNulls: "null and empty keys and values are told apart"
        case .dropsHeaders: "headers keep order, repeated names, null and empty values"
        case .movesTimestamps: "timestamps arrive as sent"
        case .appendsToUnknownPartitions: "a message for an unknown partition fails alone"
        case .flushesNothing: "flush returns when all outcomes are known"
        case .sendsAfterClose: "what is sent after close fails"
        case .wrongEnd: "the end offset is the one that the next message gets"
        case .inventsUnknownOffsets: "unknown partitions have no offsets"
        case .ignoresTimestamps: "an offset is found by timestamp"
        case .startsOneLate: "reading starts exactly at the position asked for"
        case .ignoresReset: "reading with reset to the latest leaves out what is there already"
        case .ignoresSeek: "seeking goes on exactly at the new position under the new epoch"
        case .keepsEpoch: "of several seeks the last one counts"
        case .ignoresPause: "a paused partition stands still and goes on without a gap"
        case .ignoresResume: "a paused partition can be sought and resumed"
        case .ignoresStop: "nothing that is sent after reading was stopped arrives"
        case .losesWake: "wake ends a poll, and no wake is lost"
        case .pollsForever: "a poll without a wait returns at once"
        case .ignoresTimeout: "a poll on an empty queue waits as long as it was told"
        case .ignoresLimit: "a poll stops at the batch that reaches the limit"
        case .starves: "a full partition does not starve the others"
        case .mixesQueues: "each queue gets the partitions that feed it"
        case .revokesEverything: "only the partitions that move are revoked when a member joins"
        case .doesNotAwaitRevoked: "a partition is handed on only when its owner is done with it"
        case .doesNotRevokeOnLeave: "leaving revokes all partitions first"
        case .acceptsForeignCommits: "a member can't commit what belongs to another"
        case .confirmsWithoutCommitting: "a commit is confirmed and can be looked up"
        case .separatesCopartitions: "the same partitions of a co-partitioned set stay together"
        case .showsOpenTransactions: "a transaction is seen when it is committed, not before"
        case .commitsAborted: "a transaction that is aborted is never seen"
        case .ignoresTransactionOffsets: "offsets take effect with the transaction"
        case .doesNotFence: "the younger of two producers with one identity wins"
        case .ignoresClose: "the queues of a closed consumer give nothing more"
        case .mixesMembers: "the group tells its members and what they read"
        }
    }
}

/// The embedded log with a fault.
final class FaultyTransport: Transport {
    private let log = LogTransport(storage: .memory)
    private let fault: Fault
    private let assignments = Watched(0)

    init(_ fault: Fault) {
        self.fault = fault
    }

    var description: String { log.description }
    func start() async throws { try await log.start() }
    func stop() async { await log.stop() }

    func createTopics(_ declarations: [TopicDeclaration]) async throws {
        if fault == .acceptsInvalidNames { return try await log.createTopics(declarations.filter { $0.fault == nil }) }
        try await log.createTopics(declarations)
    }

    func deleteTopics(_ names: [String]) async throws {
        if fault != .keepsDeletedTopics { try await log.deleteTopics(names) }
    }

    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        let topics = try await log.topics(names)
        return fault == .forgetsTopics ? topics.filter { $0.value.partitions < 5 } : topics
    }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        var offsets = try await log.offsets(of: partitions)
        if fault == .wrongEnd { offsets = offsets.mapValues { $0.lowerBound..<max($0.upperBound - 1, 0) } }
        if fault == .inventsUnknownOffsets {
            for partition in partitions { offsets[partition] = offsets[partition] ?? 0..<0 }
        }
        return offsets
    }

    func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        if fault == .ignoresTimestamps { return try await log.offsets(of: partitions).mapValues(\.lowerBound) }
        return try await log.offsets(of: partitions, from: timestampMilliseconds)
    }

    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await log.committedOffsets(group: group, partitions: partitions)
    }

    func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        var members = try await log.groupMembers(group)
        if fault == .mixesMembers, members.count > 1 {
            let assignment = members[0].assignment
            members[0].assignment = members[1].assignment
            members[1].assignment = assignment
        }
        return members
    }

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        var configuration = configuration
        if fault == .ignoresReset { configuration.offsetReset = .earliest }
        return FaultyConsumer(try log.makeConsumer(configuration), fault, assignments)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        var configuration = configuration
        if fault == .doesNotFence, let id = configuration.transactionalID {
            configuration.transactionalID = "\(id) \(UInt64.random(in: .min ... .max))"
        }
        return FaultyProducer(try log.makeProducer(configuration), fault, log)
    }
}

private final class FaultyProducer: TransportProducer {
    private let raw: any TransportProducer
    private let plain: (any TransportProducer)?
    private let fault: Fault

    init(_ raw: any TransportProducer, _ fault: Fault, _ log: LogTransport) {
        self.raw = raw
        self.fault = fault
        plain = try? log.makeProducer(ProducerConfiguration(logger: .init(label: "plain")))
    }

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        let fault = fault
        let target = fault == .showsOpenTransactions || fault == .sendsAfterClose ? plain ?? raw : raw
        if fault == .losesMessage, let last = messages.last {
            let metadata = RecordMetadata(topicPartition: last.topicPartition, offset: 0, timestampMilliseconds: 0)
            completion(messages.count - 1, .success(metadata))
            return raw.send(Array(messages.dropLast()), completion: completion)
        }
        target.send(changed(messages)) { index, outcome in
            completion(index, Self.changed(outcome, fault, messages[index]))
            if fault == .completesTwice { completion(index, outcome) }
        }
    }

    private func changed(_ messages: [OutgoingMessage]) -> [OutgoingMessage] {
        if fault == .swapsMessages, messages.count > 1 {
            var messages = messages
            messages.swapAt(0, messages.count - 1)
            return messages
        }
        return messages.map { message in
            var message = message
            switch fault {
            case .emptiesNulls: message.value = message.value ?? .empty
            case .dropsHeaders: message.headers = Headers(Array(message.headers.fields.dropLast()))
            case .movesTimestamps:
                message.timestampMilliseconds = message.timestampMilliseconds.map { $0 / 1_000 * 1_000 - 1 }
            default: break
            }
            return message
        }
    }

    private static func changed(
        _ outcome: Result<RecordMetadata, FaustError>,
        _ fault: Fault,
        _ message: OutgoingMessage
    ) -> Result<RecordMetadata, FaustError> {
        switch (outcome, fault) {
        case (.success(let metadata), .wrongMetadata):
            .success(
                .init(
                    topicPartition: metadata.topicPartition,
                    offset: metadata.offset + 1,
                    timestampMilliseconds: metadata.timestampMilliseconds
                )
            )
        case (.failure, .appendsToUnknownPartitions):
            .success(.init(topicPartition: message.topicPartition, offset: 0, timestampMilliseconds: 0))
        default: outcome
        }
    }

    func flush() async {
        if fault == .flushesNothing { return }
        await raw.flush()
        await plain?.flush()
    }

    func beginTransaction() async throws { try await raw.beginTransaction() }

    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        let offsets = fault == .ignoresTransactionOffsets ? [:] : offsets
        try await raw.commitTransaction(offsets: offsets, of: (consumer as? FaultyConsumer)?.raw)
    }

    func abortTransaction() async throws {
        if fault == .commitsAborted { return try await raw.commitTransaction(offsets: [:], of: nil) }
        try await raw.abortTransaction()
    }

    func close() async {
        await raw.close()
        if fault != .sendsAfterClose { await plain?.close() }
    }
}

private final class FaultyConsumer: TransportConsumer {
    let raw: any TransportConsumer
    private let fault: Fault
    private let assignments: Watched<Int>
    private let queues = Mutex<[FaultyQueue]>([])

    init(_ raw: any TransportConsumer, _ fault: Fault, _ assignments: Watched<Int>) {
        self.raw = raw
        self.fault = fault
        self.assignments = assignments
    }

    func makeQueue() -> any TransportQueue {
        let queue = FaultyQueue(raw.makeQueue(), fault)
        queues.withLock { $0.append(queue) }
        return queue
    }

    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        let sets = fault == .separatesCopartitions ? sets.flatMap { $0.topics.map { CopartitionedSet([$0]) } } : sets
        try await raw.subscribe(sets, listener: FaultyListener(raw: listener, fault: fault, assignments))
    }

    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        let queue = fault == .mixesQueues ? queues.withLock { $0[0] } : queue as? FaultyQueue
        guard let queue else { return }
        let position = fault == .startsOneLate ? position.map { $0 + 1 } : position
        raw.read(partition, from: position, into: queue.raw, epoch: epoch)
    }

    func stopReading(_ partition: TopicPartition) {
        if fault != .ignoresStop { raw.stopReading(partition) }
    }

    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        switch fault {
        case .ignoresSeek: break
        case .keepsEpoch: raw.seek(partition, to: position, epoch: 1)
        default: raw.seek(partition, to: position, epoch: epoch)
        }
    }

    func pause(_ partitions: [TopicPartition]) {
        if fault != .ignoresPause { raw.pause(partitions) }
    }

    func resume(_ partitions: [TopicPartition]) {
        if fault != .ignoresResume { raw.resume(partitions) }
    }

    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        switch fault {
        case .confirmsWithoutCommitting: return CommitResult(committed: offsets)
        case .acceptsForeignCommits:
            _ = try? await raw.commit(offsets)
            return CommitResult(committed: offsets)
        default: return try await raw.commit(offsets)
        }
    }

    func close() async {
        if fault != .ignoresClose { await raw.close() }
    }
}

private final class FaultyQueue: TransportQueue {
    let raw: any TransportQueue
    private let fault: Fault
    private let held = Mutex<[MessageBatch]>([])

    init(_ raw: any TransportQueue, _ fault: Fault) {
        self.raw = raw
        self.fault = fault
    }

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        switch fault {
        case .pollsForever: raw.poll(limit: limit, timeout: max(timeout, .seconds(2)))
        case .ignoresLimit: raw.poll(limit: .max, timeout: timeout)
        case .ignoresTimeout: raw.poll(limit: limit, timeout: .zero)
        case .starves: starving(raw.poll(limit: limit, timeout: timeout))
        default: raw.poll(limit: limit, timeout: timeout)
        }
    }

    /// Holds back all partitions but the middle one until that has been read.
    private func starving(_ batches: [MessageBatch]) -> [MessageBatch] {
        held.withLock { held in
            held += batches.filter { $0.topicPartition.partition != 1 }
            let full = batches.filter { $0.topicPartition.partition == 1 }
            if let last = full.last, last.nextOffset < 20_000 { return full }
            defer { held = [] }
            return full + held
        }
    }

    func wake() {
        if fault != .losesWake { raw.wake() }
    }
}

private final class FaultyListener: RebalanceListener {
    private let raw: any RebalanceListener
    private let fault: Fault
    private let assigned = Mutex<Set<TopicPartition>>([])
    /// How often a member was given partitions.
    private let assignments: Watched<Int>

    init(raw: any RebalanceListener, fault: Fault, _ assignments: Watched<Int>) {
        self.raw = raw
        self.fault = fault
        self.assignments = assignments
    }

    func assigned(_ partitions: [TopicPartition]) async {
        assigned.withLock { $0.formUnion(partitions) }
        await raw.assigned(partitions)
        assignments.update { $0 += 1 }
    }

    func revoked(_ partitions: [TopicPartition]) async {
        switch fault {
        case .doesNotRevokeOnLeave: await raw.lost(partitions)
        case .doesNotAwaitRevoked:
            let (raw, assignments) = (raw, assignments)
            let before = assignments.value
            // Unstructured on purpose: the fault is that nobody waits for it, until the next owner has the partitions.
            Task {
                _ = try? await assignments.wait { $0 > before }
                await raw.revoked(partitions)
            }
        case .revokesEverything:
            let all = assigned.withLock { Array($0) }
            await raw.revoked(all)
            let kept = all.filter { !partitions.contains($0) }
            assigned.withLock { $0 = Set(kept) }
            if !kept.isEmpty { await raw.assigned(kept) }
        default: await raw.revoked(partitions)
        }
    }

    func lost(_ partitions: [TopicPartition]) async { await raw.lost(partitions) }
    func failed(_ error: FaustError) async { await raw.failed(error) }
}
