// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Compaction")
struct CompactionTests {
    private let partition = TopicPartition("a", 0)

    private static func declaration(_ more: [String: String] = [:]) -> TopicDeclaration {
        TopicDeclaration(
            name: "a",
            partitions: 1,
            configuration: ["cleanup.policy": "compact"].merging(more) { $1 }
        )
    }

    @Test(
        "only the latest message of each key is left, at its offset",
        arguments: Place.allCases,
        [1_000_000, 7, 1]
    )
    func latestPerKey(place: Place, maxKeys: Int) async throws {
        var configuration = LogConfiguration.quiet()
        configuration.maxCompactionKeys = maxKeys
        try await withLog(place, configuration) { log in
            try await log.createTopics([Self.declaration()])
            let producer = try log.producer()
            var random = SplitMix(seed: 11)
            var expected: [String: (offset: Int64, value: String)] = [:]
            var next: Int64 = 0
            for _ in 0..<3 {
                for size in [1, 50, 3, 200] {
                    let keys = (0..<size).map { _ in "key\(random.next(below: 40))" }
                    _ = await producer.append(
                        keys.enumerated().map { .text("\(next + Int64($0.offset))", key: $0.element, to: partition) }
                    )
                    for key in keys {
                        expected[key] = (next, "\(next)")
                        next += 1
                    }
                }
                try await log.compact(topic: "a")
                let messages = try await log.readAll(partition)
                #expect(messages.count == expected.count)
                for message in messages {
                    let value = expected[String(message.key ?? "")]
                    #expect(value?.offset == message.offset)
                    #expect(Bytes(value?.value ?? "") == message.value)
                }
                #expect(messages.map(\.offset) == messages.map(\.offset).sorted())
                #expect(try await log.offsets(of: [partition])[partition] == 0..<next)
            }
        }
    }

    @Test("a reader in the middle goes on over the holes to the end", arguments: Place.allCases)
    func reader(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration()])
            let producer = try log.producer()
            for number in 0..<100 { _ = await producer.append([.text("\(number)", key: "k", to: partition)]) }
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 10, into: queue, epoch: 1)
            try await log.compact(topic: "a")
            let batches = queue.poll(limit: 1000, timeout: .seconds(5))
            #expect(batches.flatMap(\.entries).map(\.offset) == [99])
            #expect(batches.last?.nextOffset == 100)
            await consumer.close()
        }
    }

    @Test("tombstones hide what was before, and go after delete.retention.ms", arguments: Place.allCases)
    func tombstones(place: Place) async throws {
        let time = ManualTime()
        try await withLog(place, .quiet(time)) { log in
            try await log.createTopics([Self.declaration(["delete.retention.ms": "1000"])])
            let producer = try log.producer()
            _ = await producer.append([
                .text("1", key: "k", to: partition), .text(nil, key: "k", to: partition),
                .text("1", key: "other", to: partition), .text(nil, key: "last", to: partition),
            ])
            try await log.compact(topic: "a")
            #expect(try await log.readAll(partition).map(\.offset) == [1, 2, 3])
            time.advance(by: 1001)
            try await log.compact(topic: "a")
            #expect(try await log.readAll(partition).map(\.offset) == [2])
            // The position still reaches the end, over the hole behind the last message.
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 3, into: queue, epoch: 1)
            let batches = queue.poll(limit: 1, timeout: .seconds(5))
            #expect(batches.map(\.nextOffset) == [4])
            #expect(batches.allSatisfy { $0.count == 0 })
            #expect(try await producer.append([.text("2", key: "k", to: partition)])[0].get().offset == 4)
            #expect(queue.poll(limit: 1, timeout: .seconds(5)).flatMap(\.entries).map(\.offset) == [4])
            await consumer.close()
        }
    }

    @Test("messages without a key go; headers and times of the others stay", arguments: Place.allCases)
    func details(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration()])
            var message = OutgoingMessage.text("v", key: "k", to: partition, at: 123)
            message.headers = ["h": "x"]
            _ = try await log.producer().append([.text("keyless", to: partition), message])
            try await log.compact(topic: "a")
            let left = try await log.readAll(partition)
            #expect(left.map(\.offset) == [1])
            #expect(left.first?.timestampMilliseconds == 123)
            #expect(left.first?.headers == ["h": "x"])
        }
    }

    @Test("a topic is compacted by itself when enough is new", arguments: Place.allCases)
    func automatic(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration(["min.cleanable.dirty.ratio": "0.5"])])
            let producer = try log.producer()
            _ = await producer.append((0..<10).map { .text("\($0)", key: "k", to: partition) })
            try await log.maintain()
            #expect(try await log.readAll(partition).map(\.offset) == [9])
        }
    }

    @Test("a topic that is not to be compacted, or not there, is refused")
    func refused() async throws {
        try await withLog(.memory) { log in
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
            let wrong = await #expect(throws: FaustError.self) { try await log.compact(topic: "a") }
            #expect(wrong?.code == .configuration)
            let missing = await #expect(throws: FaustError.self) { try await log.compact(topic: "b") }
            #expect(missing?.code == .unknownPartition)
        }
    }
}
