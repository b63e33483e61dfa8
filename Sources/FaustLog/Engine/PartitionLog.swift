// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// One partition: its bounds, what waits to be appended, and who reads it.
final class PartitionLog: Sendable {
    /// The partition.
    let topicPartition: TopicPartition
    /// The partition as the storage knows it.
    let id: PartitionID
    /// The greatest size of a message, in bytes.
    let maxMessageBytes: Int
    /// What the writer has not taken yet, in order; the last batch still grows.
    let pending = Mutex<[BatchBuilder]>([])
    /// Whether the writer knows that there is something; only touched under the writer's lock.
    let isQueued = Atomic(false)
    private let current: Mutex<PartitionState>
    private let end: Atomic<Int64>
    private let readers = Mutex<[PartitionReader]>([])
    private let deleted = Atomic(false)

    init(topicPartition: TopicPartition, id: PartitionID, state: PartitionState, maxMessageBytes: Int) {
        self.topicPartition = topicPartition
        self.id = id
        self.maxMessageBytes = maxMessageBytes
        current = Mutex(state)
        end = Atomic(state.end)
    }

    /// The offset that the next message will get.
    var endOffset: Int64 { end.load(ordering: .acquiring) }
    /// The bounds that readers may see.
    var state: PartitionState { current.withLock { $0 } }
    /// Whether the topic was deleted.
    var isDeleted: Bool { deleted.load(ordering: .acquiring) }

    /// Makes stored changes visible and wakes the readers.
    func publish(_ state: PartitionState) {
        current.withLock { $0 = state }
        let before = end.exchange(state.end, ordering: .acquiringAndReleasing)
        if before != state.end {
            for reader in readers.withLock({ $0 }) { reader.queue.becameReady(reader) }
        }
    }

    /// Marks the partition as gone; readers find nothing more.
    func delete() {
        deleted.store(true, ordering: .releasing)
        readers.withLock { $0 = [] }
    }

    /// Wakes the reader at each append from here on.
    func add(_ reader: PartitionReader) {
        readers.withLock { $0.append(reader) }
    }

    /// Does not wake the reader any more.
    func remove(_ reader: PartitionReader) {
        readers.withLock { $0.removeAll { $0 === reader } }
    }

    /// The error of messages to a topic that is gone.
    var deletedError: FaustError {
        FaustError(.unknownPartition, "the topic was deleted", topicPartition: topicPartition)
    }
}
