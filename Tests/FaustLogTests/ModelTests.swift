// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Against a model")
struct ModelTests {
    /// What the log should hold.
    private struct Model {
        struct Message: Equatable {
            var offset: Int64
            var key: String?
            var value: String?
        }

        var messages: [TopicPartition: [Message]] = [:]
        var ends: [TopicPartition: Int64] = [:]
        var committed: [TopicPartition: Int64] = [:]

        mutating func append(_ partition: TopicPartition, _ key: String?, _ value: String?) {
            let offset = ends[partition, default: 0]
            messages[partition, default: []].append(Message(offset: offset, key: key, value: value))
            ends[partition] = offset + 1
        }

        mutating func compact(_ topic: String) {
            for (partition, all) in messages where partition.topic == topic {
                var latest: [String: Int64] = [:]
                for message in all { if let key = message.key { latest[key] = message.offset } }
                messages[partition] = all.filter { $0.key.map { key in latest[key] } == $0.offset }
            }
        }
    }

    private static let topics = ["plain", "compacted"]

    @Test("random calls leave what a simple model holds", arguments: Place.allCases, 0..<6)
    func random(place: Place, seed: Int) async throws {
        var random = SplitMix(seed: UInt64(seed) + 1000)
        var model = Model()
        let directory = TemporaryDirectory()
        var configuration = LogConfiguration.quiet()
        // Small enough that most is read from the files.
        configuration.cacheBytes = seed % 2 == 0 ? 2000 : 1_000_000
        let sessions = place == .memory ? 1 : 4
        for session in 0..<sessions {
            try await withLog(place, configuration, directory: directory) { log in
                if session == 0 {
                    try await log.createTopics([
                        TopicDeclaration(name: "plain", partitions: 2),
                        TopicDeclaration(
                            name: "compacted",
                            partitions: 2,
                            configuration: ["cleanup.policy": "compact"]
                        ),
                    ])
                }
                for _ in 0..<60 { try await Self.step(log, &model, &random) }
                try await Self.check(log, model, &random)
            }
        }
    }

    private static func step(_ log: LogTransport, _ model: inout Model, _ random: inout SplitMix) async throws {
        let partition = TopicPartition(topics[random.next(below: 2)], Int32(random.next(below: 2)))
        switch random.next(below: 10) {
        case 0:
            try await log.compact(topic: "compacted")
            model.compact("compacted")
        case 1:
            let consumer = try log.consumer(group: "g")
            let offset = Int64(random.next(below: 100))
            _ = try await consumer.commit([partition: offset])
            model.committed[partition] = offset
            await consumer.close()
        case 2, 3:
            try await transaction(log, &model, &random)
        default:
            let messages = messages(&random)
            let outcomes = try await log.producer().append(messages)
            for (message, outcome) in zip(messages, outcomes) {
                #expect(try outcome.get().offset == model.ends[message.topicPartition, default: 0])
                model.append(message.topicPartition, message.key.map { String($0) }, message.value.map { String($0) })
            }
        }
    }

    private static func transaction(_ log: LogTransport, _ model: inout Model, _ random: inout SplitMix) async throws {
        let producer = try log.producer(transactionalID: "t")
        try await producer.beginTransaction()
        let messages = messages(&random)
        let outcomes = producer.start(messages)
        if random.next(below: 2) == 0 {
            try await producer.abortTransaction()
        } else {
            try await producer.commitTransaction(offsets: [:], of: nil)
            for message in messages {
                model.append(message.topicPartition, message.key.map { String($0) }, message.value.map { String($0) })
            }
        }
        #expect(outcomes.settled.count == messages.count)
        await producer.close()
    }

    private static func messages(_ random: inout SplitMix) -> [OutgoingMessage] {
        (0..<1 + random.next(below: 30))
            .map { _ in
                let size = random.next(below: 20) == 0 ? 5000 : random.next(below: 30)
                return .text(
                    random.next(below: 8) == 0 ? nil : String(repeating: "v", count: size),
                    key: random.next(below: 8) == 0 ? nil : "key\(random.next(below: 10))",
                    to: TopicPartition(topics[random.next(below: 2)], Int32(random.next(below: 2)))
                )
            }
    }

    private static func check(_ log: LogTransport, _ model: Model, _ random: inout SplitMix) async throws {
        for topic in topics {
            for number in 0..<Int32(2) {
                let partition = TopicPartition(topic, number)
                let end = model.ends[partition, default: 0]
                #expect(try await log.offsets(of: [partition])[partition] == 0..<end)
                let start = Int64(random.next(below: Int(end) + 1))
                let found = try await log.readAll(partition, from: start)
                    .map { message in
                        Model.Message(
                            offset: message.offset,
                            key: message.key.map { String($0) },
                            value: message.value.map { String($0) }
                        )
                    }
                #expect(found == model.messages[partition, default: []].filter { $0.offset >= start })
            }
        }
        let partitions = topics.flatMap { topic in (0..<Int32(2)).map { TopicPartition(topic, $0) } }
        #expect(try await log.committedOffsets(group: "g", partitions: partitions) == model.committed)
    }
}
