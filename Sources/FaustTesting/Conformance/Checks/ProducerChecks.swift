// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation

/// What becomes of messages that are sent.
enum ProducerChecks {
    static let all: [TransportConformance.Definition] = [
        .init("metadata tells partition, offset and timestamp", tellsMetadata),
        .init("messages keep the order in which they were sent", keepsOrder),
        .init("thousands of messages in few calls arrive complete and in order", sendsThousands),
        .init("null and empty keys and values are told apart", tellsNullFromEmpty),
        .init("headers keep order, repeated names, null and empty values", keepsHeaders),
        .init("timestamps arrive as sent", needs: [.timestamps], keepsTimestamps),
        .init("a message without a timestamp gets the time of the append", needs: [.timestamps], stampsMessages),
        .init("a large message arrives unharmed", carriesLargeMessages),
        .init("a message that is too large fails alone", needs: [.messageSizeLimit], refusesTooLargeMessages),
        .init("a message for an unknown partition fails alone", refusesUnknownPartitions),
        .init("flush returns when all outcomes are known", flushes),
        .init("sending nothing is no trouble", sendsNothing),
        .init("what is sent after close fails", refusesAfterClose),
        .init("close settles what was sent before", settlesOnClose),
        .init("two producers can append to one partition", sharesPartitions),
    ]

    static func tellsMetadata(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let producer = try rig.makeProducer()
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let first = try await producer.send([
            OutgoingMessage(to: TopicPartition(topic, 0), key: "a", value: "1", timestampMilliseconds: now - 500),
            OutgoingMessage(to: TopicPartition(topic, 1), key: "b", value: "2", timestampMilliseconds: now - 400),
            OutgoingMessage(to: TopicPartition(topic, 0), key: "a", value: "3", timestampMilliseconds: now - 300),
        ])
        try rig.expectEqual(first.map(\.topicPartition.partition), [0, 1, 0], "the partitions")
        try rig.expectEqual(first.map(\.offset), [0, 0, 1], "the offsets")
        if rig.configuration.missing[.timestamps] == nil {
            try rig.expectEqual(first.map(\.timestampMilliseconds), [now - 500, now - 400, now - 300], "the times")
        }
        let later = try await producer.send([OutgoingMessage(to: TopicPartition(topic, 0), key: nil, value: nil)])
        try rig.expectEqual(later.first?.offset, 2, "the offset of a later message")
    }

