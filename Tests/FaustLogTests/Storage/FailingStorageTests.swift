// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization
import Testing

// A storage that fails on demand takes the place of a full disk, which a test can't make.
@testable import FaustLog

@Suite("A storage that fails")
struct FailingStorageTests {
    private let partition = TopicPartition("a", 0)

    @Test("sends and commits fail with the storage's error, and succeed when it is back")
    func writes() async throws {
        let storage = FailingStorage()
        let log = LogTransport(storage: storage, configuration: .quiet(), logger: Logger(label: "test"))
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
        let producer = try log.producer()
        let consumer = try log.consumer(group: "g")
        let transactional = try log.producer(transactionalID: "t")
        try await transactional.beginTransaction()
        let pending = transactional.start([.text("t", to: partition)])
        storage.failsWriting = true
        let outcome = await producer.append([.text("1", to: partition)])
        #expect(Self.code(outcome[0]) == .storage)
        let codes = [
            await #expect(throws: FaustError.self) { _ = try await consumer.commit([partition: 1]) },
            await #expect(throws: FaustError.self) {
                try await log.createTopics([TopicDeclaration(name: "b", partitions: 1)])
            },
            await #expect(throws: FaustError.self) { try await log.deleteTopics(["a"]) },
            await #expect(throws: FaustError.self) {
                try await transactional.commitTransaction(offsets: [:], of: nil)
            },
        ]
        .map { $0?.code }
        #expect(codes == [.storage, .storage, .storage, .storage])
        storage.failsWriting = false
        // A second try of the same commit would append nothing; it is refused.
        await #expect(throws: FaustError.self) { try await transactional.commitTransaction(offsets: [:], of: nil) }
        #expect(pending.settled.isEmpty)
        try await transactional.abortTransaction()
        #expect(try await producer.append([.text("2", to: partition)])[0].get().offset == 0)
        #expect(try await consumer.commit([partition: 1]).committed == [partition: 1])
        #expect(try await log.topics(nil).keys.sorted() == ["a"])
        #expect(try await log.readAll(partition).map(\.value) == ["2"])
        await log.stop()
    }

    @Test("a read that fails is tried again and skips nothing")
    func reads() async throws {
        let storage = FailingStorage()
        let log = LogTransport(storage: storage, configuration: .quiet(), logger: Logger(label: "test"))
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
        _ = try await log.producer().append([.text("1", to: partition)])
        let consumer = try log.consumer()
        let queue = consumer.makeQueue()
        storage.failsReading = true
        consumer.read(partition, from: 0, into: queue, epoch: 1)
        #expect(queue.poll(limit: 1, timeout: .zero).isEmpty)
        queue.wake()
        #expect(queue.poll(limit: 1, timeout: .seconds(60)).isEmpty)
        storage.failsReading = false
        #expect(queue.poll(limit: 1, timeout: .seconds(60)).flatMap(\.entries).map(\.offset) == [0])
        await consumer.close()
        await log.stop()
    }

    @Test("damage is reported as a hole, with what is behind it following")
    func damage() async throws {
        let storage = FailingStorage()
        let log = LogTransport(storage: storage, configuration: .quiet(), logger: Logger(label: "test"))
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
        let producer = try log.producer()
        for number in 0..<5 { _ = await producer.append([.text("\(number)", to: partition)]) }
        let lines = LogLines()
        var configuration = ConsumerConfiguration(group: nil, logger: Logger(label: "test") { _ in lines })
        configuration.offsetReset = .none
        for damaged in [Set([2]), [0], [4], [0, 1, 2, 3, 4], [1, 3]] as [Set<Int64>] {
            storage.damaged = damaged
            let consumer = try log.makeConsumer(configuration)
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            let batches = queue.poll(limit: 100, timeout: .seconds(60))
            #expect(Set(batches.flatMap(\.entries).map(\.offset)) == Set(0..<5).subtracting(damaged))
            #expect(batches.last?.nextOffset == 5)
            await consumer.close()
        }
        #expect(lines.count(.critical) == 10)
        await log.stop()
    }

    private static func code(_ outcome: Result<RecordMetadata, FaustError>) -> FaustError.Code? {
        guard case .failure(let error) = outcome else { return nil }
        return error.code
    }
}

/// Counts lines by level.
private struct LogLines: LogHandler {
    private final class Counts: Sendable {
        let levels = Mutex<[Logger.Level: Int]>([:])
    }

    private let counts = Counts()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    func count(_ level: Logger.Level) -> Int { counts.levels.withLock { $0[level] ?? 0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        counts.levels.withLock { $0[event.level, default: 0] += 1 }
    }
}

/// A log in memory that fails as told.
private final class FailingStorage: LogStorage {
    private struct State {
        var failsWriting = false
        var failsReading = false
        var damaged: Set<Int64> = []
    }

    private let memory = MemoryStorage()
    private let state = Mutex(State())

    var failsWriting: Bool {
        get { state.withLock { $0.failsWriting } }
        set { state.withLock { $0.failsWriting = newValue } }
    }

    var failsReading: Bool {
        get { state.withLock { $0.failsReading } }
        set { state.withLock { $0.failsReading = newValue } }
    }

    /// The base offsets of batches that can't be read.
    var damaged: Set<Int64> {
        get { state.withLock { $0.damaged } }
        set { state.withLock { $0.damaged = newValue } }
    }

    func open() throws(FaustError) -> StoredLog { try memory.open() }

    func apply(_ changes: [LogChange]) throws(FaustError) {
        if failsWriting { throw FaustError(.storage, "no space left", isRetriable: true) }
        try memory.apply(changes)
    }

    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) throws(FaustError) -> [StoredItem] {
        if failsReading { throw FaustError(.storage, "the disk is away", isRetriable: true) }
        let damaged = damaged
        return try memory.read(partition, from: offset, limit: limit)
            .map { item in
                guard case .batch(let batch) = item, damaged.contains(batch.info.baseOffset) else { return item }
                // Half are found by the storage, half by the checksum.
                if batch.info.baseOffset % 2 == 0 {
                    return .damaged(batch.info.baseOffset..<batch.info.nextOffset, "a bad sector")
                }
                let bytes = batch.withBytes { Array($0.dropLast()) + [0xAA] }
                return .batch(StoredBatch(info: batch.info, storage: Bytes(bytes).storage, isTrusted: false))
            }
    }

    func index(_ partition: PartitionID, from offset: Int64, count: Int) throws(FaustError) -> [BatchInfo] {
        try memory.index(partition, from: offset, count: count)
    }

    func reclaim() {}

    func close() { memory.close() }
}
