// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustTesting
import Foundation
import Testing

/// An order as both sides know it.
@Record(namespace: "shop.Order", includeMetadata: true)
struct PeerOrder: Equatable {
    var id: Int
    var amount: Double
}

/// What an agent makes of an order.
@Record(namespace: "shop.Receipt", includeMetadata: true)
struct PeerReceipt: Equatable {
    var order: PeerOrder
    var total: Double
}

/// We and Faust for Python, on one broker: each asks the other's agents and reads the other's records.
@Suite(.needsFaustPeer, .serialized, .timeLimit(.minutes(5)))
struct FaustPeerTests {
    private let prefix = Broker.name("peer")

    private func topic<Value: JSONCodable>(_ app: App, _ name: String, _: Value.Type) -> Topic<String, Value> {
        app.topic("\(prefix)-\(name)", key: String.self, value: Value.self, partitions: 1)
    }

    private func app() -> App {
        App("\(prefix)-swift", broker: Broker.url ?? "") { settings in
            Broker.hasten(&settings)
            settings.brokerCommitInterval = .milliseconds(200)
        }
    }

    /// Runs a worker beside `body`.
    private func run(_ app: App, _ body: @escaping @Sendable () async throws -> Void) async throws {
        app.task {
            try await body()
            app.stop()
        }
        try await withDeadline(.seconds(200), "the end of the worker") { try await app.run() }
    }

    @Test("we ask agents of Faust for Python: headers, records, envelopes, and many at a time")
    func weAsk() async throws {
        let peer = try FaustPeer("serve", prefix)
        defer { peer.stop() }
        let app = app()
        let double = app.remoteAgent("double", topic(app, "python-double", Int.self), replying: Int.self)
        let orders = topic(app, "python-receipt", PeerOrder.self)
        let receipt = app.remoteAgent("receipt", orders, replying: PeerReceipt.self)
        let envelopes = topic(app, "python-envelope", PeerOrder.self)
        let envelope = app.remoteAgent("envelope", envelopes, replying: Double.self, usesReplyHeaders: false)
        let order = PeerOrder(id: 7, amount: 1.5)
        do {
            try await app.withClient {
                let doubled = try await double.ask(21, key: "k", within: .seconds(90))
                #expect(doubled == 42)
                let paid = try await receipt.ask(order, key: "k", within: .seconds(90))
                #expect(paid == PeerReceipt(order: order, total: 3))
                let tripled = try await envelope.ask(order, key: "k", within: .seconds(90))
                #expect(tripled == 4.5)
                let numbers = try await double.join(0..<2_000, key: "k", within: .seconds(90))
                #expect(numbers == (0..<2_000).map { $0 * 2 })
            }
        } catch {
            Issue.record("\(error); the peer says: \(peer.said)")
        }
    }

    @Test("Faust for Python asks our agents: headers, records, envelopes, failures, and many at a time")
    func theyAsk() async throws {
        let app = app()
        app.agent("double", each: topic(app, "swift-double", Int.self), onError: .skip) { number throws -> Int in
            if number < 0 { throw FaustError(.handler, "no negative numbers") }
            return number * 2
        }
        app.agent("receipt", topic(app, "swift-receipt", PeerOrder.self)) { stream in
            stream.map { PeerReceipt(order: $0, total: $0.amount * 2) }
        }
        let prefix = prefix
        try await run(app) {
            let output = try await FaustPeer.run("ask", prefix)
            var said: [String: String] = [:]
            for line in output.split(separator: "\n") where line.hasPrefix("{") {
                let parts = line.dropFirst(2).split(separator: "\": ", maxSplits: 1)
                said[String(parts[0])] = String(parts[1].dropLast())
            }
            #expect(said["double"] == "42")
            #expect(said["failure"]?.contains("no negative numbers") == true)
            #expect(said["failure"]?.contains("@ReplyError") == true)
            #expect(said["receipt"] == #"["Receipt", 3.0, 7]"#)
            #expect(said["envelope"] == #"["Receipt", 3.0, 7]"#)
            #expect(said["join"] == "[" + (0..<100).map { "\($0 * 2)" }.joined(separator: ", ") + "]")
        }
    }

    @Test("records with a namespace go from Python to us")
    func theyWrite() async throws {
        let app = app()
        let seen = Watched<[String: PeerOrder]>([:])
        app.agent("read", topic(app, "orders", PeerOrder.self)) { stream in
            for try await (key, order) in stream.items() { seen.update { $0[key] = order } }
        }
        let prefix = prefix
        try await run(app) {
            _ = try await FaustPeer.run("write", prefix)
            let orders = try await seen.wait { $0.count == 3 }
            #expect(orders["k2"] == PeerOrder(id: 2, amount: 2.5))
        }
    }

    @Test("records with a namespace go from us to Python and back")
    func weWrite() async throws {
        let peer = try FaustPeer("serve", prefix)
        defer { peer.stop() }
        let app = app()
        let seen = Watched<[PeerOrder]>([])
        let orders = topic(app, "orders-in", PeerOrder.self)
        app.agent("read", topic(app, "orders-out", PeerOrder.self)) { stream in
            for try await order in stream { seen.update { $0.append(order) } }
        }
        try await run(app) {
            for id in 1...3 { try await orders.send(PeerOrder(id: id, amount: 0.5), key: "k") }
            let copies = try await seen.wait { $0.count == 3 }
            #expect(copies == (1...3).map { PeerOrder(id: $0, amount: 1.5) })
        }
    }
}
#endif
