// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// The messages of one call of `send`, by partition.
struct MessageGroups {
    /// Messages of one partition, in order.
    struct Group {
        let log: PartitionLog
        var indices: Delivery.Indices
    }

    /// The groups, in the order of their first messages.
    private(set) var groups: [Group] = []

    /// No messages.
    init() {}

    /// Groups messages.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - engine: Knows the topics.
    ///   - refused: Receives the messages that can't be sent, and why.
    init(_ messages: [OutgoingMessage], engine: LogEngine, refused: inout [(Int, FaustError)]) {
        var positions: [PartitionID: Int] = [:]
        var start = messages.startIndex
        while start < messages.endIndex {
            let partition = messages[start].topicPartition
            var end = start + 1
            while end < messages.endIndex, messages[end].topicPartition == partition { end += 1 }
            add(start..<end, of: messages, to: partition, engine: engine, &positions, &refused)
            start = end
        }
    }

    private mutating func add(
        _ range: Range<Int>,
        of messages: [OutgoingMessage],
        to partition: TopicPartition,
        engine: LogEngine,
        _ positions: inout [PartitionID: Int],
        _ refused: inout [(Int, FaustError)]
    ) {
        guard let log = engine.log(partition) else {
            let error = Self.unknown(partition, engine)
            refused += range.map { ($0, error) }
            return
        }
        var isWhole = true
        for index in range where messages[index].byteCount > log.maxMessageBytes {
            refused.append((index, Self.tooLarge(messages[index], log)))
            isWhole = false
        }
        let indices =
            isWhole
            ? Delivery.Indices.range(range)
            : .list(range.filter { messages[$0].byteCount <= log.maxMessageBytes })
        if indices.count == 0 { return }
        if let position = positions[log.id] {
            groups[position].indices.append(indices)
        } else {
            positions[log.id] = groups.count
            groups.append(Group(log: log, indices: indices))
        }
    }

    private static func unknown(_ partition: TopicPartition, _ engine: LogEngine) -> FaustError {
        let text =
            if let topic = engine.topic(partition.topic) {
                "topic \(partition.topic) has \(topic.metadata.partitions) partitions"
            } else {
                "there is no topic \(partition.topic): create it first"
            }
        return FaustError(.unknownPartition, text, topicPartition: partition)
    }

    private static func tooLarge(_ message: OutgoingMessage, _ log: PartitionLog) -> FaustError {
        FaustError(
            .messageTooLarge,
            "the message has \(message.byteCount) bytes, \(log.maxMessageBytes) are allowed: raise max.message.bytes "
                + "of the topic or maxMessageBytes of the log",
            topicPartition: message.topicPartition
        )
    }
}

extension OutgoingMessage {
    /// The number of bytes of key, value and headers.
    var byteCount: Int {
        (key?.count ?? 0) + (value?.count ?? 0) + (headers.isEmpty ? 0 : HeaderLayout.encodedCount(headers))
    }
}

extension Delivery.Indices {
    /// Adds the messages of other, higher indices.
    mutating func append(_ other: Delivery.Indices) {
        if case .range(let left) = self, case .range(let right) = other, left.upperBound == right.lowerBound {
            self = .range(left.lowerBound..<right.upperBound)
        } else {
            self = .list((0..<count).map { self[$0] } + (0..<other.count).map { other[$0] })
        }
    }
}

extension [BatchBuilder] {
    /// The number of bytes from which on a batch is not added to any more.
    ///
    /// Readers get a batch as a whole, and a damaged one is lost as a whole: it should not grow without bounds.
    static let fullByteCount = 1_048_576

    /// Adds messages to the last batch, or to new ones as it fills up.
    ///
    /// - Returns: The number of bytes that were added.
    mutating func append(
        _ messages: [OutgoingMessage],
        _ indices: Delivery.Indices,
        timestamp: Int64,
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) -> Int {
        var added = 0
        var position = 0
        while position < indices.count {
            if last.map({ $0.byteCount >= Self.fullByteCount }) ?? true { append(BatchBuilder()) }
            let builder = self[count - 1]
            let before = builder.byteCount
            let taken = builder.append(
                messages,
                indices,
                from: position,
                until: Self.fullByteCount,
                timestamp: timestamp,
                completion: completion
            )
            added += builder.byteCount - before
            position += taken
        }
        return added
    }
}

extension BatchBuilder {
    /// Adds messages until the batch has a size; at least one.
    ///
    /// - Returns: How many were added.
    func append(
        _ messages: [OutgoingMessage],
        _ indices: Delivery.Indices,
        from start: Int,
        until fullByteCount: Int,
        timestamp: Int64,
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) -> Int {
        let firstRecord = recordCount
        var timestamps: [Int64] = []
        var position = start
        repeat {
            let index = indices[position]
            let own = messages[index].timestampMilliseconds
            if own != nil && timestamps.isEmpty && own != timestamp {
                timestamps = Array(repeating: timestamp, count: position - start)
                timestamps.reserveCapacity(indices.count - start)
                timestamps.append(own ?? timestamp)
            } else if !timestamps.isEmpty {
                timestamps.append(own ?? timestamp)
            }
            append(messages[index], timestamp: own ?? timestamp)
            position += 1
        } while position < indices.count && byteCount < fullByteCount
        deliveries.append(
            Delivery(
                completion: completion,
                indices: indices[start..<position],
                firstRecord: firstRecord,
                timestamp: timestamp,
                timestamps: timestamps
            )
        )
        return position - start
    }
}
