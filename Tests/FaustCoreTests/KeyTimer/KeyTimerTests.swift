// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization
import Testing

@testable import FaustCore

/// What a test wants of a timer: to set it for a key, or to cancel it.
private struct Order: JSONCodable, Sendable {
    /// Milliseconds after the event, or after now; `nil` cancels, and below zero only observes.
    var delay: Int?
    var text = ""

    init(_ delay: Int?, _ text: String = "") {
        (self.delay, self.text) = (delay, text)
    }

    init(from reader: inout JSONReader) throws(JSONError) {
        let text = try String(from: &reader)
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        delay = Int(parts[0])
        self.text = parts.count > 1 ? String(parts[1]) : ""
    }

    func encode(to writer: inout JSONWriter) throws(JSONError) {
        try "\(delay.map { "\($0)" } ?? "-") \(text)".encode(to: &writer)
    }
}

/// An app whose timers do what a test says.
private struct Clockwork: Sendable {
    let app: App
    let orders: Topic<String, Order>
    let output: Topic<String, String>
    let counts: Table<String, Int>
    let timers: KeyTimers<String, String>

    struct Broken: Error {}

    init(
        _ time: KeyTimerTime = .clock,
        partitions: Int = 3,
        onError: ScheduleErrorPolicy = .stop,
        configure: (inout Settings) -> Void = { _ in }
    ) {
        var settings = Settings(name: "clockwork")
        settings.topicPartitions = partitions
        configure(&settings)
        var stores = StoreRegistry()
        stores.register("rocksdb") { _ in throw FaustError(.storage, "there is no disk") }
        let app = App(settings: settings, stores: stores, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        {
            _,
            _ in
            throw FaustError(.transport, "there is no broker")
        }
        let orders = app.topic("orders", key: String.self, value: Order.self)
        let output = app.topic("output", key: String.self, value: String.self)
        let counts = app.table("counts", key: String.self, default: 0)
        let timers = app.keyTimers("timers", key: String.self, payload: String.self, time: time, onError: onError) {
            due in
            if due.payload == "broken" { throw Broken() }
            counts[due.key] += 1
            try await output.post(
                "\(due.payload) at \(due.time.milliseconds - TestKit.defaultStart.milliseconds)",
                key: due.key
            )
        }
        app.agent("set", orders) { stream in
            for try await (key, order) in stream.items() {
                switch order.delay {
                case nil: try timers.cancel(key)
                case let delay? where delay < 0: try timers.observe()
                case let delay?: try timers.set(order.text, for: key, after: .milliseconds(delay))
                }
            }
        }
        (self.app, self.orders, self.output, self.counts, self.timers) = (app, orders, output, counts, timers)
    }
}

extension TestKit {
    fileprivate func order(_ clockwork: Clockwork, _ key: String, _ delay: Int?, _ text: String = "") async throws {
        try await send(Order(delay, text), key: key, to: clockwork.orders)
    }

    fileprivate func output(_ clockwork: Clockwork) async throws -> [String] {
        try await output(of: clockwork.output).all().map { "\($0.key): \($0.value)" }
    }
}

@Suite("Timers of keys", .timeLimit(.minutes(5)))
struct KeyTimerTests {
    @Test("fire when they are due, in the order of their times, and only then")
    func fire() async throws {
        let clockwork = Clockwork(partitions: 1)
        try await clockwork.app.test { kit in
            try await kit.order(clockwork, "b", 20_000, "second")
            try await kit.order(clockwork, "a", 10_000, "first")
            try await kit.order(clockwork, "c", 30_000, "third")
            try await kit.settle()
            #expect(try clockwork.timers.timer(of: "a")?.payload == "first")
            try await kit.advance(by: .milliseconds(9_999))
            #expect(try await kit.output(clockwork) == [])
            try await kit.advance(by: .milliseconds(1))
            #expect(try await kit.output(clockwork) == ["a: first at 10000"])
            #expect(try clockwork.timers.timer(of: "a") == nil)
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.output(clockwork).map { $0.first } == ["a", "b", "c"])
            #expect(clockwork.counts["c"] == 1)
            #expect(clockwork.timers.fired.value == 3)
        }
    }

