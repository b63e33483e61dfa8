// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Foundation
import Logging
import Synchronization
import Testing

/// Where a test's log is kept.
enum Place: String, CaseIterable, CustomTestStringConvertible {
    case memory
    #if RocksDB
    case directory
    #endif

    var testDescription: String { rawValue }
}

/// A clock that a test moves.
final class ManualTime: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ milliseconds: Int64 = 1_700_000_000_000) {
        self.milliseconds = Mutex(milliseconds)
    }

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(by milliseconds: Int64) {
        self.milliseconds.withLock { $0 += milliseconds }
    }
}

/// A directory that goes away with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "faust-log-\(UUID().uuidString)"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Copies the directory as it is now, as a crash would leave it.
    func copy() throws -> TemporaryDirectory {
        let other = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "LOCK" {
            // A file may be deleted between the listing and the copy, as the database drops what it has replaced.
            try? FileManager.default.copyItem(atPath: path + "/" + name, toPath: other.path + "/" + name)
        }
        return other
    }
}

/// Runs a test with a log that is started before and stopped after it.
func withLog(
    _ place: Place,
    _ configuration: LogConfiguration = .quiet(),
    directory: TemporaryDirectory = TemporaryDirectory(),
    _ body: (LogTransport) async throws -> Void
) async throws {
    let log =
        switch place {
        case .memory: LogTransport(storage: .memory, configuration: configuration)
        #if RocksDB
        case .directory: LogTransport(directory: directory.path, configuration: configuration)
        #endif
        }
    try await log.start()
    do {
        try await body(log)
    } catch {
        await log.stop()
        throw error
    }
    await log.stop()
}

extension LogConfiguration {
    /// A log that does nothing by itself, with a clock of the test's.
    static func quiet(_ time: ManualTime = ManualTime()) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.retentionCheckInterval = nil
        configuration.currentTimeMilliseconds = { time.now }
        return configuration
    }
}

extension Transport {
    /// A producer for a test.
    func producer(transactionalID: String? = nil) throws -> any TransportProducer {
        var configuration = ProducerConfiguration(logger: Logger(label: "test"))
        configuration.transactionalID = transactionalID
        return try makeProducer(configuration)
    }

    /// A consumer for a test.
    func consumer(group: String? = nil, reset: OffsetReset = .earliest) throws -> any TransportConsumer {
        var configuration = ConsumerConfiguration(group: group, logger: Logger(label: "test"))
        configuration.offsetReset = reset
        return try makeConsumer(configuration)
    }

    /// Reads a partition from a position to its end.
    func readAll(_ partition: TopicPartition, from position: Int64 = 0) async throws -> [Message] {
        let end = try await offsets(of: [partition])[partition]?.upperBound ?? 0
        let consumer = try consumer()
        let queue = consumer.makeQueue()
        consumer.read(partition, from: position, into: queue, epoch: 1)
        var messages: [Message] = []
        var next: Int64 = position
        while next < end {
            let batches = queue.poll(limit: 100, timeout: .seconds(5))
            if batches.isEmpty { break }
            for batch in batches {
                messages += (0..<batch.count).map { batch[$0] }
                next = batch.nextOffset
            }
        }
        await consumer.close()
        return messages
    }
}

extension TransportProducer {
    /// Sends messages and waits for the outcomes, in order.
    func append(_ messages: [OutgoingMessage]) async -> [Result<RecordMetadata, FaustError>] {
        if messages.isEmpty { return [] }
        let outcomes = Outcomes(count: messages.count)
        return await withCheckedContinuation { continuation in
            send(messages) { index, outcome in
                if let all = outcomes.settle(index, outcome) { continuation.resume(returning: all) }
            }
        }
    }

    /// Sends messages without waiting.
    func start(_ messages: [OutgoingMessage]) -> Outcomes {
        let outcomes = Outcomes(count: messages.count)
        send(messages) { _ = outcomes.settle($0, $1) }
        return outcomes
    }
}

/// Gathers the outcomes of messages.
final class Outcomes: Sendable {
    private struct State {
        var outcomes: [Result<RecordMetadata, FaustError>?]
        var missing: Int
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
    }

    /// The outcomes so far.
    var settled: [Result<RecordMetadata, FaustError>] { state.withLock { $0.outcomes.compactMap { $0 } } }

    func settle(
        _ index: Int,
        _ outcome: Result<RecordMetadata, FaustError>
    ) -> [Result<RecordMetadata, FaustError>]? {
        state.withLock { state in
            precondition(state.outcomes[index] == nil, "a message was settled twice")
            state.outcomes[index] = outcome
            state.missing -= 1
            return state.missing > 0 ? nil : state.outcomes.compactMap { $0 }
        }
    }
}

extension OutgoingMessage {
    /// A message with a text.
    static func text(
        _ value: String?,
        key: String? = nil,
        to partition: TopicPartition,
        at milliseconds: Int64? = nil
    ) -> OutgoingMessage {
        OutgoingMessage(
            to: partition,
            key: key.map { Bytes($0) },
            value: value.map { Bytes($0) },
            timestampMilliseconds: milliseconds
        )
    }
}

/// Carries out what a group tells a member, and remembers it.
final class RecordingListener: RebalanceListener {
    enum Event: Equatable {
        case assigned([TopicPartition])
        case revoked([TopicPartition])
        case lost([TopicPartition])
        case failed(FaustError.Code)
    }

    private struct State {
        var events: [Event] = []
        var waiters: [(condition: ([Event]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
        var isBusy = false
    }

    private let state = Mutex<State>(State())
    private let onEvent: @Sendable (Event) async -> Void

    init(onEvent: @escaping @Sendable (Event) async -> Void = { _ in }) {
        self.onEvent = onEvent
    }

    var events: [Event] { state.withLock { $0.events } }

    /// What is assigned now.
    var assignment: [TopicPartition] { Self.assignment(after: events) }

    static func assignment(after events: [Event]) -> [TopicPartition] {
        var current: Set<TopicPartition> = []
        for event in events {
            switch event {
            case .assigned(let partitions): current.formUnion(partitions)
            case .revoked(let partitions), .lost(let partitions): current.subtract(partitions)
            case .failed: break
            }
        }
        return current.sorted()
    }

    /// Waits until what has happened fulfils a condition.
    func wait(_ condition: @escaping @Sendable ([Event]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.events) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }

    /// Waits until a number of partitions is assigned.
    func waitForAssignment(count: Int) async {
        await wait { Self.assignment(after: $0).count == count }
    }

    func assigned(_ partitions: [TopicPartition]) async { await handle(.assigned(partitions)) }
    func revoked(_ partitions: [TopicPartition]) async { await handle(.revoked(partitions)) }
    func lost(_ partitions: [TopicPartition]) async { await handle(.lost(partitions)) }
    func failed(_ error: FaustError) async { await handle(.failed(error.code)) }

    private func handle(_ event: Event) async {
        state.withLock { state in
            precondition(!state.isBusy, "two calls of a listener at a time")
            state.isBusy = true
        }
        await onEvent(event)
        let ready = state.withLock { state in
            state.isBusy = false
            state.events.append(event)
            let events = state.events
            let ready = state.waiters.filter { $0.condition(events) }.map(\.continuation)
            state.waiters.removeAll { $0.condition(events) }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }
}
