// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Topics")
struct TopicTests {
    @Test("topics are created once, listed and deleted", arguments: Place.allCases)
    func lifeCycle(place: Place) async throws {
        try await withLog(place) { log in
            let settings = ["cleanup.policy": "compact", "something.else": "x"]
            try await log.createTopics([
                TopicDeclaration(name: "a", partitions: 2, configuration: settings),
                TopicDeclaration(name: "b", partitions: 1),
            ])
            // An existing topic is left as it is; a topic named twice is created once.
            try await log.createTopics([
                TopicDeclaration(name: "a", partitions: 5), TopicDeclaration(name: "c", partitions: 1),
                TopicDeclaration(name: "c", partitions: 2),
            ])
            let all = try await log.topics(nil)
            #expect(Set(all.keys) == ["a", "b", "c"])
            #expect(all["a"] == TopicMetadata(name: "a", partitions: 2, configuration: settings))
            #expect(all["c"]?.partitions == 1)
            #expect(try await log.topics(["b", "unknown"]).keys.sorted() == ["b"])
            try await log.deleteTopics(["a", "unknown"])
            #expect(try await log.topics(nil).keys.sorted() == ["b", "c"])
            #expect(try await log.offsets(of: [TopicPartition("a", 0)]).isEmpty)
        }
    }

    @Test("a topic that is created again after its deletion is empty", arguments: Place.allCases)
    func recreation(place: Place) async throws {
        try await withLog(place) { log in
            let partition = TopicPartition("a", 0)
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
            let producer = try log.producer()
            _ = await producer.append([.text("old", to: partition)])
            let consumer = try log.consumer(group: "g")
            _ = try await consumer.commit([partition: 1])
            try await log.deleteTopics(["a"])
            let outcome = await producer.append([.text("nobody", to: partition)])
            #expect(throws: FaustError.self) { try outcome[0].get() }
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)])
            #expect(try await log.offsets(of: [partition]) == [partition: 0..<0])
            #expect(try await log.committedOffsets(group: "g", partitions: [partition]).isEmpty)
            #expect(try await producer.append([.text("new", to: partition)])[0].get().offset == 0)
            #expect(try await log.readAll(partition).map(\.value) == ["new"])
        }
    }

    @Test(
        "what can't be a topic is refused, and nothing is created then",
        arguments: [
            TopicDeclaration(name: "", partitions: 1), TopicDeclaration(name: "..", partitions: 1),
            TopicDeclaration(name: "a b", partitions: 1), TopicDeclaration(name: "a", partitions: 0),
            TopicDeclaration(name: "a", partitions: .max),
            TopicDeclaration(name: "a", partitions: 1, configuration: ["cleanup.policy": "shred"]),
            TopicDeclaration(name: "a", partitions: 1, configuration: ["retention.ms": "soon"]),
            TopicDeclaration(name: "a", partitions: 1, configuration: ["max.message.bytes": "-1"]),
            TopicDeclaration(name: "a", partitions: 1, configuration: ["min.cleanable.dirty.ratio": "2"]),
        ]
    )
    func refused(declaration: TopicDeclaration) async throws {
        try await withLog(.memory) { log in
            let error = await #expect(throws: FaustError.self) {
                try await log.createTopics([TopicDeclaration(name: "good", partitions: 1), declaration])
            }
            #expect(error?.code == .invalidTopic)
            let topics = try await log.topics(nil)
            #expect(topics.isEmpty)
        }
    }

    @Test("the offset of a time is that of the first message at or after it", arguments: Place.allCases)
    func timestamps(place: Place) async throws {
        try await withLog(place) { log in
            let partition = TopicPartition("a", 0)
            try await log.createTopics([TopicDeclaration(name: "a", partitions: 2)])
            let producer = try log.producer()
            // Times need not be in order; each inner array is a batch.
            for times in [[10, 30, 20], [5], [40, 60], [50]] as [[Int64]] {
                _ = await producer.append(times.map { .text("\($0)", to: partition, at: $0) })
            }
            for (time, offset) in [(0, 0), (10, 0), (11, 1), (31, 4), (40, 4), (41, 5), (60, 5), (61, 7)] {
                let found = try await log.offsets(of: [partition, TopicPartition("no", 0)], from: Int64(time))
                #expect(found == [partition: Int64(offset)], "time \(time)")
            }
            #expect(try await log.offsets(of: [TopicPartition("a", 1)], from: 0) == [TopicPartition("a", 1): 0])
        }
    }

    @Test("creating a topic many times at once creates it once", arguments: Place.allCases)
    func concurrentCreation(place: Place) async throws {
        try await withLog(place) { log in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await log.createTopics([TopicDeclaration(name: "a", partitions: 1)]) }
                }
                try await group.waitForAll()
            }
            let outcome = try await log.producer().append([.text("1", to: TopicPartition("a", 0))])
            #expect(try outcome[0].get().offset == 0)
            #expect(try await log.readAll(TopicPartition("a", 0)).count == 1)
        }
    }
}