    @Test("can be replaced and cancelled")
    func replace() async throws {
        let clockwork = Clockwork()
        try await clockwork.app.test { kit in
            try await kit.order(clockwork, "a", 10_000, "early")
            try await kit.order(clockwork, "a", 20_000, "late")
            try await kit.order(clockwork, "b", 10_000)
            try await kit.settle()
            try await kit.order(clockwork, "b", nil)
            try await kit.order(clockwork, "c", 50_000, "late")
            try await kit.settle()
            try await kit.order(clockwork, "c", 15_000, "early")
            try await kit.order(clockwork, "c", 15_000, "the same time")
            try await kit.advance(by: .seconds(100))
            #expect(try await kit.output(clockwork) == ["c: the same time at 15000", "a: late at 20000"])
            #expect(clockwork.timers.fired.value == 2)
        }
    }

    @Test("survive crashes, with and without what the store has", arguments: [false, true])
    func survive(losingDisk: Bool) async throws {
        let declare = { Clockwork { $0.store = "rocksdb://" } }
        let kit = try await TestKit()
        let (first, second) = (declare(), declare())
        let worker = try await kit.start(first.app)
        for number in 0..<50 { try await kit.order(first, "key \(number)", 1_000 * (number + 1), "\(number)") }
        try await kit.settle()
        try await kit.advance(by: .seconds(10))
        try await kit.settle()
        #expect(try await kit.output(first).count == 10)
        try await worker.crash(losingDisk: losingDisk)
        kit.clock.advance(by: .seconds(20))
        try await worker.restart(with: second.app)
        // What became due while no worker ran fires when the worker is there.
        try await kit.settle()
        #expect(try await kit.output(first).count == 30)
        try await kit.advance(by: .seconds(20))
        #expect(try await kit.output(first).count == 50)
        #expect(try await kit.entries(of: second.counts).values.allSatisfy { $0 == 1 })
        try await kit.end()
    }

    @Test("go on when the same app runs again")
    func runAgain() async throws {
        let clockwork = Clockwork()
        try await clockwork.app.test { kit in
            for number in 0..<20 { try await kit.order(clockwork, "key \(number)", 10_000) }
            try await kit.settle()
            try await kit.workers[0].stop()
            try await kit.workers[0].restart()
            try await kit.advance(by: .seconds(9))
            #expect(clockwork.timers.fired.value == 0)
            try await kit.advance(by: .milliseconds(1_001))
            #expect(clockwork.timers.fired.value == 20)
        }
    }

    @Test("move with their partitions")
    func move() async throws {
        let (first, second) = (Clockwork(), Clockwork())
        let kit = try await TestKit()
        try await kit.start(first.app)
        for number in 0..<30 { try await kit.order(first, "key \(number)", 10_000) }
        try await kit.settle()
        try await kit.start(second.app)
        try await kit.advance(by: .seconds(11))
        #expect(first.timers.fired.value > 0 && second.timers.fired.value > 0)
        #expect(first.timers.fired.value + second.timers.fired.value == 30)
        try await kit.end()
    }

    @Test("under exactly-once fire once, wherever workers crash", arguments: 0..<10 as Range<UInt64>)
    func exactlyOnce(seed: UInt64) async throws {
        let declare = { Clockwork { $0.processingGuarantee = .exactlyOnce } }
        let kit = try await TestKit(seed: seed)
        let first = declare()
        try await kit.start(first.app)
        try await kit.start(declare().app)
        for number in 0..<40 {
            try await kit.order(first, "key \(number)", 100 * ((number * 7 + Int(seed)) % 40), "\(number)")
            if number % 5 == 0 { try await kit.advance(by: .milliseconds(137)) }
            guard (number + Int(seed)) % 7 == 0 else { continue }
            try await kit.workers[number % 2].crash(losingDisk: true)
            try await kit.workers[number % 2].restart(with: declare().app)
        }
        try await kit.advance(by: .seconds(10))
        try await kit.settle()
        #expect(try await kit.output(first).count == 40)
        let counts = try await kit.entries(of: first.counts)
        #expect(counts.count == 40 && counts.values.allSatisfy { $0 == 1 })
        try await kit.end()
    }

