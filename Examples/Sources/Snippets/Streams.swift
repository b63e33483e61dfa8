// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Keys with values.
public func countClicks(in app: App, _ output: @escaping Output) -> Topic<String, Int> {
    let clicks = app.topic("clicks", key: String.self, value: Int.self)
    app.agent("count-clicks", clicks) { stream in
        var counts: [String: Int] = [:]
        for try await (url, count) in stream.items() {
            counts[url, default: 0] += count
            output("\(url): \(counts[url, default: 0])")
        }
    }
    return clicks
}

/// Events with everything that is known of a message.
public func showEvents(in app: App, _ output: @escaping Output) -> Topic<String, Order> {
    let orders = app.topic("orders", key: String.self, value: Order.self, partitions: 1)
    app.agent("show", orders) { stream in
        for try await event in stream.events() {
            let message = event.message
            output("\(message.topicPartition) offset \(message.offset)")
            output("bytes: \(message.key.map { String($0) } ?? "-") \(message.value.map { String($0) } ?? "-")")
            output("decoded: \(event.key) \(event.value.price)")
            output("header: \(event.headers["source"].map { String($0) } ?? "-")")
        }
    }
    return orders
}

/// All topics of some names, now and later.
public func readAllRegions(in app: App, _ output: @escaping Output) {
    let all = app.topics(matching: "orders-.*", key: String.self, value: Order.self)
    app.agent("regions", all) { stream in
        for try await event in stream.events() { output("\(event.message.topic) \(event.value.price)") }
    }
}

/// Up to 100 values at a time.
public func takeHundred(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self)
    app.agent("take", numbers) { stream in
        for try await values in stream.take(100) {
            output("received \(values.count) values")
        }
    }
    return numbers
}

/// Up to 100 values, but what has come within ten seconds of the first at the latest.
public func takeWithin(_ within: Duration, in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self)
    app.agent("take-within", numbers) { stream in
        for try await values in stream.take(100, within: within) {
            output("received \(values.sorted())")
        }
    }
    return numbers
}

/// Values with their numbers.
public func enumerate(in app: App, _ output: @escaping Output) -> Topic<Bytes?, String> {
    let names = app.topic("names", value: String.self, partitions: 1)
    app.agent("enumerate", names) { stream in
        for try await (index, name) in stream.enumerated(from: 1) {
            output("\(index). \(name)")
        }
    }
    return names
}

/// Keeps some events, drops the others.
public func filterOrders(in app: App, _ output: @escaping Output) -> Topic<String, Order> {
    let orders = app.topic("orders", key: String.self, value: Order.self)
    app.agent("large", orders) { stream in
        for try await order in stream.filter({ $0.amount > 10 }) {
            output("large order of \(order.accountID)")
        }
    }
    return orders
}

/// Copies every message to two topics and goes on with it.
public func echo(in app: App, _ output: @escaping Output) -> Topic<String, String> {
    let source = app.topic("source", key: String.self, value: String.self)
    let copyA = app.topic("source-copy-1", key: String.self, value: String.self)
    let copyB = app.topic("source-copy-2", key: String.self, value: String.self)
    app.agent("process", source) { stream in
        for try await value in stream.echo(to: copyA, copyB) { output("original: \(value)") }
    }
    app.agent("first", copyA) { stream in
        for try await (key, value) in stream.items() { output("copy 1: \(key) \(value)") }
    }
    app.agent("second", copyB) { stream in
        for try await (key, value) in stream.items() { output("copy 2: \(key) \(value)") }
    }
    return source
}

/// Sends values on by hand.
public func forward(in app: App, _ output: @escaping Output) -> Topic<Bytes?, String> {
    let source = app.topic("source", value: String.self)
    let other = app.topic("other", value: String.self)
    app.agent("forward", source) { stream in
        for try await value in stream { try await other.send(value) }
    }
    app.agent("receive", each: other) { output("other: \($0)") }
    return source
}

/// A topic without types: what comes are the bytes of the messages.
public func readBytes(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Bytes> {
    let messages = app.topic("messages")
    app.agent("bytes", messages) { stream in
        for try await bytes in stream { output("\(bytes.count) bytes: \(Array(bytes))") }
    }
    return messages
}

/// Brings the events of one account together.
public func groupByAccount(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Order> {
    let orders = app.topic("orders", value: Order.self)
    app.agent("spending", orders) { stream in
        var spent: [String: Double] = [:]
        for try await order in stream.groupBy(\.accountID) {
            spent[order.accountID, default: 0] += order.price
            output("\(order.accountID) has spent \(spent[order.accountID, default: 0])")
        }
    }
    return orders
}

/// Makes words of lines, and brings those that are equal together.
public func countWords(in app: App, _ output: @escaping Output) -> Topic<Bytes?, String> {
    let lines = app.topic("lines", value: String.self)
    app.agent("count-words", lines) { stream in
        let words = stream.flatMap { $0.split(separator: " ").map(String.init) }
        var counts: [String: Int] = [:]
        for try await word in words.groupBy(name: "word", { $0 }) {
            counts[word, default: 0] += 1
            output("\(word): \(counts[word, default: 0])")
        }
    }
    return lines
}

/// Writes the changed values to a topic and goes on with what is there.
public func goThrough(in app: App, _ output: @escaping Output) -> Topic<String, Int> {
    let prices = app.topic("prices", key: String.self, value: Int.self)
    let doubled = app.topic("doubled", key: String.self, value: Int.self)
    app.agent("double", prices) { stream in
        for try await (key, price) in stream.map({ $0 * 2 }).through(doubled).items() { output("\(key) \(price)") }
    }
    return prices
}

/// Two topics in one loop.
public func mergeTopics(in app: App, _ output: @escaping Output) -> (Topic<Bytes?, String>, Topic<Bytes?, Int>) {
    let clicks = app.topic("clicks", value: String.self)
    let views = app.topic("views", value: Int.self)
    let actions = clicks.stream().map { "click on \($0)" } & views.stream().map { "view for \($0) seconds" }
    app.task {
        for try await action in actions { output(action) }
    }
    return (clicks, views)
}

/// Requests that come twice within a minute count once, and no more than ten a second go on.
public func spareTheService(in app: App, _ output: @escaping Output) -> Topic<Bytes?, String> {
    let requests = app.topic("requests", value: String.self, partitions: 1)
    app.agent("requests", requests) { stream in
        let stream = stream.dedupe(by: { $0 }, within: .seconds(60)).throttle(10, per: .seconds(1))
        for try await request in stream { output(request) }
    }
    return requests
}

/// Each event goes down the first branch that takes it.
public func branchOrders(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Order> {
    let orders = app.topic("orders", value: Order.self)
    app.agent("branches", orders) { stream in
        try await stream.branch(
            .matching({ $0.amount > 10 }) { order in output("large order of \(order.accountID)") },
            .otherwise { order in output("order of \(order.accountID)") }
        )
    }
    return orders
}

/// A stream of any asynchronous sequence.
public func readSequence(_ ticks: AsyncStream<Int>, in app: App, _ output: @escaping Output) {
    let stream = app.stream(of: ticks).filter { $0 % 2 == 0 }
    app.task {
        for try await tick in stream { output("tick \(tick)") }
    }
}
