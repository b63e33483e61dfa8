// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustLog
import FaustTesting
import Logging
import Synchronization
import Testing

@Record
private struct Payment {
    var accountID: String
    var country: String?
    var amount: Int
}

private struct Refusal: Error {}

@Suite("groupBy and through", .timeLimit(.minutes(5)))
struct GroupByTests {
    private func payments(_ app: App, partitions: Int = 4) -> Topic<Bytes?, Payment> {
        app.topic("payments", value: Payment.self, partitions: partitions)
    }

    @Test(arguments: [(1, 1), (2, 1), (2, 3)])
    func eventsOfOneKeyMeetInOnePartitionInTheirOrder(parallelism: Int, concurrency: Int) async throws {
        let app = App("group", broker: "memory://") { $0.parallelism = parallelism }
        let payments = payments(app, partitions: 1)
        let seen = Recorder<(key: String, amount: Int, partition: Int32)>()
        app.agent("spending", payments, concurrency: concurrency) { stream in
            for try await event in stream.groupBy(\.accountID).events() {
                #expect(event.message.topic == "group-spending-payments-Payment.accountID-repartition")
                #expect(event.key == event.value.accountID)
                seen.append((event.key, event.value.amount, event.message.partition))
            }
        }
        app.task {
            for amount in 0..<300 {
                try await payments.post(Payment(accountID: "a\(amount % 7)", amount: amount), key: nil)
            }
        }
        try await app.run(until: seen, has: 300)
        let byKey = Dictionary(grouping: seen.values, by: \.key)
        #expect(byKey.count == 7)
        for (_, events) in byKey {
            #expect(Set(events.map(\.partition)).count == 1)
            // The messages of one source partition went through one forwarder, if there is no concurrency.
            if concurrency == 1 { #expect(events.map(\.amount) == events.map(\.amount).sorted()) }
        }
        #expect(Set(seen.values.map(\.amount)) == Set(0..<300))
        #expect(Set(seen.values.map(\.partition)).count > 1)
    }

    @Test func timeAndHeadersStayAndNilKeysAreSpread() async throws {
        let app = App("nil", broker: "memory://")
        let payments = payments(app)
        let seen = Recorder<String>()
        app.agent("countries", payments) { stream in
            for try await event in stream.groupBy(\.country, partitions: 2).events() {
                let source = event.headers["source"].map { String($0) } ?? "-"
                seen.append("\(event.key ?? "nil") \(event.timestamp.milliseconds) \(source)")
                #expect((0..<2).contains(event.message.partition))
            }
        }
        app.task {
            for (country, time) in [("de", 5), (nil, 6)] as [(String?, Int64)] {
                try await payments.send(
                    Payment(accountID: "a", country: country, amount: 1),
                    timestamp: Timestamp(milliseconds: time),
                    headers: ["source": "test"]
                )
            }
        }
        try await app.run(until: seen, has: 2)
        #expect(seen.values.sorted() == ["de 5 test", "nil 6 test"])
    }

    @Test func operatorsBeforeItRunOnceAndChangedValuesAreEncodedAnew() async throws {
        let app = App("words", broker: "memory://")
        let lines = app.topic("lines", value: String.self)
        let seen = Recorder<String>()
        let calls = Mutex(0)
        app.agent("count", lines) { stream in
            let words =
                stream.filter { line in
                    calls.withLock { $0 += 1 }
                    return !line.isEmpty
                }
                .flatMap { $0.split(separator: " ").map(String.init) }
            for try await (key, word) in words.groupBy(name: "word", { $0 }).map({ $0.uppercased() }).items() {
                seen.append("\(key) \(word)")
            }
        }
        app.task { for line in ["the cat", "", "the dog"] { try await lines.send(line) } }
        try await app.run(until: seen, has: 4)
        #expect(seen.values.sorted() == ["cat CAT", "dog DOG", "the THE", "the THE"])
        #expect(calls.withLock { $0 } == 3)
    }

    @Test("a failing key function follows onError with the source's event in hand")
    func failingKey() async throws {
        let app = App("failing", broker: "memory://")
        let payments = payments(app, partitions: 1)
        let dead = app.topic("failing-spending-dead-letter", value: Payment.self)
        let (seen, lost) = (Recorder<Int>(), Recorder<Int>())
        let attempts = Mutex(0)
        app.agent("spending", payments, onError: .retry(.constant(.zero, max: 2), then: .deadLetter)) { stream in
            let grouped = stream.groupBy(name: "checked") { payment in
                guard payment.amount != 1 else {
                    attempts.withLock { $0 += 1 }
                    throw Refusal()
                }
                return payment.accountID
            }
            for try await payment in grouped { seen.append(payment.amount) }
        }
        app.agent("dead", each: dead) { lost.append($0.amount) }
        app.task { for amount in 0..<4 { try await payments.send(Payment(accountID: "a", amount: amount)) } }
        app.task {
            await seen.wait(for: 3)
            await lost.wait(for: 1)
            app.stop()
        }
        try await app.run()
        #expect(seen.values == [0, 2, 3])
        #expect(lost.values == [1])
        #expect(attempts.withLock { $0 } == 3)
    }

    @Test("a body that runs again finds the same stream, with the event that failed")
    func restart() async throws {
        let app = App("again", broker: "memory://") { $0.agentRestartDelay = .zero }
        let payments = payments(app, partitions: 1)
        let seen = Recorder<Int>()
        let runs = Mutex(0)
        app.agent("spending", payments) { stream in
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            // The closures are those of the body that runs.
            for try await payment in stream.map({ Payment(accountID: "run \(run)", amount: $0.amount) })
                .groupBy(\.accountID)
            {
                if payment.amount == 1, run == 1 { throw Refusal() }
                seen.append(payment.amount)
            }
        }
        app.task { for amount in 0..<3 { try await payments.send(Payment(accountID: "a", amount: amount)) } }
        try await app.run(until: seen, has: 3)
        #expect(seen.values.sorted() == [0, 1, 2])
        #expect(runs.withLock { $0 } == 2)
    }

    @Test func groupingsFollowEachOther() async throws {
        let app = App("chain", broker: "memory://") { $0.parallelism = 2 }
        let payments = payments(app)
        let seen = Recorder<String>()
        app.agent("twice", payments) { stream in
            let stream = stream.groupBy(\.accountID).groupBy(name: "parity") { "\($0.amount % 2)" }
            for try await event in stream.events() { seen.append("\(event.message.topic) \(event.key)") }
        }
        app.task { for amount in 0..<4 { try await payments.send(Payment(accountID: "a\(amount)", amount: amount)) } }
        try await app.run(until: seen, has: 4)
        let topic = "chain-twice-payments-Payment.accountID-repartition-parity-repartition"
        #expect(seen.values.sorted() == ["\(topic) 0", "\(topic) 0", "\(topic) 1", "\(topic) 1"])
    }

    @Test("a stream that is grouped after a while loses nothing")
    func lateDeclaration() async throws {
        let app = App("late", broker: "memory://")
        let payments = payments(app)
        let (seen, gate) = (Recorder<Int>(), Gate())
        app.agent("spending", payments) { stream in
            try await gate.wait()
            for try await payment in stream.groupBy(\.accountID) { seen.append(payment.amount) }
        }
        app.task {
            for amount in 0..<20 { try await payments.send(Payment(accountID: "a\(amount)", amount: amount)) }
            gate.open()
        }
        try await app.run(until: seen, has: 20)
        #expect(Set(seen.values) == Set(0..<20))
    }

    @Test func nothingIsLostOrDoubledUnderExactlyOnce() async throws {
        let transport = LogTransport(storage: .memory)
        try await transport.start()
        var settings = Settings(name: "exact")
        settings.processingGuarantee = .exactlyOnce
        settings.parallelism = 2
        let app = App(settings: settings) { _, _ in Kept(transport: transport) }
        let payments = payments(app)
        let processed = Recorder<Int>()
        let failed = Mutex<Set<Int>>([])
        let out = app.topic("out", value: Int.self)
        app.agent("spending", payments, onError: .retry(.constant(.zero, max: 100))) { stream in
            for try await payment in stream.groupBy(\.accountID) {
                try await out.send(payment.amount)
                // Once each, after it was sent: what the failed attempt has sent must not count.
                let fails = payment.amount % 20 == 7 && failed.withLock { $0.insert(payment.amount).inserted }
                if fails { throw Refusal() }
                processed.append(payment.amount)
            }
        }
        app.task {
            for amount in 0..<100 {
                try await payments.post(Payment(accountID: "a\(amount % 9)", amount: amount), key: nil)
            }
        }
        try await app.run(until: processed) { Set($0).count == 100 }
        // Another app, since what an agent does besides may be done again when its transaction is taken back.
        let audit = App(settings: Settings(name: "audit")) { _, _ in Kept(transport: transport) }
        let seen = Recorder<Int>()
        let copies = audit.topic("out", value: Int.self)
        audit.agent("read", each: copies) { seen.append($0) }
        try await audit.run(until: seen, has: 100)
        await transport.stop()
        #expect(seen.values.sorted() == Array(0..<100))
        #expect(failed.withLock { $0 } == [7, 27, 47, 67, 87])
    }

    @Test func twoWorkersShareTheGroupedStream() async throws {
        let transport = LogTransport(storage: .memory)
        try await transport.start()
        let seen = Recorder<(worker: Int, key: String)>()
        let workers = (0..<2)
            .map { number in
                let app = App(settings: Settings(name: "shared")) { _, _ in Kept(transport: transport) }
                let payments = payments(app)
                app.agent("spending", payments) { stream in
                    for try await (key, _) in stream.groupBy(\.accountID).items() { seen.append((number, key)) }
                }
                return (app, payments)
            }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (app, _) in workers { group.addTask { try await app.run() } }
            group.addTask {
                try await workers[0].0.waitUntilAssigned(6)
                try await workers[1].0.waitUntilAssigned(6)
                for number in 0..<200 {
                    let payment = Payment(accountID: "a\(number % 40)", amount: number)
                    try await workers[0].1.post(payment, key: nil)
                }
                await seen.wait(for: 200)
                for (app, _) in workers { app.stop() }
            }
            try await group.waitForAll()
        }
        await transport.stop()
        #expect(seen.values.count == 200)
        #expect(Set(seen.values.map(\.worker)) == [0, 1])
        for (_, events) in Dictionary(grouping: seen.values, by: \.key) {
            #expect(Set(events.map(\.worker)).count == 1)
        }
    }

