// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// A question to an agent and its answer.
public func askForSum(in app: App, _ output: @escaping Output) {
    let adder = app.agent("adder", each: [Int].self) { $0.reduce(0, +) }

    app.task {
        let sum = try await adder.ask([4, 8], within: .seconds(5))
        output("the sum is \(sum)")
    }
}

/// An agent that yields its results in the loop.
public func rateOrders(in app: App, _ output: @escaping Output) -> ReplyingAgent<String, Order, Double> {
    let orders = app.topic("orders", key: String.self, value: Order.self)
    let bills = Sink<Double>.call { output("billed \($0)") }
    let total = app.agent("total", orders, yielding: Double.self, sinks: [bills]) { stream, emit in
        for try await order in stream {
            try await emit(order.price * order.amount)
        }
    }
    return total
}

/// Results of several events at a time, each for its own asker.
public func rateTogether(in app: App, _ output: @escaping Output) -> ReplyingAgent<Bytes?, Order, Int> {
    app.agent("rank", of: Order.self, yielding: Int.self) { stream, emit in
        for try await events in stream.takeEvents(100, within: .milliseconds(10)) {
            let byPrice = events.sorted { $0.value.price > $1.value.price }
            for (index, event) in byPrice.enumerated() { try await emit(index + 1, for: event) }
        }
    }
}

/// Many questions: replies as they come, and all of them in order.
public func askForMany(in app: App, _ output: @escaping Output) {
    let square = app.agent("square", of: Int.self) { stream in stream.map { $0 * $0 } }
    let length = app.agent("length", each: app.topic("words", key: String.self, value: String.self)) { $0.count }

    app.task {
        for try await result in square.map(1...3, inFlight: 100) { output("got \(result)") }
        let squares = try await square.join(1...5)
        output("squares: \(squares)")
        for try await (key, count) in length.kvmap([("en", "tea"), ("fr", "thé")]) { output("\(key): \(count)") }
    }
}

/// An agent of another app: of ours, or of Faust on Python.
public func askRemote(in app: App, _ output: @escaping Output) {
    let prices = app.topic("shop-price", key: String.self, value: Order.self)
    let price = app.remoteAgent("price", prices, replying: Double.self)

    app.task {
        do {
            let tea = Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5)
            output("it costs \(try await price.ask(tea, key: "alice", within: .milliseconds(50)))")
        } catch let error as FaustError where error.code == .timeout {
            output("the shop does not answer")
        }
    }
}

/// A type whose methods are the bodies of agents.
public struct Warehouse: Sendable {
    let output: Output

    /// Declares the agents.
    public init(in app: App, _ orders: Topic<String, Order>, _ output: @escaping Output) {
        self.output = output
        app.agent("pick", orders, help: "Picks what was ordered.", body: pick)
        app.agent("pack", each: orders, help: "Packs what was picked.", body: pack)
    }

    private func pick(_ orders: EventStream<String, Order>) async throws {
        for try await order in orders { output("picked \(order.productID)") }
    }

    private func pack(_ order: Order) async throws {
        output("packed \(order.productID)")
    }
}
