// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// What became of messages that were sent.
final class Outcomes: Sendable {
    private let outcomes: Mutex<[[Result<RecordMetadata, FaustError>]]>

    init(count: Int) {
        outcomes = Mutex(Array(repeating: [], count: count))
    }

    func note(_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) {
        outcomes.withLock { $0[index].append(outcome) }
    }

    /// The outcomes per message; each has one when all is well.
    var all: [[Result<RecordMetadata, FaustError>]] { outcomes.withLock { $0 } }

    /// The offsets, in the order of the messages; `nil` for what failed.
    var offsets: [Int64?] { all.map { $0.count == 1 ? (try? $0[0].get())?.offset : nil } }

    /// The codes of what failed, in the order of the messages; `nil` for what arrived.
    var codes: [FaustError.Code?] { all.map { error($0)?.code } }

    /// The error of a message.
    func error(_ index: Int) -> FaustError? { error(all[index]) }

    private func error(_ outcomes: [Result<RecordMetadata, FaustError>]) -> FaustError? {
        guard case .failure(let error)? = outcomes.first else { return nil }
        return error
    }
}

extension TransportProducer {
    /// Sends messages without waiting.
    func begin(_ messages: [OutgoingMessage]) -> Outcomes {
        let outcomes = Outcomes(count: messages.count)
        send(messages) { outcomes.note($0, $1) }
        return outcomes
    }

    /// Sends messages and flushes.
    func deliver(_ messages: [OutgoingMessage]) async -> Outcomes {
        let outcomes = begin(messages)
        await flush()
        return outcomes
    }
}
