// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A message as it lies in a topic: bytes that nobody has decoded yet.
///
/// It is a position in a ``MessageBatch``, so that copying it costs one retain.
public struct Message: Sendable {
    /// The batch that the message was fetched with.
    public let batch: MessageBatch
    /// Its position in the batch.
    public let index: Int

    /// The message at a position of a batch.
    @inlinable
    public init(batch: MessageBatch, index: Int) {
        self.batch = batch
        self.index = index
    }

    /// The name of the topic.
    public var topic: String { batch.topicPartition.topic }
    /// The number of the partition.
    public var partition: Int32 { batch.topicPartition.partition }
    /// Topic and partition.
    public var topicPartition: TopicPartition { batch.topicPartition }
    /// The offset in the partition.
    @inlinable public var offset: Int64 { batch.entries[index].offset }
    /// The time of the message, in milliseconds since 1970.
    @inlinable public var timestampMilliseconds: Int64 { batch.entries[index].timestamp }

    /// The bytes of the key; `nil` is null.
    @inlinable
    public var key: Bytes? {
        let entry = batch.entries[index]
        guard entry.keyCount >= 0 else { return nil }
        return Bytes(storage: batch.storage, start: Int(entry.keyStart), count: Int(entry.keyCount))
    }

    /// The bytes of the value; `nil` is null, a tombstone in a compacted topic.
    @inlinable
    public var value: Bytes? {
        let entry = batch.entries[index]
        guard entry.valueCount >= 0 else { return nil }
        return Bytes(storage: batch.storage, start: Int(entry.valueStart), count: Int(entry.valueCount))
    }

    /// The headers; decoded anew at each call.
    public var headers: Headers {
        let entry = batch.entries[index]
        guard entry.headersCount > 0 else { return Headers() }
        let bytes = Bytes(storage: batch.storage, start: Int(entry.headersStart), count: Int(entry.headersCount))
        return HeaderLayout.decode(bytes)
    }
}
