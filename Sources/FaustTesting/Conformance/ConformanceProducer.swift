// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A producer of a check, with waiting for outcomes.
final class ConformanceProducer: Sendable {
    let raw: any TransportProducer
    private unowned let rig: ConformanceRig
    private let isClosed = Mutex(false)

    init(rig: ConformanceRig, raw: any TransportProducer) {
        self.rig = rig
        self.raw = raw
    }

    /// Sends messages without waiting.
    ///
    /// - Returns: Where the outcomes appear, by the index of the message; each must appear once.
    func begin(_ messages: [OutgoingMessage]) -> Watched<[Int: [Result<RecordMetadata, FaustError>]]> {
        let outcomes = Watched<[Int: [Result<RecordMetadata, FaustError>]]>([:])
        raw.send(messages) { index, outcome in outcomes.update { $0[index, default: []].append(outcome) } }
        return outcomes
    }

    /// Sends messages and waits for the outcome of each.
    func outcomes(of messages: [OutgoingMessage]) async throws -> [Result<RecordMetadata, FaustError>] {
        let pending = begin(messages)
        await raw.flush()
        return try await settle(pending, count: messages.count)
    }

    /// Waits for the outcomes of messages that were sent with ``begin(_:)``.
    func settle(
        _ pending: Watched<[Int: [Result<RecordMetadata, FaustError>]]>,
        count: Int
    ) async throws -> [Result<RecordMetadata, FaustError>] {
        let byIndex = try await withDeadline(rig.patience, "the outcomes of \(count) messages") {
            try await pending.wait { $0.count >= count }
        }
        try rig.expect(byIndex.values.allSatisfy { $0.count == 1 }, "a completion was called more than once")
        try rig.expectEqual(byIndex.keys.sorted(), Array(0..<count), "the indices that completions were called with")
        return (0..<count).compactMap { byIndex[$0]?.first }
    }

    /// Sends messages, waits, and throws unless all of them were appended.
    @discardableResult
    func send(_ messages: [OutgoingMessage]) async throws -> [RecordMetadata] {
        try await outcomes(of: messages).map { try $0.get() }
    }

    /// Sends messages of a transaction and flushes.
    ///
    /// Does not wait for outcomes: a transport may tell them when the transaction ends.
    func sendInTransaction(_ messages: [OutgoingMessage]) async {
        _ = begin(messages)
        await raw.flush()
    }

    /// Closes the producer; does nothing when it is closed already.
    func close() async {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if !wasClosed { await raw.close() }
    }
}
