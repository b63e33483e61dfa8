// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Messages on their way out through one producer of the transport: gathers them, counts what is under way, and
/// remembers what failed until the commit.
final class Outbox: Sendable {
    typealias Completion = Producer.Completion

    private struct Entry {
        let completion: Completion?
        /// Whether the sender learns of a failure; of the others, the commit does.
        let isAwaited: Bool
    }

    private struct State {
        var messages: [OutgoingMessage] = []
        var entries: [Entry] = []
        var failure: FaustError?
        var ebbWaiters: [CheckedContinuation<Void, Never>] = []
        /// Whether messages may be handed over: always, or while a transaction is open.
        var isOpen: Bool
        /// Whether anything was sent since the transaction began.
        var isDirty = false
        /// The number of the transaction: outcomes of an older one are no news.
        var round = 0
    }

    private let transport: any TransportProducer
    private let monitor: Monitor
    private let state: Mutex<State>
    /// Held while messages go from the buffer to the transport, so that their order is kept.
    private let handOverTurn = Mutex(())
    private let underWay = Atomic<Int>(0)
    /// The number of messages that are handed over at once.
    private static let batchLimit = 1_000
    /// The number of messages under way at which senders wait, and the one at which they go on.
    private static let (highMark, lowMark) = (50_000, 25_000)

    /// An outbox, whose messages wait for ``begin()`` if it is transactional.
    init(transport: any TransportProducer, monitor: Monitor, isTransactional: Bool) {
        self.transport = transport
        self.monitor = monitor
        state = Mutex(State(isOpen: !isTransactional))
    }

    // MARK: Sending

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - isAwaited: Whether the sender learns of a failure by itself, so that the commit need not.
    ///   - scope: What the sender has in hand; its messages are refused once it is expelled.
    ///   - completion: Is called with the outcome, on any thread.
    /// - Throws: ``expelled``.
    func enqueue(
        _ message: OutgoingMessage,
        isAwaited: Bool = false,
        scope: EventScope? = nil,
        completion: Completion? = nil
    ) throws(FaustError) {
        let isFull = state.withLock { state -> Bool? in
            // Under the lock that ``drop(_:)`` takes: nothing of an expelled scope gets into the next transaction.
            if let scope, scope.isExpelled { return nil }
            state.messages.append(message)
            state.entries.append(Entry(completion: completion, isAwaited: isAwaited))
            state.isDirty = true
            underWay.wrappingAdd(1, ordering: .relaxed)
            return state.messages.count >= Self.batchLimit
        }
        guard let isFull else { throw Self.expelled }
        if isFull || !Lane.isCurrentThread { handOver() }
    }

    static let expelled = FaustError(
        .lifecycle,
        "the event in hand took too long and its transaction was aborted: the event comes again",
        isRetriable: true
    )

    /// Sends messages at once, for a commit that waits for them.
    func send(_ messages: [OutgoingMessage], _ receipt: ChangelogReceipt) {
        let round = state.withLock { state in
            state.isDirty = true
            return state.round
        }
        underWay.wrappingAdd(messages.count, ordering: .relaxed)
        monitor.messagesSent.add(messages.count)
        transport.send(messages) { [self] _, outcome in
            switch outcome {
            case .success(let metadata): receipt.note(metadata)
            case .failure(let error): note(error, round)
            }
            settle(outcome)
        }
    }

    /// Gives the transport what was gathered.
    func handOver() {
        handOverTurn.withLock { _ in
            let (messages, entries, round) = state.withLock { state -> ([OutgoingMessage], [Entry], Int) in
                guard state.isOpen else { return ([], [], 0) }
                defer {
                    state.messages = []
                    state.entries = []
                }
                return (state.messages, state.entries, state.round)
            }
            guard !messages.isEmpty else { return }
            monitor.messagesSent.add(messages.count)
            transport.send(messages) { [self] index, outcome in
                entries[index].completion?(outcome)
                if case .failure(let error) = outcome, !entries[index].isAwaited { note(error, round) }
                settle(outcome)
            }
        }
    }

    private func note(_ failure: FaustError, _ round: Int) {
        state.withLock { if $0.failure == nil, $0.round == round { $0.failure = failure } }
    }

    private func settle(_ outcome: Result<RecordMetadata, FaustError>) {
        if case .failure = outcome { monitor.sendErrors.add(1) }
        guard underWay.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == Self.lowMark else { return }
        resumeEbbWaiters()
    }

    // MARK: Back-pressure

    /// Whether so many messages are under way that senders should wait.
    var isFull: Bool { underWay.load(ordering: .acquiring) >= Self.highMark }

    /// Waits while too many messages are under way.
    func ebb() async {
        while isFull {
            handOver()
            await withCheckedContinuation { continuation in
                state.withLock { $0.ebbWaiters.append(continuation) }
                // The mark may have been passed before the waiter was in its place.
                if underWay.load(ordering: .acquiring) <= Self.lowMark { resumeEbbWaiters() }
            }
        }
    }

    private func resumeEbbWaiters() {
        let waiters = state.withLock { state in
            defer { state.ebbWaiters = [] }
            return state.ebbWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Commit

    /// Waits until everything sent so far is settled, apart from what a transaction settles at its end.
    ///
    /// - Throws: The first failure, since the last call, of a send that nobody awaited.
    func flush() async throws(FaustError) {
        handOver()
        await transport.flush()
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// Settles what was sent and closes.
    func close() async {
        handOver()
        await transport.close()
    }

    // MARK: Transactions

    /// Whether the transaction has messages.
    var isDirty: Bool { state.withLock { $0.isDirty } }

    /// Opens a transaction, which gets what has been gathered, too.
    func begin() async throws {
        try await transport.beginTransaction()
        state.withLock { state in
            state.round += 1
            state.isOpen = true
            state.isDirty = !state.messages.isEmpty
        }
    }

    /// Commits the transaction with offsets; what is sent from now on waits for the next one.
    func commit(_ offsets: [TopicPartition: Int64], of consumer: any TransportConsumer) async throws {
        shut()
        try await transport.commitTransaction(offsets: offsets, of: offsets.isEmpty ? nil : consumer)
    }

    /// Aborts the transaction, with what was gathered for it; what is sent from now on waits for the next one.
    func abort(_ error: FaustError) async throws {
        shut()
        let dropped = state.withLock { state in
            defer {
                state.messages = []
                state.entries = []
                state.failure = nil
                // What comes of the messages of this transaction does not matter any more.
                state.round += 1
            }
            return state.entries
        }
        for entry in dropped {
            entry.completion?(.failure(error))
            settle(.failure(error))
        }
        try await transport.abortTransaction()
    }

    /// Hands nothing over any more; a hand-over that is under way has ended when this returns.
    private func shut() {
        handOverTurn.withLock { _ in state.withLock { $0.isOpen = false } }
    }
}
