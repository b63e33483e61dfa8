// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

/// What joins need of a stream that reads two topics.
extension StreamBuffer {
    /// Has messages of some topics handed out in the order of their times, within partitions of one number and as far as
    /// they wait: so neither topic runs ahead of the other when both have a backlog.
    func align(_ topics: [String]) {
        state.withLock { $0.alignedTopics = topics }
    }

    /// Starts to follow a partition that no broker has, whose messages the worker makes itself.
    ///
    /// It comes and goes with partitions that the stream follows: when one of them is given up or begins anew, it is
    /// forgotten. Nothing of it is committed.
    ///
    /// - Parameters:
    ///   - companion: What the partition is called.
    ///   - owners: What it comes and goes with.
    ///   - epoch: What its messages bear.
    /// - Returns: Whether that can be: the stream follows all of the owners.
    func attach(companion: TopicPartition, of owners: [TopicPartition], epoch: UInt64) -> Bool {
        state.withLock { state in
            guard owners.allSatisfy({ state.partitions[$0]?.isTakenBack == false }) else { return false }
            state.discard(companion)
            state.partitions[companion] = Partition(epoch: epoch)
            for owner in owners where state.companions[owner]?.contains(companion) != true {
                state.companions[owner, default: []].append(companion)
            }
            return true
        }
    }

    /// How far the stream is in a partition of the worker's own making.
    ///
    /// - Parameters:
    ///   - companion: The partition.
    ///   - epoch: What it was attached under.
    /// - Returns: The lowest offset that is not finished, `.max` when all are; `nil` when the stream does not follow the
    ///   partition any more.
    func progress(ofCompanion companion: TopicPartition, epoch: UInt64) -> Int64? {
        guard state.withLock({ $0.partitions[companion]?.epoch == epoch }) else { return nil }
        return lowestUnfinished(companion) ?? .max
    }
}

extension StreamBuffer.State {
    /// Of the first runs of two aligned topics the one that starts earlier, up to where the other one starts.
    ///
    /// - Parameter limit: The greatest number of messages.
    /// - Returns: `nil` when only one of them has a run, or it is not one of theirs that waits first.
    mutating func takeAligned(limit: Int) -> Run? {
        guard let first = waiting.first?.topicPartition, alignedTopics.contains(first.topic) else { return nil }
        let other = waiting.firstIndex { run in
            let id = run.topicPartition
            return id.partition == first.partition && id.topic != first.topic && alignedTopics.contains(id.topic)
        }
        guard let other else { return nil }
        let (start, otherStart) = (waiting[0].start, waiting[other].start)
        let (index, end) = otherStart < start ? (other, start) : (0, otherStart)
        let count = waiting[index].count(upTo: end, limit: limit)
        let run = waiting[index].takeFirst(count)
        if waiting[index].isEmpty { waiting.remove(at: index) }
        return run
    }
}

extension Run {
    /// The time of the first message.
    fileprivate var start: Int64 { timestamp(at: range.lowerBound) }

    /// The number of messages at the start that are no later than a time.
    fileprivate func count(upTo time: Int64, limit: Int) -> Int {
        let head = range.prefix(limit)
        return (head.firstIndex { timestamp(at: $0) > time } ?? head.endIndex) - head.startIndex
    }

    private func timestamp(at index: Int) -> Int64 {
        batch.entries[position(at: index)].timestamp
    }
}
