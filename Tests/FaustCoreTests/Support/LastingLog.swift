// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import Logging
import Synchronization

@testable import FaustCore

/// A log in memory that outlives the apps of a test, as a broker outlives workers; it can lose sends.
final class LastingLog: Transport {
    let log = LogTransport(storage: .memory, logger: .silent)
    private let hasStarted = Mutex(false)
    /// Decides which messages are lost.
    let isLost = LossJudge()
    /// All messages that were sent, in order.
    let sent = Mutex<[OutgoingMessage]>([])

    let description = "lasting://"

    func start() async throws {
        let isFirst = hasStarted.withLock { started in
            defer { started = true }
            return !started
        }
        if isFirst { try await log.start() }
    }

    func stop() async {}

    func createTopics(_ declarations: [TopicDeclaration]) async throws { try await log.createTopics(declarations) }
    func deleteTopics(_ names: [String]) async throws { try await log.deleteTopics(names) }
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await log.topics(names) }

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

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try log.makeConsumer(configuration)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        LossyProducer(log: self, base: try log.makeProducer(configuration))
    }

    /// The messages that were sent to a topic.
    func sent(to topic: String) -> [OutgoingMessage] {
        sent.withLock { $0.filter { $0.topicPartition.topic == topic } }
    }
}

/// Decides which messages are lost.
final class LossJudge: Sendable {
    typealias Judge = @Sendable (OutgoingMessage) -> Bool

    /// In a struct: a mutex of a function would wrap the function once more at each access.
    private struct State {
        var judge: Judge = { _ in false }
    }

    private let state = Mutex(State())

    func withLock<Result: Sendable>(_ body: (inout Judge) -> Result) -> Result {
        state.withLock { body(&$0.judge) }
    }
}

/// Hands messages on unless they are to be lost.
private struct LossyProducer: TransportProducer {
    let log: LastingLog
    let base: any TransportProducer

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        let isLost = log.isLost.withLock { $0 }
        let lost = messages.indices.filter { isLost(messages[$0]) }
        let kept = messages.indices.filter { !lost.contains($0) }
        log.sent.withLock { $0 += kept.map { messages[$0] } }
        for index in lost { completion(index, .failure(FaustError(.transport, "lost on purpose"))) }
        if !kept.isEmpty { base.send(kept.map { messages[$0] }) { completion(kept[$0], $1) } }
    }

    func flush() async { await base.flush() }
    func beginTransaction() async throws { try await base.beginTransaction() }
    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        try await base.commitTransaction(offsets: offsets, of: consumer)
    }
    func abortTransaction() async throws { try await base.abortTransaction() }
    func close() async { await base.close() }
}
