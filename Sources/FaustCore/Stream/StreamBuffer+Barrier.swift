// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension StreamBuffer {
    /// Lets the iterator finish the event it has, then wait; what was handed over stays.
    func holdBack(_ isHeldBack: Bool) {
        let waiter = state.withLock { state in
            state.isHeldBack = isHeldBack
            if isHeldBack { state.iteration?.interrupt() }
            return state.takeWaiterIfReady()
        }
        waiter?.resume()
    }

    /// Holds the iterator back, and calls `done` when nobody works on an event of the stream.
    ///
    /// An array of a `take` that is being collected is handed out as it is, and waited for. Events that are finished by
    /// hand alone are not waited for once the body asks for the next one.
    func quiesce(_ done: @escaping @Sendable () -> Void) {
        let (isDone, waiter) = state.withLock { state -> (Bool, UnsafeContinuation<Void, Never>?) in
            state.isHeldBack = true
            state.iteration?.interrupt()
            if state.isIdle { return (true, nil) }
            state.quiets.append(done)
            defer { state.waiter = nil }
            return (false, state.waiter)
        }
        if isDone { done() }
        waiter?.resume()
    }

    /// Notes what the body runs in that is to iterate over the stream.
    func enter(_ scope: EventScope) {
        state.withLock { $0.scope = scope }
    }

    /// Shuts out a body that still works on an event: its iteration ends, and nothing that it does counts any more.
    ///
    /// - Returns: Whether there was one.
    func expel() -> Bool {
        let isBusy = state.withLock { state in
            if state.isIdle { return false }
            state.scope?.expel()
            state.scope = nil
            return true
        }
        if isBusy { replaceIteration(by: nil) }
        return isBusy
    }
}
