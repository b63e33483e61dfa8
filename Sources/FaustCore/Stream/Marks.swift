// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

/// The marks that events of one partition had lately, for ``EventStream/dedupe(by:within:limit:)``.
///
/// A pure value. Noting a mark costs one look-up, and one more for each mark that is forgotten.
struct Marks<Mark: Hashable & Sendable>: Sendable {
    /// The event that counts for its mark.
    private struct First: Sendable {
        let offset: Int64
        let time: Int64
    }

    private var firsts: [Mark: First] = [:]
    /// The marks in the order in which they were noted, each with its offset then.
    private var order = Deque<(mark: Mark, offset: Int64)>()
    /// The latest time so far.
    private var latest = Int64.min
    private let window: Int64
    private let limit: Int

    /// Marks that are known for `window` milliseconds, no more than `limit`.
    init(window: Int64, limit: Int) {
        self.window = window
        self.limit = limit
    }

    /// The number of marks that are known.
    var count: Int { firsts.count }

    /// Notes the mark of an event.
    ///
    /// - Returns: Whether the event is no duplicate.
    mutating func note(_ mark: Mark, offset: Int64, time: Int64) -> Bool {
        if let first = firsts[mark], first.offset < offset, isWithin(first.time, time) { return false }
        if firsts[mark]?.offset != offset { order.append((mark, offset)) }
        firsts[mark] = First(offset: offset, time: time)
        latest = max(latest, time)
        forget()
        return true
    }

    private func isWithin(_ one: Int64, _ other: Int64) -> Bool {
        let (difference, isOver) = one.subtractingReportingOverflow(other)
        return !isOver && difference.magnitude < UInt64(max(window, 0))
    }

    /// Lets go of marks that are too old or too many, from the one that was noted first on.
    private mutating func forget() {
        while let oldest = order.first {
            // A mark that was noted again stands further behind, too.
            let first = firsts[oldest.mark].flatMap { $0.offset == oldest.offset ? $0 : nil }
            if let first, firsts.count <= limit, order.count <= 2 * limit, isWithin(first.time, latest) { return }
            if first != nil { firsts[oldest.mark] = nil }
            order.removeFirst()
        }
    }
}

/// The marks of all partitions of a stream.
final class PartitionMarks<Mark: Hashable & Sendable>: Sendable {
    private let partitions = Mutex<[TopicPartition: Marks<Mark>]>([:])
    private let window: Int64
    private let limit: Int

    init(window: Duration, limit: Int) {
        self.window = window.boundedMilliseconds
        self.limit = limit
    }

    /// Notes the mark of a message.
    ///
    /// - Returns: Whether the message is no duplicate.
    func note(_ mark: Mark, of message: Message) -> Bool {
        partitions.withLock { partitions in
            partitions[message.topicPartition, default: Marks(window: window, limit: limit)]
                .note(mark, offset: message.offset, time: message.timestampMilliseconds)
        }
    }
}
