// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The subscribers of a channel and what waits for them.
final class ChannelHub: Sendable {
    private struct State {
        var groups: [StreamGroup] = []
        var nextOffset: Int64 = 0
        var full: Set<ObjectIdentifier> = []
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let partition: TopicPartition
    private let state = Mutex(State())
    /// Held while a value goes to the subscribers, so that all of them see the same order.
    private let turn = Mutex(())

    init(name: String) {
        self.partition = TopicPartition(name, 0)
    }

    /// Adds streams that get every value sent from now on.
    func subscribe(_ group: StreamGroup) {
        let pressure = StreamBuffer.Pressure(
            changed: { [weak self] in self?.note($1, at: $0) },
            closed: { [weak self] in self?.unsubscribe($0) }
        )
        for buffer in group.buffers {
            buffer.connect(pressure)
            buffer.attach(partition, epoch: 0)
        }
        state.withLock { $0.groups.append(group) }
    }

    /// Passes a value on, waiting for room.
    func send(_ value: any Sendable) async throws {
        while true {
            try Task.checkCancellation()
            if turn.withLock({ _ in deliver(value) }) { return }
            await waitForRoom()
        }
    }

    /// How many senders wait for room.
    var waiting: Int { state.withLock { $0.waiters.count } }

    private func deliver(_ value: any Sendable) -> Bool {
        let work = state.withLock { state -> (groups: [StreamGroup], batch: MessageBatch)? in
            guard state.full.isEmpty else { return nil }
            defer { state.nextOffset += 1 }
            return (state.groups, MessageBatch(attachment: value, at: partition, offset: state.nextOffset))
        }
        guard let work else { return false }
        for group in work.groups { group.deliver(work.batch) }
        return true
    }

    private func waitForRoom() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.full.isEmpty || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Notes whether a subscriber has room.
    ///
    /// News may come late and in any order: what counts is how it is now.
    private func note(_ buffer: StreamBuffer, at partition: TopicPartition) {
        change { state in
            if buffer.isFull(partition), !buffer.isClosed {
                state.full.insert(ObjectIdentifier(buffer))
            } else {
                state.full.remove(ObjectIdentifier(buffer))
            }
        }
    }

    /// Forgets a subscriber that has ended, so that it holds up nobody.
    private func unsubscribe(_ buffer: StreamBuffer) {
        change { state in
            state.groups.removeAll { $0.buffers.contains { $0 === buffer } }
            state.full.remove(ObjectIdentifier(buffer))
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            body(&state)
            guard state.full.isEmpty else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
