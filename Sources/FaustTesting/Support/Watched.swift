// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

#if FAUST_TSAN
import FaustCore
#endif

/// State that tasks can wait for: shared by threads, changed under a lock.
///
/// It takes the place of sleeps in tests: a test waits for what it expects to become true, and is resumed by the
/// change that makes it so.
package final class Watched<State: Sendable>: Sendable {
    private struct Waiter {
        let id: UInt64
        let predicate: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<State, any Error>
    }

    private struct Content {
        var state: State
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
    }

    private let content: Mutex<Content>

    /// State to wait for.
    package init(_ state: State) {
        content = Mutex(Content(state: state))
    }

    /// The state as it is now.
    package var value: State { content.withLock { $0.state } }

    /// Changes the state and resumes the tasks that waited for it, in the order in which they began to wait.
    ///
    /// - Parameter change: Must be quick and must not call back: a lock is held.
    /// - Returns: What `change` returns.
    @discardableResult
    package func update<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let (result, state, due) = content.withLock { content in
            let result = change(&content.state)
            let state = content.state
            let due = content.waiters.filter { $0.predicate(state) }
            if !due.isEmpty { content.waiters.removeAll { waiter in due.contains { $0.id == waiter.id } } }
            return (result, state, due)
        }
        for waiter in due { waiter.continuation.resume(returning: state) }
        return result
    }

    /// Suspends until the state satisfies a condition.
    ///
    /// - Parameter predicate: The condition; called with a lock held.
    /// - Returns: The state that satisfied it.
    /// - Throws: `CancellationError` when the task is cancelled.
    @discardableResult
    package func wait(until predicate: @escaping @Sendable (State) -> Bool) async throws -> State {
        let id = content.withLock { content in
            content.nextID += 1
            return content.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(Waiter(id: id, predicate: predicate, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(_ waiter: Waiter) {
        let outcome: Result<State, any Error>? = content.withLock { content in
            if waiter.predicate(content.state) { return .success(content.state) }
            // Checked under the lock: a cancellation that comes later finds the waiter in the list.
            if Task.isCancelled { return .failure(CancellationError()) }
            content.waiters.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func cancel(_ id: UInt64) {
        let waiter = content.withLock { content -> Waiter? in
            guard let index = content.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return content.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
