// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
    private let app = App.forTest()
    private let lines = Lines()

    @Test func itemsAreKeysAndValues() async throws {
        let clicks = countClicks(in: app, lines.output)
        try await app.run(until: lines, has: 3) {
            try await clicks.send(1, key: "/a")
            try await clicks.send(2, key: "/a")
            try await clicks.send(5, key: "/b")
        }
        #expect(lines.sorted == ["/a: 1", "/a: 3", "/b: 5"])
    }

    @Test func eventsShowTheMessage() async throws {
        let orders = showEvents(in: app, lines.output)
        try await app.run(until: lines, has: 4) {
            let tea = Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5)
            try await orders.send(tea, key: "alice", headers: ["source": "test"])
        }
        #expect(
            lines.all == [
                "\(TopicPartition("orders", 0)) offset 0",
                #"bytes: alice {"account_id":"alice","product_id":"tea","amount":2.0,"price":4.5}"#,
                "decoded: alice 4.5",
                "header: test",
            ]
        )
    }

    @Test func topicsAreFoundByAPattern() async throws {
        let europe = app.topic("orders-eu", key: String.self, value: Order.self)
        let asia = app.topic("orders-asia", key: String.self, value: Order.self)
        readAllRegions(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await europe.send(Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5), key: "alice")
            try await asia.send(Order(accountID: "bob", productID: "tea", amount: 2, price: 4.0), key: "bob")
        }
        #expect(lines.sorted == ["orders-asia 4.0", "orders-eu 4.5"])
    }

    @Test func valuesAreTakenByTheHundred() async throws {
        let numbers = takeHundred(in: app, lines.output)
        try await app.run(until: lines, has: 2) { for number in 0..<200 { try await numbers.post(number, key: nil) } }
        #expect(lines.all == ["received 100 values", "received 100 values"])
    }

    @Test func takeDoesNotWaitForeverForTheHundredth() async throws {
        let numbers = takeWithin(.milliseconds(50), in: app, lines.output)
        try await app.run(until: lines, has: 1) { for number in 0..<5 { try await numbers.post(number, key: nil) } }
        #expect(lines.all.count == 1)
        #expect(lines.all.joined().filter(\.isNumber).sorted() == ["0", "1", "2", "3", "4"])
    }

    @Test func valuesAreNumbered() async throws {
        let names = enumerate(in: app, lines.output)
        try await app.run(until: lines, has: 2) { for name in ["anna", "bert"] { try await names.send(name) } }
        #expect(lines.all == ["1. anna", "2. bert"])
    }

    @Test func eventsAreFiltered() async throws {
        let orders = filterOrders(in: app, lines.output)
        try await app.run(until: lines, has: 1) {
            for (account, amount) in [("alice", 10.0), ("bob", 11.0)] {
                let order = Order(accountID: account, productID: "tea", amount: amount, price: 1)
                try await orders.send(order, key: account)
            }
        }
        #expect(lines.all == ["large order of bob"])
    }

    @Test func echoCopiesToAllTopics() async throws {
        let source = echo(in: app, lines.output)
        try await app.run(until: lines, has: 6) {
            try await source.send("x", key: "1")
            try await source.send("y", key: "2")
        }
        #expect(
            lines.sorted == [
                "copy 1: 1 x", "copy 1: 2 y", "copy 2: 1 x", "copy 2: 2 y", "original: x", "original: y",
            ]
        )
    }

    @Test func valuesAreSentOn() async throws {
        let source = forward(in: app, lines.output)
        try await app.run(until: lines, has: 2) { for value in ["x", "y"] { try await source.send(value) } }
        #expect(lines.sorted == ["other: x", "other: y"])
    }

    @Test func aTopicWithoutTypesYieldsBytes() async throws {
        let messages = readBytes(in: app, lines.output)
        try await app.run(until: lines, has: 1) { try await messages.send([1, 2, 255]) }
        #expect(lines.all == ["3 bytes: [1, 2, 255]"])
    }

    @Test func processorsRunInOrder() async throws {
        let visits = process(in: app, clientInfo: { "client of \($0)" }, lines.output)
        try await app.run(until: lines, has: 2) {
            try await visits.send(Visit(accountID: "alice"))
            try await visits.send(Visit(accountID: "bob", language: "NO"))
        }
        #expect(lines.sorted == ["alice US client of alice", "bob NO client of bob"])
    }

    @Test func aProcessorDropsEvents() async throws {
        let visits = dropTests(in: app, lines.output)
        try await app.run(until: lines, has: 1) {
            try await visits.send(Visit(accountID: "test-1"))
            try await visits.send(Visit(accountID: "alice"))
        }
        #expect(lines.all == ["alice"])
    }

    @Test func codecsStandBehindTheSerde() async throws {
        let orders = chooseCodecs(in: app, lines.output)
        try await app.run(until: lines, has: 1) {
            try await orders.send(Order(accountID: "alice", productID: "tea", price: 1), key: 258)
        }
        #expect(lines.all == ["[0, 0, 0, 0, 0, 0, 1, 2] tea"])
    }

    private func order(_ account: String, amount: Double = 1, price: Double) -> Order {
        Order(accountID: account, productID: "tea", amount: amount, price: price)
    }

    @Test func eventsAreGrouped() async throws {
        let orders = groupByAccount(in: app, lines.output)
        try await app.run(until: lines, has: 3) {
            for (account, price) in [("alice", 1.0), ("bob", 5.0), ("alice", 2.0)] {
                try await orders.send(order(account, price: price), partition: 0)
            }
        }
        #expect(lines.sorted == ["alice has spent 1.0", "alice has spent 3.0", "bob has spent 5.0"])
    }

    @Test func bytesAreGrouped() async throws {
        let orders = groupBytes(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await orders.send(#"{"account_id":"alice","price":2}"#)
            try await orders.send(#"{"account_id":"bob"}"#)
        }
        #expect(lines.sorted == ["alice: 32 bytes", "bob: 20 bytes"])
    }

    @Test func keysMayBeAskedFor() async throws {
        let orders = groupByCity(in: app, city: { $0 == "alice" ? "Oslo" : "Bergen" }, lines.output)
        try await app.run(until: lines, has: 2) {
            try await orders.send(order("alice", price: 1))
            try await orders.send(order("bob", price: 1))
        }
        #expect(lines.sorted == ["Bergen: tea", "Oslo: tea"])
    }

    @Test func streamsGoThroughATopicAndAreGrouped() async throws {
        let orders = repartition(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await orders.send(order("alice", price: 1), key: "alice")
            try await orders.send(order("bob", price: 1), key: "bob")
        }
        #expect(lines.sorted == ["tea for alice", "tea for bob"])
    }

    @Test func readingsAreTakenWithTheirTimes() async throws {
        let readings = takeWithTimes(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for (second, value) in [(1, 1.0), (2, 2), (3, 6), (4, 5)] {
                try await readings.send(value, timestamp: Timestamp(milliseconds: Int64(second) * 1_000))
            }
        }
        #expect(lines.all == ["3.0 from 1000 on", "5.0 from 4000 on"])
    }

    @Test func wordsAreCounted() async throws {
        let text = countWords(in: app, lines.output)
        try await app.run(until: lines, has: 4) {
            try await text.send("the cat")
            try await text.send("the dog")
        }
        #expect(lines.sorted == ["cat: 1", "dog: 1", "the: 1", "the: 2"])
    }

    @Test func streamsGoThroughTopics() async throws {
        let prices = goThrough(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await prices.send(2, key: "tea")
            try await prices.send(3, key: "rice")
        }
        #expect(lines.sorted == ["rice 6", "tea 4"])
    }

    @Test func topicsAreMerged() async throws {
        let (clicks, views) = mergeTopics(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await clicks.send("a link")
            try await views.send(7)
        }
        #expect(lines.sorted == ["click on a link", "view for 7 seconds"])
    }

    @Test func requestsAreSpared() async throws {
        let requests = spareTheService(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for request in ["a", "a", "b"] { try await requests.send(request) }
        }
        #expect(lines.all == ["a", "b"])
    }

    @Test func ordersBranch() async throws {
        let orders = branchOrders(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await orders.send(order("alice", amount: 11, price: 1))
            try await orders.send(order("bob", price: 1))
        }
        #expect(lines.sorted == ["large order of alice", "order of bob"])
    }

    @Test func anySequenceIsAStream() async throws {
        let (ticks, input) = AsyncStream.makeStream(of: Int.self)
        for number in 1...4 { input.yield(number) }
        readSequence(ticks, in: app, lines.output)
        try await app.run(until: lines, has: 2)
        #expect(lines.all == ["tick 2", "tick 4"])
    }
}
