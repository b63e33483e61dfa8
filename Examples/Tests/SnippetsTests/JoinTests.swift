// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct JoinTests {
    private let app = App.forTest()
    private let lines = Lines()
    private let tea = Order(accountID: "anna", productID: "tea", amount: 2, price: 4)

    @Test func customersAreGreeted() async throws {
        let shop = Shop(app)
        greet(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send("Anna", key: "anna", to: shop.customers)
            try await kit.settle()
            try await kit.send(tea, key: "anna", to: shop.purchases)
            try await kit.send(tea, key: "bert", to: shop.purchases)
            try await kit.settle()
        }
        #expect(lines.all == ["Thank you for the tea, Anna"])
    }

    @Test func purchasesAreListed() async throws {
        let shop = Shop(app)
        listPurchases(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send("Anna", key: "anna", to: shop.customers)
            try await kit.settle()
            try await kit.send(tea, key: "anna", to: shop.purchases)
            try await kit.send(tea, key: "bert", to: shop.purchases)
            try await kit.settle()
        }
        #expect(lines.sorted == ["Anna: tea", "somebody: tea"])
    }

    @Test func productsAreNamed() async throws {
        let shop = Shop(app)
        nameProducts(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send("Green tea", key: "tea", to: shop.products)
            try await kit.settle()
            try await kit.send(tea, key: "1", to: shop.orders)
            try await kit.settle()
        }
        #expect(lines.all == ["anna wants Green tea"])
    }

    @Test func paidOrdersAreShipped() async throws {
        let shop = Shop(app)
        ship(in: app, shop, lines.output)
        try await app.test { kit in
            for number in 1...3 { try await kit.send(tea, key: "\(number)", to: shop.orders) }
            try await kit.send(8, key: "1", to: shop.payments)
            try await kit.send(7, key: "2", to: shop.payments)
            try await kit.settle()
        }
        #expect(lines.all == ["tea goes to anna"])
    }

    @Test func thoseWhoHaveNotPaidAreReminded() async throws {
        let shop = Shop(app)
        remind(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send(tea, key: "1", to: shop.orders)
            try await kit.send(8, key: "2", to: shop.payments)
            try await kit.settle()
            #expect(lines.all.isEmpty)
            try await kit.advance(by: .seconds(610))
            #expect(lines.all == ["anna has not paid"])
            try await kit.send(8, key: "2", to: shop.payments, timestamp: kit.start)
            try await kit.settle()
        }
        #expect(lines.all.count == 2)
    }

    @Test func booksAreReconciled() async throws {
        let shop = Shop(app)
        reconcile(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send(tea, key: "1", to: shop.orders)
            try await kit.send(8, key: "1", to: shop.payments)
            try await kit.send(tea, key: "2", to: shop.orders)
            try await kit.send(5, key: "3", to: shop.payments)
            try await kit.settle()
            try await kit.advance(by: .seconds(610))
        }
        #expect(lines.sorted == ["5.0 paid for nothing", "anna owes 8.0", "settled"])
    }

    @Test func profilesAreKept() async throws {
        let shop = Shop(app)
        let profiles = keepProfiles(in: app, shop, lines.output)
        try await app.test { kit in
            try await kit.send("Anna", key: "anna", to: shop.customers)
            try await kit.settle()
            try await kit.send(tea, key: "anna", to: shop.purchases)
            try await kit.settle()
            #expect(profiles["anna"]?.1 == 8)
            try await kit.send(nil, key: "anna", to: shop.customers)
            try await kit.settle()
        }
        #expect(lines.all == ["Anna has spent 0.0, 0.0 before", "Anna has spent 8.0, 0.0 before", "anna has left"])
    }
}
