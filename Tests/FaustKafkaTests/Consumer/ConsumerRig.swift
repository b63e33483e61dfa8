// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Synchronization

/// A mock cluster with a producer and what makes consumers, for one test.
final class ConsumerRig: Sendable {
    let cluster: MockCluster
    let producer: TestProducer
    let recorder = LogRecorder()
    private let consumers = Mutex<[KafkaConsumer]>([])

    /// How long to wait for a single thing.
    static let patience = Duration.seconds(30)

    init(brokers: Int32 = 1) throws {
        cluster = try MockCluster(brokers: brokers)
        producer = try TestProducer(cluster)
    }

    /// Makes a topic and names its partitions.
    func makeTopic(_ name: String = "orders", partitions: Int32 = 1) throws -> [TopicPartition] {
        try cluster.makeTopic(name, partitions: partitions)
        return (0..<partitions).map { TopicPartition(name, $0) }
    }

    /// Makes a consumer; sessions and heartbeats are as short as the mock cluster allows.
    func makeConsumer(
        group: String? = nil,
        overrides: [String: String] = [:],
        recommitInterval: Duration = .seconds(3_600),
        configure: (inout ConsumerConfiguration) -> Void = { _ in }
    ) throws -> KafkaConsumer {
        var configuration = ConsumerConfiguration(group: group, logger: recorder.logger(.debug))
        configure(&configuration)
        var values = ["session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "fetch.wait.max.ms": "50"]
        values.merge(overrides) { $1 }
        let consumer = try KafkaConsumer(
            configuration,
            properties: .consumer(configuration, cluster.settings(), overrides: values),
            recommitInterval: recommitInterval
        )
        consumers.withLock { $0.append(consumer) }
        return consumer
    }

    /// Runs a test and closes everything.
    static func run(brokers: Int32 = 1, _ body: (ConsumerRig) async throws -> Void) async throws {
        let rig = try ConsumerRig(brokers: brokers)
        do {
            try await body(rig)
        } catch {
            await rig.close()
            throw error
        }
        await rig.close()
    }

    private func close() async {
        for consumer in consumers.withLock({ $0 }) { await consumer.close() }
        await producer.close()
    }
}

/// What a test waited for did not come.
struct WaitedInVain: Error {
    let what: String
}

/// Polls a queue on a thread of its own until a condition holds.
func collect(
    _ queue: any TransportQueue,
    limit: Int = 1_000,
    _ what: String,
    until condition: @escaping @Sendable ([MessageBatch]) -> Bool
) async throws -> [MessageBatch] {
    try await onBlockingThread {
        var batches: [MessageBatch] = []
        let deadline = ContinuousClock.now + ConsumerRig.patience
        while !condition(batches) {
            guard .now < deadline else {
                let positions = batches.map { "\($0.topicPartition)@\($0.nextOffset)" }.suffix(10)
                throw WaitedInVain(what: "\(what); got \(positions)")
            }
            batches += queue.poll(limit: limit, timeout: .milliseconds(200))
        }
        return batches
    }
}

extension [MessageBatch] {
    /// The offsets of a partition's messages in order.
    func offsets(_ partition: TopicPartition, epoch: UInt64? = nil) -> [Int64] {
        filter { $0.topicPartition == partition && (epoch == nil || $0.epoch == epoch) }
            .flatMap { $0.entries.map(\.offset) }
    }

    /// The number of messages.
    var messageCount: Int { reduce(0) { $0 + $1.count } }
}

/// Reads what it is given and keeps a record of what it is told.
final class RecordingListener: RebalanceListener {
    enum Event: Sendable, Equatable {
        case assigned([TopicPartition])
        case revoked([TopicPartition])
        case lost([TopicPartition])
        case failed(FaustError.Code, String)
    }

    struct State: Sendable {
        var events: [Event] = []
        var held: Set<TopicPartition> = []
        var epoch: UInt64 = 0
    }

    let state = Watched(State())
    private let consumer: any TransportConsumer
    private let queue: any TransportQueue
    private let onRevoke: @Sendable ([TopicPartition]) async -> Void

    init(
        _ consumer: any TransportConsumer,
        _ queue: any TransportQueue,
        onRevoke: @escaping @Sendable ([TopicPartition]) async -> Void = { _ in }
    ) {
        self.consumer = consumer
        self.queue = queue
        self.onRevoke = onRevoke
    }

    var events: [Event] { state.value.events }
    var held: Set<TopicPartition> { state.value.held }

    func assigned(_ partitions: [TopicPartition]) async {
        let epoch = state.update { state in
            state.epoch += 1
            return state.epoch
        }
        for partition in partitions { consumer.read(partition, from: nil, into: queue, epoch: epoch) }
        state.update { state in
            state.events.append(.assigned(partitions))
            state.held.formUnion(partitions)
        }
    }

    func revoked(_ partitions: [TopicPartition]) async {
        await onRevoke(partitions)
        state.update { state in
            state.events.append(.revoked(partitions))
            state.held.subtract(partitions)
        }
    }

    func lost(_ partitions: [TopicPartition]) async {
        state.update { state in
            state.events.append(.lost(partitions))
            state.held.subtract(partitions)
        }
    }

    func failed(_ error: FaustError) async {
        state.update { $0.events.append(.failed(error.code, error.message)) }
    }

    /// Waits until what it has been told satisfies a condition.
    @discardableResult
    func wait(_ what: String, until condition: @escaping @Sendable (State) -> Bool) async throws -> State {
        let state = state
        do {
            return try await withDeadline(ConsumerRig.patience, what) { try await state.wait(until: condition) }
        } catch is DeadlineExceeded {
            throw WaitedInVain(what: "\(what); events: \(events)")
        }
    }
}
#endif
