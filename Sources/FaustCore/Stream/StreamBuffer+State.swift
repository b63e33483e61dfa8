// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

extension StreamBuffer {
    /// What the stream knows of a partition.
    struct Partition: Sendable {
        var tracker = OffsetTracker()
        let epoch: UInt64
        var isPaused = false
        /// Whether the partition is being given up, so that nothing more of it is handed to the iterator.
        var isTakenBack = false
        /// The position behind the last message that was handed out; -1 before the first.
        var handedOut: Int64 = -1
        /// The lowest offset that was taken back or refused for that reason; it is not to be committed.
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
        /// What comes and goes with a partition; see ``StreamBuffer/attach(companion:of:epoch:)``.
        var companions: [TopicPartition: [TopicPartition]] = [:]
        /// The topics whose messages are handed out in the order of their times, as far as they wait.
        var alignedTopics: [String] = []
        var waiter: UnsafeContinuation<Void, Never>?
        var drains: [(partition: TopicPartition, resume: @Sendable () -> Void)] = []
        var isClosed = false
        /// Whether nothing more will come, so that the stream ends with what waits.
        var isEnding = false
        var failure: FaustError?
        /// Why the event in hand has failed, though its body has not thrown.
        var fault: FaustError?
        /// Whether the iteration under way ends, since its partition was given up or a body beside it has failed.
        var mustBeginAnew = false
        var isHeldBack = false
        /// Up to where the iterator gets messages all the same while it is held back, per partition.
        var limits: [TopicPartition: Int64] = [:]
        /// Whether nobody works on an event: the iterator waits for a run, or there is none.
        var isIdle = true
        /// Wait for the stream to be idle.
        var quiets: [@Sendable () -> Void] = []
        /// What the body that iterates runs in.
        var scope: EventScope?
        var iteration: StreamIteration?
        /// The number of held runs at which all of them are looked through for finished ones.
        var sweepMark = minSweepMark
        static let minSweepMark = 16
    }
}

extension StreamBuffer.State {
    var isReady: Bool {
        isClosed || mustBeginAnew || (isHeldBack ? nextWithinLimits != nil : isEnding || !waiting.isEmpty)
    }

    /// The index of the first run that the iterator gets although it is held back.
    var nextWithinLimits: Int? {
        guard !limits.isEmpty else { return nil }
        return waiting.firstIndex { run in
            limits[run.topicPartition].map { run.offset(at: run.range.lowerBound) < $0 } ?? false
        }
    }

    /// Notes up to where the iterator has got a run.
    mutating func noteHandedOut(_ run: Run, _ count: Int) {
        guard count > 0, let index = partitions.index(forKey: run.topicPartition),
            partitions.values[index].epoch == run.batch.epoch
        else { return }
        let position = run.offset(at: run.range.lowerBound + count - 1) + 1
        partitions.values[index].handedOut = max(partitions.values[index].handedOut, position)
    }

    var isWaitedFor: Bool { isHeldBack || !drains.isEmpty || partitions.values.contains(where: \.isPaused) }

