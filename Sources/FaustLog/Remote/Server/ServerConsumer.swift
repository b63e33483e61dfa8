// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A consumer that a client has made, with the numbers of its queues.
final class ServerConsumer: Sendable {
    let raw: any TransportConsumer
    let queues = Mutex<[UInt32]>([])

    init(_ raw: any TransportConsumer) {
        self.raw = raw
    }
}

/// Passes what happens to a member of a group on to the client, and waits for the client's listener.
struct RemoteListener: RebalanceListener {
    let session: ServerSession
    let consumer: UInt32

    func assigned(_ partitions: [TopicPartition]) async {
        await session.call(consumer, .assigned(partitions))
    }

    func revoked(_ partitions: [TopicPartition]) async {
        await session.call(consumer, .revoked(partitions))
    }

    func lost(_ partitions: [TopicPartition]) async {
        await session.call(consumer, .lost(partitions))
    }

    func failed(_ error: FaustError) async {
        await session.call(consumer, .failed(error))
    }
}

/// Gathers what became of messages that came in one frame.
final class ProduceOutcomes: Sendable {
    private struct State {
        var outcomes: [ServerFrame.ProduceOutcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let whenComplete: @Sendable ([ServerFrame.ProduceOutcome]) -> Void

    /// - Parameters:
    ///   - count: The number of messages.
    ///   - whenComplete: Called once, with the outcomes in the order of the messages.
    init(count: Int, whenComplete: @escaping @Sendable ([ServerFrame.ProduceOutcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.whenComplete = whenComplete
    }

    func settle(_ index: Int, _ result: Result<RecordMetadata, FaustError>) {
        let outcome: ServerFrame.ProduceOutcome
        switch result {
        case .success(let metadata):
            outcome = .appended(offset: metadata.offset, timestampMilliseconds: metadata.timestampMilliseconds)
        case .failure(let error): outcome = .failed(error)
        }
        let complete = state.withLock { state -> [ServerFrame.ProduceOutcome]? in
            guard state.outcomes[index] == nil else { return nil }
            state.outcomes[index] = outcome
            state.missing -= 1
            return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
        }
        if let complete { whenComplete(complete) }
    }
}
