// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// The part of an order that its bytes are grouped by.
@Record
public struct AccountOnly {
    /// Whose order it is; all other fields are passed over.
    public var accountID: String
}

/// Groups messages without a model by something that is found in their bytes.
public func groupBytes(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Bytes> {
    let orders = app.topic("orders")
    app.agent("by-account", orders) { stream in
        let grouped = stream.groupBy(name: "account") { try JSON.decode(AccountOnly.self, from: $0).accountID }
        for try await (account, bytes) in grouped.items() { output("\(account): \(bytes.count) bytes") }
    }
    return orders
}

/// Groups by something that has to be asked for.
public func groupByCity(
    in app: App,
    city: @escaping @Sendable (String) async throws -> String,
    _ output: @escaping Output
) -> Topic<Bytes?, Order> {
    let orders = app.topic("orders", value: Order.self)
    app.agent("by-city", orders) { stream in
        let grouped = stream.groupBy(name: "city") { order in try await city(order.accountID) }
        for try await (city, order) in grouped.items() { output("\(city): \(order.productID)") }
    }
    return orders
}

/// Goes through a topic with another number of partitions, then groups; keys are asked for last.
public func repartition(in app: App, _ output: @escaping Output) -> Topic<String, Order> {
    let orders = app.topic("orders", key: String.self, value: Order.self)
    app.agent("repartition", orders) { stream in
        let orders = stream.through("orders-by-product", partitions: 3).groupBy(\.productID, partitions: 3)
        for try await (product, order) in orders.items() { output("\(product) for \(order.accountID)") }
    }
    return orders
}
