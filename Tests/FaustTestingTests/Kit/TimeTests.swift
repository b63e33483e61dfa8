// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustTesting
import Logging
import Testing

@Suite("The app's time", .timeLimit(.minutes(2)))
struct TimeTests {
    private func app(clock: AppClock = .system) -> App {
        App(settings: Settings(name: "time"), clock: clock, logger: .silent) { _, _ in
            throw FaustError(.transport, "the broker can't be reached")
        }
    }

    @Test("is that of its clock, also while it does not run")
    func ownClock() {
        let app = app(clock: AppClock(TestClock(), now: { 1_234 }))
        #expect(app.now == Timestamp(milliseconds: 1_234))
    }

    @Test("is that of the kit under test, in bodies, tasks and the test itself")
    func kitsClock() async throws {
        let app = app(clock: AppClock(TestClock(), now: { 1_234 }))
        let words = app.topic("words", key: String.self, value: String.self)
        let seen = Trace()
        app.agent("read", each: words) { word in
            seen.note("\(word) at \(app.now.milliseconds)")
            try await app.sleep(for: .seconds(5))
            seen.note("\(word) done at \(app.now.milliseconds)")
        }
        app.task {
            try await app.sleep(for: .seconds(2))
            seen.note("task at \(app.now.milliseconds)")
        }
        try await app.test(startingAt: Timestamp(milliseconds: 10_000)) { kit in
            #expect(app.now == kit.now)
            try await kit.send("a", key: "a", to: words)
            try await kit.settle()
            #expect(seen.all == ["a at 10000"])
            try await kit.advance(by: .seconds(4))
            #expect(app.now == Timestamp(milliseconds: 14_000))
            try await kit.advance(by: .seconds(4))
            #expect(seen.all == ["a at 10000", "task at 12000", "a done at 15000"])
        }
        #expect(app.now == Timestamp(milliseconds: 1_234), "the app has its own clock back")
    }

    @Test("a wait ends when its task is cancelled")
    func cancelledWait() async throws {
        let app = app(clock: AppClock(TestClock()))
        let wait = Task { try await app.sleep(for: .seconds(3_600)) }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
    }
}
