// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

@Record
struct Order {
    var accountID: String  // "account_id" on the wire
    var productID: String
    var amount: Int = 1  // a missing field takes its default
    var price: Double
}

let app = App("orders")  // on the embedded log, in ./orders-data
let orders = app.topic("orders", key: String.self, value: Order.self)

app.agent("spending", orders, help: "Sums up what each account spends.") { stream in
    var spent: [String: Double] = [:]  // all orders of an account come to this loop
    for try await order in stream {
        spent[order.accountID, default: 0] += order.price * Double(order.amount)
        print("\(order.accountID) has spent \(spent[order.accountID, default: 0])")
    }
}

await app.main()  // worker, send, agents, topics, tables, plan, settings
