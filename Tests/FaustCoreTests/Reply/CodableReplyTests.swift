// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// A request that is no record.
private struct Query: Codable, Sendable, Equatable {
    var product: String
    var pieces: Int
}

/// A result that is no record.
private struct Quote: Codable, Sendable, Equatable {
    enum Kind: String, Codable { case fresh, cached }

    var product: String
    var cents: Int
    var kind = Kind.fresh
    var notes: [String: [Double]] = [:]
}

private struct Unquotable: Error {}

/// A result that can't always be written.
private struct Moody: Codable, Sendable {
    var isFine: Bool

    func encode(to encoder: any Encoder) throws {
        guard isFine else { throw Unquotable() }
        var container = encoder.singleValueContainer()
        try container.encode("fine")
    }

    init(isFine: Bool) { self.isFine = isFine }

    init(from decoder: any Decoder) throws {
        isFine = try decoder.singleValueContainer().decode(String.self) == "fine"
    }
}

@Suite("Requests and replies that are only Codable", .timeLimit(.minutes(5)))
struct CodableReplyTests {
    private let rig = TableRig()

    @Sendable private static func quote(_ query: Query) -> Quote {
        Quote(product: query.product, cents: query.pieces * 100, notes: ["a": [0.5, 1]])
    }

    @Test("every form of an agent takes and yields them")
    func forms() async throws {
        let app = rig.app(clock: .still)
        let queries = app.topic("queries", key: String.self, value: Query.self)
        let unkeyed = app.topic("unkeyed", value: Query.self)
        let sunk = Collected<Quote>()
        let each = app.agent("each", each: Query.self) { Self.quote($0) }
        let eachOfTopic = app.agent("each-of-topic", each: queries, sinks: [.call { sunk.add($0) }]) { Self.quote($0) }
        let stream = app.agent("stream", of: Query.self) { stream in stream.map { Self.quote($0) } }
        let streamOfTopic = app.agent("stream-of-topic", unkeyed) { stream in stream.map { Self.quote($0) } }
        let emitted = app.agent("emitted", of: Query.self, yielding: Quote.self) { stream, emit in
            for try await query in stream { try await emit(Self.quote(query)) }
        }
        let ofRecord = app.agent("of-record", each: app.topic("coins", value: Coin.self)) {
            Quote(product: "coin", cents: $0.amount)
        }
        let toNumber = app.agent("to-number", each: Query.self) { $0.pieces }
        let query = Query(product: "tea", pieces: 3)
        let expected = Self.quote(query)
        try await rig.run(app) {
            try #require(try await each.ask(query) == expected)
            try #require(try await eachOfTopic.ask(query, key: "k") == expected)
            try #require(try await stream.ask(query) == expected)
            try #require(try await streamOfTopic.ask(query) == expected)
            try #require(try await emitted.ask(query) == expected)
            try #require(try await ofRecord.ask(Coin(amount: 7)).cents == 7)
            try #require(try await toNumber.ask(query) == 3)
        }
        #expect(sunk.values == [expected])
    }

    @Test("map, kvmap and join")
    func many() async throws {
        let app = rig.app(clock: .still)
        let price = app.agent("price", each: app.topic("queries", key: String?.self, value: Query.self)) {
            Self.quote($0)
        }
        try await rig.run(app) {
            let queries = (1...50).map { Query(product: "p\($0)", pieces: $0) }
            try #require(try await price.join(queries) == queries.map(Self.quote))
            var seen: Set<Int> = []
            for try await quote in price.map(queries) { seen.insert(quote.cents) }
            #expect(seen == Set(queries.map { $0.pieces * 100 }))
            for try await (key, quote) in price.kvmap(queries.map { ($0.product as String?, $0) }) {
                try #require(key == quote.product)
            }
        }
    }

    @Test("in envelopes, too")
    func envelopes() async throws {
        let app = rig.app(clock: .still)
        let queries = app.topic("queries", value: Query.self)
        app.agent("price", each: queries) { Self.quote($0) }
        let price = app.remoteAgent("price", queries, replying: Quote.self, usesReplyHeaders: false)
        let query = Query(product: "tea", pieces: 3)
        try await rig.run(app) {
            try #require(try await price.ask(query) == Self.quote(query))
            try #require(try await price.join([query, query]) == [Self.quote(query), Self.quote(query)])
        }
        let request = try #require(rig.log.sent(to: "queries").first)
        #expect(request.headers.isEmpty)
        let text = request.value.map { String($0) } ?? ""
        #expect(text.hasPrefix(#"{"value":{"product":"tea","pieces":3},"#))
    }

    @Test("what Faust on Python has written is read, whatever it adds")
    func withNamespace() async throws {
        let app = rig.app(clock: .still)
        let bytes = app.topic("queries")
        let price = app.agent("price", each: app.topic("queries", value: Query.self)) { Self.quote($0) }
        let ask = app.remoteAgent("price", bytes, replying: Quote.self)
        try await rig.run(app) {
            let quote = try await ask.ask(#"{"pieces": 2, "product": "tea", "__faust": {"ns": "shop.Query"}}"#)
            #expect(quote == Self.quote(Query(product: "tea", pieces: 2)))
            #expect(price.name == "price")
        }
    }

    @Test("a null result, and one that can't be written")
    func mistakes() async throws {
        let app = rig.app(clock: .still)
        let find = app.agent("find", each: Query.self) { $0.pieces > 0 ? Self.quote($0) : Quote?.none }
        let moody = app.agent("moody", each: Query.self, onError: .skip) { Moody(isFine: $0.pieces > 0) }
        let wrong = app.remoteAgent("find", find.topic, replying: [Int: Int].self)
        let (some, none) = (Query(product: "tea", pieces: 1), Query(product: "tea", pieces: 0))
        try await rig.run(app) {
            try #require(try await find.ask(some) == Self.quote(some))
            try #require(try await find.ask(none) == nil)
            try #require(try await moody.ask(some).isFine)
            let unwritable = await #expect(throws: FaustError.self) { try await moody.ask(none) }
            #expect(unwritable?.code == .handler)
            let unreadable = await #expect(throws: FaustError.self) { try await wrong.ask(some) }
            #expect(unreadable?.code == .decode)
            try #require(try await find.ask(some) == Self.quote(some))
        }
    }
}
