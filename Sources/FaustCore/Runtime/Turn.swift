// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Something that tasks do one after the other, across their suspensions, in the order in which they ask.
final class Turn: Sendable {
    private let state = Mutex((isTaken: false, waiters: [CheckedContinuation<Void, Never>]()))

    /// Waits for the turn, does something and passes the turn on.
    func take<Result: Sendable>(_ body: () async -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                defer { state.isTaken = true }
                if state.isTaken { state.waiters.append(continuation) }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
        defer { pass() }
        return await body()
    }

    private func pass() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiters.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiters.removeFirst()
        }?
        .resume()
    }
}
