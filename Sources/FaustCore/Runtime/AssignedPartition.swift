// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// A partition that this worker reads: who gets its messages and how far they are.
final class AssignedPartition: Sendable {
    let id: TopicPartition
    /// Changes with every assignment and seek, so that messages fetched before are told apart.
    let epoch: UInt64
    let lane: Int
    let groups: [StreamGroup]
    /// Whether the state that belongs to the partition is not ready, so that its messages have to wait.
    let isRecovering: Bool
    /// The first offset that came while the partition was recovering; -1 when none did.
    private let firstWithheld = Atomic<Int64>(-1)
    /// The position after the last batch that was handed to all streams; -1 before the first.
    private let position = Atomic<Int64>(-1)
    /// Whether another assignment is to take the place of this one; held while a batch goes to the streams.
    private let isRetired = Mutex(false)
    /// The last offset that the broker has confirmed.
    private let committed: Mutex<Int64?>

    init(
        _ id: TopicPartition,
        epoch: UInt64,
        lane: Int,
        groups: [StreamGroup],
        committed: Int64?,
        isRecovering: Bool = false
    ) {
        self.id = id
        self.epoch = epoch
        self.lane = lane
        self.groups = groups
        self.isRecovering = isRecovering
        self.committed = Mutex(committed)
    }

    var buffers: [StreamBuffer] { groups.flatMap(\.buffers) }

    /// Hands a batch to the streams, unless the assignment is retired.
    func deliver(_ batch: MessageBatch) {
        isRetired.withLock { isRetired in
            if isRetired { return }
            if !batch.entries.isEmpty {
                for group in groups { group.deliver(batch) }
            }
            // Only now: whoever reads the position must find all messages before it in the streams' buffers.
            position.store(batch.nextOffset, ordering: .releasing)
        }
    }

    /// Hands nothing to the streams any more, if they have finished all that they were given.
    ///
    /// - Returns: Whether they have; then ``delivered`` is how far they are, for good.
    func retire() -> Bool {
        isRetired.withLock { isRetired in
            guard buffers.allSatisfy({ $0.lowestUnfinished(id) == nil }) else { return false }
            isRetired = true
            return true
        }
    }

    /// Notes a batch that came while the partition was recovering; it is fetched again.
    func withhold(_ batch: MessageBatch) {
        guard let first = batch.entries.first?.offset else { return }
        _ = firstWithheld.compareExchange(expected: -1, desired: first, ordering: .acquiringAndReleasing)
    }

    /// Where reading starts when the partition has recovered; `nil` is the group's committed offset.
    var start: Int64? {
        let first = firstWithheld.load(ordering: .acquiring)
        return first < 0 ? nil : first
    }

    /// The position after the last batch that was handed to all streams; -1 before the first.
    var delivered: Int64 { position.load(ordering: .acquiring) }

    /// Notes where a partition goes on that was read before under another epoch.
    func goOn(at offset: Int64) {
        position.store(offset, ordering: .releasing)
    }

    /// Whether an offset was passed already.
    func isBehind(_ offset: Int64) -> Bool {
        offset < position.load(ordering: .acquiring)
    }

    /// The next offset to read after a restart, if there is news to commit.
    func committable() -> Int64? {
        let position = position.load(ordering: .acquiring)
        guard position >= 0 else { return nil }
        let offset = buffers.reduce(position) { min($0, $1.lowestUnfinished(id) ?? $0) }
        return committed.withLock { $0.map { offset > $0 } ?? true } ? offset : nil
    }

    /// Notes what the broker has confirmed.
    func noteCommitted(_ offset: Int64) {
        committed.withLock { $0 = max(offset, $0 ?? offset) }
    }

    var lastCommitted: Int64? { committed.withLock { $0 } }
}
