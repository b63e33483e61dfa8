// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Queues")
struct LogQueueTests {
    private let partition = TopicPartition("a", 0)
    private let other = TopicPartition("a", 1)

    private func withTopic(_ place: Place, _ body: (LogTransport, any TransportProducer) async throws -> Void)
        async throws
    {
        try await withLog(place) { log in
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 4)])
            try await body(log, log.producer())
        }
    }

    @Test("a poll that waits gets what is appended meanwhile", arguments: Place.allCases)
    func waits(place: Place) async throws {
        try await withTopic(place) { log, producer in
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 7)
            for round in 0..<200 {
                async let polled = poll(queue)
                _ = await producer.append([.text("\(round)", to: partition)])
                let batches = await polled
                #expect(batches.map(\.epoch) == [7])
                #expect(batches.first?[0].value == Bytes("\(round)"))
                #expect(batches.first?.nextOffset == Int64(round + 1))
            }
            await consumer.close()
        }
    }

    @Test("wake ends the poll under way, or the next one, and close ends all of them")
    func wake() async throws {
        try await withTopic(.memory) { log, producer in
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            queue.wake()
            #expect(queue.poll(limit: 1, timeout: .seconds(60)).isEmpty)
            async let polled = poll(queue)
            queue.wake()
            #expect(await polled.isEmpty)
            #expect(queue.poll(limit: 1, timeout: .milliseconds(1)).isEmpty)
            #expect(queue.poll(limit: 1, timeout: .zero).isEmpty)
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            async let last = poll(queue)
            await consumer.close()
            #expect(await last.isEmpty)
            _ = await producer.append([.text("late", to: partition)])
            #expect(queue.poll(limit: 1, timeout: .seconds(60)).isEmpty)
        }
    }

    @Test("after a seek batches carry the new epoch and start at the new position", arguments: Place.allCases)
    func seek(place: Place) async throws {
        try await withTopic(place) { log, producer in
            _ = await producer.append((0..<100).map { .text("\($0)", to: partition) })
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 90, into: queue, epoch: 1)
            let first = queue.poll(limit: 1000, timeout: .seconds(5))
            #expect(first.flatMap(\.entries).map(\.offset) == Array(90..<100))
            consumer.seek(partition, to: 42, epoch: 2)
            let second = queue.poll(limit: 1000, timeout: .seconds(5))
            #expect(second.flatMap(\.entries).map(\.offset) == Array(42..<100))
            #expect(second.allSatisfy { $0.epoch == 2 })
            consumer.stopReading(partition)
            consumer.seek(partition, to: 0, epoch: 3)
            #expect(queue.poll(limit: 1000, timeout: .zero).isEmpty)
            await consumer.close()
        }
    }

    @Test("a paused partition is not fetched until it is resumed", arguments: Place.allCases)
    func pause(place: Place) async throws {
        try await withTopic(place) { log, producer in
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            for partition in [partition, other] { consumer.read(partition, from: 0, into: queue, epoch: 1) }
            consumer.pause([partition])
            _ = await producer.append([.text("x", to: partition), .text("y", to: other)])
            #expect(queue.poll(limit: 10, timeout: .seconds(5)).map(\.topicPartition) == [other])
            #expect(queue.poll(limit: 10, timeout: .zero).isEmpty)
            async let polled = poll(queue)
            consumer.resume([partition])
            #expect(await polled.map(\.topicPartition) == [partition])
            await consumer.close()
        }
    }

    @Test("partitions take turns", arguments: Place.allCases)
    func fairness(place: Place) async throws {
        try await withTopic(place) { log, producer in
            _ = await producer.append((0..<20_000).map { .text("\($0)", to: partition) })
            for number in 1..<4 { _ = await producer.append([.text("z", to: TopicPartition("a", Int32(number)))]) }
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            for number in 0..<4 {
                consumer.read(TopicPartition("a", Int32(number)), from: 0, into: queue, epoch: 1)
            }
            var seen: [TopicPartition] = []
            for _ in 0..<4 { seen += queue.poll(limit: 1, timeout: .seconds(5)).map(\.topicPartition) }
            #expect(Set(seen).count == 4)
            await consumer.close()
        }
    }

    @Test("an offset outside the log is reset as configured", arguments: OffsetReset.allCases)
    func reset(reset: OffsetReset) async throws {
        try await withTopic(.memory) { log, producer in
            _ = await producer.append((0..<3).map { .text("\($0)", to: partition) })
            for position in [nil, 99] as [Int64?] {
                let consumer = try log.consumer(reset: reset)
                let queue = consumer.makeQueue()
                consumer.read(partition, from: position, into: queue, epoch: 1)
                let offsets = queue.poll(limit: 10, timeout: .zero).flatMap(\.entries).map(\.offset)
                #expect(offsets == (reset == .earliest ? [0, 1, 2] : []))
                await consumer.close()
            }
            let consumer = try log.consumer(reset: reset)
            let queue = consumer.makeQueue()
            consumer.read(partition, from: nil, into: queue, epoch: 1)
            _ = await producer.append([.text("new", to: partition)])
            let offsets = queue.poll(limit: 10, timeout: .zero).flatMap(\.entries).map(\.offset)
            #expect(offsets == [.earliest: [0, 1, 2, 3], .latest: [3], .none: []][reset])
            await consumer.close()
        }
    }

    @Test("a batch in a variable outlives the log", arguments: Place.allCases)
    func lifetime(place: Place) async throws {
        var messages: [Message] = []
        let body = String(repeating: "long", count: 10_000)
        let directory = TemporaryDirectory()
        try await withLog(place, directory: directory) { log in
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
            _ = try await log.producer().append([.text("short", to: partition), .text(body, to: partition)])
            messages = try await log.readAll(partition)
        }
        #if RocksDB
        if place == .directory {
            // Again out of the files, where the messages lie in memory of RocksDB's.
            try await withLog(place, directory: directory) { log in
                messages += try await log.readAll(partition)
            }
        }
        #endif
        #expect(
            messages.map(\.value) == Array(repeating: ["short", Bytes(body)], count: messages.count / 2).flatMap { $0 }
        )
        #expect(!messages.isEmpty)
    }

    /// Polls on a thread that may block.
    private func poll(_ queue: any TransportQueue) async -> [MessageBatch] {
        await Task.detached { queue.poll(limit: 1000, timeout: .seconds(60)) }.value
    }
}
