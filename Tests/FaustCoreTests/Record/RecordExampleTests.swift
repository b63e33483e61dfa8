// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

extension RecordTests {
    /// The examples of the documentation comments, as they stand there.
    enum Example {
        @Record
        struct Order {
            var accountID: String
            var amount: Int = 1
            var note: String?
            @Field("unit_price", range: 0...) var price: Double
        }

        @Record(namespace: "shop.Card", includeMetadata: true) struct Card: Means { var number: String }
        @Record(namespace: "shop.Cash", includeMetadata: true) struct Cash: Means { var amount: Int }
        @Record(polymorphic: true) enum Payment {
            case card(Card)
            case cash(Cash)
        }

        protocol Means: Sendable {}

        @Record(validation: true)
        struct Customer {
            @Field("nick", length: 1...20, pattern: "[a-z]+") var nickname: String
            @Field(range: 0...150) var age: Int
            @Field(date: .epochMilliseconds) var joined: Date
            @Field(exclude: true) var password: Secret<String>?
            @Field(oneOf: [Card.self, Cash.self]) var payment: any Means
        }

        @Record
        enum Price {
            case cash
            case card(number: String, expiry: String?)
            case voucher(String)
            case split(Int, Int)
        }

        @Record
        struct Booking {
            var from: Date
            var to: Date
            var additionalValidationErrors: [ValidationError] {
                from < to ? [] : [ValidationError(field: "to", reason: "must be after 'from'")]
            }
        }
    }

    @Suite("Examples of the documentation")
    struct RecordExampleTests {
        @Test("an order")
        func order() throws {
            let order = try JSON.decode(Example.Order.self, from: #"{"account_id":"a","unit_price":2.5}"#)
            #expect(try jsonText(order) == #"{"account_id":"a","amount":1,"note":null,"unit_price":2.5}"#)
            #expect(order.derive { $0.amount = 2 }.amount == 2)
        }

        @Test("cases of an enum")
        func cases() throws {
            let prices: [Example.Price] = [.cash, .card(number: "1", expiry: nil), .voucher("v"), .split(1, 2)]
            let json = #"["cash",{"card":{"number":"1","expiry":null}},{"voucher":"v"},{"split":[1,2]}]"#
            #expect(try jsonText(prices) == json)
        }

        @Test("a polymorphic enum")
        func polymorphic() throws {
            let payment = try JSON.decode(
                Example.Payment.self,
                from: #"{"number":"4711","__faust":{"ns":"shop.Card"}}"#
            )
            guard case .card(let card) = payment else {
                Issue.record("\(payment)")
                return
            }
            #expect(card.number == "4711")
        }

        @Test("a customer whose password is read and never written")
        func customer() throws {
            let json = #"{"nick":"ada","age":36,"joined":1000,"payment":{"amount":1,"__faust":{"ns":"shop.Cash"}}}"#
            let customer = try JSON.decode(
                Example.Customer.self,
                from: Bytes(json.dropLast() + #","password":"x"}"#)
            )
            #expect(customer.password?.reveal() == "x")
            #expect(try jsonText(customer) == json)
            #expect(throws: JSONError.self) {
                try JSON.decode(Example.Customer.self, from: Bytes(json.replacing("36", with: "151")))
            }
        }

        @Test("a rule of one's own")
        func booking() {
            let now = Date(timeIntervalSince1970: 0)
            #expect(Example.Booking(from: now, to: now + 1).isValid)
            #expect(Example.Booking(from: now, to: now).validationErrors.map(\.field) == ["to"])
        }
    }
}
