// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
import FaustLog
public import Logging
import Synchronization

/// Drives apps in a test: as they are declared in production, with the whole engine, but without a broker, threads of
/// their own, or the passing of time.
///
/// ```swift
/// let bank = Bank()   // declares an app, as the program does
/// try await bank.app.test { kit in
///     try await kit.send(Order(price: 4.5), key: "alice", to: bank.orders)
///     try await kit.settle()
///     #expect(bank.spent["alice"] == 4.5)
///     try await kit.advance(by: .seconds(60))
///     #expect(try await kit.output(of: bank.reports).values() == ["alice: 4.5"])
/// }
/// ```
///
/// **What is replaced.** The broker is an embedded log in memory that all workers of the kit share; the clock is a
/// ``TestClock`` with a time of day that follows it; stores that are not in memory are kept in memory as well, so that a
/// crash can leave or lose them. Everything else is what runs in production: lanes, commits, transactions, rebalances,
/// recoveries.
///
/// **Time and order.** Everything runs on one thread, and only while a method of the kit is awaited. The methods return
/// when nothing is left to be done: no task can go on, nothing waits to be written, no partition has messages that
/// could be delivered. That is known, not guessed: there is no polling and no waiting by the clock. Where several things
/// could come next, such as messages of two partitions, the seed chooses. One seed gives one order, another seed
/// another one; run a test with many seeds to find what depends on it.
///
/// **What it can't see.** Code that leaves the kit: `Task.sleep` and other clocks than the app's, unstructured tasks
/// (`Task {}`), the main actor, network connections. When the app waits for such things, the methods return early; use
/// ``settle(until:)``. Such code is also beyond the seed.
///
/// Use a kit from one task. ``FaustCore/App/test(seed:startingAt:_:)`` makes one and ends it.
public final class TestKit: Sendable {
    /// The time as the apps see it.
    public let clock = TestClock()
    /// When ``clock`` started, as the time of day.
    public let start: Timestamp
    /// What the order is chosen by.
    public let seed: UInt64

    let log: LogTransport
    let simulation: Simulation
    let recorder = Recorder()
    let logger: Logger
    private let producer: any TransportProducer
    private let appClock: AppClock
    private let configure: @Sendable (inout Settings) -> Void
    private let state = Mutex((workers: [TestWorker](), apps: [App](), nextPartition: Int32(0)))

    /// 1 January 2026, 00:00 UTC.
    public static let defaultStart = Timestamp(milliseconds: 1_767_225_600_000)
    /// How many commits in a row may fail before ``settle()`` gives up.
    private static let failedCommitLimit = 1_000

    /// A kit without workers; call ``end()`` at the end of the test.
    ///
    /// - Parameters:
    ///   - seed: What the order is chosen by, where several things could come next.
    ///   - start: The time of day at which the clock starts; 1 January 2026, 00:00 UTC by default.
    ///   - logger: For lines about what the workers' broker does; it is silent by default.
    ///   - configure: Changes settings of each app that is started, for good. What the environment says has been applied
    ///     before.
    /// - Throws: ``FaustError`` when the log can't be opened.
    public init(
        seed: UInt64 = 0,
        startingAt start: Timestamp = defaultStart,
        logger: Logger? = nil,
        configure: @escaping @Sendable (inout Settings) -> Void = { _ in }
    ) async throws {
        let logger = logger ?? Logger(label: "faust.test") { _ in SwiftLogNoOpLogHandler() }
        let now: @Sendable () -> Int64 = { [clock] in start.milliseconds + Int64(clock.now.offset / .milliseconds(1)) }
        // The log calls for its writer, and the writer is the simulation, which is made with the log.
        let calls = WriterCalls()
        var configuration = LogConfiguration()
        configuration.retentionCheckInterval = nil
        configuration.currentTimeMilliseconds = now
        configuration.writerIsNeeded = { calls.call() }
        let log = LogTransport(storage: .memory, configuration: configuration, logger: logger)
        let simulation = Simulation(seed: seed) { log.write() }
        calls.connect { [weak simulation] in simulation?.noteWriting() }
        try await log.start()
        simulation.start()
        self.start = start
        self.seed = seed
        self.log = log
        self.simulation = simulation
        self.logger = logger
        self.configure = configure
        appClock = AppClock(clock, now: now)
        producer = try log.makeProducer(ProducerConfiguration(logger: logger))
    }

    // MARK: Workers

    /// The workers, in the order in which they were started.
    public var workers: [TestWorker] { state.withLock { $0.workers } }

