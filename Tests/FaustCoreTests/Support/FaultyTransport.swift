// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import FaustTesting
import Logging

@testable import FaustCore

/// An embedded log that outlives the runs of apps, and whose producers fail as a test says.
final class FaultyTransport: Transport {
    /// What a producer is asked to do.
    enum Operation: Sendable, Equatable {
        case send(TopicPartition)
        case begin
        case commit
        case abort
    }

    /// What becomes of it.
    enum Verdict: Sendable {
        case passes
        case fails(FaustError)
        /// It takes effect, but whoever asked learns of an error: the answer was lost.
        case failsAfterwards(FaustError)
    }

    typealias Judge = @Sendable (Operation) -> Verdict

    let log: LogTransport
    private let judge: Judge
    private let committed: @Sendable () async throws -> Void

    /// A transport over a log that has been started; `committed` is called when a transaction has taken effect.
    init(
        _ log: LogTransport,
        judge: @escaping Judge = { _ in .passes },
        committed: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.log = log
        self.judge = judge
        self.committed = committed
    }

    var description: String { log.description }
    func start() async throws {}
    func stop() async {}
    func createTopics(_ declarations: [TopicDeclaration]) async throws { try await log.createTopics(declarations) }
    func deleteTopics(_ names: [String]) async throws { try await log.deleteTopics(names) }
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await log.topics(names) }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await log.offsets(of: partitions)
    }

    func offsets(of partitions: [TopicPartition], from time: Int64) async throws -> [TopicPartition: Int64] {
        try await log.offsets(of: partitions, from: time)
    }

    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await log.committedOffsets(group: group, partitions: partitions)
    }

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try log.makeConsumer(configuration)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        FaultyProducer(base: try log.makeProducer(configuration), judge: judge, committed: committed)
    }
}

private struct FaultyProducer: TransportProducer {
    let base: any TransportProducer
    let judge: FaultyTransport.Judge
    let committed: @Sendable () async throws -> Void

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        var passing: [(index: Int, message: OutgoingMessage)] = []
        for (index, message) in messages.enumerated() {
            switch judge(.send(message.topicPartition)) {
            case .fails(let error): completion(index, .failure(error))
            case .passes, .failsAfterwards: passing.append((index, message))
            }
        }
        let indices = passing.map(\.index)
        base.send(passing.map(\.message)) { completion(indices[$0], $1) }
    }

    func flush() async { await base.flush() }
    func beginTransaction() async throws { try await perform(.begin) { try await base.beginTransaction() } }
    func abortTransaction() async throws { try await perform(.abort) { try await base.abortTransaction() } }

    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        try await perform(.commit) {
            try await base.commitTransaction(offsets: offsets, of: consumer)
            try await committed()
        }
    }

    func close() async { await base.close() }

    private func perform(_ operation: FaultyTransport.Operation, _ action: () async throws -> Void) async throws {
        switch judge(operation) {
        case .passes: try await action()
        case .fails(let error): throw error
        case .failsAfterwards(let error):
            try await action()
            throw error
        }
    }
}

extension LogTransport {
    /// Creates a topic and fills it, spreading the values over its partitions by turns; the key is the value's last digit.
    func fill(_ topic: String, partitions: Int32, _ values: Range<Int>) async throws {
        try await createTopics([TopicDeclaration(name: topic, partitions: partitions)])
        let producer = try makeProducer(ProducerConfiguration(logger: .silent))
        let messages = values.map { value in
            OutgoingMessage(
                to: TopicPartition(topic, Int32(value) % partitions),
                key: Bytes("\(value % 10)"),
                value: Bytes("\(value)")
            )
        }
        producer.send(messages) { _, _ in }
        await producer.close()
    }

    /// The partitions of a topic.
    func partitions(of topic: String) async throws -> [TopicPartition] {
        let count = try await topics([topic])[topic]?.partitions ?? 0
        return (0..<count).map { TopicPartition(topic, $0) }
    }

    /// What a group still has to read of a topic.
    func lag(of group: String, topic: String) async throws -> Int64 {
        let partitions = try await partitions(of: topic)
        let committed = try await committedOffsets(group: group, partitions: partitions)
        return try await offsets(of: partitions).reduce(0) { $0 + $1.value.upperBound - (committed[$1.key] ?? 0) }
    }

    /// All committed messages of a topic, partition by partition.
    func messages(of topic: String) async throws -> [Message] {
        let consumer = try makeConsumer(ConsumerConfiguration(group: nil, logger: .silent))
        let queue = consumer.makeQueue()
        let ends = try await offsets(of: try await partitions(of: topic)).mapValues(\.upperBound)
        for partition in ends.keys { consumer.read(partition, from: 0, into: queue, epoch: 1) }
        var positions: [TopicPartition: Int64] = [:]
        var messages: [Message] = []
        while ends.contains(where: { positions[$0.key, default: 0] < $0.value }) {
            for batch in queue.poll(limit: 10_000, timeout: .seconds(1)) {
                messages += (0..<batch.count).map { batch[$0] }
                positions[batch.topicPartition] = batch.nextOffset
            }
        }
        await consumer.close()
        return messages.sorted { ($0.topicPartition, $0.offset) < ($1.topicPartition, $1.offset) }
    }
}
