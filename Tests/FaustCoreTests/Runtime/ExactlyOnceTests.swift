// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import FaustTesting
import Logging
import Synchronization
import Testing

@testable import FaustCore

private let lost = FaustError(.transport, "lost")
private let killed = FaustError(.transport, "killed", isFatal: true)

/// An app under exactly-once that reads the topic `in` and writes to `out`, on a log that outlives it.
struct ExactlyOnceWorker: Sendable {
    typealias Body = @Sendable (EventStream<Bytes?, Int>, Topic<Bytes?, Int>) async throws -> Void

    /// The settings of a worker that commits after each run of events.
    static var settings: Settings {
        var settings = Settings(name: "exact")
        settings.processingGuarantee = .exactlyOnce
        settings.brokerCommitEvery = 1
        settings.agentRestartDelay = .zero
        settings.agentMaxRestarts = 1_000
        return settings
    }

    let app: App
    let clock = TestClock()
    let output: Topic<Bytes?, Int>
    /// Whether the worker has started: to stop it earlier has no effect.
    let hasStarted = Watched(false)

    /// A worker whose clock stands still.
    init(
        _ log: LogTransport,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        judge: @escaping FaultyTransport.Judge = { _ in .passes },
        lag: Watched<Int64>,
        settings: Settings = Self.settings,
        body: @escaping Body
    ) {
        let app = App(settings: settings, clock: AppClock(clock), logger: .silent) { _, _ in
            FaultyTransport(log, judge: judge) {
                let rest = try await log.lag(of: "exact", topic: "in")
                lag.update { $0 = rest }
            }
        }
        self.app = app
        app.onStartup { [hasStarted] in hasStarted.update { $0 = true } }
        let output = app.topic("out", value: Int.self, partitions: 2)
        self.output = output
        app.agent("copy", app.topic("in", value: Int.self), concurrency: concurrency, onError: onError) { stream in
            try await body(stream, output)
        }
    }

