// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore
import Synchronization

/// Counts messages that are on their way, and waits until the broker has answered for each.
package final class Outbox: Sendable {
    private struct State {
        var underWay = 0
        var arrived = 0
        var failure: FaustError?
        var waiter: CheckedContinuation<Int, Never>?
    }

    private let state = Mutex(State())

    /// Nothing is on its way yet.
    package init() {}

    /// A message is about to be sent.
    package func began() {
        state.withLock { $0.underWay += 1 }
    }

    /// The broker has answered for a message; may be called on any thread.
    package func settled(_ outcome: Result<RecordMetadata, FaustError>) {
        let waiter: (CheckedContinuation<Int, Never>, Int)? = state.withLock { state in
            state.underWay -= 1
            switch outcome {
            case .success: state.arrived += 1
            case .failure(let error): state.failure = state.failure ?? error
            }
            guard state.underWay == 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, state.arrived)
        }
        if let (waiter, arrived) = waiter { waiter.resume(returning: arrived) }
    }

    /// The first failure.
    package var failure: FaustError? { state.withLock { $0.failure } }

    /// Whether a message was lost.
    package var hasFailed: Bool { failure != nil }

    /// Waits until nothing is on its way any more; one caller at a time.
    ///
    /// - Returns: The number of messages that have arrived.
    package func drained() async -> Int {
        await withCheckedContinuation { continuation in
            let arrived: Int? = state.withLock { state in
                if state.underWay == 0 { return state.arrived }
                state.waiter = continuation
                return nil
            }
            if let arrived { continuation.resume(returning: arrived) }
        }
    }
}
