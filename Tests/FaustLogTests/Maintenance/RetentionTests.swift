// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Retention")
struct RetentionTests {
    private let partition = TopicPartition("a", 0)

    @Test("batches older than retention.ms are deleted, and readers go on", arguments: Place.allCases)
    func byTime(place: Place) async throws {
        let time = ManualTime()
        try await withLog(place, .quiet(time)) { log in
            try await log.createTopics([
                TopicDeclaration(name: "a", partitions: 1, configuration: ["retention.ms": "1000"])
            ])
            let producer = try log.producer()
            let consumer = try log.consumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            for number in 0..<10 {
                _ = await producer.append([.text("\(number)", to: partition)])
                time.advance(by: 200)
            }
            // Now it is 2000; what was appended before 1000 goes.
            try await log.maintain()
            #expect(try await log.offsets(of: [partition]) == [partition: 5..<10])
            #expect(try await log.readAll(partition, from: 5).map(\.offset) == Array(5..<10))
            let batches = queue.poll(limit: 100, timeout: .seconds(5))
            #expect(batches.flatMap(\.entries).map(\.offset) == Array(5..<10))
            time.advance(by: 10_000)
            try await log.maintain()
            #expect(try await log.offsets(of: [partition]) == [partition: 10..<10])
            #expect(try await producer.append([.text("next", to: partition)])[0].get().offset == 10)
            #expect(queue.poll(limit: 100, timeout: .seconds(5)).flatMap(\.entries).map(\.offset) == [10])
            await consumer.close()
        }
    }

    @Test("a partition is cut to retention.bytes, the latest batch staying", arguments: Place.allCases)
    func bySize(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([
                TopicDeclaration(
                    name: "a",
                    partitions: 1,
                    configuration: ["retention.bytes": "5000", "retention.ms": "-1"]
                )
            ])
            let producer = try log.producer()
            for _ in 0..<20 {
                _ = await producer.append([.text(String(repeating: "x", count: 1000), to: partition)])
            }
            try await log.maintain()
            let bounds = try #require(try await log.offsets(of: [partition])[partition])
            #expect(bounds.upperBound == 20)
            #expect((14...16).contains(bounds.lowerBound))
            #expect(try await log.readAll(partition, from: bounds.lowerBound).map(\.offset) == Array(bounds))
        }
    }

    @Test("a topic that is only compacted, or kept for ever, loses nothing by time", arguments: Place.allCases)
    func keeps(place: Place) async throws {
        let time = ManualTime()
        try await withLog(place, .quiet(time)) { log in
            try await log.createTopics([
                TopicDeclaration(
                    name: "a",
                    partitions: 1,
                    configuration: ["cleanup.policy": "compact", "retention.ms": "1"]
                ), TopicDeclaration(name: "b", partitions: 1, configuration: ["retention.ms": "-1"]),
            ])
            let producer = try log.producer()
            _ = await producer.append([.text("1", key: "k", to: partition), .text("2", to: TopicPartition("b", 0))])
            time.advance(by: 1_000_000_000)
            try await log.maintain()
            #expect(try await log.readAll(partition).count == 1)
            #expect(try await log.readAll(TopicPartition("b", 0)).count == 1)
        }
    }

    @Test("the log looks by itself at the interval")
    func interval() async throws {
        let time = ManualTime()
        var configuration = LogConfiguration.quiet(time)
        configuration.retentionCheckInterval = .milliseconds(1)
        try await withLog(.memory, configuration) { log in
            try await log.createTopics([
                TopicDeclaration(name: "a", partitions: 1, configuration: ["retention.ms": "10"])
            ])
            _ = try await log.producer().append([.text("1", to: partition)])
            time.advance(by: 11)
            var bounds = try await log.offsets(of: [partition])[partition]
            let deadline = ContinuousClock.now + .seconds(30)
            while bounds?.lowerBound == 0, ContinuousClock.now < deadline {
                await Task.yield()
                bounds = try await log.offsets(of: [partition])[partition]
            }
            #expect(bounds == 1..<1)
        }
    }
}
