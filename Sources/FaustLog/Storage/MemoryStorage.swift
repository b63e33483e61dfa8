// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// Keeps the log in memory, as long as the process lives.
final class MemoryStorage: LogStorage {
    private let partitions = Mutex<[PartitionID: BatchList]>([:])

    func open() throws(FaustError) -> StoredLog { StoredLog() }

    func apply(_ changes: [LogChange]) throws(FaustError) {
        partitions.withLock { partitions in
            for change in changes {
                switch change {
                case .putBatch(let partition, let batch): partitions[partition, default: BatchList()].put(batch)
                case .removeBatches(let partition, let offset): partitions[partition]?.remove(0..<offset)
                case .replaceBatches(let partition, let range, let batch):
                    partitions[partition]?.remove(range)
                    if let batch { partitions[partition, default: BatchList()].put(batch) }
                case .removeTopic(let topic): partitions = partitions.filter { $0.key.topic != topic }
                // The engine holds these itself; there is nothing to outlive it here.
                case .putTopic, .putState, .putOffset, .removeOffset: break
                }
            }
        }
    }

    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) throws(FaustError) -> [StoredItem] {
        partitions.withLock { $0[partition]?.read(from: offset, limit: limit) ?? [] }.map { .batch($0) }
    }

    func index(_ partition: PartitionID, from offset: Int64, count: Int) throws(FaustError) -> [BatchInfo] {
        partitions.withLock { $0[partition]?.index(from: offset, count: count) ?? [] }
    }

    func reclaim() {}

    func close() {
        partitions.withLock { $0 = [:] }
    }
}
