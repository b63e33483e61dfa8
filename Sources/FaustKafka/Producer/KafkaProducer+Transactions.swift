// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation
import Synchronization

/// How far a producer's transactions are.
struct KafkaTransactionState {
    /// Whether the producer has a transactional id.
    let hasIdentity: Bool
    /// Whether the broker has given the identity to this producer.
    var isInitialized = false
    /// Whether a transaction is open.
    var isActive = false
}

/// Transactions (KIP-98).
///
/// Requests that may succeed later are repeated for the setting `brokerRequestTimeout`. The caller makes one call at a
/// time.
extension KafkaProducer {
    package func beginTransaction() async throws {
        let (hasIdentity, isInitialized) = transactions.withLock { ($0.hasIdentity, $0.isInitialized) }
        guard hasIdentity else {
            throw FaustError(.configuration, "a transaction needs a producer with a transactional id")
        }
        if !isInitialized {
            try await attempt("taking over the transactional id") { rd_kafka_init_transactions($0, 5_000) }
            transactions.withLock { $0.isInitialized = true }
        }
        try await attempt("beginning a transaction") { rd_kafka_begin_transaction($0) }
        transactions.withLock { $0.isActive = true }
    }

    package func commitTransaction(
        offsets: [TopicPartition: Int64],
        of consumer: (any TransportConsumer)?
    ) async throws {
        // What waits in the backlog is not known to librdkafka, which waits for the rest itself.
        await flush()
        let member = offsets.isEmpty ? nil : consumer as? KafkaConsumer
        if !offsets.isEmpty {
            guard let member else {
                throw FaustError(.configuration, "offsets in a transaction need the Kafka consumer that read them")
            }
            try await send(offsets, of: member)
        }
        try await attempt("committing a transaction") { rd_kafka_commit_transaction($0, -1) }
        transactions.withLock { $0.isActive = false }
        member?.noteCommitted(offsets)
    }

    package func abortTransaction() async throws {
        guard transactions.withLock({ $0.isActive }) else { return }
        queue.setAborting(true)
        defer { queue.setAborting(false) }
        queue.failBacklog(ProduceQueue.aborted)
        do {
            try await attempt("aborting a transaction") { rd_kafka_abort_transaction($0, -1) }
        } catch {
            // A producer that is fenced has nothing to abort: its successor has done it.
            if error.isFatal { transactions.withLock { $0.isActive = false } }
            throw error
        }
        transactions.withLock { $0.isActive = false }
    }

    private func send(_ offsets: [TopicPartition: Int64], of member: KafkaConsumer) async throws {
        let metadata = try await member.groupMetadata(for: offsets)
        let timeout = Int32(clamping: requestTimeout.components.seconds * 1_000)
        try await attempt("adding offsets to a transaction") { (handle) throws(FaustError) in
            let list = KafkaPartitionList(offsets)
            return rd_kafka_send_offsets_to_transaction(handle, list.pointer, metadata.pointer, timeout)
        }
    }

    /// Makes a request, again while it may succeed later, on a thread that may block.
    private func attempt(
        _ action: String,
        _ call: @escaping @Sendable (OpaquePointer) throws(FaustError) -> OpaquePointer?
    ) async throws(FaustError) {
        let timeout = requestTimeout
        try await client.blocking { (handle) throws(FaustError) in
            let deadline = ContinuousClock.now + timeout
            while let failure = KafkaError.take(try call(handle), action) {
                guard failure.error.isRetriable, !failure.requiresAbort, ContinuousClock.now < deadline else {
                    throw KafkaError.fatal(of: handle, action) ?? failure.error
                }
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }
}
#endif
