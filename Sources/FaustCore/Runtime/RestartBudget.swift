// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How often an agent may be started again: so many times within a sliding stretch of time, with growing pauses.
///
/// Faust's budget is used up by two agents that fail together (AG26); this one counts what it says.
struct RestartBudget: Sendable {
    private let maxRestarts: Int
    private let window: Duration
    private let delay: Duration
    private let maxDelay: Duration
    private var restarts: [Duration] = []

    init(maxRestarts: Int, window: Duration, delay: Duration, maxDelay: Duration) {
        self.maxRestarts = maxRestarts
        self.window = window
        self.delay = delay
        self.maxDelay = maxDelay
    }

    /// Asks for one more restart.
    ///
    /// - Parameter now: The time, on a clock that only goes forward.
    /// - Returns: How long to wait before it; `nil` when the budget is used up.
    mutating func restart(at now: Duration) -> Duration? {
        restarts.removeAll { now - $0 >= window }
        guard restarts.count < maxRestarts else { return nil }
        restarts.append(now)
        let doublings = min(restarts.count - 1, 30)
        return min(delay * (1 << doublings), maxDelay)
    }
}
