// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct ScheduleTests {
    private let lines = Lines()
    private let app = App.forTest()

    @Test func timersAndCrontabsRunOnTime() async throws {
        runOnTime(in: app, lines.output)
        // Friday, 20 November 2026, 17:29 UTC: 18:29 in Berlin.
        try await app.test(startingAt: Timestamp(milliseconds: 1_795_195_740_000)) { kit in
            try await kit.advance(by: .seconds(60))
            #expect(lines.sorted == ["a minute has passed", "time to go home"])
        }
    }

    @Test func theLeaderPublishes() async throws {
        publishOnLeader(in: app, lines.output)
        try await app.test { kit in
            try await kit.advance(by: .seconds(2))
            #expect(lines.all == ["publishing on the leader", "hello"])
        }
    }

    @Test func aTaskRunsWhileItsWorkerLeads() async throws {
        let gate = Gate()
        watchOnLeader(in: app, watch: { try await gate.wait() }, lines.output)
        try await app.test { _ in #expect(lines.all == ["this worker leads"]) }
        #expect(lines.all == ["this worker leads", "another one may lead now"])
    }

    @Test func timersCountWhatTheyDo() async throws {
        countBackups(in: app, backUp: {}, lines.output)
        try await app.test { kit in
            try await kit.advance(by: .seconds(3_660))
            #expect(lines.all.last == "1 backups, 0 late, 0 missed")
            #expect(lines.all.count == 61)
        }
    }

    @Test func aServiceRunsUntilTheAppStops() async throws {
        runService(in: app, lines.output)
        try await app.test { _ in #expect(lines.all == ["connected"]) }
        #expect(lines.all == ["connected", "disconnected"])
    }
}
