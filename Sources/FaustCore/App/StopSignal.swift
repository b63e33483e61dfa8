// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Says once that the worker is to stop, and why.
final class StopSignal: Sendable {
    private struct State {
        var isFired = false
        var cause: FaustError?
        var waiter: CheckedContinuation<FaustError?, Never>?
    }

    private let state = Mutex(State())

    /// Makes the signal ready for another run, after one; whoever waits goes on waiting.
    func reset() {
        state.withLock { $0 = State(waiter: $0.waiter) }
    }

    /// Asks the worker to stop; later calls change nothing.
    ///
    /// - Parameter cause: The error it stops for; `nil` for an orderly stop.
    func fire(_ cause: FaustError?) {
        let waiter = state.withLock { state -> CheckedContinuation<FaustError?, Never>? in
            guard !state.isFired else { return nil }
            state.isFired = true
            state.cause = cause
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: cause)
    }

    /// Waits for the signal.
    ///
    /// - Returns: The error to stop for.
    func wait() async -> FaustError? {
        await withCheckedContinuation { continuation in
            let state = state.withLock { state in
                if !state.isFired { state.waiter = continuation }
                return (state.isFired, state.cause)
            }
            if state.0 { continuation.resume(returning: state.1) }
        }
    }
}
