// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TestClockTests {
    @Test("time stands still until it is advanced")
    func standsStill() {
        let clock = TestClock()
        #expect(clock.now.offset == .zero)
        clock.advance(by: .seconds(3))
        clock.advance(by: .milliseconds(500))
        #expect(clock.now.offset == .milliseconds(3_500))
    }

    @Test("a sleeper is resumed when its time has come, not before")
    func resumesInTime() async throws {
        let clock = TestClock()
        let woken = Watched(false)
        async let sleep: Void = {
            try await clock.sleep(for: .seconds(10))
            woken.update { $0 = true }
        }()
        try await clock.waitForSleepers(1)
        #expect(clock.nextDeadline == TestClock.Instant(offset: .seconds(10)))
        clock.advance(by: .milliseconds(9_999))
        #expect(clock.sleepers == 1)
        #expect(!woken.value)
        clock.advance(by: .milliseconds(1))
        try await sleep
        #expect(woken.value)
        #expect(clock.sleepers == 0)
    }

    @Test("sleeping until a time that has passed returns at once")
    func passesThePast() async throws {
        let clock = TestClock(now: .init(offset: .seconds(5)))
        try await clock.sleep(until: .init(offset: .seconds(5)))
        try await clock.sleep(until: .init(offset: .seconds(1)))
        #expect(clock.sleepers == 0)
    }

    @Test("sleepers leave in the order of their deadlines")
    func keepsOrder() async throws {
        let clock = TestClock()
        let order = Watched<[Int]>([])
        try await withThrowingTaskGroup { group in
            for seconds in [30, 10, 20] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    order.update { $0.append(seconds) }
                }
            }
            try await clock.waitForSleepers(3)
            for (step, expected) in [[10], [10, 20], [10, 20, 30]].enumerated() {
                #expect(clock.advanceToNextDeadline() == .seconds(10))
                try await order.wait { $0.count == step + 1 }
                #expect(order.value == expected)
            }
            try await group.waitForAll()
        }
        #expect(clock.advanceToNextDeadline() == nil)
        #expect(clock.now.offset == .seconds(30))
    }

    @Test("a cancelled sleeper is resumed with an error and forgotten")
    func cancels() async throws {
        let clock = TestClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        try await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleepers == 0)
        #expect(clock.nextDeadline == nil)
    }

    @Test("a task that is cancelled already does not sleep")
    func refusesCancelledTasks() async throws {
        let clock = TestClock()
        let gate = Gate()
        let task = Task {
            // Passed although the task is cancelled, because the gate is open by then.
            try? await gate.wait()
            try await clock.sleep(for: .seconds(1))
        }
        task.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleepers == 0)
    }

    @Test("a timer that goes back to sleep ticks once per advance")
    func drivesTimers() async throws {
        let clock = TestClock()
        let ticks = Watched(0)
        let timer = Task {
            while true {
                try await clock.sleep(for: .seconds(1))
                ticks.update { $0 += 1 }
            }
        }
        for tick in 1...5 {
            try await clock.waitForSleepers(1)
            clock.advance(by: .seconds(1))
            try await ticks.wait { $0 == tick }
        }
        timer.cancel()
        await #expect(throws: CancellationError.self) { try await timer.value }
    }

    @Test("it stands in for any clock with durations")
    func isAClock() async throws {
        let clock = TestClock()
        let any: any Clock<Duration> = clock
        async let sleep: Void = any.sleep(for: .seconds(2))
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(2))
        try await sleep
        #expect(clock.minimumResolution == .zero)
    }
}
