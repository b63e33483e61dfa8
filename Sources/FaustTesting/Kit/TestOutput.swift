// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
import FaustLog
import Synchronization

/// A message as a test reads it.
public struct TestMessage<Key: Sendable, Value: Sendable>: Sendable {
    /// The key.
    public let key: Key
    /// The value.
    public let value: Value
    /// The time of the message.
    public let timestamp: Timestamp
    /// The headers.
    public let headers: Headers
    /// The partition that it is in.
    public let topicPartition: TopicPartition
    /// Its offset.
    public let offset: Int64
}

/// Reads what is in a topic, one message after the other, by itself: nobody's offsets change.
///
/// Messages of a partition come in the order of their offsets. Between partitions, of those that are there, the
/// earlier time comes first, then the lower partition. Messages of transactions that are open or aborted never come.
public final class TestOutput<Key: Sendable, Value: Sendable>: Sendable {
    private struct State {
        var consumer: (any TransportConsumer)?
        var queue: (any TransportQueue)?
        var known: Set<TopicPartition> = []
        /// What was fetched and not returned yet.
        var waiting: [TopicPartition: ArraySlice<Message>] = [:]
    }

    private let topic: Topic<Key, Value>
    private let kit: TestKit
    private let state = Mutex(State())

    init(_ topic: Topic<Key, Value>, kit: TestKit) {
        self.topic = topic
        self.kit = kit
    }

    /// The next message; `nil` when there is none now.
    ///
    /// - Throws: ``FaustError`` when the message can't be decoded.
    public func next() async throws -> TestMessage<Key, Value>? {
        try await fetch()
        guard let message = takeFirst() else { return nil }
        return TestMessage(
            key: try topic.schema.decodeKey(of: message),
            value: try topic.schema.decodeValue(of: message),
            timestamp: Timestamp(milliseconds: message.timestampMilliseconds),
            headers: message.headers,
            topicPartition: message.topicPartition,
            offset: message.offset
        )
    }

    /// All messages that have come since the last call.
    ///
    /// - Throws: ``FaustError`` when a message can't be decoded.
    public func all() async throws -> [TestMessage<Key, Value>] {
        var result: [TestMessage<Key, Value>] = []
        while let message = try await next() { result.append(message) }
        return result
    }

    /// The values of all messages that have come since the last call.
    ///
    /// - Throws: ``FaustError`` when a message can't be decoded.
    public func values() async throws -> [Value] {
        try await all().map(\.value)
    }

    private func takeFirst() -> Message? {
        state.withLock { state in
            let heads = state.waiting.compactMap { id, messages in messages.first.map { (id, $0.timestampMilliseconds) }
            }
            guard let (first, _) = heads.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
            return state.waiting[first]?.popFirst()
        }
    }

    private func fetch() async throws {
        let names = topic.names
        let topics = try await kit.log.topics(names)
        let partitions = names.flatMap { name in
            (0..<(topics[name]?.partitions ?? 0)).map { TopicPartition(name, $0) }
        }
        let ends = try await kit.log.offsets(of: partitions)
        try state.withLock { state in
            let consumer =
                try state.consumer ?? kit.log.makeConsumer(ConsumerConfiguration(group: nil, logger: kit.logger))
            let queue = state.queue ?? consumer.makeQueue()
            (state.consumer, state.queue) = (consumer, queue)
            for id in partitions where state.known.insert(id).inserted {
                consumer.read(id, from: ends[id]?.lowerBound, into: queue, epoch: 0)
            }
            while true {
                let batches = queue.poll(limit: 10_000, timeout: .zero)
                if batches.isEmpty { break }
                for batch in batches {
                    state.waiting[batch.topicPartition, default: []] += (0..<batch.count).map { batch[$0] }
                }
            }
        }
    }
}
