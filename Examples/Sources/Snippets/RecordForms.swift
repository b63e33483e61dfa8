// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust
public import Foundation

/// An article of a shop: names on the wire, defaults, fields that may be missing.
@Record
public struct Article {
    /// What it is called by; `article_id` on the wire.
    public var articleID: String
    /// A missing field, and null, take the default.
    public var stock: Int = 0
    /// May be missing; `nil` is written as null.
    public var note: String?
    /// What it is made of: records may be nested.
    public var parts: [Part] = []
    /// Named by hand.
    @Field("unit_price") public var price: Decimal
    /// In milliseconds since 1970, instead of ISO 8601.
    @Field(date: .epochMilliseconds) public var added: Date
}

/// A part of an article.
@Record
public struct Part {
    /// The name.
    public var name: String
    /// The state that it is in.
    public var state: State

    /// The states of parts.
    @Record
    public enum State: String {
        case new, used, broken
    }
}

/// A customer, whose fields have rules; messages that break one can't be decoded.
@Record(validation: true)
public struct Customer {
    /// The name.
    @Field(length: 1...20, pattern: "[a-z]+") public var nickname: String
    /// In years.
    @Field(range: 0...150) public var age: Int
    /// Is read, and never written or printed.
    @Field(exclude: true) public var password: Secret<String>?
}

/// A payment by card, which says so on the wire.
@Record(namespace: "shop.Card", includeMetadata: true)
public struct Card {
    /// The number of the card.
    public var number: String
}

/// A payment in cash.
@Record(namespace: "shop.Cash", includeMetadata: true)
public struct Cash {
    /// In cents.
    public var amount: Int
}

/// What may come in a topic of payments; each message says which.
@Record(polymorphic: true)
public enum AnyPayment {
    case card(Card)
    case cash(Cash)
}

/// Tells payments apart.
public func takePayments(in app: App, _ output: @escaping Output) -> Topic<Bytes?, AnyPayment> {
    let payments = app.topic("payments", value: AnyPayment.self)
    app.agent("payments", payments) { stream in
        for try await payment in stream {
            switch payment {
            case .card(let card): output("card \(card.number)")
            case .cash(let cash): output("\(cash.amount) cents")
            }
        }
    }
    return payments
}

/// Customers that break the rules go to a topic of their own.
public func registerCustomers(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Customer> {
    let customers = app.topic("customers", value: Customer.self)
    app.agent("register", customers, onDecodeError: .deadLetter(to: "refused")) { stream in
        for try await customer in stream { output("welcome \(customer.nickname)") }
    }
    return customers
}

/// Records without a broker: text, copies, rules.
public func useRecords(_ output: Output) throws {
    let text: Bytes = #"{"article_id": "pot", "unit_price": "4.50", "added": 1500000000000, "new": true}"#
    let pot = try JSON.decode(Article.self, from: text)
    let discounted = pot.derive { $0.price -= 1 }
    output("\(pot.articleID): \(pot.price), now \(discounted.price), \(pot.stock) in stock")
    output(String(try JSON.encode(discounted)))

    let customer = Customer(nickname: "Ada", age: 200)
    for error in customer.validationErrors { output("\(error)") }
}
