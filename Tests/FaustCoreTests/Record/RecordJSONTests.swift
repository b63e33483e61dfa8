// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

/// The JSON text of a value.
func jsonText(_ value: some JSONEncodable) throws -> String {
    String(try JSON.encode(value))
}

extension RecordTests {
    @Suite("Records as JSON objects")
    struct RecordJSONTests {
        @Test("fields are written in the order of declaration, in snake case, without white space")
        func writing() throws {
            let order = Order(accountID: "a", productURL2: "u", price: 2.5)
            #expect(try jsonText(order) == #"{"account_id":"a","product_url2":"u","amount":1,"price":2.5,"note":null}"#)
        }

        @Test("fields are read in any order, unknown ones are ignored, the last of equal ones counts")
        func reading() throws {
            let order = try JSON.decode(
                Order.self,
                from:
                    #" { "x" : [1, {"price": 9}], "price":2, "account_id":"a", "price":3, "product_url2":"u", "note":"n" } "#
            )
            #expect(order == Order(accountID: "a", productURL2: "u", amount: 1, price: 3, note: "n"))
        }

        @Test("null takes the default of a field that is not optional, as in Faust")
        func nullAsDefault() throws {
            let order = try JSON.decode(
                Order.self,
                from: #"{"amount":null,"account_id":"a","product_url2":"u","price":1}"#
            )
            #expect(order.amount == 1)
        }

        @Test("a missing field is named, with the path to it")
        func missingField() {
            let error = #expect(throws: JSONError.self) {
                try JSON.decode([Order].self, from: #"[{"account_id":"a","product_url2":"u","amount":1}]"#)
            }
            #expect(error?.reason == .missingField("price"))
            #expect(error?.path == "$[0].price")
        }

        @Test("a wrong value is located inside nested records")
        func nestedError() {
            let error = #expect(throws: JSONError.self) {
                try JSON.decode(Page<Order>.self, from: #"{"items":[{"account_id":"a","product_url2":7}]}"#)
            }
            #expect(error?.path == "$.items[0].product_url2")
        }

        @Test("an array is no record")
        func wrongKind() {
            #expect(throws: JSONError.self) { try JSON.decode(Order.self, from: "[]") }
            #expect(throws: JSONError.self) { try JSON.decode(Order.self, from: "null") }
            #expect(throws: JSONError.self) { try JSON.decode(Order.self, from: #"{"account_id":null}"#) }
        }

        @Test("collections, optionals and nested records survive a round trip")
        func nesting() throws {
            let order = Order(accountID: "a", productURL2: "u", amount: 2, price: 1, note: "é\n")
            let basket = Basket(
                id: UUID(),
                orders: [order, order],
                byProduct: ["x y": order],
                tags: ["red", "blue"],
                first: order,
                matrix: [[1, nil], []],
                counts: [-3: 0.5]
            )
            #expect(try JSON.decode(Basket.self, from: JSON.encode(basket)) == basket)
            let least = #"{"id":"\#(basket.id)","orders":[],"by_product":{}}"#
            #expect(
                try JSON.decode(Basket.self, from: Bytes(least)) == Basket(id: basket.id, orders: [], byProduct: [:])
            )
        }

        @Test("dates, decimals and data are written as Faust writes them, or as asked")
        func foundation() throws {
            let moment = Date(timeIntervalSince1970: 1_704_164_645.5)
            let moments = Moments(
                iso: moment,
                seconds: moment,
                milliseconds: moment,
                amount: Decimal(string: "1.10")!,
                blob: Data([0, 255])
            )
            let json =
                #"{"iso":"2024-01-02T03:04:05.5Z","seconds":1704164645.5,"milliseconds":1704164645500,"amount":"1.1","blob":"AP8="}"#
            #expect(try jsonText(moments) == json)
            #expect(try JSON.decode(Moments.self, from: Bytes(json)) == moments)
            var without = moments
            without.milliseconds = nil
            #expect(try jsonText(without).contains(#""milliseconds":null"#))
            #expect(try JSON.decode(Moments.self, from: JSON.encode(without)) == without)
        }

        @Test("a generic record has the fields of its instance")
        func generic() throws {
            let page = Page(items: [Tree(name: "x")], next: 2)
            #expect(try jsonText(page) == #"{"items":[{"name":"x","children":[]}],"next":2}"#)
            #expect(try JSON.decode(Page<Int>.self, from: #"{"items":[1,2]}"#).items == [1, 2])
        }

        @Test("a record may contain itself in an array")
        func recursive() throws {
            let tree = Tree(name: "a", children: [Tree(name: "b", children: [Tree(name: "c")]), Tree(name: "d")])
            #expect(try JSON.decode(Tree.self, from: JSON.encode(tree)) == tree)
        }

