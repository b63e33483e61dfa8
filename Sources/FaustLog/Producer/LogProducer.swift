// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization

/// Appends messages to the log.
///
/// A message is encoded into its partition's pending batch by the thread that sends it; the writer appends all the
/// pending batches together. The order per partition is that of the calls. When more than
/// ``LogConfiguration/maxBufferedBytes`` wait for the writer, `send` holds its caller up, as Kafka's Java client does.
final class LogProducer: TransportProducer {
    private enum Phase {
        case idle
        case open(Transaction)
        case closed
    }

    private let engine: LogEngine
    private let transactionalID: String?
    private let epoch: UInt64
    private let phase = Mutex(Phase.idle)

    init(engine: LogEngine, configuration: ProducerConfiguration) {
        self.engine = engine
        transactionalID = configuration.transactionalID
        epoch = configuration.transactionalID.map { engine.takeOver($0) } ?? 0
    }

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) {
        let now = engine.configuration.currentTimeMilliseconds()
        var refused: [(Int, FaustError)] = []
        var groups = MessageGroups(messages, engine: engine, refused: &refused)
        let isSettled = phase.withLock { phase in
            switch phase {
            case .closed:
                refused = messages.indices.map { ($0, Self.closedError) }
                groups = MessageGroups()
                return true
            case .open(let transaction):
                for group in groups.groups {
                    transaction.add(messages, group, timestamp: now, completion: completion, refused: &refused)
                }
                return true
            case .idle:
                guard transactionalID != nil else { return false }
                refused = messages.indices.map { ($0, Self.noTransactionError) }
                return true
            }
        }
        if !isSettled { enqueue(messages, groups, timestamp: now, completion) }
        for (index, error) in refused { completion(index, .failure(error)) }
    }

    func flush() async {
        await engine.writer.flush()
    }

    func close() async {
        let transaction = phase.withLock { phase in
            defer { phase = .closed }
            return if case .open(let transaction) = phase { transaction } else { Transaction?.none }
        }
        transaction?.fail(Self.closedError)
        await engine.writer.flush()
    }

    private static let closedError = FaustError(.closed, "the producer is closed")
    private static let noTransactionError = FaustError(.lifecycle, "no transaction is open: begin one first")

    private func enqueue(
        _ messages: [OutgoingMessage],
        _ groups: MessageGroups,
        timestamp: Int64,
        _ completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        var byteCount = 0
        for group in groups.groups {
            byteCount += group.log.pending.withLock { batches in
                batches.append(messages, group.indices, timestamp: timestamp, completion: completion)
            }
        }
        let logs = groups.groups.map(\.log)
        if logs.isEmpty || engine.writer.enqueue(logs, byteCount: byteCount) { return }
        // The writer has ended, so that nobody else takes them out.
        for log in logs {
            let batches = log.pending.withLock { batches in
                defer { batches = [] }
                return batches
            }
            for delivery in batches.flatMap(\.deliveries) { delivery.fail(LogWriter.closedError) }
        }
    }
}

// MARK: - Transactions

extension LogProducer {
    func beginTransaction() async throws {
        try checkIdentity()
        try phase.withLock { phase in
            switch phase {
            case .idle: phase = .open(Transaction(maxBytes: engine.configuration.maxTransactionBytes))
            case .open: throw FaustError(.lifecycle, "a transaction is open already: commit or abort it first")
            case .closed: throw Self.closedError
            }
        }
    }

    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        let transaction = try openTransaction()
        let consumer = try offsets.isEmpty ? nil : Self.logConsumer(consumer)
        let engine = engine
        let transactionalID = transactionalID ?? ""
        let epoch = epoch
        let bases = Mutex<[Int64]>([])
        do throws(FaustError) {
            try await engine.writer.execute { set throws(FaustError) in
                guard engine.holds(transactionalID, epoch: epoch) else { throw Self.fencedError(transactionalID) }
                try consumer?.checkCommit(offsets)
                let appended = try transaction.append(to: &set)
                bases.withLock { $0 = appended }
                if let group = consumer?.group { engine.addOffsets(offsets, group: group, to: &set) }
            }
        } catch {
            if error.code == .fenced { finish(transaction, error) }
            throw error
        }
        phase.withLock { if case .open = $0 { $0 = .idle } }
        transaction.succeed(baseOffsets: bases.withLock { $0 })
    }

    func abortTransaction() async throws {
        let transaction = try openTransaction()
        finish(transaction, FaustError(.transport, "the transaction was aborted", isRetriable: true))
        try checkIdentity()
    }

    private func finish(_ transaction: Transaction, _ error: FaustError) {
        phase.withLock { if case .open = $0 { $0 = .idle } }
        transaction.fail(error)
    }

    private func openTransaction() throws -> Transaction {
        try phase.withLock { phase in
            switch phase {
            case .open(let transaction): return transaction
            case .idle: throw Self.noTransactionError
            case .closed: throw Self.closedError
            }
        }
    }

    private func checkIdentity() throws {
        guard let transactionalID else {
            throw FaustError(.configuration, "the producer has no transactionalID: make it with one")
        }
        if !engine.holds(transactionalID, epoch: epoch) { throw Self.fencedError(transactionalID) }
    }

    private static func fencedError(_ transactionalID: String) -> FaustError {
        FaustError(
            .fenced,
            "a newer producer has taken over the transactional identity '\(transactionalID)'",
            isFatal: true
        )
    }

    private static func logConsumer(_ consumer: (any TransportConsumer)?) throws -> LogConsumer {
        guard let consumer = consumer as? LogConsumer else {
            throw FaustError(.configuration, "offsets are committed with the consumer of the same log that read them")
        }
        return consumer
    }
}
