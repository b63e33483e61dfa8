// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// The messages of a transaction that is not committed yet.
final class Transaction: Sendable {
    private struct Part {
        let log: PartitionLog
        var batches: [BatchBuilder]
    }

    private struct State {
        var parts: [Part] = []
        var positions: [PartitionID: Int] = [:]
        var byteCount = 0
        var isAppended = false
    }

    private let maxBytes: Int
    private let state = Mutex(State())

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Adds messages of one partition.
    func add(
        _ messages: [OutgoingMessage],
        _ group: MessageGroups.Group,
        timestamp: Int64,
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void,
        refused: inout [(Int, FaustError)]
    ) {
        let error: FaustError? = state.withLock { state in
            guard state.byteCount < maxBytes else { return tooLarge }
            let position = state.positions[group.log.id] ?? state.parts.count
            if position == state.parts.count {
                state.positions[group.log.id] = position
                state.parts.append(Part(log: group.log, batches: []))
            }
            state.byteCount += state.parts[position].batches
                .append(
                    messages,
                    group.indices,
                    timestamp: timestamp,
                    completion: completion
                )
            return nil
        }
        if let error { refused += (0..<group.indices.count).map { (group.indices[$0], error) } }
    }

    /// Adds the messages to a write.
    ///
    /// - Returns: The base offset per batch.
    /// - Throws: ``FaustError`` when a topic was deleted, or an earlier attempt has failed; nothing is added then.
    func append(to set: inout WriteSet) throws(FaustError) -> [Int64] {
        let (parts, isAppended) = state.withLock { ($0.parts, $0.isAppended) }
        if isAppended { throw FaustError(.lifecycle, "the commit of the transaction has failed before: abort it") }
        for part in parts where part.log.isDeleted { throw part.log.deletedError }
        state.withLock { $0.isAppended = true }
        var bases: [Int64] = []
        for part in parts {
            for batch in part.batches { bases.append(set.append(batch, to: part.log)) }
        }
        return bases
    }

    /// Tells that the messages are in the log.
    func succeed(baseOffsets: [Int64]) {
        var next = baseOffsets.makeIterator()
        for part in state.withLock({ $0.parts }) {
            for batch in part.batches {
                guard let base = next.next() else { return }
                for delivery in batch.deliveries {
                    delivery.succeed(in: part.log.topicPartition, baseOffset: base)
                }
            }
        }
    }

    /// Tells that the messages will never be in the log.
    func fail(_ error: FaustError) {
        let parts = state.withLock { state in
            defer { state = State() }
            return state.parts
        }
        for delivery in parts.flatMap(\.batches).flatMap(\.deliveries) { delivery.fail(error) }
    }

    private var tooLarge: FaustError {
        FaustError(
            .messageTooLarge,
            "the transaction has more than \(maxBytes) bytes: commit more often or raise maxTransactionBytes of the log"
        )
    }
}
