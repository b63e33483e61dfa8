// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Synchronization

/// A broker that costs next to nothing: one topic of one partition, whose batches all share the bytes of one message.
///
/// What is left of a run on it is the cost of the framework.
struct ReplayTransport: Transport {
    let value: Bytes
    let key: Bytes
    let description = "replay://"

    func start() async throws {}
    func stop() async {}
    func createTopics(_ declarations: [TopicDeclaration]) async throws {}
    func deleteTopics(_ names: [String]) async throws {}
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        (names ?? []).reduce(into: [:]) { $0[$1] = TopicMetadata(name: $1, partitions: 1) }
    }
    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] { [:] }
    func offsets(of partitions: [TopicPartition], from time: Int64) async throws -> [TopicPartition: Int64] { [:] }
    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] { [:] }
    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        ReplayConsumer(key: key, value: value)
    }
    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer { NoProducer() }
}

/// Takes everything and keeps nothing.
struct NoProducer: TransportProducer {
    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        for (index, message) in messages.enumerated() {
            let place = message.topicPartition
            completion(index, .success(RecordMetadata(topicPartition: place, offset: 0, timestampMilliseconds: 0)))
        }
    }
    func flush() async {}
    func beginTransaction() async throws {}
    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {}
    func abortTransaction() async throws {}
    func close() async {}
}

/// Hands out batches without end.
final class ReplayConsumer: TransportConsumer {
    private let queue: ReplayQueue

    init(key: Bytes, value: Bytes) {
        self.queue = ReplayQueue(key: key, value: value)
    }

    func makeQueue() -> any TransportQueue { queue }
    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        await listener.assigned(sets.flatMap(\.topics).map { TopicPartition($0, 0) })
    }
    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        self.queue.state.withLock {
            $0.partition = partition
            $0.epoch = epoch
        }
        self.queue.wake()
    }
    func stopReading(_ partition: TopicPartition) { queue.state.withLock { $0.partition = nil } }
    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {}
    func pause(_ partitions: [TopicPartition]) { queue.state.withLock { $0.isPaused = true } }
    func resume(_ partitions: [TopicPartition]) {
        queue.state.withLock { $0.isPaused = false }
        queue.wake()
    }
    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult { CommitResult(committed: offsets) }
    func close() async {}
}

/// Makes batches of 1,000 messages.
final class ReplayQueue: TransportQueue {
    struct State {
        var partition: TopicPartition?
        var epoch: UInt64 = 0
        var next: Int64 = 0
        var isPaused = false
    }

    let state = Mutex(State())
    private let storage: ByteStorage
    private let template: MessageBatch.Entry

    init(key: Bytes, value: Bytes) {
        let bytes = Array(key) + Array(value)
        storage = Bytes(bytes).storage
        template = MessageBatch.Entry(
            offset: 0,
            timestamp: 0,
            keyStart: 0,
            keyCount: Int32(key.count),
            valueStart: Int32(key.count),
            valueCount: Int32(value.count)
        )
    }

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        let (partition, epoch, first) = state.withLock { state -> (TopicPartition?, UInt64, Int64) in
            guard let partition = state.partition, !state.isPaused else { return (nil, 0, 0) }
            defer { state.next += 1_000 }
            return (partition, state.epoch, state.next)
        }
        guard let partition else { return [] }
        var entries = ContiguousArray<MessageBatch.Entry>(repeating: template, count: 1_000)
        for index in entries.indices { entries[index].offset = first + Int64(index) }
        return [
            MessageBatch(
                topicPartition: partition,
                epoch: epoch,
                nextOffset: first + 1_000,
                storage: storage,
                entries: entries
            )
        ]
    }

    func wake() {}
}
