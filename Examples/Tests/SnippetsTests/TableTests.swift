// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct TableTests {
    private let app = App.forTest()
    private let lines = Lines()

    @Test func pageViewsAreCounted() async throws {
        let (pageViews, counts) = countPageViews(in: app, lines.output)
        try await app.run(until: lines, has: 4) {
            for (page, user) in [("/", "anna"), ("/a", "anna"), ("/", "bert"), ("/", "anna")] {
                try await pageViews.send(PageView(id: page, user: user), key: page)
            }
        } check: {
            #expect(counts["/"] == 3)
            #expect(counts["/a"] == 1)
            #expect(counts["/never"] == 0)
        }
        #expect(lines.sorted == ["/: 1", "/: 2", "/: 3", "/a: 1"])
    }

    @Test func tablesWithoutADefaultHaveOptionalValues() async throws {
        let visits = countVisits(in: app, lines.output)
        try await app.run(until: lines, has: 4) {
            for language in ["de", "fr", "", "no"] {
                try await visits.send(Visit(accountID: "anna", language: language), key: "anna")
            }
        }
        #expect(
            lines.all == ["anna: de after nothing", "anna: fr after de", "anna:  after fr", "anna: no after nothing"]
        )
    }

    @Test func theBestAreListed() async throws {
        let (scores, best) = leaderBoard(in: app)
        try await app.test { kit in
            for (player, score) in [("anna", 5), ("bert", 9), ("anna", 7), ("carl", 7), ("dora", 1), ("bert", 2)] {
                try await kit.send(score, key: player, to: scores)
            }
            try await kit.settle()
            #expect(try await best(3).map { "\($0.player) \($0.score)" } == ["bert 9", "anna 7", "carl 7"])
        }
    }

    @Test func minutesArePutOutWhenTheyAreOver() async throws {
        let (pageViews, views) = countPerMinute(in: app, lines.output)
        try await app.test { kit in
            for time in [Int64(1_000), 59_999, 60_000, 64_999, 30_000, 65_000, 2_000] {
                let view = PageView(id: "/", user: "anna")
                try await kit.send(view, key: "/", to: pageViews, timestamp: Timestamp(milliseconds: time))
            }
            try await kit.settle()
            #expect(lines.sorted == ["/ at 2000 is too late", "/ in [0.0, 60.0]: 3"])
            #expect(try await kit.windows(of: views, for: "/").values.sorted() == [3, 3])
        }
    }

    @Test func pagesAreTagged() async throws {
        let (edits, tags) = tagPages(in: app, lines.output)
        try await app.test { kit in
            for tag in ["python", "python", "kafka"] { try await kit.send(tag, key: "faust", to: edits) }
            try await kit.settle()
            try await kit.perform { try await changeTags(tags) }
            try await kit.settle()
            #expect(try tags["faust"].elements() == ["kafka", "swift", "streams"])
        }
        #expect(lines.all == ["faust is tagged python, 1 in all", "faust is tagged kafka, 2 in all"])
    }

    @Test func everyThousandthViewIsSentOn() async throws {
        let (pageViews, milestones) = tellMilestones(in: app)
        let output = lines.output
        app.agent("milestone", milestones) { stream in
            for try await (page, count) in stream.items() { output("\(page): \(count)") }
        }
        try await app.run(until: lines, has: 1) {
            for _ in 0..<1_000 { try await pageViews.post(PageView(id: "/", user: "anna"), key: "/") }
        }
        #expect(lines.all.first?.hasPrefix("/: 1") == true)
    }

    @Test func clicksAreForgottenAfterHalfAnHour() async throws {
        let clicks = countSessions(in: app, lines.output)
        try await app.run(until: lines, has: 1) {
            for time in [Int64(0), 60_000, 120_000, 2_000_000] {
                let user = time == 2_000_000 ? "bert" : "anna"
                try await clicks.send("/", key: user, partition: 0, timestamp: Timestamp(milliseconds: time))
            }
        }
        #expect(lines.all == ["anna has left after 3 clicks"])
    }

    @Test func amountsAreConvertedByRatesOfAnyPartition() async throws {
        let (rates, orders, current) = convert(in: app, lines.output)
        try await app.test { kit in
            for currency in ["a", "b", "c", "d"] { try await kit.send(2, key: currency, to: rates) }
            try await kit.settle()
            #expect(try current.count() == 4)
            for (index, currency) in ["a", "b", "c", "d"].enumerated() {
                for order in ["x", "y"] {
                    try await kit.send(Amount(value: Double(index), currency: currency), key: order, to: orders)
                }
            }
            try await kit.settle()
        }
        #expect(lines.sorted == ["0.0", "0.0", "2.0", "2.0", "4.0", "4.0", "6.0", "6.0"])
    }
}
