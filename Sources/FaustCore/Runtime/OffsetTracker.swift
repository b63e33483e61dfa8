// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// Knows which messages of a partition were delivered to a stream and are not finished yet.
///
/// A pure value: it does no I/O and takes no time. The offset that may be committed is the lowest unfinished one, else
/// the position after the last delivered message; an offset that was never delivered (a hole of the log, a control
/// record) is never waited for. Faust commits past unfinished messages (CM14, CM16 in its behaviour); this can't.
///
/// Messages are delivered in runs. Finishing a run in order costs a few comparisons per run, not per message.
struct OffsetTracker: Sendable {
    /// Messages that were delivered together.
    private struct Run: Sendable {
        /// The first offset of the run.
        let first: Int64
        /// The last offset of the run.
        let last: Int64
        /// All offsets, in order; `nil` when none is missing between the first and the last.
        let offsets: ContiguousArray<Int64>?
        /// The number of messages.
        let count: Int
        /// The number of messages at the start of the run that are finished.
        var finishedPrefix = 0
        /// Whether each message is finished; made when the first one finishes out of turn.
        var finished: ContiguousArray<Bool>?

        init(_ offsets: ContiguousArray<Int64>, first: Int64, last: Int64) {
            self.first = first
            self.last = last
            self.count = offsets.count
            self.offsets = Int64(offsets.count) == last - first + 1 ? nil : offsets
        }

        init(dense offsets: ClosedRange<Int64>) {
            self.first = offsets.lowerBound
            self.last = offsets.upperBound
            self.count = Int(offsets.upperBound - offsets.lowerBound) + 1
            self.offsets = nil
        }

        func offset(at index: Int) -> Int64 {
            offsets?[index] ?? first + Int64(index)
        }

        /// The number of messages whose offset is `offset` or lower.
        func countThrough(_ offset: Int64) -> Int {
            if offset < first { return 0 }
            if offset >= last { return count }
            guard let offsets else { return Int(offset - first) + 1 }
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if offsets[middle] <= offset { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// The number of messages that are not finished.
        var unfinishedCount: Int {
            let rest = count - finishedPrefix
            guard let finished else { return rest }
            return finished[finishedPrefix...].reduce(rest) { $0 - ($1 ? 1 : 0) }
        }

        mutating func skipFinished() {
            guard let finished else { return }
            while finishedPrefix < count, finished[finishedPrefix] { finishedPrefix += 1 }
        }
    }

    private var runs = Deque<Run>()
    /// The number of messages that were delivered and are not finished.
    private(set) var unfinishedCount = 0
    /// The position after the last delivered message; `nil` when nothing was delivered.
    private(set) var position: Int64?

    /// A tracker of a partition that has delivered nothing.
    init() {}

    /// The lowest offset that was delivered and is not finished.
    var lowestUnfinished: Int64? {
        runs.first.map { $0.offset(at: $0.finishedPrefix) }
    }

    /// The next offset to read after a restart: nothing before it is unfinished.
    ///
    /// `nil` when nothing was delivered.
    var committable: Int64? { lowestUnfinished ?? position }

    /// Notes that messages were handed to the stream.
    ///
    /// - Parameter offsets: Their offsets in ascending order, all at or behind `position`; the caller sees to it.
    mutating func deliver(_ offsets: ContiguousArray<Int64>) {
        guard let first = offsets.first, let last = offsets.last else { return }
        append(Run(offsets, first: first, last: last))
    }

    /// Notes that messages without a hole between them were handed to the stream.
    mutating func deliver(_ offsets: ClosedRange<Int64>) {
        append(Run(dense: offsets))
    }

    private mutating func append(_ run: Run) {
        precondition(run.first >= position ?? run.first, "messages delivered twice or out of order")
        position = run.last + 1
        unfinishedCount += run.count
        runs.append(run)
    }

    /// Notes that the log has nothing for the stream before `position`, as after a hole or a control record.
    mutating func advance(to position: Int64) {
        self.position = max(position, self.position ?? position)
    }

    /// Notes that a message is finished.
    ///
    /// One that was never delivered, or is finished already, changes nothing.
    ///
    /// - Returns: Whether the message was unfinished until now.
    @discardableResult
    mutating func finish(_ offset: Int64) -> Bool {
        guard let runIndex = runIndex(of: offset) else { return false }
        let index = runs[runIndex].countThrough(offset) - 1
        guard index >= runs[runIndex].finishedPrefix, runs[runIndex].offset(at: index) == offset else { return false }
        if runs[runIndex].finished == nil, index > runs[runIndex].finishedPrefix {
            runs[runIndex].finished = ContiguousArray(repeating: false, count: runs[runIndex].count)
        }
        if runs[runIndex].finished?[index] == true { return false }
        runs[runIndex].finished?[index] = true
        if index == runs[runIndex].finishedPrefix {
            runs[runIndex].finishedPrefix += 1
            runs[runIndex].skipFinished()
        }
        unfinishedCount -= 1
        dropFinishedRuns()
        return true
    }

    /// Notes that every delivered message up to and including `offset` is finished.
    mutating func finish(through offset: Int64) {
        for index in runs.indices {
            let through = runs[index].countThrough(offset)
            guard through > 0 else { break }
            finishPrefix(through, ofRun: index)
        }
        dropFinishedRuns()
    }

    private mutating func finishPrefix(_ through: Int, ofRun index: Int) {
        let from = runs[index].finishedPrefix
        guard through > from else { return }
        let early = runs[index].finished?[from..<through].reduce(0) { $0 + ($1 ? 1 : 0) } ?? 0
        unfinishedCount -= through - from - early
        runs[index].finishedPrefix = through
        runs[index].skipFinished()
    }

    /// Takes back every message from `offset` on: they were delivered to a buffer, but nobody has seen them.
    ///
    /// `position` becomes `offset`, so that nothing behind it counts as delivered.
    mutating func undeliver(from offset: Int64) {
        guard let position, offset < position else { return }
        while let last = runs.last, last.last >= offset {
            runs.removeLast()
            unfinishedCount -= last.unfinishedCount
            keepHead(of: last, before: offset)
        }
        self.position = offset
    }

    private mutating func keepHead(of run: Run, before offset: Int64) {
        let kept = run.countThrough(offset - 1)
        guard kept > run.finishedPrefix else { return }
        let offsets = ContiguousArray((0..<kept).map(run.offset(at:)))
        var head = Run(offsets, first: run.first, last: offsets[kept - 1])
        head.finishedPrefix = run.finishedPrefix
        head.finished = run.finished.map { ContiguousArray($0[..<kept]) }
        head.skipFinished()
        guard head.finishedPrefix < head.count else { return }
        unfinishedCount += head.unfinishedCount
        runs.append(head)
    }

    /// Whether a message was delivered and is not finished.
    func isUnfinished(_ offset: Int64) -> Bool {
        guard let runIndex = runIndex(of: offset) else { return false }
        let run = runs[runIndex]
        let index = run.countThrough(offset) - 1
        guard index >= run.finishedPrefix, run.offset(at: index) == offset else { return false }
        return run.finished?[index] != true
    }

    /// The run that an offset would be in.
    private func runIndex(of offset: Int64) -> Int? {
        guard let first = runs.first, offset >= first.first else { return nil }
        if offset <= first.last { return 0 }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].last < offset { low = middle + 1 } else { high = middle }
        }
        guard low < runs.count, runs[low].first <= offset else { return nil }
        return low
    }

    private mutating func dropFinishedRuns() {
        while let first = runs.first, first.finishedPrefix == first.count { runs.removeFirst() }
    }
}