    /// Starts a worker of an app and waits until it has nothing left to do.
    ///
    /// The app must not run. Its broker, its clock and, unless they are in memory, its stores are replaced while the kit
    /// has it. For a further worker of the same app declare it once more: apps of one name are one consumer group.
    ///
    /// - Parameter app: The app, as it is declared in production.
    /// - Returns: The worker.
    /// - Throws: ``FaustError`` when the worker can't start, such as for a mistake in the declarations.
    @discardableResult
    public func start(_ app: App) async throws -> TestWorker {
        let worker = TestWorker(app, kit: self)
        state.withLock { $0.workers.append(worker) }
        try await worker.launch()
        return worker
    }

    /// Makes an app ready to be run by a worker of the kit.
    func prepare(_ app: App) throws {
        app.replaceClock(by: appClock)
        let isNew = state.withLock { state in
            if state.apps.contains(where: { $0 === app }) { return false }
            state.apps.append(app)
            return true
        }
        if isNew { try app.configure { settings, _ in configure(&settings) } }
    }

    /// Stops all workers in order and closes the log.
    ///
    /// - Throws: What a worker has failed with, unless the test has asked for it.
    public func end() async throws {
        var failure: (any Error)?
        for worker in workers {
            do {
                try worker.throwUnknownFailure()
                try await worker.stop()
            } catch {
                failure = failure ?? error
            }
        }
        await producer.close()
        await log.stop()
        simulation.stop()
        for app in state.withLock({ $0.apps }) { app.replaceClock(by: nil) }
        if let failure { throw failure }
    }

    // MARK: Input

    /// Sends a message from outside of the workers, which need not run.
    ///
    /// It is in its partition when the method returns, and processed when ``settle()`` or another method has let the
    /// workers go on.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition as in production.
    ///   - topic: The topic; it is created as the app declares it, if need be.
    ///   - partition: The partition, if the key is not to decide.
    ///   - timestamp: The time of the message; `nil` is the time that the clock shows.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: ``FaustError`` when the message can't be encoded or the topic has no such partition.
    @discardableResult
    public func send<Key, Value>(
        _ value: Value,
        key: Key,
        to topic: Topic<Key, Value>,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        var headers = headers
        let (keyBytes, valueBytes) = (
            try topic.schema.encodeKey(key, headers: &headers), try topic.schema.encodeValue(value, headers: &headers)
        )
        guard topic.names.count == 1 else {
            throw FaustError(.configuration, "topic \(topic.name) is not one name: it can only be read")
        }
        let name = topic.names[0]
        let count = try await partitionCount(of: topic.owner.topicDeclaration(of: name))
        let chosen =
            try partition
            ?? topic.owner.settings.producerPartitioner.partition(
                forKey: keyBytes,
                topic: name,
                partitions: count
            )
        let message = OutgoingMessage(
            to: TopicPartition(name, chosen ?? nextPartition(of: count)),
            key: keyBytes,
            value: valueBytes,
            timestampMilliseconds: timestamp?.milliseconds,
            headers: headers
        )
        return try await withCheckedThrowingContinuation { continuation in
            producer.send([message]) { _, outcome in continuation.resume(with: outcome.mapError { $0 }) }
        }
    }

    /// Sends a message without a key; such messages go to the partitions in turn.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - topic: The topic.
    ///   - partition: The partition, if it is not to be the next.
    ///   - timestamp: The time of the message; `nil` is the time that the clock shows.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: ``FaustError``, as ``send(_:key:to:partition:timestamp:headers:)``.
    @discardableResult
    public func send<Key: ExpressibleByNilLiteral, Value>(
        _ value: Value,
        to topic: Topic<Key, Value>,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        try await send(value, key: nil, to: topic, partition: partition, timestamp: timestamp, headers: headers)
    }

    private func partitionCount(of declaration: TopicDeclaration) async throws -> Int32 {
        if let known = try await log.topics([declaration.name])[declaration.name] { return known.partitions }
        try await log.createTopics([declaration])
        return declaration.partitions
    }

    private func nextPartition(of count: Int32) -> Int32 {
        state.withLock { state in
            defer { state.nextPartition += 1 }
            return state.nextPartition % count
        }
    }

    // MARK: Going on

    /// Lets the workers go on until nothing is left to be done.
    ///
    /// Everything that was sent is processed then, as far as time need not pass for it. Nothing is committed but by what
    /// the apps do themselves.
    ///
    /// - Throws: What a worker has failed with.
    public func process() async throws {
        await simulation.quiesce()
        try throwFailures()
    }

    /// Lets the workers go on until everything that was sent is processed and committed, also what the commits have led
    /// to, such as the output of windows that have closed.
    ///
    /// An event whose body waits for the clock, as one that is tried again after a pause, is left in hand; see
    /// ``advance(by:)``.
    ///
    /// - Throws: What a worker has failed with, or why commits fail again and again.
    public func settle() async throws {
        var failedCommits = 0
        while true {
            try await process()
            let before = try await positions()
            var hasNews = false
            for worker in workers where worker.isRunning {
                switch await commit(worker) {
                case .success(let isNew): hasNews = hasNews || isNew
                case .failure(let error):
                    try throwFailures()
                    failedCommits += 1
                    if failedCommits > Self.failedCommitLimit { throw error }
                    hasNews = true
                }
            }
            try await process()
            let after = try await positions()
            if !hasNews, after == before { return }
        }
    }

