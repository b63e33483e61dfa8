// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// The framework's own cost per event: `[Consumer] → [Conductor] → [StreamBuffer] → EventStream → body → Committer`,
// over a broker that costs next to nothing. CPU time of the whole process, commits included.

@Record
struct Order {
    var accountID: String
    var productID: String
    var amount: Int = 1
    var price: Double
}

let orderJSON: Bytes = #"{"account_id":"acc-02201","product_id":"prod-0291","amount":97,"price":6.31}"#
let millions = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20
let total = millions * 1_000_000

func cpuNanoseconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func nanoseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e9 + Double(time.tv_usec) * 1e3 }
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
}

func residentMegabytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 / 1_048_576 : 0
}

func measure<Key: Sendable, Value: Sendable>(
    _ name: String,
    schema: Schema<Key, Value>,
    body: @escaping @Sendable (EventStream<Key, Value>, Progress) async throws -> Void
) async throws {
    let app = App(settings: Settings(name: "bench")) { _, _ in
        ReplayTransport(value: orderJSON, key: "acc-02201")
    }
    let topic = app.topic("orders", schema: schema)
    let progress = Progress(app)
    app.agent("bench", topic) { stream in try await body(stream, progress) }
    let start = cpuNanoseconds()
    try await app.run()
    let cost = (cpuNanoseconds() - start) / Double(total)
    let (early, late) = progress.resident
    print(
        name.padding(toLength: 44, withPad: " ", startingAt: 0),
        String(format: "%6.1f ns CPU/event", cost),
        " RSS \(early) MB after 1 M events, \(late) MB at the end"
    )
}

/// Counts events and stops the app when there are enough.
struct Progress: Sendable {
    private let app: App
    private let marks = Marks()

    final class Marks: Sendable {
        let early = Atomic<Int>(0)
        let late = Atomic<Int>(0)
    }

    init(_ app: App) {
        self.app = app
    }

    var resident: (early: Int, late: Int) {
        (marks.early.load(ordering: .relaxed), marks.late.load(ordering: .relaxed))
    }

    func note(_ count: Int) {
        if count == 1_000_000 { marks.early.store(residentMegabytes(), ordering: .relaxed) }
        guard count == total else { return }
        marks.late.store(residentMegabytes(), ordering: .relaxed)
        app.stop()
    }
}

/// A sequence that has nothing but the operators of AsyncSequence.
struct Plain<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable {
    let base: Base

    nonisolated func makeAsyncIterator() -> Base.AsyncIterator { base.makeAsyncIterator() }
}

let raw = Schema<Bytes?, Bytes>(key: .raw, value: .raw)
let orders = Schema(key: Serde<String>.keyDefault, value: Serde<Order>.json)

try await measure("raw bytes, for try await", schema: raw) { stream, progress in
    var count = 0
    for try await _ in stream {
        count += 1
        progress.note(count)
    }
}
try await measure("raw bytes, filter + map", schema: raw) { stream, progress in
    var count = 0
    for try await _ in stream.filter({ $0.count > 1 }).map({ $0.count }) {
        count += 1
        progress.note(count)
    }
}
try await measure("raw bytes, events()", schema: raw) { stream, progress in
    var count = 0
    for try await _ in stream.events() {
        count += 1
        progress.note(count)
    }
}
try await measure("raw bytes, take(100)", schema: raw) { stream, progress in
    var count = 0
    for try await batch in stream.take(100) {
        for _ in batch {
            count += 1
            progress.note(count)
        }
    }
}
try await measure("raw bytes, filter + map + take(100)", schema: raw) { stream, progress in
    var count = 0
    for try await batch in stream.filter({ $0.count > 1 }).map({ $0.count }).take(100) {
        for _ in batch {
            count += 1
            progress.note(count)
        }
    }
}
// What the same chain costs when each operator is a sequence of its own: AsyncSequence's, which can't be fused.
try await measure("the same, not fused", schema: raw) { stream, progress in
    var (count, batch) = (0, [Int]())
    for try await size in Plain(base: stream).filter({ $0.count > 1 }).map({ $0.count }) {
        batch.append(size)
        guard batch.count == 100 else { continue }
        for _ in batch {
            count += 1
            progress.note(count)
        }
        batch.removeAll(keepingCapacity: true)
    }
}
try await measure("@Record order, for try await", schema: orders) { stream, progress in
    var count = 0
    for try await _ in stream {
        count += 1
        progress.note(count)
    }
}
