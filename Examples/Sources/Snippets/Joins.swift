// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// The topics of a shop whose streams and tables are joined.
public struct Shop: Sendable {
    /// Orders, by the number of the order.
    public let orders: Topic<String, Order>
    /// What was paid for an order, by its number.
    public let payments: Topic<String, Double>
    /// The names of customers, by their accounts; `nil` when one has left.
    public let customers: Topic<String, String?>
    /// What customers have bought so far, by their accounts.
    public let purchases: Topic<String, Order>
    /// The names of products.
    public let products: Topic<String, String>

    /// Declares the topics.
    public init(_ app: App) {
        orders = app.topic("orders", key: String.self, value: Order.self)
        payments = app.topic("payments", key: String.self, value: Double.self)
        customers = app.topic("customers", key: String.self, value: String?.self)
        purchases = app.topic("purchases", key: String.self, value: Order.self)
        products = app.topic("products", key: String.self, value: String.self)
    }
}

/// Each purchase with the name of its customer.
public func greet(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (customers, purchases) = (shop.customers, shop.purchases)
    let names = app.table("names", key: String.self, value: String.self)

    app.agent("customers", customers) { stream in
        for try await (account, name) in stream.items() { names[account] = name }
    }
    app.agent("greet", purchases) { stream in
        for try await (purchase, name) in stream.join(names) {
            output("Thank you for the \(purchase.productID), \(name)")
        }
    }
}

/// All purchases, each with the name of its customer if that is known.
public func listPurchases(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (customers, purchases) = (shop.customers, shop.purchases)
    let names = app.table("names", key: String.self, value: String.self)

    app.agent("customers", customers) { stream in
        for try await (account, name) in stream.items() { names[account] = name }
    }
    app.agent("list", purchases) { stream in
        let lines = stream.leftJoin(names).map { purchase, name in "\(name ?? "somebody"): \(purchase.productID)" }
        for try await line in lines { output(line) }
    }
}

/// Each order with the name of its product, which every worker knows.
public func nameProducts(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (orders, products) = (shop.orders, shop.products)
    let titles = app.globalTable("titles", key: String.self, value: String.self)

    app.agent("products", products) { stream in
        for try await (id, title) in stream.items() { titles[id] = title }
    }
    app.agent("name", orders) { stream in
        for try await (order, title) in stream.join(titles, by: \.productID) {
            output("\(order.accountID) wants \(title)")
        }
    }
}

/// Each order with its payments.
public func ship(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (orders, payments) = (shop.orders, shop.payments)
    let paid = orders.join(payments, within: .seconds(600), grace: .seconds(60))

    app.agent("ship", paid) { stream in
        for try await (order, payment) in stream where payment >= order.price * order.amount {
            output("\(order.productID) goes to \(order.accountID)")
        }
    }
}

/// Orders that nobody has paid in time, and payments that are too late.
public func remind(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (orders, payments) = (shop.orders, shop.payments)
    let attempts = orders.leftJoin(payments, within: .seconds(600)).before(.zero)
    attempts.onLate { message in
        output("\(message.topic) at \(message.timestampMilliseconds) is too late")
    }
    app.agent("remind", attempts) { stream in
        for try await (order, payment) in stream where payment == nil {
            output("\(order.accountID) has not paid")
        }
    }
}

/// What has come alone, as values of one type.
public func reconcile(in app: App, _ shop: Shop, _ output: @escaping Output) {
    let (orders, payments) = (shop.orders, shop.payments)
    let lines = orders.outerJoin(payments, within: .seconds(600)) { order, payment in
        switch (order, payment) {
        case (let order?, nil): "\(order.accountID) owes \(order.price * order.amount)"
        case (nil, let payment?): "\(payment) paid for nothing"
        default: "settled"
        }
    }
    app.agent("reconcile", lines) { stream in
        for try await line in stream { output(line) }
    }
}

/// Two tables as one.
public func keepProfiles(
    in app: App,
    _ shop: Shop,
    _ output: @escaping Output
) -> TableJoin<String, (String, Double?)> {
    let (customers, purchases) = (shop.customers, shop.purchases)
    let names = app.table("names", key: String.self, value: String.self)
    let spent = app.table("spent", key: String.self, default: 0.0)
    app.agent("customers", customers) { stream in
        for try await (account, name) in stream.items() { names[account] = name }
    }
    app.agent("spend", purchases) { stream in
        for try await (account, order) in stream.items() { spent[account] += order.price * order.amount }
    }

    let profiles = names.leftJoin(spent)
    profiles.onChange { account, old, new in
        guard let (name, spent) = new else { return output("\(account) has left") }
        output("\(name) has spent \(spent ?? 0), \(old?.1 ?? 0) before")
    }
    return profiles
}
