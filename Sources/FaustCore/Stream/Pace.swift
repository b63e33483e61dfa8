// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// How many events were let through lately, for ``EventStream/throttle(_:per:)``.
final class Pace: Sendable {
    private let limit: Int
    private let interval: Duration
    private let state = Mutex((start: Duration.zero, count: 0))

    init(limit: Int, interval: Duration) {
        self.limit = limit
        self.interval = interval
    }

    /// Lets an event through, or says how long it has to wait before it asks again.
    func pause(at now: Duration) -> Duration? {
        state.withLock { state in
            if state.count == 0 || now - state.start >= interval { state = (now, 0) }
            guard state.count >= limit else {
                state.count += 1
                return nil
            }
            return state.start + interval - now
        }
    }
}
