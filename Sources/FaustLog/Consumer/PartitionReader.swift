// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// A partition that feeds a queue.
///
/// It is `@unchecked Sendable` because of its mutable fields. It is safe because these are only touched under the lock
/// of ``queue``'s monitor, in closures that the queue runs there.
final class PartitionReader: @unchecked Sendable {
    /// The partition.
    let log: PartitionLog
    /// The queue that it feeds.
    let queue: LogQueue
    /// What is to be done when the position is gone.
    let onOutOfRange: @Sendable (PartitionReader, Int64) -> Int64?
    /// Is told of batches that can't be read.
    let onDamage: @Sendable (PartitionLog, Range<Int64>, String) -> Void
    /// The next offset to fetch; under the queue's lock.
    var position: Int64
    /// The epoch of the next batches; under the queue's lock.
    var epoch: UInt64
    /// Counts the changes of position, so that a fetch that was overtaken is noticed; under the queue's lock.
    var generation: UInt64 = 0
    /// Whether fetching is held up; under the queue's lock.
    var isPaused = false
    /// Whether reading has ended; under the queue's lock.
    var isStopped = false
    /// Whether it waits in the queue's line or is being fetched; under the queue's lock.
    var isInLine = false

    init(
        log: PartitionLog,
        queue: LogQueue,
        position: Int64,
        epoch: UInt64,
        onOutOfRange: @escaping @Sendable (PartitionReader, Int64) -> Int64?,
        onDamage: @escaping @Sendable (PartitionLog, Range<Int64>, String) -> Void
    ) {
        self.log = log
        self.queue = queue
        self.position = position
        self.epoch = epoch
        self.onOutOfRange = onOutOfRange
        self.onDamage = onDamage
    }

    /// Whether there is something to fetch; under the queue's lock.
    var hasWork: Bool { !isPaused && !isStopped && position < log.endOffset && !log.isDeleted }
}
