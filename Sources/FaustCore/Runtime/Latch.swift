// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Waits for a number of things to happen, for a limited time.
final class Latch: Sendable {
    private struct State {
        var count: Int
        var isGivenUp = false
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state: Mutex<State>

    init(count: Int) {
        self.state = Mutex(State(count: count))
    }

    /// One of the things has happened.
    func arrive() {
        state.withLock { state in
            state.count -= 1
            guard state.count <= 0 else { return nil as CheckedContinuation<Bool, Never>? }
            defer { state.waiter = nil }
            return state.waiter
        }?
        .resume(returning: true)
    }

    /// Waits for all of them.
    ///
    /// - Returns: Whether they all happened in time. A cancelled task goes on waiting: shutting down must.
    func wait(atMost timeout: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void) async -> Bool {
        if state.withLock({ $0.count <= 0 }) { return true }
        // Not a child task: it would be cancelled with the caller, and then nothing would end the wait.
        let timer = Task(executorPreference: Hosting.host?.executor) { [self] in
            guard (try? await sleep(timeout)) != nil else { return }
            giveUp()
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let isComplete = state.withLock { state -> Bool? in
                if state.count <= 0 { return true }
                if state.isGivenUp { return false }
                state.waiter = continuation
                return nil
            }
            if let isComplete { continuation.resume(returning: isComplete) }
        }
    }

    private func giveUp() {
        state.withLock { state in
            state.isGivenUp = true
            defer { state.waiter = nil }
            return state.waiter
        }?
        .resume(returning: false)
    }
}
