// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct RecordTests {
    private let app = App.forTest()
    private let lines = Lines()

    @Test func recordsAreReadCopiedAndWritten() throws {
        try useRecords(lines.output)
        #expect(
            lines.all == [
                "pot: 4.5, now 3.5, 0 in stock",
                #"{"article_id":"pot","stock":0,"note":null,"parts":[],"unit_price":"3.5","added":1500000000000}"#,
                "nickname must match [a-z]+", "age must be in 0...150",
            ]
        )
    }

    @Test func paymentsAreToldApart() async throws {
        let payments = takePayments(in: app, lines.output)
        let bytes = app.topic("payments")
        try await app.test { kit in
            try await kit.send(.cash(Cash(amount: 250)), to: payments, partition: 0)
            try await kit.send(
                #"{"number": "4711", "__faust": {"ns": "shop.Card"}}"#,
                to: bytes,
                partition: 0
            )
            try await kit.settle()
        }
        #expect(lines.all == ["250 cents", "card 4711"])
    }

    @Test func customersThatBreakRulesAreRefused() async throws {
        let customers = registerCustomers(in: app, lines.output)
        let refused = app.topic("refused")
        try await app.test { kit in
            try await kit.send(Customer(nickname: "ada", age: 36), to: customers)
            try await kit.send(Customer(nickname: "bob", age: 151), to: customers)
            try await kit.settle()
            #expect(try await kit.output(of: refused).values().map { String($0) } == [#"{"nickname":"bob","age":151}"#])
        }
        #expect(lines.all == ["welcome ada"])
    }
}
