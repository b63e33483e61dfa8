// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Stream–table join", .timeLimit(.minutes(5)))
struct StreamTableJoinTests {
    /// Orders, whose values are products, joined with customers by key and with products by value.
    private struct Shop: Sendable {
        let app: App
        let orders: Topic<String?, String>
        let customers: Topic<String, String?>
        let products: Topic<String, String>
        let output: Topic<String?, String>
        let names: Table<String, String?>

        init(
            optional: Bool = true,
            left: Bool = false,
            global: Bool = false,
            configure: (inout Settings) -> Void = { _ in }
        ) {
            let app = kitApp("shop", partitions: 4, configure: configure)
            orders = app.topic("orders", key: String?.self, value: String.self)
            customers = app.topic("customers", key: String.self, value: String?.self)
            products = app.topic("products", key: String.self, value: String.self)
            output = app.topic("output", key: String?.self, value: String.self)
            let names = app.table("names", key: String.self, value: String.self)
            let labels = app.table("labels", key: String.self, default: "nobody")
            let titles = app.globalTable("titles", key: String.self, value: String.self)
            app.agent("customers", customers) { stream in
                for try await (id, name) in stream.items() {
                    names[id] = name
                    if let name { labels[id] = name } else { try labels.removeValue(forKey: id) }
                }
            }
            app.agent("products", products) { stream in
                for try await (id, title) in stream.items() { titles[id] = title }
            }
            let output = output
            let keyed = app.topic("orders", key: String.self, value: String.self)
            app.agent("join", keyed) { stream in
                let texts: EventStream<String, String> =
                    switch (global, optional, left) {
                    case (true, _, false): stream.join(titles, by: \.self).map { "\($0): \($1)" }
                    case (true, _, true):
                        stream.leftJoin(titles, by: { $0 == "none" ? nil : $0 }).map { "\($0): \($1 ?? "-")" }
                    case (false, true, false): stream.join(names).map { order, name in "\(order): \(name)" }
                    case (false, true, true): stream.leftJoin(names).map { order, name in "\(order): \(name ?? "-")" }
                    case (false, false, false): stream.join(labels).map { order, name in "\(order): \(name)" }
                    case (false, false, true): stream.leftJoin(labels).map { "\($0): \($1 ?? "-")" }
                    }
                for try await text in texts { try await output.post(text, key: nil) }
            }
            self.app = app
            self.names = names
        }
    }

    @Test("joins each event with the entry of its key, and drops those without one", arguments: [false, true])
    func inner(optional: Bool) async throws {
        let shop = Shop(optional: optional)
        try await shop.app.test { kit in
            try await kit.send("tea", key: "a", to: shop.orders)
            try await kit.process()
            try await kit.send("anna", key: "a", to: shop.customers)
            try await kit.send("bert", key: "b", to: shop.customers)
            try await kit.process()
            try await kit.send("pot", key: "a", to: shop.orders)
            try await kit.send("cup", key: "b", to: shop.orders)
            try await kit.send("jug", key: "c", to: shop.orders)
            try await kit.send("jar", key: nil, to: shop.orders)
            try await kit.process()
            try await kit.send(nil, key: "a", to: shop.customers)
            try await kit.process()
            try await kit.send("mug", key: "a", to: shop.orders)
            try await kit.settle()
            #expect(try await kit.output(of: shop.output).values().sorted() == ["cup: bert", "pot: anna"])
        }
    }

    @Test("a left join has all events, whether there is an entry or not", arguments: [false, true])
    func left(optional: Bool) async throws {
        let shop = Shop(optional: optional, left: true)
        try await shop.app.test { kit in
            try await kit.send("anna", key: "a", to: shop.customers)
            try await kit.process()
            for (order, key) in [("pot", "a"), ("jug", "c"), ("jar", nil)] {
                try await kit.send(order, key: key, to: shop.orders)
            }
            try await kit.settle()
            #expect(try await kit.output(of: shop.output).values().sorted() == ["jar: -", "jug: -", "pot: anna"])
        }
    }

    @Test("a global table is joined by a part of the event, on every worker", arguments: [false, true])
    func global(left: Bool) async throws {
        let kit = try await TestKit()
        let (first, second) = (Shop(left: left, global: true), Shop(left: left, global: true))
        try await kit.start(first.app)
        try await kit.start(second.app)
        for number in 0..<10 { try await kit.send("title \(number)", key: "p\(number)", to: first.products) }
        try await kit.settle()
        for number in 0..<12 { try await kit.send("p\(number)", key: "k\(number)", to: first.orders) }
        try await kit.send("none", key: nil, to: first.orders)
        try await kit.settle()
        var expected = (0..<10).map { "p\($0): title \($0)" }
        if left { expected += ["none: -", "p10: -", "p11: -"] }
        #expect(try await kit.output(of: first.output).values().sorted() == expected.sorted())
        #expect(!first.app.assignment.isEmpty && !second.app.assignment.isEmpty)
        try await kit.end()
    }

    @Test(
        "finds the entries after a crash, and with transactions each result counts once",
        arguments: 0..<20 as Range<UInt64>
    )
    func crash(seed: UInt64) async throws {
        let make = { Shop { $0.processingGuarantee = .exactlyOnce } }
        let kit = try await TestKit(seed: seed)
        let shop = make()
        let worker = try await kit.start(shop.app)
        for number in 0..<10 { try await kit.send("name \(number)", key: "\(number)", to: shop.customers) }
        try await kit.settle()
        for number in 0..<20 {
            try await kit.send("o\(number)", key: "\(number % 10)", to: shop.orders)
            if UInt64(number) == seed {
                try await kit.process()
                try await worker.crash()
                try await worker.restart(with: make().app)
            }
        }
        try await kit.settle()
        let results = try await kit.output(of: shop.output).values()
        #expect(results.sorted() == (0..<20).map { "o\($0): name \($0 % 10)" }.sorted())
        try await kit.end()
    }

    @Test("works in arrays of take, whose events come from several partitions")
    func take() async throws {
        let app = kitApp("take", partitions: 4)
        let names = app.topic("names", key: String.self, value: String.self)
        let orders = app.topic("orders", key: String.self, value: Int.self)
        let table = app.table("names", key: String.self, value: String.self)
        let seen = Watched<[String]>([])
        app.agent("names", names) { stream in for try await (id, name) in stream.items() { table[id] = name } }
        app.agent("join", orders) { stream in
            for try await pairs in stream.join(table).take(100, within: .seconds(1)) {
                seen.update { $0 += pairs.map { "\($0) \($1)" } }
            }
        }
        try await app.test { kit in
            for number in 0..<20 { try await kit.send("n\(number)", key: "k\(number)", to: names) }
            try await kit.settle()
            for number in 0..<20 { try await kit.send(number, key: "k\(number)", to: orders) }
            try await kit.advance(by: .seconds(2))
            #expect(seen.value.sorted() == (0..<20).map { "\($0) n\($0)" }.sorted())
        }
    }
}
