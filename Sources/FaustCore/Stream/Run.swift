// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Messages of one batch that go to a stream together: all of a stretch, or those at some positions of it.
@usableFromInline
struct Run: Sendable {
    @usableFromInline let batch: MessageBatch
    /// The positions in the batch, ascending; `nil` when the run is a stretch without gaps.
    @usableFromInline let positions: ContiguousArray<Int32>?
    /// A stretch of `positions`, or of the batch when there are none.
    @usableFromInline var range: Range<Int>

    init(_ batch: MessageBatch) {
        self.batch = batch
        self.positions = nil
        self.range = 0..<batch.count
    }

    init(_ batch: MessageBatch, positions: ContiguousArray<Int32>) {
        self.batch = batch
        self.positions = positions
        self.range = 0..<positions.count
    }

    var isEmpty: Bool { range.isEmpty }
    var topicPartition: TopicPartition { batch.topicPartition }

    /// The position in the batch of the message at an index of `range`.
    @inlinable
    func position(at index: Int) -> Int {
        guard let positions else { return index }
        return Int(positions[index])
    }

    func message(at index: Int) -> Message {
        Message(batch: batch, index: position(at: index))
    }

    func offset(at index: Int) -> Int64 {
        batch.entries[position(at: index)].offset
    }

    /// The time of the last of the first messages of the run, as many as `count`, in milliseconds since 1970.
    func timestamp(ofFirst count: Int) -> Int64 {
        batch.entries[position(at: range.lowerBound + count - 1)].timestamp
    }

    /// The number of messages before an offset.
    func count(below end: Int64) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if offset(at: middle) < end { low = middle + 1 } else { high = middle }
        }
        return low - range.lowerBound
    }

    /// Notes all messages of the run as delivered.
    func deliver(to tracker: inout OffsetTracker) {
        let first = offset(at: range.lowerBound)
        let last = offset(at: range.upperBound - 1)
        if last - first + 1 == Int64(range.count) {
            tracker.deliver(first...last)
        } else {
            tracker.deliver(ContiguousArray(range.lazy.map(offset(at:))))
        }
    }

    /// The first `count` messages; the rest stays.
    mutating func takeFirst(_ count: Int) -> Run {
        var head = self
        let cut = min(range.lowerBound + count, range.upperBound)
        head.range = range.lowerBound..<cut
        range = cut..<range.upperBound
        return head
    }

    /// The messages whose offset passes a test.
    func filtered(_ isIncluded: (Int64) -> Bool) -> Run {
        var kept = ContiguousArray<Int32>()
        for index in range where isIncluded(offset(at: index)) { kept.append(Int32(position(at: index))) }
        return Run(batch, positions: kept)
    }
}
