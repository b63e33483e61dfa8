// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Whether this worker is the leader of its app, and what runs only as long as it is.
///
/// The leader is the worker that partition 0 of the app's lead topic is assigned to, so that the group's own protocol
/// elects it, without a topic for that (Faust has one, AS13). The lead topic is the first by name of those that the app
/// reads by their names; if it reads patterns only, the first of those that exist. An app that reads no topic joins no
/// group: each of its workers is its own leader.
///
/// **Hand-over.** The partition is given up after the bodies that run on the leader have been cancelled and have ended,
/// or a deadline has passed: an orderly rebalance never lets two workers lead. A worker that has lost its partitions
/// because the group had given it up may overlap with its successor until it learns of that.
final class Leadership: Sendable {
    /// What can be waited for.
    private enum Condition {
        /// This worker leads, in a later term than this one.
        case leads(after: Int)
        /// The term is over.
        case over(Int)
    }

    private struct Waiter {
        let id: UInt64
        let condition: Condition
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var readsNothing = false
        var lead: TopicPartition?
        var assigned: Set<TopicPartition> = []
        /// Counts the times that this worker has become the leader.
        var term = 0
        /// How many bodies run that only the leader may run.
        var bodies = 0
        var handOver: Latch?
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0

        var isLeader: Bool { readsNothing || lead.map(assigned.contains) ?? false }

        func satisfies(_ condition: Condition) -> Bool {
            switch condition {
            case .leads(let last): isLeader && term > last
            case .over(let term): !isLeader || self.term != term
            }
        }

        /// Takes out those whose wait is over.
        mutating func dueWaiters() -> [Waiter] {
            let due = waiters.filter { satisfies($0.condition) }
            if !due.isEmpty { waiters.removeAll { waiter in due.contains { $0.id == waiter.id } } }
            return due
        }
    }

    /// How it went with a body that only the leader may run.
    enum Outcome: Sendable {
        /// It has run to its end.
        case finished
        /// The worker does not lead, and the body was not run.
        case notLeader
        /// The worker stopped leading while the body ran: it was cancelled and has ended.
        case deposed
    }

    private let state = Mutex(State())

    /// Whether this worker leads now.
    var isLeader: Bool { state.withLock { $0.isLeader } }

    // MARK: What the group says

    /// The app reads no topics.
    func readNothing() {
        change { $0.readsNothing = true }
    }

    /// The topic whose partition 0 makes its owner the leader.
    func follow(lead topic: String?) {
        change { $0.lead = topic.map { TopicPartition($0, 0) } }
    }

    /// Partitions were assigned.
    func assigned(_ partitions: [TopicPartition]) {
        change { $0.assigned.formUnion(partitions) }
    }

    /// Partitions are given up or gone; ends the bodies of a leader that is none any more.
    ///
    /// - Parameters:
    ///   - partitions: The partitions.
    ///   - patience: How long to wait for the bodies.
    ///   - sleep: The app's way to pause.
    /// - Returns: Whether no body runs any more.
    @discardableResult
    func revoked(
        _ partitions: [TopicPartition],
        patience: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async -> Bool {
        let latch = change { state -> Latch? in
            state.assigned.subtract(partitions)
            guard !state.isLeader, state.bodies > 0 else { return nil }
            let latch = Latch(count: state.bodies)
            state.handOver = latch
            return latch
        }
        return await latch?.wait(atMost: patience, sleep: sleep) ?? true
    }

    // MARK: What the leader does

    /// Runs a body if this worker leads, and cancels it when it stops leading.
    ///
    /// - Parameters:
    ///   - term: The term that the body belongs to; `nil` is the present one.
    ///   - body: Runs in a child task.
    /// - Returns: How it went.
    /// - Throws: What the body throws, unless it was cancelled by the loss of the lead; `CancellationError` when the task
    ///   is cancelled.
    func lead(
        in term: Int? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Outcome {
        guard let term = begin(in: term) else { return .notLeader }
        defer { end() }
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                try await body()
                return .finished
            }
            group.addTask { [self] in
                try await wait(until: .over(term))
                return .deposed
            }
            let first = try await group.next() ?? .finished
            group.cancelAll()
            // What a body throws that was told to end is no news.
            while await group.nextResult() != nil {}
            return first
        }
    }

    /// Suspends until this worker leads.
    ///
    /// - Parameter last: A term that does not count any more, nor any before it.
    /// - Returns: The number of the term, from 1 on.
    /// - Throws: `CancellationError` when the task is cancelled.
    func term(after last: Int) async throws -> Int {
        try await wait(until: .leads(after: last))
        return state.withLock { $0.term }
    }

    private func wait(until condition: Condition) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(Waiter(id: id, condition: condition, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func begin(in term: Int?) -> Int? {
        state.withLock { state in
            guard state.isLeader, term == nil || term == state.term else { return nil }
            state.bodies += 1
            return state.term
        }
    }

    private func end() {
        state.withLock { state in
            state.bodies -= 1
            defer { if state.bodies == 0 { state.handOver = nil } }
            return state.handOver
        }?
        .arrive()
    }

    private func enqueue(_ waiter: Waiter) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if state.satisfies(waiter.condition) { return .success(()) }
            // Checked under the lock: a cancellation that comes later finds the waiter in the list.
            if Task.isCancelled { return .failure(CancellationError()) }
            state.waiters.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func cancel(_ id: UInt64) {
        state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }?
        .continuation.resume(throwing: CancellationError())
    }

    @discardableResult
    private func change<Result>(_ change: (inout State) -> Result) -> Result {
        let (result, due) = state.withLock { state in
            let wasLeader = state.isLeader
            let result = change(&state)
            if state.isLeader, !wasLeader { state.term += 1 }
            return (result, state.dueWaiters())
        }
        for waiter in due { waiter.continuation.resume() }
        return result
    }
}
