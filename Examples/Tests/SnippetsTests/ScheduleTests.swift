// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(1))) struct ScheduleTests {
    private let lines = Lines()
    private let clock: TestClock
    private let app: App

    init() {
        let clock = TestClock()
        // Friday, 20 November 2026, 17:29 UTC: 18:29 in Berlin.
        let start: Int64 = 1_795_195_740_000
        let appClock = AppClock(clock) { start + Int64(clock.now.offset / .milliseconds(1)) }
        self.clock = clock
        app = App("snippet", broker: "memory://", clock: appClock) { $0.shutdownTimeout = .seconds(1) }
    }

    /// Lets time pass as soon as so many tasks of the app wait for it; one of them is the committer's.
    private func advance(_ duration: Duration, sleepers: Int) async throws {
        try await clock.waitForSleepers(sleepers)
        clock.advance(by: duration)
    }

    @Test func timersAndCrontabsRunOnTime() async throws {
        runOnTime(in: app, lines.output)
        try await app.run(until: lines, has: 2) { try await advance(.seconds(60), sleepers: 3) }
        #expect(lines.sorted == ["a minute has passed", "time to go home"])
    }

    @Test func theLeaderPublishes() async throws {
        publishOnLeader(in: app, lines.output)
        // The only worker leads as soon as it has its partitions; until then its timer beats in vain.
        app.task(onLeader: true) { try await advance(.seconds(2), sleepers: 3) }
        try await app.run(until: lines, has: 2)
        #expect(lines.all.prefix(2) == ["publishing on the leader", "hello"])
    }

    @Test func aTaskRunsWhileItsWorkerLeads() async throws {
        let gate = Gate()
        watchOnLeader(in: app, watch: { try await gate.wait() }, lines.output)
        try await app.run(until: lines, has: 1)
        #expect(lines.all == ["this worker leads", "another one may lead now"])
    }

    @Test func timersCountWhatTheyDo() async throws {
        countBackups(in: app, backUp: {}, lines.output)
        try await app.run(until: lines, has: 2) {
            try await advance(.seconds(3_600), sleepers: 3)
            await lines.wait(for: 1)
            try await advance(.seconds(60), sleepers: 3)
        }
        #expect(lines.all.last == "1 backups, 0 late, 0 missed")
    }

    @Test func aServiceRunsUntilTheAppStops() async throws {
        runService(in: app, lines.output)
        try await app.run(until: lines, has: 1)
        #expect(lines.all == ["connected", "disconnected"])
    }
}
