// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Messages of one partition that were fetched together, in the order of their offsets.
///
/// The bytes of all keys, values and headers lie in one ``ByteStorage``; an ``Entry`` says where. A batch never
/// changes once it is made, so that it can be handed to any number of streams without a copy.
public final class MessageBatch: Sendable {
    /// Where a message lies in the batch's storage.
    public struct Entry: Sendable {
        /// The offset of the message in its partition.
        public var offset: Int64
        /// The time of the message, in milliseconds since 1970.
        public var timestamp: Int64
        /// Where the key starts.
        public var keyStart: Int32
        /// The number of bytes of the key; -1 when the key is null.
        public var keyCount: Int32
        /// Where the value starts.
        public var valueStart: Int32
        /// The number of bytes of the value; -1 when the value is null (a tombstone).
        public var valueCount: Int32
        /// Where the headers start, in the layout of ``HeaderLayout``.
        public var headersStart: Int32
        /// The number of bytes of the headers; 0 when there are none.
        public var headersCount: Int32

        /// Where a message lies in the batch's storage.
        @inlinable
        public init(
            offset: Int64,
            timestamp: Int64,
            keyStart: Int32,
            keyCount: Int32,
            valueStart: Int32,
            valueCount: Int32,
            headersStart: Int32 = 0,
            headersCount: Int32 = 0
        ) {
            self.offset = offset
            self.timestamp = timestamp
            self.keyStart = keyStart
            self.keyCount = keyCount
            self.valueStart = valueStart
            self.valueCount = valueCount
            self.headersStart = headersStart
            self.headersCount = headersCount
        }
    }

    /// The partition that all the messages come from.
    public let topicPartition: TopicPartition
    /// The epoch that was in force for the partition when the batch was fetched; see ``TransportConsumer``.
    public let epoch: UInt64
    /// The position after the batch: greater than every offset in it, and beyond holes and control records behind it.
    public let nextOffset: Int64
    /// The bytes of all messages.
    public let storage: ByteStorage
    /// The messages, in the order of their offsets.
    ///
    /// May be empty: then only the position advances.
    public let entries: ContiguousArray<Entry>
    /// The value of a message that never was bytes: one of an ``EventChannel``.
    let attachment: (any Sendable)?

    /// Makes a batch over storage that is already filled.
    ///
    /// - Parameters:
    ///   - topicPartition: The partition that all the messages come from.
    ///   - epoch: The epoch in force when they were fetched.
    ///   - nextOffset: The position after the batch.
    ///   - storage: The bytes of all messages.
    ///   - entries: Where each message lies in `storage`; the caller answers for the bounds.
    public init(
        topicPartition: TopicPartition,
        epoch: UInt64,
        nextOffset: Int64,
        storage: ByteStorage,
        entries: ContiguousArray<Entry>
    ) {
        self.topicPartition = topicPartition
        self.epoch = epoch
        self.nextOffset = nextOffset
        self.storage = storage
        self.entries = entries
        self.attachment = nil
    }

    /// A batch of one message that is a value, not bytes.
    init(attachment: any Sendable, at topicPartition: TopicPartition, offset: Int64) {
        self.topicPartition = topicPartition
        self.epoch = 0
        self.nextOffset = offset + 1
        self.storage = Bytes.empty.storage
        let entry = Entry(offset: offset, timestamp: 0, keyStart: 0, keyCount: -1, valueStart: 0, valueCount: -1)
        self.entries = [entry]
        self.attachment = attachment
    }

    /// The number of messages.
    @inlinable public var count: Int { entries.count }

    /// The message at an index in `0..<count`.
    @inlinable
    public subscript(index: Int) -> Message { Message(batch: self, index: index) }
}