    /// Lets the workers go on, as ``settle()`` does, until a condition holds that depends on what is outside of the kit,
    /// such as the main actor or a connection.
    ///
    /// The condition is looked at again whenever the workers have come to rest. Give the test a time limit: when it never
    /// holds, this never returns.
    ///
    /// - Parameter condition: The condition.
    /// - Throws: What a worker has failed with, or what `condition` throws.
    public func settle(until condition: () async throws -> Bool) async throws {
        repeat { try await settle() } while try await !condition()
    }

    /// Lets time pass, step by step: at each moment at which something is due, everything that follows from it is done
    /// before time goes on.
    ///
    /// Commits happen at their interval, as in production.
    ///
    /// - Parameter duration: How much time passes; not negative.
    /// - Throws: What a worker has failed with.
    public func advance(by duration: Duration) async throws {
        let end = clock.now.advanced(by: duration)
        try await process()
        while let next = clock.nextDeadline, next <= end {
            clock.advance(by: clock.now.duration(to: next))
            try await process()
        }
        clock.advance(by: clock.now.duration(to: end))
        try await process()
    }

    /// Lets time pass until a time of day; see ``advance(by:)``.
    ///
    /// - Parameter time: The time of day; not before the one that the clock shows.
    /// - Throws: What a worker has failed with.
    public func advance(to time: Timestamp) async throws {
        try await advance(by: .milliseconds(time.milliseconds - now.milliseconds))
    }

    /// The time of day that the apps see.
    public var now: Timestamp { Timestamp(milliseconds: appClock.timeOfDay) }

    /// Runs a closure among what is under test, and lets the workers go on until it has returned: for what needs an
    /// answer, such as asking an agent.
    ///
    /// - Parameter body: The closure. Time does not pass by itself while it runs.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws.
    public func perform<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await simulation.perform(body)
    }

    /// Commits what a worker has finished.
    ///
    /// - Returns: Whether there was news. A commit that waits for an event in hand goes on by itself.
    private func commit(_ worker: TestWorker) async -> Result<Bool, any Error> {
        let app = worker.app
        // Not a child task: it may have to wait for a body that waits for the clock, which this method does not move.
        let box = Outcome()
        _ = Task(executorPreference: simulation) {
            do { box.set(.success(try await !app.commit().isEmpty)) } catch { box.set(.failure(error)) }
        }
        await simulation.quiesce()
        return box.value ?? .success(false)
    }

    /// The end of every partition.
    private func positions() async throws -> [TopicPartition: Int64] {
        let partitions = try await log.topics(nil).values
            .flatMap { topic in
                (0..<topic.partitions).map { TopicPartition(topic.name, $0) }
            }
        return try await log.offsets(of: partitions).mapValues(\.upperBound)
    }

    private func throwFailures() throws {
        for worker in workers { try worker.throwUnknownFailure() }
    }

    // MARK: Output

    /// Reads a topic, from its beginning.
    ///
    /// - Parameter topic: The topic; it need not exist yet.
    /// - Returns: The reader, which keeps its own position.
    public func output<Key, Value>(of topic: Topic<Key, Value>) -> TestOutput<Key, Value> {
        TestOutput(topic, kit: self)
    }

    /// The events that agents have failed on, in order, with their errors and what became of them.
    public var failures: [FailedEvent] { recorder.failures }

    /// What an agent with sinks has yielded, in order.
    ///
    /// - Parameters:
    ///   - agent: The name of the agent.
    ///   - type: The type of its results; those of other types are left out.
    /// - Returns: The results.
    public func results<Value: Sendable>(of agent: String, as type: Value.Type) -> [Value] {
        recorder.results(of: agent).compactMap { $0 as? Value }
    }

    /// What the group of an app has committed: the next offset to read, per partition of a topic.
    ///
    /// - Parameter topic: The topic.
    /// - Returns: The offsets; a partition without a commit is missing.
    /// - Throws: ``FaustError`` when the log does not tell.
    public func committed<Key, Value>(of topic: Topic<Key, Value>) async throws -> [Int32: Int64] {
        var result: [Int32: Int64] = [:]
        for (name, metadata) in try await log.topics(topic.names) {
            let partitions = (0..<metadata.partitions).map { TopicPartition(name, $0) }
            let offsets = try await log.committedOffsets(group: topic.owner.id, partitions: partitions)
            for (partition, offset) in offsets { result[partition.partition] = offset }
        }
        return result
    }
}