    @Test("go by the time of the events if they are told to")
    func eventTime() async throws {
        let clockwork = Clockwork(.event, partitions: 1)
        let start = TestKit.defaultStart.milliseconds
        try await clockwork.app.test { kit in
            func order(_ key: String, at time: Int64, _ delay: Int) async throws {
                let timestamp = Timestamp(milliseconds: start + time)
                try await kit.send(Order(delay, key), key: key, to: clockwork.orders, timestamp: timestamp)
                try await kit.settle()
            }
            try await order("a", at: 1_000, 60_000)
            #expect(try clockwork.timers.timer(of: "a")?.time.milliseconds == start + 61_000)
            try await order("b", at: 60_999, -1)
            #expect(try await kit.output(clockwork) == [])
            try await order("b", at: 500, -1)
            #expect(try await kit.output(clockwork) == [])
            try await order("b", at: 61_000, -1)
            #expect(try await kit.output(clockwork) == ["a: a at 61000"])
            // Nothing comes any more: the clock takes over.
            try await order("c", at: 62_000, 20_000)
            try await kit.advance(by: .seconds(17))
            #expect(try await kit.output(clockwork).count == 1)
            try await kit.advance(by: .seconds(7))
            #expect(try await kit.output(clockwork).last == "c: c at 82000")
        }
    }

    @Test("stop the worker when their body throws, and fire again after a restart")
    func failure() async throws {
        let clockwork = Clockwork()
        let kit = try await TestKit()
        let worker = try await kit.start(clockwork.app)
        try await kit.order(clockwork, "a", 1_000, "broken")
        try await kit.settle()
        await #expect(throws: FaustError.self) { try await kit.advance(by: .seconds(2)) }
        #expect(!worker.isRunning)
        #expect(kit.failures.map(\.agent) == ["timers"])
        let mended = Clockwork(onError: .skip)
        try await worker.restart(with: mended.app)
        try await kit.settle()
        #expect(mended.timers.errors.value == 1)
        try await kit.advance(by: .seconds(60))
        #expect(mended.timers.errors.value == 1)
        #expect(try mended.timers.timer(of: "a") == nil)
        try await kit.end()
    }

    @Test("can be set anew by their own bodies")
    func setAnew() async throws {
        let app = App(settings: Settings(name: "again"), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }) {
            _,
            _ in
            throw FaustError(.transport, "there is no broker")
        }
        let starts = app.topic("starts", key: String.self, value: Int.self)
        let rounds = app.topic("rounds", key: String.self, value: Int.self)
        let box = Shared()
        let timers = app.keyTimers("beats", key: String.self, payload: Int.self) { due in
            try await rounds.post(due.payload, key: due.key)
            guard due.payload < 5 else { return }
            try box.timers?
                .set(due.payload + 1, for: due.key, at: Timestamp(milliseconds: due.time.milliseconds + 1_000))
        }
        box.set(timers)
        app.agent("start", starts) { stream in
            for try await (key, first) in stream.items() { try timers.set(first, for: key, after: .seconds(1)) }
        }
        try await app.test { kit in
            try await kit.send(1, key: "a", to: starts)
            try await kit.settle()
            try await kit.advance(by: .seconds(20))
            let output = try await kit.output(of: rounds).all()
            #expect(output.map(\.value) == [1, 2, 3, 4, 5])
            #expect(output.map { ($0.timestamp.milliseconds - kit.start.milliseconds) / 1_000 } == [1, 2, 3, 4, 5])
        }
    }

    @Test("many that are due at once are fired bit by bit")
    func many() async throws {
        let clockwork = Clockwork(partitions: 1)
        try await clockwork.app.test { kit in
            for number in 0..<5_000 { try await kit.order(clockwork, "key \(number)", 10_000) }
            try await kit.settle()
            let commits = clockwork.app.monitor.commits.value
            try await kit.advance(by: .milliseconds(10_000))
            #expect(clockwork.timers.fired.value == 5_000)
            #expect(clockwork.app.monitor.commits.value - commits < 10)
            #expect(try await kit.output(clockwork).count == 5_000)
        }
    }

    @Test("can't be set outside of a stream")
    func outside() async throws {
        let clockwork = Clockwork()
        #expect(throws: FaustError.self) { try clockwork.timers.set("", for: "a", after: .seconds(1)) }
        try await clockwork.app.test { _ in
            #expect(throws: FaustError.self) { try clockwork.timers.set("", for: "a", after: .seconds(1)) }
            #expect(throws: FaustError.self) { try clockwork.timers.cancel("a") }
        }
    }
}

/// Timers that their own body knows.
private final class Shared: Sendable {
    private let state = Mutex<KeyTimers<String, Int>?>(nil)

    var timers: KeyTimers<String, Int>? { state.withLock { $0 } }

    func set(_ timers: KeyTimers<String, Int>) {
        state.withLock { $0 = timers }
    }
}
