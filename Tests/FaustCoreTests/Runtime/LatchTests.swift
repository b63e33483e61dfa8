// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Latch")
struct LatchTests {
    @Test func itOpensWhenEverythingHasHappened() async throws {
        let (latch, clock) = (Latch(count: 2), TestClock())
        async let isOpen = latch.wait(atMost: .seconds(5)) { try await clock.sleep(for: $0) }
        try await clock.waitForSleepers(1)
        latch.arrive()
        latch.arrive()
        latch.arrive()
        #expect(await isOpen)
    }

    @Test func itIsOpenWithNothingToWaitFor() async {
        #expect(await Latch(count: 0).wait(atMost: .seconds(5)) { _ in })
        let latch = Latch(count: 1)
        latch.arrive()
        #expect(await latch.wait(atMost: .seconds(5)) { _ in })
    }

    @Test func itGivesUpAfterItsTime() async throws {
        let (latch, clock) = (Latch(count: 2), TestClock())
        async let isOpen = latch.wait(atMost: .seconds(5)) { try await clock.sleep(for: $0) }
        try await clock.waitForSleepers(1)
        latch.arrive()
        clock.advance(by: .seconds(5))
        #expect(await isOpen == false)
    }

    @Test("no time at all is over at once", arguments: 0..<50)
    func noTime(round: Int) async {
        #expect(await Latch(count: 1).wait(atMost: .zero) { _ in } == false)
    }

    @Test("a cancelled task still gives up after the time")
    func cancelled() async throws {
        let (latch, clock) = (Latch(count: 1), TestClock())
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await latch.wait(atMost: .seconds(5)) { try await clock.sleep(for: $0) }
        }
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        #expect(await task.value == false)
    }
}