    /// The number that all partitions with messages in hand have; -1 when there are none, -2 when there are several.
    var partitionNumberInHand: Int32 {
        var number = current?.topicPartition.partition ?? -1
        for run in held where run.topicPartition.partition != number {
            guard number == -1 else { return -2 }
            number = run.topicPartition.partition
        }
        return number
    }

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
        if known.isTakenBack {
            cut(run.topicPartition, from: rest.offset(at: 0))
        } else {
            waiting.prepend(rest)
        }
    }

    /// Lets go of the runs that are finished since the iterator went through them.
    mutating func dropFinishedHeld() {
        while let first = held.first {
            let lowest = partitions[first.topicPartition]?.tracker.lowestUnfinished
            guard lowest.map({ $0 > first.offset(at: first.range.upperBound - 1) }) ?? true else { break }
            held.removeFirst()
        }
        guard held.count >= sweepMark else { return }
        // Runs behind an unfinished one finish too when events are acknowledged by hand; they hold whole batches.
        let kept = held.filter { hasUnfinished($0) }
        held = kept
        sweepMark = max(2 * held.count, Self.minSweepMark)
    }

    private func hasUnfinished(_ run: Run) -> Bool {
        guard let known = partitions[run.topicPartition], known.epoch == run.batch.epoch else { return false }
        return run.range.contains { known.tracker.isUnfinished(run.offset(at: $0)) }
    }

    /// What the iterator gets now.
    mutating func takeNext(limit: Int) -> StreamBuffer.Next {
        if isClosed || mustBeginAnew { return .end }
        iteration?.isInterrupted.store(false, ordering: .relaxed)
        guard let run = isHeldBack ? takeRunWithinLimits(limit: limit) : takeRun(limit: limit) else {
            guard isEnding, !isHeldBack else { return .wait }
            isClosed = true
            return .end
        }
        current = run
        return .run(run)
    }

    private mutating func takeRunWithinLimits(limit: Int) -> Run? {
        guard let index = nextWithinLimits, let end = limits[waiting[index].topicPartition] else { return nil }
        let run = waiting[index].takeFirst(min(limit, waiting[index].count(below: end)))
        if waiting[index].isEmpty { waiting.remove(at: index) }
        return run
    }

    private mutating func takeRun(limit: Int) -> Run? {
        if !alignedTopics.isEmpty, let run = takeAligned(limit: limit) { return run }
        guard var first = waiting.popFirst() else { return nil }
        let run = first.takeFirst(limit)
        if !first.isEmpty { waiting.prepend(first) }
        return run
    }

    /// Forgets a partition.
    mutating func discard(_ partition: TopicPartition) {
        let gone = [partition] + (companions.removeValue(forKey: partition) ?? [])
        for partition in gone { partitions[partition] = nil }
        waiting.removeAll { gone.contains($0.topicPartition) }
        held.removeAll { gone.contains($0.topicPartition) }
    }

    /// Whether the iterator works on messages of a partition, or of what comes and goes with it.
    func isCurrent(_ partition: TopicPartition) -> Bool {
        guard let current = current?.topicPartition else { return false }
        return current == partition || companions[partition]?.contains(current) ?? false
    }

    /// Takes back the waiting runs of a partition, and refuses those to come.
    mutating func takeBack(_ partition: TopicPartition) {
        for companion in companions[partition] ?? [] { takeBack(companion) }
        guard let index = partitions.index(forKey: partition) else { return }
        partitions.values[index].isTakenBack = true
        let first = waiting.first { $0.topicPartition == partition }
        waiting.removeAll { $0.topicPartition == partition }
        if let first { cut(partition, from: first.offset(at: first.range.lowerBound)) }
    }

    mutating func cut(_ partition: TopicPartition, from offset: Int64) {
        guard let index = partitions.index(forKey: partition) else { return }
        partitions.values[index].tracker.undeliver(from: offset)
        partitions.values[index].cut = min(offset, partitions.values[index].cut ?? offset)
    }

    func hasUnfinished(_ partition: TopicPartition) -> Bool {
        (partitions[partition]?.tracker.unfinishedCount ?? 0) > 0
            || companions[partition]?.contains(where: hasUnfinished) ?? false
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

    /// Whoever waited for the events in hand, or for the stream to be idle, and need not any more.
    mutating func takeFinishedDrains() -> [@Sendable () -> Void] {
        guard isIdle, !quiets.isEmpty else { return takeDrains() }
        defer { quiets = [] }
        return quiets + takeDrains()
    }

    private mutating func takeDrains() -> [@Sendable () -> Void] {
        guard !drains.isEmpty else { return [] }
        let isFinished = drains.map { !hasUnfinished($0.partition) }
        defer { drains = zip(drains, isFinished).filter { !$1 }.map(\.0) }
        return zip(drains, isFinished).filter(\.1).map(\.0.resume)
    }
}