    static func keepsOrder(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 3)
        let producer = try rig.makeProducer()
        // Many small calls without waiting in between: what is in flight must not overtake.
        let pending = (0..<300)
            .map { call in
                producer.begin(
                    (0..<3).map { OutgoingMessage(to: TopicPartition(topic, $0), key: nil, value: Bytes("\(call)")) }
                )
            }
        await producer.raw.flush()
        for (call, outcomes) in pending.enumerated() {
            let metadata = try await producer.settle(outcomes, count: 3).map { try $0.get() }
            try rig.expectEqual(metadata.map(\.offset), Array(repeating: Int64(call), count: 3), "offsets of a call")
        }
        let reader = try rig.makeReader()
        for partition: Int32 in 0..<3 { reader.read(TopicPartition(topic, partition)) }
        let received = try await reader.collect(count: 900)
        for partition: Int32 in 0..<3 {
            let texts = received.texts(TopicPartition(topic, partition))
            try rig.expectEqual(texts, (0..<300).map { "\($0)" }, "values of partition \(partition)")
        }
    }

    static func sendsThousands(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 4)
        let producer = try rig.makeProducer()
        let pending = (0..<5)
            .map { call in
                producer.begin(
                    (0..<4_000)
                        .map { index in
                            OutgoingMessage(
                                to: TopicPartition(topic, Int32(index % 4)),
                                key: Bytes("key \(index)"),
                                value: Bytes("\(call * 1_000 + index / 4)")
                            )
                        }
                )
            }
        await producer.raw.flush()
        for outcomes in pending { _ = try await producer.settle(outcomes, count: 4_000).map { try $0.get() } }
        let reader = try rig.makeReader()
        for partition: Int32 in 0..<4 { reader.read(TopicPartition(topic, partition)) }
        let received = try await reader.collect(count: 20_000, limit: 1_000)
        try rig.expectEqual(received.messages.count, 20_000, "the number of messages")
        for partition: Int32 in 0..<4 {
            let texts = received.texts(TopicPartition(topic, partition))
            try rig.expect(texts == (0..<5_000).map { "\($0)" }, "partition \(partition) is not in order")
        }
    }

    static func tellsNullFromEmpty(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let pairs: [(Bytes?, Bytes?)] = [
            (nil, nil), (.empty, .empty), (nil, .empty), (.empty, nil), ("key", nil), (nil, "value"), ("key", "value"),
            (Bytes([0, 255, 128, 10, 13]), Bytes([0xC3, 0x28])),
        ]
        let producer = try rig.makeProducer()
        try await producer.send(pairs.map { OutgoingMessage(to: partition, key: $0.0, value: $0.1) })
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: pairs.count)
        try rig.expectEqual(received.messages.map(\.message.key), pairs.map(\.0), "the keys")
        try rig.expectEqual(received.messages.map(\.message.value), pairs.map(\.1), "the values")
    }

    static func keepsHeaders(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let several = Headers([
            .init("trace", "1"), .init("null", nil), .init("empty", .empty), .init("trace", "2"),
            .init("", Bytes([0, 1, 255])), .init("Trace", "case matters"), .init("\u{fc}n\u{ef}", "name in UTF-8"),
        ])
        let sent = [Headers(), several, Headers(), ["single": "x"]]
        let producer = try rig.makeProducer()
        try await producer.send(sent.map { OutgoingMessage(to: partition, key: nil, value: "v", headers: $0) })
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: sent.count)
        try rig.expectEqual(received.messages.map(\.message.headers), sent, "the headers")
        try rig.expectEqual(received.messages[1].message.headers["trace"], "2", "the last header of a name")
    }

    static func keepsTimestamps(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        // Recent, so that no retention by time removes them; not ascending, because that is legal.
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let times = [now - 3_000, now - 1_000, now - 2_000, now, now - 2_000]
        let producer = try rig.makeProducer()
        let metadata = try await producer.send(
            times.map { OutgoingMessage(to: partition, key: nil, value: "v", timestampMilliseconds: $0) }
        )
        try rig.expectEqual(metadata.map(\.timestampMilliseconds), times, "the times in the metadata")
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: times.count)
        try rig.expectEqual(received.messages.map(\.message.timestampMilliseconds), times, "the times read")
    }

    static func stampsMessages(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let producer = try rig.makeProducer()
        // A broker on another machine may have another idea of the time.
        let slack: Int64 = 60_000
        let before = Int64(Date().timeIntervalSince1970 * 1_000) - slack
        let metadata = try await producer.send([OutgoingMessage(to: partition, key: nil, value: "v")])
        let after = Int64(Date().timeIntervalSince1970 * 1_000) + slack
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: 1)
        let time = received.messages[0].message.timestampMilliseconds
        try rig.expect((before...after).contains(time), "the time \(time) is not in \(before)...\(after)")
        try rig.expectEqual(metadata.first?.timestampMilliseconds, time, "the time in the metadata")
    }

    static func carriesLargeMessages(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let size = rig.configuration.largeMessageByteCount
        let large = Bytes((0..<size).lazy.map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        let producer = try rig.makeProducer()
        try await producer.send([
            OutgoingMessage(to: partition, key: "before", value: "1"),
            OutgoingMessage(to: partition, key: "large", value: large),
            OutgoingMessage(to: partition, key: "after", value: "2"),
        ])
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: 3)
        try rig.expect(received.messages[1].message.value == large, "the large value was changed")
        try rig.expectEqual(received.messages[2].message.value, "2", "the message behind it")
    }

    static func refusesTooLargeMessages(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let size = rig.configuration.tooLargeMessageByteCount
        let storage = ByteStorage(count: size) { memory in
            memory.initialize(repeating: 7)
            return size
        }
        let producer = try rig.makeProducer()
        let outcomes = try await producer.outcomes(of: [
            OutgoingMessage(to: partition, key: nil, value: "1"),
            OutgoingMessage(to: partition, key: nil, value: Bytes(storage)),
            OutgoingMessage(to: partition, key: nil, value: "2"),
        ])
        try await rig.expectError(.messageTooLarge, from: "sending \(size) bytes") { _ = try outcomes[1].get() }
        try rig.expectEqual(try outcomes[0].get().offset, 0, "the offset of the message before")
        try rig.expectEqual(try outcomes[2].get().offset, 1, "the offset of the message behind")
    }

    static func refusesUnknownPartitions(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let unknown = TopicPartition(rig.name("never-created"), 0)
        let producer = try rig.makeProducer()
        let outcomes = try await producer.outcomes(of: [
            OutgoingMessage(to: TopicPartition(topic, 0), key: nil, value: "1"),
            OutgoingMessage(to: TopicPartition(topic, 2), key: nil, value: "2"),
            OutgoingMessage(to: TopicPartition(topic, -1), key: nil, value: "3"),
            OutgoingMessage(to: unknown, key: nil, value: "4"),
            OutgoingMessage(to: TopicPartition(topic, 1), key: nil, value: "5"),
        ])
        for index in 1...3 {
            try await rig.expectError(.unknownPartition, from: "message \(index)") { _ = try outcomes[index].get() }
        }
        try rig.expectEqual(try outcomes[0].get().offset, 0, "the offset of the message before")
        try rig.expectEqual(try outcomes[4].get().offset, 0, "the offset of the message behind")
        let topics = try await rig.transport.topics([unknown.topic])
        try rig.expect(topics.isEmpty, "sending created a topic")
    }

    static func flushes(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let producer = try rig.makeProducer()
        for round in 0..<20 {
            let pending = producer.begin(
                (0..<50).map { OutgoingMessage(to: partition, key: nil, value: Bytes("\(round * 50 + $0)")) }
            )
            await producer.raw.flush()
            try rig.expectEqual(pending.value.count, 50, "outcomes known when flush returned")
        }
    }

    static func sendsNothing(_ rig: ConformanceRig) async throws {
        let producer = try rig.makeProducer()
        let pending = producer.begin([])
        await producer.raw.flush()
        try rig.expect(pending.value.isEmpty, "a completion was called without a message")
    }

    static func refusesAfterClose(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let producer = try rig.makeProducer()
        try await producer.send([OutgoingMessage(to: partition, key: nil, value: "before")])
        await producer.close()
        let pending = producer.begin([OutgoingMessage(to: partition, key: nil, value: "after")])
        let outcome = try await producer.settle(pending, count: 1)[0]
        try await rig.expectError(.closed, from: "sending after close") { _ = try outcome.get() }
        let offsets = try await rig.transport.offsets(of: [partition])
        try rig.expectEqual(offsets[partition], 0..<1, "the offsets")
    }

    static func settlesOnClose(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let producer = try rig.makeProducer()
        let pending = producer.begin((0..<500).map { OutgoingMessage(to: partition, key: nil, value: Bytes("\($0)")) })
        await producer.close()
        let outcomes = pending.value
        try rig.expectEqual(outcomes.count, 500, "outcomes known when close returned")
        for outcome in outcomes.values.joined() { _ = try outcome.get() }
        let offsets = try await rig.transport.offsets(of: [partition])
        try rig.expectEqual(offsets[partition], 0..<500, "the offsets")
    }

    static func sharesPartitions(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let producers = [try rig.makeProducer(), try rig.makeProducer()]
        try await withThrowingTaskGroup { group in
            for (number, producer) in producers.enumerated() {
                group.addTask {
                    for index in 0..<50 {
                        try await producer.send([
                            OutgoingMessage(to: partition, key: Bytes("\(number)"), value: Bytes("\(index)"))
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        let reader = try rig.makeReader()
        reader.read(partition)
        let received = try await reader.collect(count: 100)
        for number in 0..<2 {
            let own = received.messages.filter { $0.message.key == Bytes("\(number)") }
            try rig.expectEqual(own.map(\.text), (0..<50).map { "\($0)" }, "the values of producer \(number)")
        }
    }
}
