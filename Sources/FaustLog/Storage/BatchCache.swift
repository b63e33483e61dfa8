// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// The latest batches of all partitions, up to a number of bytes.
///
/// What it has of a partition is always everything from some offset on to the end, so that nothing need be looked up
/// elsewhere when the offset lies in there.
struct BatchCache {
    private struct Entry {
        let partition: PartitionID
        let baseOffset: Int64
    }

    private let maxByteCount: Int64
    private var lists: [PartitionID: BatchList] = [:]
    private var entries: Deque<Entry> = []
    private(set) var byteCount: Int64 = 0

    /// An empty cache.
    init(maxByteCount: Int) {
        self.maxByteCount = Int64(maxByteCount)
    }

    /// The batches from the one that holds an offset; `nil` when they are not all here.
    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) -> [StoredBatch]? {
        guard let list = lists[partition], let first = list.first, first.info.baseOffset <= offset else { return nil }
        return list.read(from: offset, limit: limit)
    }

    /// Adds the batch that was appended to a partition.
    mutating func append(_ batch: StoredBatch, to partition: PartitionID) {
        lists[partition, default: BatchList()].put(batch)
        entries.append(Entry(partition: partition, baseOffset: batch.info.baseOffset))
        byteCount += batch.info.byteCount
        while byteCount > maxByteCount, let entry = entries.popFirst() {
            byteCount -= lists[entry.partition]?.removeFirst(baseOffset: entry.baseOffset) ?? 0
        }
    }

    /// Forgets what lies before an offset.
    mutating func remove(_ partition: PartitionID, before offset: Int64) {
        byteCount -= lists[partition]?.remove(0..<offset) ?? 0
    }

    /// Forgets everything of a partition.
    mutating func remove(_ partition: PartitionID) {
        byteCount -= lists[partition]?.remove(0..<Int64.max) ?? 0
        lists[partition] = nil
    }

    /// Forgets everything of a topic.
    mutating func removeTopic(_ topic: UInt32) {
        for partition in lists.keys where partition.topic == topic { remove(partition) }
    }

    /// Forgets everything.
    mutating func removeAll() {
        self = BatchCache(maxByteCount: Int(maxByteCount))
    }
}
