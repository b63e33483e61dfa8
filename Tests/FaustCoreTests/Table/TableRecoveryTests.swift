// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import FaustTesting
import Testing

@testable import FaustCore

@Suite("Recovery of tables")
struct TableRecoveryTests {
    /// A program that counts words.
    private struct Counter {
        let app: App
        let words: Topic<String, Int>
        let counts: Table<String, Int>
        let seen = Watched(0)
        let ready = Watched<Set<Int32>>([])

        init(_ rig: TableRig) {
            app = rig.app()
            words = app.topic("words", key: String.self, value: Int.self)
            counts = app.table("counts", key: String.self, default: 0)
            let (counts, seen, ready) = (counts, seen, ready)
            counts.onRecover { partition in ready.update { _ = $0.insert(partition) } }
            app.agent("count", words) { stream in
                for try await (word, number) in stream.items() {
                    counts[word] += number
                    seen.update { $0 += 1 }
                }
            }
        }

        /// Counts each of some words once more and commits.
        func count(_ number: Int) async throws {
            let before = seen.value
            for number in 0..<number { try await words.post(1, key: "w\(number)") }
            try await app.producer().flush()
            try await seen.wait { $0 >= before + number }
            try await app.commit()
        }
    }

    @Test("a partition starts when its table is at the end of a changelog with holes")
    func holes() async throws {
        let rig = TableRig()
        let first = Counter(rig)
        try await rig.run(first.app) { for _ in 0..<5 { try await first.count(30) } }
        try await rig.log.log.compact(topic: "tables-counts-changelog")
        let second = Counter(rig)
        try await rig.run(second.app) {
            try await second.ready.wait { $0 == [0, 1, 2, 3] }
            for number in 0..<30 { #expect(second.counts["w\(number)"] == 5) }
            try await second.count(30)
            for number in 0..<30 { #expect(second.counts["w\(number)"] == 6) }
        }
        #expect(rig.errors.value == [])
    }

    @Test("a store that is where the changelog ends takes nothing, one that is behind only the tail")
    func tail() async throws {
        let rig = TableRig(keepsStores: true)
        let first = Counter(rig)
        try await rig.run(first.app) { try await first.count(40) }
        let before = (0..<4).map { rig.store("counts", $0)?.changes ?? 0 }
        #expect(before.reduce(0, +) == 40)
        let second = Counter(rig)
        try await rig.run(second.app) { try await second.ready.wait { $0.count == 4 } }
        #expect((0..<4).map { rig.store("counts", $0)?.changes ?? 0 } == before)
        // What another worker has written in the meantime.
        try await rig.append(to: TopicPartition("tables-counts-changelog", 2), [("\"x\"", "7"), ("\"y\"", nil)])
        let third = Counter(rig)
        try await rig.run(third.app) {
            try await third.ready.wait { $0.count == 4 }
            #expect(third.counts["x"] == 7)
        }
        #expect(
            (0..<4).map { rig.store("counts", $0)?.changes ?? 0 } == [before[0], before[1], before[2] + 2, before[3]]
        )
        #expect(rig.errors.value == [])
    }

    @Test("a store that is ahead of its changelog, or of another log, is rebuilt, loudly")
    func wrongStores() async throws {
        let rig = TableRig(keepsStores: true)
        let first = Counter(rig)
        try await rig.run(first.app) { for _ in 0..<3 { try await first.count(40) } }
        let stores = try (0..<4).map { try #require(rig.store("counts", $0)) }
        let positions = try stores.map { store in
            _ = store.reopen()
            return try #require(try store.position())
        }
        var ahead = StoreBatch()
        ahead.put("wrong", "1")
        ahead.position = StorePosition(next: positions[0].next + 1)
        try stores[0].apply(ahead)
        var other = StoreBatch()
        other.put("wrong", "1")
        let mark = try #require(positions[1].last)
        other.position = StorePosition(
            next: positions[1].next,
            last: .init(offset: mark.offset, timestampMilliseconds: mark.timestampMilliseconds - 1)
        )
        try stores[1].apply(other)
        for store in stores { store.close() }
        let second = Counter(rig)
        try await rig.run(second.app) {
            try await second.ready.wait { $0.count == 4 }
            for number in 0..<40 { #expect(second.counts["w\(number)"] == 3) }
            #expect(second.counts["wrong"] == 0)
        }
        #expect(rig.errors.value.count == 2)
        #expect(rig.errors.value.allSatisfy { $0.contains("rebuilt") })
    }

    @Test("a store that is open elsewhere is tried again, and no event comes before it is there")
    func busyStore() async throws {
        let rig = TableRig()
        let attempts = Watched(0)
        let isFree = Watched(false)
        let app = rig.app(clock: AppClock(ImpatientClock())) {
            $0.topicPartitions = 1
        } register: { registry in
            registry.register("busy") { _ in
                attempts.update { $0 += 1 }
                if isFree.value { return MemoryStore() }
                throw FaustError(.storage, "in use", isRetriable: true)
            }
        }
        let words = app.topic("words", key: String.self, value: Int.self)
        let configuration = TableConfiguration(store: "busy://")
        let counts = app.table("counts", key: String.self, default: 0, configuration: configuration)
        let seen = Watched(0)
        app.agent("count", words) { stream in
            for try await (word, number) in stream.items() {
                counts[word] += number
                seen.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            try await words.send(1, key: "a")
            try await attempts.wait { $0 >= 3 }
            #expect(seen.value == 0)
            isFree.update { $0 = true }
            try await seen.wait { $0 == 1 }
            #expect(counts["a"] == 1)
        }
    }

    @Test("messages that make no sense are left out, loudly")
    func nonsense() async throws {
        let rig = TableRig()
        try await rig.log.start()
        let id = TopicPartition("tables-counts-changelog", 1)
        try await rig.log.createTopics([TopicDeclaration(name: id.topic, partitions: 4)])
        try await rig.append(to: id, [("\"good\"", "3"), ("not JSON", "1"), (nil, "2"), ("\"also good\"", "4")])
        let counter = Counter(rig)
        try await rig.run(counter.app) {
            try await counter.ready.wait { $0.count == 4 }
            #expect(counter.counts["good"] == 3)
            #expect(counter.counts["also good"] == 4)
        }
        #expect(rig.errors.value.count == 2)
    }

    @Test("partitions move between workers with their tables, and every event counts once")
    func rebalance() async throws {
        let rig = TableRig()
        let (first, second) = (Counter(rig), Counter(rig))
        try await rig.run(first.app) {
            try await first.count(40)
            try await rig.run(second.app) {
                try await second.ready.wait { $0.count == 2 }
                for number in 0..<40 { try await first.words.post(1, key: "w\(number)") }
                try await first.app.producer().flush()
                try await settle(first, second, total: 80)
                for number in 0..<40 {
                    let word = "w\(number)"
                    let counts = [try? first.counts.value(for: word), try? second.counts.value(for: word)]
                    #expect(counts.compactMap { $0 ?? nil } == [2], "\(word)")
                }
            }
            try await first.ready.wait { $0.count == 4 }
            while first.app.assignment.count < 4 { await Task.yield() }
            try await first.count(40)
            for number in 0..<40 { #expect(first.counts["w\(number)"] == 3) }
        }
        #expect(rig.errors.value == [])
    }

    private func settle(_ first: Counter, _ second: Counter, total: Int) async throws {
        while first.seen.value + second.seen.value < total { await Task.yield() }
        try await first.app.commit()
        try await second.app.commit()
    }
}

@Suite("Changelog reader")
struct ChangelogReaderTests {
    @Test("reads up to the end that was asked for, holes included, and is not called after it was cancelled")
    func reads() async throws {
        let log = LogTransport(storage: .memory, logger: .silent)
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "c", partitions: 3)])
        let producer = try log.makeProducer(ProducerConfiguration(logger: .silent))
        for partition in Int32(0)..<3 {
            producer.send(
                (0..<100).map { OutgoingMessage(to: TopicPartition("c", partition), key: nil, value: Bytes("\($0)")) }
            ) {
                _,
                _ in
            }
        }
        await producer.flush()
        let reader = ChangelogReader(transport: log, clientID: "test", threads: 2, logger: .silent)
        let counts = Watched<[Int32: Int]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for partition in Int32(0)..<3 {
                group.addTask {
                    try await reader.replay(TopicPartition("c", partition), from: 40, to: 100) { batch in
                        counts.update { $0[partition, default: 0] += batch.count }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.value == [0: 60, 1: 60, 2: 60])
        try await reader.replay(TopicPartition("c", 0), from: 100, to: 100) { _ in Issue.record("nothing to read") }
        let got = Watched(0)
        let endless = Task {
            try await reader.replay(TopicPartition("c", 0), from: 0, to: nil) { batch in
                got.update { $0 += batch.count }
            }
        }
        try await got.wait { $0 == 100 }
        endless.cancel()
        await #expect(throws: CancellationError.self) { try await endless.value }
        await #expect(throws: FaustError.self) {
            try await reader.replay(TopicPartition("c", 1), from: 0, to: 100) { _ in throw FaustError(.storage, "full")
            }
        }
        await reader.stop()
        await #expect(throws: CancellationError.self) {
            try await reader.replay(TopicPartition("c", 1), from: 0, to: 100) { _ in }
        }
        await producer.close()
        await log.stop()
    }
}

extension TableRig {
    /// Appends messages to a partition, as another worker would.
    func append(to partition: TopicPartition, _ messages: [(Bytes?, Bytes?)]) async throws {
        let producer = try log.log.makeProducer(ProducerConfiguration(logger: .silent))
        producer.send(messages.map { OutgoingMessage(to: partition, key: $0, value: $1) }) { _, _ in }
        await producer.flush()
        await producer.close()
    }
}

/// Sleeps for a hundredth of what it is asked for.
private struct ImpatientClock: Clock {
    typealias Instant = ContinuousClock.Instant

    var now: Instant { ContinuousClock().now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: (deadline - now) / 100)
    }
}
