// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A member of a group: calls its listener, one call at a time.
final class GroupMember: Sendable {
    private struct State {
        var id: UInt64?
        var task: Task<Void, Never>?
        var failures: [FaustError] = []
        var isLeaving = false
    }

    private let coordinator: GroupCoordinator
    private let clientID: String
    private let subscription: GroupSubscription
    private let listener: any RebalanceListener
    private let onRevoked: @Sendable ([TopicPartition]) -> Void
    private let written: @Sendable () async -> Void
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    /// A member that has not joined yet.
    ///
    /// - Parameters:
    ///   - coordinator: The group.
    ///   - clientID: How the member names itself.
    ///   - subscription: What to read.
    ///   - listener: Is told of changes.
    ///   - onRevoked: Stops reading partitions that are not assigned any more.
    ///   - written: Waits until the commits that were accepted before have taken effect.
    init(
        coordinator: GroupCoordinator,
        clientID: String,
        subscription: GroupSubscription,
        listener: any RebalanceListener,
        onRevoked: @escaping @Sendable ([TopicPartition]) -> Void,
        written: @escaping @Sendable () async -> Void
    ) {
        self.coordinator = coordinator
        self.clientID = clientID
        self.subscription = subscription
        self.listener = listener
        self.onRevoked = onRevoked
        self.written = written
        // One signal says it all: the member looks at everything there is to do.
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The member's number in the group; `nil` before it has joined.
    var id: UInt64? { state.withLock { $0.id } }

    /// Joins the group and follows its assignments until ``leave()``.
    func join() {
        state.withLock { state in
            if state.isLeaving { return }
            let id = coordinator.join(subscription, clientID: clientID, signal: signal)
            state.id = id
            // Not a child of the caller's task: the membership outlasts `subscribe` and ends in `leave`, which awaits it.
            state.task = Task(executorPreference: Hosting.host?.executor) { await self.run(id) }
        }
    }

    /// Reads other sets from now on.
    func resubscribe(_ subscription: GroupSubscription) {
        guard let id else { return }
        coordinator.resubscribe(id, subscription)
    }

    /// Gives up everything, telling the listener, and leaves the group.
    func leave() async {
        let (id, task) = state.withLock { state in
            state.isLeaving = true
            return (state.id, state.task)
        }
        guard let id, let task else { return }
        coordinator.change { $0.leave(id) }
        await task.value
    }

    /// Tells the listener of an error that no retry mends.
    func fail(_ error: FaustError) {
        state.withLock { $0.failures.append(error) }
        signal.yield()
    }

    private func run(_ id: UInt64) async {
        for await _ in signals {
            while true {
                await tellFailures()
                let action = coordinator.nextAction(of: id)
                if action == .wait { break }
                if action == .end { return }
                await perform(action, id)
            }
        }
    }

    private func tellFailures() async {
        let failures = state.withLock { state in
            defer { state.failures = [] }
            return state.failures
        }
        for failure in failures { await listener.failed(failure) }
    }

    private func perform(_ action: GroupState.Action, _ id: UInt64) async {
        switch action {
        case .revoke(let units):
            let partitions = coordinator.partitions(of: units, of: id)
            await listener.revoked(partitions)
            onRevoked(partitions)
            coordinator.change { $0.close(units, by: id) }
            // The next holder starts from the committed offset: what was accepted until now must have come to be it.
            await written()
            coordinator.change { $0.gaveUp(units, by: id) }
        case .assign(let units):
            await listener.assigned(coordinator.partitions(of: units, of: id))
        case .lose(let partitions):
            onRevoked(partitions)
            await listener.lost(partitions)
        case .wait, .end:
            break
        }
    }
}
