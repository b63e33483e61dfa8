// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("RestartBudget")
struct RestartBudgetTests {
    @Test func pausesDoubleUpToTheLongest() {
        var budget = RestartBudget(maxRestarts: 6, window: .seconds(100), delay: .seconds(1), maxDelay: .seconds(10))
        let pauses = (0..<7).map { _ in budget.restart(at: .zero) }
        #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10), nil])
    }

    @Test func restartsThatAreLongAgoDoNotCount() {
        var budget = RestartBudget(maxRestarts: 2, window: .seconds(10), delay: .seconds(1), maxDelay: .seconds(8))
        let pauses = [0, 5, 9, 10, 14, 15].map { budget.restart(at: .seconds($0)) }
        #expect(pauses == [.seconds(1), .seconds(2), nil, .seconds(2), nil, .seconds(2)])
    }

    @Test func noRestartsMeansNone() {
        var budget = RestartBudget(maxRestarts: 0, window: .seconds(1), delay: .zero, maxDelay: .zero)
        #expect(budget.restart(at: .zero) == nil)
    }

    @Test func manyRestartsDoNotOverflow() {
        var budget = RestartBudget(maxRestarts: 500, window: .seconds(1), delay: .seconds(60), maxDelay: .seconds(90))
        let pauses = (0..<500).map { _ in budget.restart(at: .zero) }
        #expect(pauses.dropFirst().allSatisfy { $0 == .seconds(90) })
    }
}

@Suite("Backoff")
struct BackoffTests {
    @Test func exponentialPausesDoubleUpToTheCap() {
        let backoff = Backoff.exponential(base: .milliseconds(100), cap: .seconds(1), max: 60)
        let pauses = (1...5).map { backoff.pause(before: $0) }
        #expect(
            pauses == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1)]
        )
        #expect(backoff.pause(before: 60) == .seconds(1))
        #expect(backoff.pause(before: 61) == nil)
    }

    @Test func constantPausesAreAllTheSame() {
        let backoff = Backoff.constant(.seconds(2), max: 2)
        let pauses = (1...3).map { backoff.pause(before: $0) }
        #expect(pauses == [.seconds(2), .seconds(2), nil])
    }
}
