// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Producing and reading")
struct ProduceAndReadTests {
    private static let partition = TopicPartition("orders", 0)
    private static let declaration = TopicDeclaration(name: "orders", partitions: 3)

    @Test("what is sent is read with offset, time, key, value and headers", arguments: Place.allCases)
    func roundTrip(place: Place) async throws {
        let time = ManualTime()
        try await withLog(place, .quiet(time)) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            var full = OutgoingMessage.text("value", key: "key", to: Self.partition, at: 42)
            full.headers = ["a": "1", "null": nil, "empty": ""]
            let empty = OutgoingMessage(to: Self.partition, key: Bytes.empty, value: Bytes.empty)
            let null = OutgoingMessage(to: Self.partition, key: nil, value: nil)
            let outcomes = await producer.append([full, empty, null])
            let times = [42, time.now, time.now]
            for (index, outcome) in outcomes.enumerated() {
                let metadata = try outcome.get()
                #expect(metadata.offset == Int64(index))
                #expect(metadata.timestampMilliseconds == times[index])
                #expect(metadata.topicPartition == Self.partition)
            }
            let messages = try await log.readAll(Self.partition)
            #expect(messages.map(\.offset) == [0, 1, 2])
            #expect(messages.map(\.timestampMilliseconds) == times)
            #expect(messages.map(\.key) == ["key", Bytes.empty, nil])
            #expect(messages.map(\.value) == ["value", Bytes.empty, nil])
            #expect(messages[0].headers == full.headers)
            #expect(messages[1].headers.isEmpty)
        }
    }

    @Test("the order per partition is that of the calls, over many partitions", arguments: Place.allCases)
    func order(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            var number = 0
            for size in [1, 7, 100, 3, 1000] {
                let messages = (0..<size)
                    .map { _ in
                        defer { number += 1 }
                        return OutgoingMessage.text("\(number)", to: TopicPartition("orders", Int32(number % 3)))
                    }
                _ = producer.start(messages)
            }
            await producer.flush()
            for partition in 0..<Int32(3) {
                let values = try await log.readAll(TopicPartition("orders", partition))
                    .map {
                        Int(String($0.value ?? "")) ?? -1
                    }
                #expect(values == Array(stride(from: Int(partition), to: number, by: 3)))
            }
        }
    }

    @Test("a message that is too large fails, its neighbours do not", arguments: Place.allCases)
    func tooLarge(place: Place) async throws {
        var configuration = LogConfiguration.quiet()
        configuration.maxMessageBytes = 10
        try await withLog(place, configuration) { log in
            try await log.createTopics([
                Self.declaration,
                TopicDeclaration(name: "big", partitions: 1, configuration: ["max.message.bytes": "11"]),
            ])
            let producer = try log.producer()
            let outcomes = await producer.append([
                .text("1234567890", to: Self.partition), .text("1234567890", key: "1", to: Self.partition),
                .text("12", to: Self.partition), .text("12345678901", to: TopicPartition("big", 0)),
            ])
            #expect(try outcomes[0].get().offset == 0)
            #expect(throws: FaustError.self) { try outcomes[1].get() }
            #expect(try outcomes[2].get().offset == 1)
            #expect(try outcomes[3].get().offset == 0)
            guard case .failure(let error) = outcomes[1] else { return }
            #expect(error.code == .messageTooLarge)
            #expect(error.topicPartition == Self.partition)
        }
    }

    @Test("an unknown topic or partition fails at once", arguments: Place.allCases)
    func unknown(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            let outcomes = await producer.append([
                .text("a", to: TopicPartition("nowhere", 0)), .text("b", to: TopicPartition("orders", 3)),
                .text("c", to: TopicPartition("orders", -1)), .text("d", to: Self.partition),
            ])
            for outcome in outcomes.prefix(3) {
                guard case .failure(let error) = outcome else {
                    Issue.record("an unknown partition was accepted")
                    continue
                }
                #expect(error.code == .unknownPartition)
            }
            #expect(try outcomes[3].get().offset == 0)
        }
    }

    @Test("a closed producer and a stopped log refuse messages", arguments: Place.allCases)
    func closed(place: Place) async throws {
        var late: (any TransportProducer)?
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            let pending = producer.start([.text("a", to: Self.partition)])
            await producer.close()
            #expect(pending.settled.count == 1)
            let outcomes = await producer.append([.text("b", to: Self.partition)])
            guard case .failure(let error) = outcomes[0] else {
                Issue.record("a closed producer has sent")
                return
            }
            #expect(error.code == .closed)
            late = try log.producer()
        }
        let outcomes = try #require(await late?.append([.text("c", to: Self.partition)]))
        guard case .failure(let error) = outcomes[0] else {
            Issue.record("a stopped log has taken a message")
            return
        }
        #expect(error.code == .closed)
    }

    @Test("messages beyond the buffer's bound are held up, not lost", arguments: Place.allCases)
    func boundedBuffer(place: Place) async throws {
        var configuration = LogConfiguration.quiet()
        configuration.maxBufferedBytes = 1000
        try await withLog(place, configuration) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            for number in 0..<500 {
                _ = producer.start([.text(String(repeating: "x", count: 100) + "\(number)", to: Self.partition)])
            }
            await producer.flush()
            #expect(try await log.readAll(Self.partition).count == 500)
        }
    }

    @Test("large batches are split and read back whole", arguments: Place.allCases)
    func largeBatches(place: Place) async throws {
        try await withLog(place) { log in
            try await log.createTopics([Self.declaration])
            let producer = try log.producer()
            let body = String(repeating: "0123456789", count: 1000)
            let outcomes = await producer.append(
                (0..<500).map { .text("\($0):" + body, to: Self.partition, at: Int64($0)) }
            )
            #expect(try outcomes.map { try $0.get().offset } == Array(0..<500))
            #expect(try outcomes.map { try $0.get().timestampMilliseconds } == Array(0..<500))
            let messages = try await log.readAll(Self.partition)
            #expect(messages.count == 500)
            #expect(messages.allSatisfy { String($0.value ?? "") == "\($0.offset):" + body })
            #expect(messages.map(\.timestampMilliseconds) == Array(0..<500))
        }
    }
}