    @Test func aStreamGoesThroughATopic() async throws {
        let app = App("through", broker: "memory://")
        let numbers = app.topic("numbers", key: String.self, value: Int.self)
        let squares = app.topic("squares", key: String.self, value: Int.self)
        let (seen, others) = (Recorder<String>(), Recorder<Int>())
        app.agent("square", numbers) { stream in
            for try await (key, square) in stream.map({ $0 * $0 }).through(squares).through("copies").items() {
                seen.append("\(key) \(square)")
            }
        }
        app.agent("others", each: squares) { others.append($0) }
        app.task { for number in 1...3 { try await numbers.send(number, key: "k\(number)") } }
        app.task {
            await seen.wait(for: 3)
            await others.wait(for: 3)
            app.stop()
        }
        try await app.run()
        #expect(seen.values.sorted() == ["k1 1", "k2 4", "k3 9"])
        #expect(others.values.sorted() == [1, 4, 9])
    }

    @Test("streams outside of agents are grouped, before the app runs and while it does")
    func streamsOutsideOfAgents() async throws {
        let app = App("tasks", broker: "memory://")
        let payments = payments(app)
        let early = payments.stream().groupBy(\.accountID)
        let stream = payments.stream()
        let channel = app.channel("channel", of: Payment.self)
        let values = channel.stream()
        let seen = Recorder<String>()
        app.task { for try await (key, _) in early.items() { seen.append("early \(key)") } }
        app.task {
            for try await (key, _) in stream.groupBy(name: "late", { $0.amount }).items() { seen.append("late \(key)") }
        }
        app.task {
            for try await (key, _) in values.groupBy(name: "channel", { $0.amount }).items() {
                seen.append("channel \(key)")
            }
        }
        app.task {
            try await payments.send(Payment(accountID: "a", amount: 7))
            try await channel.send(Payment(accountID: "b", amount: 8))
        }
        try await app.run(until: seen, has: 3)
        #expect(seen.values.sorted() == ["channel 8", "early a", "late 7"])
    }

    @Test func aKeyPathOfAComputedPropertyNeedsAName() async throws {
        let app = App("computed", broker: "memory://")
        let names = app.topic("names", value: String.self)
        app.agent("lengths", names) { stream in for try await _ in stream.groupBy(\.count) {} }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
        #expect("\(error as Any)".contains("name"))
    }

    @Test func aStreamGoesThroughOneTopicOnly() async throws {
        let app = App("twice", broker: "memory://")
        let payments = payments(app)
        app.agent("both", payments) { stream in
            let first = stream.groupBy(\.accountID)
            for try await _ in stream.groupBy(\.country) {}
            for try await _ in first {}
        }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
    }
}

extension App {
    /// Waits until the worker has so many partitions.
    fileprivate func waitUntilAssigned(_ count: Int) async throws {
        while assignment.count < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