    /// Runs until everything is committed, or the worker fails.
    ///
    /// With `ticks` the clock goes on whenever somebody waits for it.
    func run(untilDone lag: Watched<Int64>, ticks: Bool = false) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run() }
            group.addTask {
                try await hasStarted.wait { $0 }
                try await lag.wait { $0 == 0 }
                app.stop()
                // The run ends first.
                try await Gate().wait()
            }
            if ticks {
                group.addTask { try await clock.tick(by: .milliseconds(100)) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension TestClock {
    /// Goes on whenever somebody waits, until the task is cancelled.
    func tick(by step: Duration) async throws {
        while true {
            try await waitForSleepers(1)
            advance(by: step)
        }
    }
}

extension LogTransport {
    /// A log with a filled topic `in`.
    static func filled(_ values: Range<Int>, partitions: Int32 = 3) async throws -> LogTransport {
        let log = LogTransport(storage: .memory)
        try await log.start()
        try await log.fill("in", partitions: partitions, values)
        return log
    }

    /// The numbers in a topic, in the order of partitions and offsets.
    func numbers(of topic: String) async throws -> [Int] {
        try await messages(of: topic).compactMap { $0.value.flatMap { Int(String($0)) } }
    }
}

@Suite("Exactly once")
struct ExactlyOnceTests {
    @Test("each input has its output once, and awaited sends do not keep the commit waiting")
    func copies() async throws {
        let log = try await LogTransport.filled(0..<100)
        let lag = Watched<Int64>(-1)
        let offsets = Collected<Int64>()
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            for try await number in stream { offsets.add(try await output.send(number).offset) }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<100))
        #expect(Set(offsets.values) == [-1])
        #expect(worker.app.monitor.commits.value > 0)
        await log.stop()
    }

    @Test("what is sent and not committed when the worker stops for an error is never seen")
    func fatalError() async throws {
        let log = try await LogTransport.filled(0..<10, partitions: 1)
        let lag = Watched<Int64>(-1)
        var settings = ExactlyOnceWorker.settings
        settings.agentMaxRestarts = 0
        let worker = ExactlyOnceWorker(log, lag: lag, settings: settings) { stream, output in
            for try await number in stream {
                try await output.send(number)
                if number == 5 { throw Skip() }
            }
        }
        await #expect(throws: FaustError.self) { try await worker.run(untilDone: lag) }
        let written = try await log.numbers(of: "out").sorted()
        let committed = try await log.committedOffsets(group: "exact", partitions: [TopicPartition("in", 0)])
        #expect(written == Array(0..<Int(committed[TopicPartition("in", 0)] ?? 0)))
        #expect(written.count <= 5)
        await log.stop()
    }

    @Test("a body that throws takes back what it sent for the event, and gets it again")
    func retry() async throws {
        let log = try await LogTransport.filled(0..<30)
        let lag = Watched<Int64>(-1)
        let failures = Counter()
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            for try await number in stream {
                try await output.send(number)
                if number % 10 == 7, failures.add(1) <= 9 { throw lost }
                try await output.send(1_000 + number)
            }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<30) + Array(1_000..<1_030))
        #expect(worker.app.monitor.commitErrors.value >= 9)
        await log.stop()
    }

    @Test("an event that is skipped or kept as a dead letter counts once, with what its body has sent")
    func deadLetter() async throws {
        let log = try await LogTransport.filled(0..<20)
        let lag = Watched<Int64>(-1)
        let worker = ExactlyOnceWorker(log, onError: .deadLetter, lag: lag) { stream, output in
            for try await number in stream {
                try await output.send(number)
                if number % 5 == 0 { throw lost }
            }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<20))
        #expect(try await log.numbers(of: "exact-copy-dead-letter").sorted() == [0, 5, 10, 15])
        await log.stop()
    }

    @Test("a send that fails aborts the transaction, and its sources come again")
    func lostSend() async throws {
        let log = try await LogTransport.filled(0..<30)
        let lag = Watched<Int64>(-1)
        let sends = Counter()
        let judge: FaultyTransport.Judge = { operation in
            guard case .send = operation, [3, 20, 21, 40].contains(sends.add(1)) else { return .passes }
            return .fails(lost)
        }
        let worker = ExactlyOnceWorker(log, judge: judge, lag: lag) { stream, output in
            for try await number in stream { try await output.send(number) }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<30))
        // Two of the losses may be in one transaction.
        #expect(worker.app.monitor.commitErrors.value >= 2)
        await log.stop()
    }

    @Test func aMessageThatIsRefusedAgainAndAgainStopsTheWorker() async throws {
        let log = try await LogTransport.filled(0..<3, partitions: 1)
        let lag = Watched<Int64>(-1)
        var settings = ExactlyOnceWorker.settings
        settings.agentMaxRestarts = 5
        let judge: FaultyTransport.Judge = { if case .send = $0 { .fails(lost) } else { .passes } }
        let worker = ExactlyOnceWorker(log, judge: judge, lag: lag, settings: settings) { stream, output in
            for try await number in stream { try await output.send(number) }
        }
        let error = await #expect(throws: FaustError.self) { try await worker.run(untilDone: lag) }
        #expect(error?.isFatal == true)
        #expect(worker.app.monitor.commitErrors.value == 6)
        await log.stop()
    }

    @Test("arrays of a take are cut at a commit, and finished with it")
    func take() async throws {
        let log = try await LogTransport.filled(0..<200)
        let lag = Watched<Int64>(-1)
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            for try await numbers in stream.take(7) {
                for number in numbers { try await output.send(number) }
            }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<200))
        await log.stop()
    }

    @Test("events that are gathered by hand and acknowledged with their output count once")
    func manual() async throws {
        let log = try await LogTransport.filled(0..<100)
        let lag = Watched<Int64>(-1)
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            var held: [Event<Bytes?, Int>] = []
            for try await event in stream.noack().events() {
                held.append(event)
                guard held.count == 10 else { continue }
                for event in held {
                    try await output.send(event.value)
                    event.ack()
                }
                held = []
            }
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<100))
        await log.stop()
    }

    @Test("what tasks send goes out at once, whatever becomes of the transaction")
    func tasks() async throws {
        let log = try await LogTransport.filled(0..<3, partitions: 1)
        let lag = Watched<Int64>(-1)
        let gate = Gate()
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            for try await number in stream {
                try await output.send(number)
                try await gate.wait()
            }
        }
        let output = worker.output
        worker.app.task {
            try await gate.waitForArrivals(1)
            #expect(try await output.send(1_000).hasOffset)
            #expect(try await log.numbers(of: "out") == [1_000])
            gate.open()
        }
        try await worker.run(untilDone: lag)
        #expect(try await log.numbers(of: "out").sorted() == [0, 1, 2, 1_000])
        await log.stop()
    }

    @Test func anAgentCannotCommit() async throws {
        let log = try await LogTransport.filled(0..<1, partitions: 1)
        let lag = Watched<Int64>(-1)
        let app = Mutex<App?>(nil)
        let codes = Collected<FaustError.Code?>()
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, _ in
            for try await _ in stream {
                do { _ = try await app.withLock { $0 }?.commit() } catch { codes.add((error as? FaustError)?.code) }
            }
        }
        app.withLock { $0 = worker.app }
        try await worker.run(untilDone: lag)
        #expect(codes.values == [.lifecycle])
        app.withLock { $0 = nil }
        await log.stop()
    }

    @Test("a body that does not finish in time is shut out: what it does later does not count")
    func expelled() async throws {
        let log = try await LogTransport.filled(0..<3, partitions: 1)
        let lag = Watched<Int64>(-1)
        let gate = Gate()
        let errors = Collected<FaustError.Code?>()
        let tries = Counter()
        let worker = ExactlyOnceWorker(log, lag: lag) { stream, output in
            for try await number in stream {
                try await output.send(number)
                guard number == 1, tries.add(1) == 1 else { continue }
                try await gate.wait()
                do { try await output.send(1_000) } catch {
                    errors.add((error as? FaustError)?.code)
                    throw error
                }
            }
        }
        async let running: Void = worker.run(untilDone: lag)
        try await gate.waitForArrivals(1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.clock.tick(by: .seconds(1)) }
            let committer = try #require(worker.app.engine.withLock { $0 }).committer
            #expect(await committer.commit().error?.code == .timeout)
            group.cancelAll()
        }
        gate.open()
        try await running
        #expect(errors.values == [.lifecycle])
        #expect(try await log.numbers(of: "out").sorted() == [0, 1, 2])
        await log.stop()
    }

    @Test("what several agents and bodies make of a topic counts once, however far they are apart")
    func lag() async throws {
        let log = try await LogTransport.filled(0..<60, partitions: 2)
        let lag = Watched<Int64>(-1)
        let failures = Counter()
        let worker = ExactlyOnceWorker(log, concurrency: 3, lag: lag) { stream, output in
            for try await number in stream {
                try await output.send(number)
                if number % 10 == 3 { await Task.yield() }
            }
        }
        let output = worker.output
        worker.app.agent("slow", worker.app.topic("in", value: Int.self)) { stream in
            for try await number in stream {
                for _ in 0..<10 { await Task.yield() }
                try await output.send(1_000 + number)
                if number % 20 == 7, failures.add(1) < 7 { throw lost }
            }
        }
        try await worker.run(untilDone: lag, ticks: true)
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<60) + Array(1_000..<1_060))
        await log.stop()
    }

    @Test func aTopicIsNotReadInsideAndOutsideOfAgents() async throws {
        let log = try await LogTransport.filled(0..<1)
        let lag = Watched<Int64>(-1)
        let worker = ExactlyOnceWorker(log, lag: lag) { _, _ in }
        _ = worker.app.topic("in", value: Int.self).stream()
        let error = await #expect(throws: FaustError.self) { try await worker.app.run() }
        #expect(error?.code == .configuration)
        await log.stop()
    }

    // MARK: Several workers

    @Test("the older of two workers with one identity is fenced and stops")
    func zombie() async throws {
        let log = try await LogTransport.filled(0..<20)
        let (lag, ignored) = (Watched<Int64>(-1), Watched<Int64>(-1))
        let gate = Gate()
        var settings = ExactlyOnceWorker.settings
        settings.consumerGroupInstanceID = "one"
        let zombie = ExactlyOnceWorker(log, lag: ignored, settings: settings) { stream, output in
            for try await number in stream {
                try await output.send(number)
                try await gate.wait()
            }
        }
        let heir = ExactlyOnceWorker(log, lag: lag, settings: settings) { stream, output in
            for try await number in stream { try await output.send(number) }
        }
        async let old: FaustError? = {
            do { try await zombie.app.run() } catch { return error as? FaustError }
            return nil
        }()
        try await gate.waitForArrivals(1)
        // The heir's producer exists then.
        heir.app.onStartup { gate.open() }
        async let new: Void = heir.run(untilDone: lag)
        #expect(await old?.code == .fenced)
        try await new
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<20))
        await log.stop()
    }

    @Test("workers come and go under load")
    func rebalance() async throws {
        let log = try await LogTransport.filled(0..<2_000, partitions: 6)
        let lag = Watched<Int64>(-1)
        @Sendable func worker() -> ExactlyOnceWorker {
            ExactlyOnceWorker(log, lag: lag) { stream, output in
                for try await number in stream {
                    try await output.send(number)
                    await Task.yield()
                }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker().run(untilDone: lag) }
            _ = try await lag.wait { $0 >= 0 && $0 < 1_800 }
            let visitor = worker()
            group.addTask { try await visitor.app.run() }
            _ = try await lag.wait { $0 < 1_000 }
            _ = try await visitor.hasStarted.wait { $0 }
            visitor.app.stop()
            _ = try await lag.wait { $0 < 500 }
            group.addTask { try await worker().run(untilDone: lag) }
            try await group.waitForAll()
        }
        #expect(try await log.numbers(of: "out").sorted() == Array(0..<2_000))
        await log.stop()
    }
}
