// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustLog
import FaustTesting
import Logging
import Synchronization
import Testing

@Record
struct Order {
    var accountID: String
    var productID: String
    var amount: Int = 1
    var price: Double
}

@Suite("A program on the embedded log in memory")
struct PipelineTests {
    @Test func anAgentGetsWhatIsSentInTheOrderOfItsKey() async throws {
        let app = App("pipeline", broker: "memory://")
        let orders = app.topic("orders", key: String.self, value: Order.self, partitions: 4)
        let seen = Recorder<Order>()
        app.agent("spending", orders) { stream in
            for try await order in stream { seen.append(order) }
        }
        app.task {
            for number in 0..<1_000 {
                let order = Order(accountID: "a\(number % 10)", productID: "p", amount: number, price: 1.5)
                try await orders.post(order, key: order.accountID)
            }
        }
        try await app.run(until: seen, has: 1_000)
        let byAccount = Dictionary(grouping: seen.values, by: \.accountID)
        #expect(byAccount.count == 10)
        for (_, orders) in byAccount { #expect(orders.map(\.amount) == orders.map(\.amount).sorted()) }
        #expect(Set(seen.values.map(\.amount)).count == 1_000)
    }

    @Test func aChainOfAgentsThroughTopicsLosesNothing() async throws {
        let app = App("chain", broker: "memory://") { $0.parallelism = 2 }
        let lines = app.topic("lines", value: String.self)
        let words = app.topic("words", key: String.self, value: Int.self)
        let counts = Mutex<[String: Int]>([:])
        let done = Recorder<String>()
        app.agent("split", lines) { stream in
            for try await line in stream {
                for word in line.split(separator: " ") { try await words.post(1, key: String(word)) }
            }
        }
        app.agent("count", words) { stream in
            for try await (word, number) in stream.items() {
                counts.withLock { $0[word, default: 0] += number }
                done.append(word)
            }
        }
        app.task { for _ in 0..<500 { try await lines.post("the cat and the dog", key: nil) } }
        try await app.run(until: done, has: 2_500)
        #expect(counts.withLock { $0 } == ["the": 1_000, "cat": 500, "and": 500, "dog": 500])
    }

    @Test func sinksGetWhatAnAgentYields() async throws {
        let app = App("sinks", broker: "memory://")
        let numbers = app.topic("numbers", value: Int.self)
        let squares = app.topic("squares", value: Int.self)
        let seen = Recorder<Int>()
        app.agent("square", numbers, sinks: [.topic(squares)]) { stream in stream.map { $0 * $0 } }
        app.agent("print", each: squares) { seen.append($0) }
        app.task { for number in 1...50 { try await numbers.send(number) } }
        try await app.run(until: seen, has: 50)
        #expect(seen.values.sorted() == (1...50).map { $0 * $0 })
    }
}
