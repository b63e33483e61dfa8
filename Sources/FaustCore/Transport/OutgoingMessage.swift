// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A message on its way to a partition.
public struct OutgoingMessage: Sendable {
    /// The partition to append to.
    public var topicPartition: TopicPartition
    /// The bytes of the key; `nil` is null.
    public var key: Bytes?
    /// The bytes of the value; `nil` is null, a tombstone in a compacted topic.
    public var value: Bytes?
    /// The time of the message in milliseconds since 1970; `nil` lets the transport take the time of the append.
    public var timestampMilliseconds: Int64?
    /// The headers.
    public var headers: Headers

    /// A message on its way to a partition.
    public init(
        to topicPartition: TopicPartition,
        key: Bytes?,
        value: Bytes?,
        timestampMilliseconds: Int64? = nil,
        headers: Headers = Headers()
    ) {
        self.topicPartition = topicPartition
        self.key = key
        self.value = value
        self.timestampMilliseconds = timestampMilliseconds
        self.headers = headers
    }
}

/// Where a message that was sent has arrived.
public struct RecordMetadata: Sendable, Hashable {
    /// The partition that the message was appended to.
    public let topicPartition: TopicPartition
    /// The offset that it has there; -1 when it is not known, see ``hasOffset``.
    public let offset: Int64
    /// The time that it carries, in milliseconds since 1970.
    public let timestampMilliseconds: Int64

    /// Where a message that was sent has arrived.
    public init(topicPartition: TopicPartition, offset: Int64, timestampMilliseconds: Int64) {
        self.topicPartition = topicPartition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
    }
    /// Whether the offset is known: inside a transaction it is not before the commit.
    public var hasOffset: Bool { offset >= 0 }

    static let unknownOffset: Int64 = -1
}
