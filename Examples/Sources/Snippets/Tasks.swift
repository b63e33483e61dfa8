// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// A stream without an agent, read by a task of the app.
public func readInTask(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Withdrawal> {
    let withdrawals = app.topic("withdrawals", value: Withdrawal.self)
    let stream = withdrawals.stream()
    app.task {
        for try await withdrawal in stream {
            output("\(withdrawal.account) took \(withdrawal.amount)")
        }
    }
    return withdrawals
}

/// Two streams that go on independently of each other.
public func readTwoStreams(
    in app: App,
    _ output: @escaping Output
) -> (clicks: Topic<Bytes?, String>, views: Topic<Bytes?, String>) {
    let clicks = app.topic("clicks", value: String.self)
    let views = app.topic("views", value: String.self)
    let (clickStream, viewStream) = (clicks.stream(), views.stream())
    app.task { for try await click in clickStream { output("click on \(click)") } }
    app.task { for try await view in viewStream { output("view of \(view)") } }
    return (clicks, views)
}

/// A task that sends: `send` waits until the broker has the message and says where it is, `post` does not wait.
public func sendFromTask(in app: App, _ output: @escaping Output) {
    let orders = app.topic("orders", key: String.self, value: Order.self, partitions: 1)
    app.task {
        let order = Order(accountID: "alice", productID: "tea", price: 4.5)
        let metadata = try await orders.send(order, key: order.accountID, headers: ["source": "task"])
        output("sent to \(metadata.topicPartition) offset \(metadata.offset)")
        try await orders.post(order, key: order.accountID) { outcome in
            if case .success(let metadata) = outcome { output("posted to offset \(metadata.offset)") }
        }
    }
}

/// Code that runs before the first message and after the last.
public func useHooks(in app: App, _ output: @escaping Output) {
    app.onStartup { output("connected") }
    app.task { output("running") }
    app.onShutdown { output("closed") }
}
