// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The bodies of an agent that are started again together (Faust's `OneForAllSupervisor`), and their common budget.
final class Siblings: Sendable {
    private let streams: [StreamBuffer]
    private let budget: Mutex<RestartBudget>

    /// The bodies of an agent.
    ///
    /// - Parameters:
    ///   - streams: The streams that the bodies are given.
    ///   - budget: How often they may be started again.
    init(_ streams: [StreamBuffer], budget: RestartBudget) {
        self.streams = streams
        self.budget = Mutex(budget)
    }

    /// Asks for one more restart, and has the others begin anew if there is one.
    ///
    /// - Parameters:
    ///   - stream: The stream of the body that has failed.
    ///   - now: The time, on a clock that only goes forward.
    /// - Returns: How long that body waits; `nil` when the budget is used up.
    func restart(after stream: StreamBuffer, at now: Duration) -> Duration? {
        guard let pause = budget.withLock({ $0.restart(at: now) }) else { return nil }
        for other in streams where other !== stream { other.last.beginAnew() }
        return pause
    }
}
