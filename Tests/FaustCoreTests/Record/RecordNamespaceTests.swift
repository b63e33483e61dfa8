// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

extension RecordTests {
    @Suite("Namespaces and polymorphic records")
    struct RecordNamespaceTests {
        @Test("the namespace ends the object, nested records have their own, as in Faust")
        func metadata() throws {
            let cash = Cash(amount: 1, change: Card(number: "4"))
            let json =
                #"{"amount":1,"change":{"number":"4","__faust":{"ns":"shop.Card"}},"__faust":{"ns":"shop.Cash"}}"#
            #expect(try jsonText(cash) == json)
            #expect(try JSON.decode(Cash.self, from: Bytes(json)) == cash)
        }

        @Test("where the type is known the namespace does not matter")
        func ignored() throws {
            #expect(try JSON.decode(Card.self, from: #"{"__faust":{"ns":"other"},"number":"4"}"#) == Card(number: "4"))
            #expect(try JSON.decode(Card.self, from: #"{"__faust":7,"number":"4"}"#) == Card(number: "4"))
        }

        @Test("the namespace is the name of the type with those around it, without the module")
        func defaults() throws {
            #expect(Cheque.namespace == "RecordTests.Cheque")
            #expect(Shop.Visit.namespace == "RecordTests.Shop.Visit")
            #expect(Shop.Exit.namespace == "RecordTests.Shop.Exit")
            #expect(try jsonText(Shop.Visit(id: 1)) == #"{"id":1,"__faust":{"ns":"RecordTests.Shop.Visit"}}"#)
        }

        @Test("a polymorphic enum takes the record that the namespace names, wherever it stands")
        func polymorphic() throws {
            let payments: [AnyPayment] = [.card(Card(number: "4")), .cash(Cash(amount: 1, change: Card(number: "5")))]
            #expect(try JSON.decode([AnyPayment].self, from: JSON.encode(payments)) == payments)
            let first = #"{"__faust":{"v":1,"ns":"shop.Cash"},"amount":3,"change":null}"#
            #expect(try JSON.decode(AnyPayment.self, from: Bytes(first)) == .cash(Cash(amount: 3)))
        }

        @Test("an unknown or missing namespace is a clear error")
        func unknown() {
            let unknown = #expect(throws: JSONError.self) {
                try JSON.decode([AnyPayment].self, from: #"[{"bank":"b","__faust":{"ns":"Cheque"}}]"#)
            }
            #expect(
                unknown?.description
                    == #"$[0]: the unknown namespace "Cheque" where one of "shop.Card", "shop.Cash" was expected (at byte 1)"#
            )
            let missing = #expect(throws: JSONError.self) { try JSON.decode(AnyPayment.self, from: #"{"bank":"b"}"#) }
            #expect(missing?.description.contains("no namespace") == true)
            for json in ["[]", "null", #"{"__faust":1}"#, #"{"__faust":{"ns":1}}"#, #"{"__faust":{}}"#, "{"] {
                #expect(throws: JSONError.self) { try JSON.decode(AnyPayment.self, from: Bytes(json)) }
            }
        }

        @Test("a field of a protocol's type takes the types it lists")
        func oneOf() throws {
            let purchase = Purchase(means: Cash(amount: 2), fallback: nil, history: [.card(Card(number: "1"))])
            let read = try JSON.decode(Purchase.self, from: JSON.encode(purchase))
            #expect(read.means as? Cash == Cash(amount: 2))
            #expect(read.fallback == nil && read.history == purchase.history)
            let both = try JSON.decode(
                Purchase.self,
                from: #"""
                    {"means":{"number":"1","__faust":{"ns":"shop.Card"}},"fallback":{"amount":1,"__faust":{"ns":"shop.Cash"}}}
                    """#
            )
            #expect(both.means as? Card == Card(number: "1") && both.fallback as? Cash == Cash(amount: 1))
        }

        @Test("a type that the field does not list is not written")
        func unlisted() {
            let error = #expect(throws: JSONError.self) { try jsonText(Purchase(means: Cheque(bank: "b"))) }
            #expect(error?.description.contains("Cheque") == true)
        }
    }
}
