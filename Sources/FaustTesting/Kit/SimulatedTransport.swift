// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Synchronization

/// Whether a worker is alive: what a dead one still tries has no effect.
final class Life: Sendable {
    private let dead = Atomic(false)

    var isOver: Bool { dead.load(ordering: .acquiring) }

    func end() {
        dead.store(true, ordering: .releasing)
    }

    static let error = FaustError(.closed, "the worker has crashed")
}

/// The log that all workers of a test share, as one worker reaches it while it is alive.
struct SimulatedTransport: Transport {
    let log: LogTransport
    let life: Life

    var description: String { log.description }

    // The kit starts and stops the log.
    func start() async throws {}
    func stop() async {}

    func createTopics(_ declarations: [TopicDeclaration]) async throws {
        if life.isOver { throw Life.error }
        try await log.createTopics(declarations)
    }

    func deleteTopics(_ names: [String]) async throws {
        if life.isOver { throw Life.error }
        try await log.deleteTopics(names)
    }

    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        try await log.topics(names)
    }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await log.offsets(of: partitions)
    }

    func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        try await log.offsets(of: partitions, from: timestampMilliseconds)
    }

    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await log.committedOffsets(group: group, partitions: partitions)
    }

    func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        try await log.groupMembers(group)
    }

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        SimulatedConsumer(consumer: try log.makeConsumer(configuration), life: life)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        SimulatedProducer(producer: try log.makeProducer(configuration), life: life)
    }
}

/// A consumer whose commits come to nothing when its worker has crashed.
private struct SimulatedConsumer: TransportConsumer {
    let consumer: any TransportConsumer
    let life: Life

    func makeQueue() -> any TransportQueue { consumer.makeQueue() }

    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        try await consumer.subscribe(sets, listener: SimulatedListener(listener: listener, life: life))
    }

    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        consumer.read(partition, from: position, into: queue, epoch: epoch)
    }

    func stopReading(_ partition: TopicPartition) { consumer.stopReading(partition) }

    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        consumer.seek(partition, to: position, epoch: epoch)
    }

    func pause(_ partitions: [TopicPartition]) { consumer.pause(partitions) }
    func resume(_ partitions: [TopicPartition]) { consumer.resume(partitions) }

    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        if life.isOver { throw Life.error }
        return try await consumer.commit(offsets)
    }

    func close() async { await consumer.close() }
}

/// A listener that is not asked any more when its worker has crashed: the group gets the partitions at once.
private struct SimulatedListener: RebalanceListener {
    let listener: any RebalanceListener
    let life: Life

    func assigned(_ partitions: [TopicPartition]) async {
        if !life.isOver { await listener.assigned(partitions) }
    }

    func revoked(_ partitions: [TopicPartition]) async {
        if !life.isOver { await listener.revoked(partitions) }
    }

    func lost(_ partitions: [TopicPartition]) async {
        if !life.isOver { await listener.lost(partitions) }
    }

    func failed(_ error: FaustError) async { await listener.failed(error) }
}

/// A producer that sends nothing any more when its worker has crashed.
private struct SimulatedProducer: TransportProducer {
    let producer: any TransportProducer
    let life: Life

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) {
        guard life.isOver else { return producer.send(messages, completion: completion) }
        for index in messages.indices { completion(index, .failure(Life.error)) }
    }

    func flush() async { await producer.flush() }

    func beginTransaction() async throws {
        if life.isOver { throw Life.error }
        try await producer.beginTransaction()
    }

    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        if life.isOver { throw Life.error }
        let consumer = (consumer as? SimulatedConsumer)?.consumer ?? consumer
        try await producer.commitTransaction(offsets: offsets, of: consumer)
    }

    func abortTransaction() async throws { try await producer.abortTransaction() }

    func close() async { await producer.close() }
}
