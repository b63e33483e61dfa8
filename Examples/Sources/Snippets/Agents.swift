// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// An agent is a loop over a stream.
public func printOrders(in app: App, _ output: @escaping Output) -> Agent<Bytes?, Order> {
    app.agent("order", of: Order.self) { orders in
        for try await order in orders {
            output("Order for \(order.accountID): \(order.amount)")
        }
    }
}

/// An agent of a topic that others read and write too; its functions are plain Swift.
public func sumOrders(in app: App, _ output: @escaping Output) -> Topic<String, Order> {
    let orders = app.topic("orders", key: String.self, value: Order.self)

    @Sendable func sendReceipt(to account: String, total: Double) async throws {
        output("\(account) pays \(total)")
    }

    app.agent("process-order", orders) { stream in
        for try await order in stream {
            try await sendReceipt(to: order.accountID, total: order.price * order.amount)
        }
    }
    return orders
}

/// An agent may also be a function of one event.
public func handleEach(in app: App, _ output: @escaping Output) -> Topic<String, Order> {
    let orders = app.topic("orders", key: String.self, value: Order.self)
    app.agent("handle", each: orders) { order in
        output("\(order.accountID) ordered \(order.productID)")
    }
    return orders
}

/// An agent that yields results, which go to a sink.
public func alert(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let readings = app.topic("readings", value: Int.self)
    app.agent("alert", readings, sinks: [.call { output($0) }]) { stream in
        stream.filter { $0 > 1_000 }.map { "WOW, \($0)" }
    }
    return readings
}

/// Results may go to several sinks: topics, agents, channels, closures.
public func squareIntoTopic(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self)
    let squares = app.topic("squares", key: String.self, value: Int.self)
    app.agent("square", numbers, sinks: [.topic(squares) { "\($0)" }]) { stream in
        stream.map { $0 * $0 }
    }
    app.agent("print-squares", squares) { stream in
        for try await (key, square) in stream.items() { output("\(key): \(square)") }
    }
    return numbers
}

/// Each result goes to a closure, a topic, a channel and another agent, in this order.
public func sendResultsOn(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self)
    let doubled = app.topic("doubled", value: Int.self)
    let recent = app.channel("recent", of: Int.self)
    let audit = app.agent("audit", of: Int.self) { stream in
        for try await number in stream { output("audited \(number)") }
    }
    let log = Sink<Int>.call { output("doubled \($0)") }

    app.agent("double", numbers, sinks: [log, .topic(doubled), .channel(recent), .agent(audit)]) { stream in
        stream.map { $0 * 2 }
    }
    app.agent("recent", recent) { stream in
        for try await number in stream { output("recently \(number)") }
    }
    app.agent("doubled", each: doubled) { output("in the topic \($0)") }
    return numbers
}

/// Two agents on one topic: each gets every message, and an offset counts as done when both are.
public func readTwice(in app: App, _ output: @escaping Output) -> Topic<Bytes?, String> {
    let orders = app.topic("orders", value: String.self)
    app.agent("process-a", orders) { stream in
        for try await value in stream { output("A: \(value)") }
    }
    app.agent("process-b", orders) { stream in
        for try await value in stream { output("B: \(value)") }
    }
    return orders
}

/// Up to ten pages of a lane are fetched at a time; those of one key stay in order.
public func fetchPages(
    in app: App,
    fetch: @escaping @Sendable (String) async throws -> Int,
    _ output: @escaping Output
) -> Topic<String, String> {
    let pages = app.topic("pages", key: String.self, value: String.self)
    app.agent("fetch", pages, concurrency: 10) { stream in
        for try await page in stream {
            let size = try await fetch(page)
            output("\(page): \(size) bytes")
        }
    }
    return pages
}

/// Each partition has a body of its own, with its own variables; one that waits holds up no other.
public func isolatePartitions(
    in app: App,
    work: @escaping @Sendable (String) async throws -> Void,
    _ output: @escaping Output
) -> Topic<String, String> {
    let jobs = app.topic("jobs", key: String.self, value: String.self, partitions: 2)
    app.agent("isolated", jobs, isolatedPartitions: true) { stream in
        var count = 0
        for try await event in stream.events() {
            try await work(event.value)
            count += 1
            output("\(event.message.topicPartition): \(count) done")
        }
    }
    return jobs
}

/// A queue of jobs, whose results are in a table for a day.
public func runJobs(in app: App) -> (jobs: Topic<String, [Int]>, results: Table<String, Int?>) {
    let jobs = app.topic("jobs", key: String.self, value: [Int].self)
    let results = app.table("results", key: String.self, value: Int.self).useTimeToLive(.seconds(86_400))
    app.agent("add", jobs, onError: .retry(.exponential(max: 3), then: .deadLetter)) { stream in
        for try await (id, numbers) in stream.items() { results[id] = numbers.reduce(0, +) }
    }
    return (jobs, results)
}

/// Failed events are tried again after a pause, and at last go to a topic of their own.
public func importArticles(
    in app: App,
    store: @escaping @Sendable (String) async throws -> Void,
    _ output: @escaping Output
) -> Topic<Bytes?, String> {
    let articles = app.topic("articles", value: String.self)
    let failures = app.topic("failed-articles", value: String.self)
    let policy = ErrorPolicy.retry(
        .exponential(base: .milliseconds(1), max: 3),
        then: .deadLetter(to: "failed-articles")
    )
    app.agent("import", articles, onError: policy) { stream in
        for try await article in stream {
            try await store(article)
            output("stored \(article)")
        }
    }
    app.agent("failures", each: failures) { output("failed: \($0)") }
    return articles
}
