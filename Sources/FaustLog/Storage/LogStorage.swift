// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Where the log is kept.
///
/// One thread, the writer, applies changes; reads come from any thread. Errors are ``FaustError``.
protocol LogStorage: Sendable {
    /// Opens the storage.
    ///
    /// - Returns: What it held when it was last closed, or when the process died.
    func open() throws(FaustError) -> StoredLog

    /// Makes changes, all of them or none, in order. They outlive a SIGKILL from the return on, if the storage is
    /// durable at all.
    func apply(_ changes: [LogChange]) throws(FaustError)

    /// The batches from the one that holds an offset, or else the first behind it, in order.
    ///
    /// - Parameters:
    ///   - partition: The partition.
    ///   - offset: The offset.
    ///   - limit: Where to stop; at least one batch is returned if there is one.
    /// - Returns: What was found; empty behind the last batch.
    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) throws(FaustError) -> [StoredItem]

    /// What is known of the batches from the one that holds an offset, or else the first behind it, in order.
    func index(_ partition: PartitionID, from offset: Int64, count: Int) throws(FaustError) -> [BatchInfo]

    /// Gives the space of removed batches back, if that takes more than removing them.
    func reclaim()

    /// Closes the storage.
    func close()
}

/// How much to read at once.
struct ReadLimit: Sendable {
    /// About how many bytes.
    var byteCount: Int64
    /// About how many offsets.
    var offsetCount: Int64
}

/// What reading finds.
enum StoredItem: Sendable {
    /// A batch.
    case batch(StoredBatch)
    /// Offsets that can't be read any more, and why.
    case damaged(Range<Int64>, String)
}

/// What the log held when it was opened.
struct StoredLog: Sendable {
    /// One topic.
    struct Topic: Sendable {
        let id: UInt32
        let metadata: TopicMetadata
    }

    /// The topics.
    var topics: [Topic] = []
    /// The partitions that something was ever appended to.
    var states: [PartitionID: PartitionState] = [:]
    /// The committed offsets of the groups.
    var offsets: [String: [PartitionID: Int64]] = [:]
    /// The number that the next topic gets.
    var nextTopicID: UInt32 = 1
}

/// The bounds of a partition.
struct PartitionState: Sendable, Equatable {
    /// The first offset that is still there.
    var start: Int64 = 0
    /// The offset that the next message gets.
    var end: Int64 = 0
    /// The number of bytes of all stored batches.
    var byteCount: Int64 = 0
    /// The offset up to which the partition is compacted.
    var cleanedTo: Int64 = 0
    /// The number of bytes that were appended since the last compaction.
    var dirtyByteCount: Int64 = 0
}

/// A change of what is stored.
enum LogChange: Sendable {
    case putTopic(UInt32, TopicMetadata)
    /// Removes a topic with everything in it.
    case removeTopic(UInt32)
    case putState(PartitionID, PartitionState)
    /// Puts a batch behind the others.
    case putBatch(PartitionID, StoredBatch)
    /// Removes the batches whose base offsets lie before one.
    case removeBatches(PartitionID, before: Int64)
    /// Puts one batch, or none, in the place of those whose base offsets lie in a range.
    case replaceBatches(PartitionID, Range<Int64>, with: StoredBatch?)
    case putOffset(group: String, PartitionID, Int64)
    case removeOffset(group: String, PartitionID)
}
