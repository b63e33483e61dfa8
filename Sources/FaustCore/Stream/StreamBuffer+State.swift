// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

extension StreamBuffer {
    /// What the stream knows of a partition.
    struct Partition: Sendable {
        var tracker = OffsetTracker()
        let epoch: UInt64
        var isPaused = false
        /// The offset from which on messages were taken back; they are not to be committed.
        var cut: Int64?
    }

    /// What the mutex guards: pure bookkeeping, without effects.
    struct State: Sendable {
        var waiting = Deque<Run>()
        /// The run that the iterator works on.
        var current: Run?
        /// Runs that the iterator has gone through, with messages that are not finished.
        var held = Deque<Run>()
        var partitions: [TopicPartition: Partition] = [:]
        var waiter: UnsafeContinuation<Void, Never>?
        var drains: [(partition: TopicPartition, resume: @Sendable () -> Void)] = []
        var isClosed = false
        var failure: FaustError?
        var isHeldBack = false
        var iteration = 0
    }
}

extension StreamBuffer.State {
    var isReady: Bool { isClosed || (!isHeldBack && !waiting.isEmpty) }

    mutating func takeWaiterIfReady() -> UnsafeContinuation<Void, Never>? {
        guard isReady else { return nil }
        defer { waiter = nil }
        return waiter
    }

    /// Delivers what is unfinished of a run once more; for a partition that is being drained it is taken back instead.
    mutating func putBack(_ run: Run) {
        guard let known = partitions[run.topicPartition], known.epoch == run.batch.epoch else { return }
        let rest = run.filtered(known.tracker.isUnfinished)
        guard !rest.isEmpty else { return }
        if known.cut == nil { waiting.prepend(rest) } else { cut(run.topicPartition, from: rest.offset(at: 0)) }
    }

    /// Lets go of the runs that are finished since the iterator went through them.
    mutating func dropFinishedHeld() {
        while let first = held.first {
            let lowest = partitions[first.topicPartition]?.tracker.lowestUnfinished
            guard lowest.map({ $0 > first.offset(at: first.range.upperBound - 1) }) ?? true else { return }
            held.removeFirst()
        }
    }

    mutating func takeRun(limit: Int) -> Run? {
        guard var first = waiting.popFirst() else { return nil }
        let run = first.takeFirst(limit)
        if !first.isEmpty { waiting.prepend(first) }
        return run
    }

    /// Forgets a partition.
    mutating func discard(_ partition: TopicPartition) {
        partitions[partition] = nil
        waiting.removeAll { $0.topicPartition == partition }
        held.removeAll { $0.topicPartition == partition }
    }

    /// Takes back the waiting runs of a partition.
    mutating func takeBack(_ partition: TopicPartition) {
        let first = waiting.first { $0.topicPartition == partition }
        waiting.removeAll { $0.topicPartition == partition }
        let position = partitions[partition]?.tracker.position
        guard let offset = first.map({ $0.offset(at: $0.range.lowerBound) }) ?? position else { return }
        cut(partition, from: offset)
    }

    mutating func cut(_ partition: TopicPartition, from offset: Int64) {
        guard let index = partitions.index(forKey: partition) else { return }
        partitions.values[index].tracker.undeliver(from: offset)
        partitions.values[index].cut = min(offset, partitions.values[index].cut ?? offset)
    }

    func hasUnfinished(_ partition: TopicPartition) -> Bool {
        (partitions[partition]?.tracker.unfinishedCount ?? 0) > 0
    }

    /// The partitions that were paused and have room again.
    mutating func takeRelieved(lowMark: Int) -> [TopicPartition] {
        var relieved: [TopicPartition] = []
        for index in partitions.indices
        where partitions.values[index].isPaused && partitions.values[index].tracker.unfinishedCount <= lowMark {
            partitions.values[index].isPaused = false
            relieved.append(partitions.keys[index])
        }
        return relieved
    }

    mutating func takeFinishedDrains() -> [@Sendable () -> Void] {
        guard !drains.isEmpty else { return [] }
        let isFinished = drains.map { !hasUnfinished($0.partition) }
        defer { drains = zip(drains, isFinished).filter { !$1 }.map(\.0) }
        return zip(drains, isFinished).filter(\.1).map(\.0.resume)
    }
}
