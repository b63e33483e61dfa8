// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Snippets
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct AgentTests {
    private let app = App.forTest()
    private let lines = Lines()
    private let tea = Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5)

    @Test func ordersSentToTheAgentArePrinted() async throws {
        let agent = printOrders(in: app, lines.output)
        try await app.run(until: lines, has: 1) { try await agent.cast(tea) }
        #expect(lines.all == ["Order for alice: 2.0"])
    }

    @Test func agentsCallPlainFunctions() async throws {
        let orders = sumOrders(in: app, lines.output)
        try await app.run(until: lines, has: 1) { try await orders.send(tea, key: "alice") }
        #expect(lines.all == ["alice pays 9.0"])
    }

    @Test func anAgentMayBeAFunctionOfOneEvent() async throws {
        let orders = handleEach(in: app, lines.output)
        try await app.run(until: lines, has: 1) { try await orders.send(tea, key: "alice") }
        #expect(lines.all == ["alice ordered tea"])
    }

    @Test func whatAnAgentYieldsGoesToTheSink() async throws {
        let readings = alert(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for reading in [1_500, 1_000, 10, 2_000] { try await readings.send(reading) }
        }
        #expect(lines.sorted == ["WOW, 1500", "WOW, 2000"])
    }

    @Test func whatAnAgentYieldsGoesToATopic() async throws {
        let numbers = squareIntoTopic(in: app, lines.output)
        try await app.run(until: lines, has: 3) { for number in 2...4 { try await numbers.send(number) } }
        #expect(lines.sorted == ["16: 16", "4: 4", "9: 9"])
    }

    @Test func whatAnAgentYieldsGoesToEverySink() async throws {
        let numbers = sendResultsOn(in: app, lines.output)
        try await app.run(until: lines, has: 4) { try await numbers.send(21) }
        #expect(lines.sorted == ["audited 42", "doubled 42", "in the topic 42", "recently 42"])
    }

    @Test func twoAgentsOfATopicBothGetEveryMessage() async throws {
        let orders = readTwice(in: app, lines.output)
        try await app.run(until: lines, has: 4) { for value in ["x", "y"] { try await orders.send(value) } }
        #expect(lines.sorted == ["A: x", "A: y", "B: x", "B: y"])
    }

    @Test func severalEventsAreWorkedOnAtATime() async throws {
        // No fetch ends before three have begun; with one at a time the test would run into its time limit.
        let gate = Gate(opensAt: 3)
        let pages = fetchPages(
            in: app,
            fetch: { page in
                await gate.pass()
                return page.count
            },
            lines.output
        )
        let names = (1...40).map { "page-\($0)" }
        try await app.run(until: lines, has: 40) { for name in names { try await pages.post(name, key: name) } }
        #expect(lines.sorted == names.map { "\($0): \($0.count) bytes" }.sorted())
    }

    @Test func failedEventsAreTriedAgainAndKept() async throws {
        struct Broken: Error {}
        let attempts = Mutex<[String: Int]>([:])
        let articles = importArticles(
            in: app,
            store: { article in
                let attempt = attempts.withLock { attempts in
                    attempts[article, default: 0] += 1
                    return attempts[article, default: 0]
                }
                if article == "broken" || (article == "late" && attempt < 3) { throw Broken() }
            },
            lines.output
        )
        try await app.run(until: lines, has: 3) {
            for article in ["good", "late", "broken"] { try await articles.send(article) }
        }
        #expect(lines.sorted == ["failed: broken", "stored good", "stored late"])
        #expect(attempts.withLock { $0 } == ["good": 1, "late": 3, "broken": 4])
    }
}

/// Holds back everybody until so many have come.
private final class Gate: Sendable {
    private struct State {
        var missing: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(opensAt count: Int) {
        state = Mutex(State(missing: count))
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let freed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.missing -= 1
                state.waiters.append(continuation)
                guard state.missing <= 0 else { return [] }
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in freed { waiter.resume() }
        }
    }
}
