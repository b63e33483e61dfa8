// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct WindowTests {
    private let app = App.forTest()
    private let lines = Lines()

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

    @Test func visitsEndWithSilence() async throws {
        let (clicks, _) = countVisitsOfUsers(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for (user, seconds) in [
                ("anna", 0), ("anna", 1_850), ("bert", 1_851), ("anna", 900), ("anna", 20_000), ("bert", 20_000),
            ] {
                try await clicks.send("/", key: user, timestamp: time(Int64(seconds)))
            }
        }
        // The click at 900, late but within the grace, has made one visit of two.
        #expect(lines.sorted == ["anna: 3 clicks in 3650.0 seconds", "bert: 1 clicks in 1800.0 seconds"])
    }

    @Test func theLastHourIsPutTogether() async throws {
        let (pageViews, _) = countLastHour(in: app, lines.output)
        try await app.run(until: lines, has: 60) {
            for seconds in [3_600, 3_659, 3_660, 7_260] {
                let view = PageView(id: "/", user: "anna")
                try await pageViews.send(view, key: "/", timestamp: time(Int64(seconds)))
            }
        }
        #expect(lines.all.first == "/ in [60.0, 3660.0]: 2")
        #expect(lines.all.dropFirst().first == "/ in [120.0, 3720.0]: 3")
        #expect(lines.all.contains("/ in [3600.0, 7200.0]: 3"))
    }

    @Test func spendingIsWatched() async throws {
        let purchases = watchSpending(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for (seconds, cents) in [(0, 60_000), (700, 50_000), (600, 45_000), (1_000, 20_000)] {
                let purchase = Purchase(customer: "anna", cents: cents, date: time(Int64(seconds)).date)
                try await purchases.send(purchase, key: "anna")
            }
        }
        #expect(lines.all == ["anna has spent 105000", "anna has spent 115000"])
    }

    @Test func windowsAreListed() async throws {
        let (pageViews, views) = countPerMinute(in: app, { _ in })
        let output = lines.output
        try await app.test { kit in
            for (page, seconds) in [("/", 1), ("/", 2), ("/a", 3), ("/", 61)] {
                let view = PageView(id: page, user: "anna")
                try await kit.send(view, key: page, to: pageViews, timestamp: time(Int64(seconds)))
            }
            try await kit.settle()
            try await kit.perform { try await report(views, at: time(59), output) }
        }
        #expect(lines.sorted == ["    [0.0, 60.0]: 1", "    [0.0, 60.0]: 2", "    [60.0, 120.0]: 1", "/: 2", "/a: 1"])
    }
}
