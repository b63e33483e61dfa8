// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct AskingTests {
    private let app = App.forTest()
    private let lines = Lines()
    private let tea = Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5)

    @Test func anAgentAnswers() async throws {
        askForSum(in: app, lines.output)
        try await app.run(until: lines, has: 1) {}
        #expect(lines.all == ["the sum is 12"])
    }

    @Test func resultsGoToTheAskerAndToTheSinks() async throws {
        let total = rateOrders(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            let reply = try await total.ask(tea, key: "alice")
            lines.output("reply \(reply)")
        }
        #expect(lines.sorted == ["billed 9.0", "reply 9.0"])
    }

    @Test func eachEventOfAnArrayHasItsAsker() async throws {
        let rank = rateTogether(in: app, lines.output)
        // In a task: the answer takes until the array is handed out, and the clock goes on when nothing else does.
        app.task {
            let place = try await rank.ask(tea)
            lines.output("place \(place)")
        }
        try await app.run(until: lines, has: 1)
        #expect(lines.all == ["place 1"])
    }

    @Test func manyQuestionsAreAskedAtATime() async throws {
        askForMany(in: app, lines.output)
        try await app.run(until: lines, has: 6) {}
        #expect(Set(lines.all.prefix(3)) == ["got 1", "got 4", "got 9"])
        #expect(lines.all[3] == "squares: [1, 4, 9, 16, 25]")
        #expect(Set(lines.all.suffix(2)) == ["en: 3", "fr: 3"])
    }

    @Test func whoDoesNotAnswerIsATimeout() async throws {
        askRemote(in: app, lines.output)
        try await app.run(until: lines, has: 1) {}
        #expect(lines.all == ["the shop does not answer"])
    }

    @Test func methodsAreBodiesOfAgents() async throws {
        let orders = app.topic("orders", key: String.self, value: Order.self)
        _ = Warehouse(in: app, orders, lines.output)
        #expect(app.agents.map(\.help) == ["Packs what was picked.", "Picks what was ordered."])
        try await app.run(until: lines, has: 2) { try await orders.send(tea, key: "alice") }
        #expect(lines.sorted == ["packed tea", "picked tea"])
    }
}
