// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// What the chain `filter → map → groupBy → take(100)` costs per event, with its topic on the embedded log in between: read,
// decoded, picked, mapped, sent under its new key, read, decoded, gathered. CPU time of the whole process and wall time.
// First before fusing: the operators of AsyncSequence, which can't be fused, a topic of its own, and a second agent. Then
// fused.
//
//     GroupByBenchmark [COUNT]

@Record
struct Order {
    var accountID: String
    var productID: String
    var amount: Int
    var price: Double
}

@Record
struct Sum {
    var accountID: String
    var total: Double
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
let folder = NSTemporaryDirectory() + "group-by-benchmark-\(UUID().uuidString)"

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// A sequence that has nothing but the operators of AsyncSequence.
struct Plain<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable {
    let base: Base

    nonisolated func makeAsyncIterator() -> Base.AsyncIterator { base.makeAsyncIterator() }
}

@Sendable func isLarge(_ order: Order) -> Bool { order.amount > 0 }
@Sendable func sum(_ order: Order) -> Sum {
    Sum(accountID: order.accountID, total: order.price * Double(order.amount))
}

/// An app on the log, and the topic that it reads, which holds the orders.
func makeApp(_ name: String) -> (App, Topic<String, Order>) {
    let app = App(name, broker: "log://\(folder)")
    return (app, app.topic("orders", key: String.self, value: Order.self, partitions: 1))
}

func fill() async throws {
    let (app, orders) = makeApp("fill")
    try await app.withClient {
        for number in 0..<count {
            let order = Order(accountID: "acc-\(number % 10_000)", productID: "prod-0291", amount: 97, price: 6.31)
            try await orders.post(order, key: "prod-0291")
        }
    }
}

func measure(_ name: String, _ app: App) async throws {
    let start = (cpu: cpuSeconds(), wall: ContinuousClock.now)
    try await app.run()
    let cpu = (cpuSeconds() - start.cpu) / Double(count) * 1e9
    let wall = (ContinuousClock.now - start.wall) / .nanoseconds(count)
    let title = name.padding(toLength: 50, withPad: " ", startingAt: 0)
    print(title, String(format: "%6.0f ns CPU/event %6.0f ns wall/event", cpu, wall))
}

func fused() async throws {
    let (app, orders) = makeApp("fused")
    app.agent("chain", orders) { stream in
        var seen = 0
        let sums = stream.filter(isLarge).map(sum).groupBy(\.accountID, name: "fused-sums", partitions: 1)
        // The last array may be short.
        for try await batch in sums.take(100, within: .seconds(1)) {
            seen += batch.count
            if seen >= count { app.stop() }
        }
    }
    try await measure("filter, map, groupBy, take(100): after fusing", app)
}

func unfused() async throws {
    let (app, orders) = makeApp("unfused")
    let sums = app.topic("unfused-sums", key: String.self, value: Sum.self, partitions: 1)
    app.agent("send", orders) { stream in
        for try await sum in Plain(base: stream).filter(isLarge).map(sum) {
            try await sums.post(sum, key: sum.accountID)
        }
    }
    app.agent("gather", sums) { stream in
        var (seen, batch) = (0, [Sum]())
        for try await sum in Plain(base: stream) {
            batch.append(sum)
            guard batch.count == 100 || seen + batch.count == count else { continue }
            seen += batch.count
            batch.removeAll(keepingCapacity: true)
            if seen >= count { app.stop() }
        }
    }
    try await measure("filter, map, groupBy, take(100): before fusing", app)
}

try await fill()
try await unfused()
try await fused()
try? FileManager.default.removeItem(atPath: folder)