        @Test("a tree that is too deep is refused and does not exhaust the stack")
        func tooDeep() {
            let levels = 100_000
            let json = String(repeating: #"{"name":"x","children":["#, count: levels)
            let error = #expect(throws: JSONError.self) { try JSON.decode(Tree.self, from: Bytes(json)) }
            #expect(error?.reason == .tooDeep)
        }

        @Test("observed properties are fields, computed and static ones are not")
        func kindsOfProperties() throws {
            let observed = try JSON.decode(Observed.self, from: #"{"fixed":"f","value":3,"a":5,"b":6}"#)
            #expect(observed.value == 3 && observed.changes == 0 && observed.maybe == nil && observed.fixed == "f")
            #expect(observed.a == 5 && observed.b == 6 && observed.inferred == 4 && observed.negative == -1.5)
            let json = #"{"value":0,"fixed":"x","maybe":null,"a":1,"b":2,"inferred":4,"negative":-1.5}"#
            #expect(try jsonText(Observed(fixed: "x")) == json)
        }

        @Test("an optional by another name may be missing")
        func aliasedOptional() throws {
            let aliased = try JSON.decode(Aliased.self, from: #"{"reader":1,"writer":2}"#)
            #expect(aliased == Aliased(text: nil, number: nil, reader: 1, writer: 2))
            #expect(try JSON.decode(Aliased.self, from: JSON.encode(aliased)) == aliased)
        }

        @Test("a boxed property may hold the type of the record itself")
        func boxed() throws {
            let folder = Folder(name: "a", parent: Folder(name: "b"), backup: [Folder(name: "c")])
            let json = #"{"name":"a","parent":{"name":"b","parent":null,"backup":[]},"#
            #expect(try jsonText(folder).hasPrefix(json))
            #expect(try JSON.decode(Folder.self, from: JSON.encode(folder)) == folder)
            #expect(folder.derive { $0.parent?.name = "z" }.parent?.name == "z" && folder.parent?.name == "b")
        }

        @Test("a record without fields, private ones, and one read and written by hand")
        func unusual() throws {
            #expect(try JSON.decode(Empty.self, from: #"{"x":1}"#) == Empty())
            #expect(try jsonText(Empty()) == "{}")
            #expect(try RecordTests.hiddenRoundTrip())
            #expect(try JSON.decode(HandWritten.self, from: "20.5").celsius == 20.5)
            #expect(try jsonText(JSON.decode(HandWritten.self, from: "1.5")) == "1.5")
        }

        @Test("a copy with changes leaves the record as it is")
        func derive() {
            let order = Order(accountID: "a", productURL2: "u", price: 1)
            let bigger = order.derive { $0.amount = 2 }
            #expect(bigger == Order(accountID: "a", productURL2: "u", amount: 2, price: 1) && order.amount == 1)
        }
    }

    @Suite("Names of fields")
    struct RecordNamingTests {
        @Test("camel case and names as written")
        func styles() throws {
            #expect(try jsonText(CamelNames(accountID: "a", user_name: "b")) == #"{"accountId":"a","userName":"b"}"#)
            let plain = PlainNames(accountID: "a", user_name: "b", default: 1)
            #expect(try jsonText(plain) == #"{"accountID":"a","user_name":"b","default":1}"#)
            #expect(try JSON.decode(PlainNames.self, from: JSON.encode(plain)) == plain)
        }

        @Test("a field has the names it was given")
        func given() throws {
            let value = try JSON.decode(
                FieldNames.self,
                from: Bytes(#"{"acct":"a","in_only":1,"from":2,"output":3,"café \"x\"\\":4,"hidden":5}"#)
            )
            #expect(value == FieldNames(account: "a", input: 1, both: 2, output: 3, odd: 4, hidden: 5))
            #expect(try jsonText(value) == #"{"acct":"a","in_only":1,"to":2,"out":3,"café \"x\"\\":4}"#)
        }
    }

    @Suite("Coercion")
    struct RecordCoercionTests {
        @Test("with coerce, scalars are read from other kinds of values")
        func coerced() throws {
            let value = try JSON.decode(
                Coerced.self,
                from: #"{"count":"1","small":"200","ratio":"2.5","flag":"true","text":12,"price":"1.25"}"#
            )
            let price = try #require(Decimal(string: "1.25"))
            #expect(value == Coerced(count: 1, small: 200, ratio: 2.5, flag: true, text: "12", price: price))
            #expect(throws: JSONError.self) {
                try JSON.decode(Coerced.self, from: #"{"count":"one","ratio":1,"flag":true,"price":1}"#)
            }
        }

        @Test("without it they are not; a single field can have it")
        func strict() throws {
            #expect(throws: JSONError.self) { try JSON.decode(Order.self, from: #"{"amount":"1"}"#) }
            #expect(try JSON.decode(PartlyCoerced.self, from: #"{"loose":"1","strict":1}"#).loose == 1)
            #expect(throws: JSONError.self) {
                try JSON.decode(PartlyCoerced.self, from: #"{"loose":"1","strict":"1"}"#)
            }
        }
    }
}
