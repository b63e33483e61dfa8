// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Which times of two events make them partners, and how long an event waits for partners.
///
/// A right event is a partner of a left event when its time is no more than `before` earlier and no more than `after`
/// later, both ends included, as with Kafka Streams' `JoinWindows`. The window of an event ends with the latest time that a
/// partner can have, and closes when the time of the join is more than `grace` behind that.
struct JoinWindow: Sendable, Hashable {
    /// How much earlier than a left event its partner may be, in milliseconds.
    var before: Int64
    /// How much later than a left event its partner may be, in milliseconds.
    var after: Int64
    /// How long a window stays open behind its end, in milliseconds.
    var grace: Int64

    init(before: Int64, after: Int64, grace: Int64 = 0) {
        (self.before, self.after, self.grace) = (before, after, grace)
    }

    init(within difference: Duration, grace: Duration) {
        let difference = Self.milliseconds(difference)
        self.init(before: difference, after: difference, grace: Self.milliseconds(grace))
    }

    /// A duration in milliseconds; what is negative stays so, to be refused.
    static func milliseconds(_ duration: Duration) -> Int64 {
        duration < .zero ? -1 : duration.boundedMilliseconds
    }

    /// What is wrong with the numbers.
    var fault: String? {
        if before < 0 || after < 0 || grace < 0 {
            return "joins with a negative time: what joined events may differ by, and grace, are 0 or more"
        }
        return nil
    }

    /// The times of the partners of an event.
    func partners(of side: JoinSide, at time: Int64) -> ClosedRange<Int64> {
        let (earlier, later) = side == .left ? (before, after) : (after, before)
        let start = time.subtractingReportingOverflow(earlier)
        let end = time.addingReportingOverflow(later)
        return (start.overflow ? .min : start.partialValue)...(end.overflow ? .max : end.partialValue)
    }

    /// Whether an event at a time gets no partners any more when the time of the join has come to `now`.
    func isClosed(_ side: JoinSide, at time: Int64, now: Int64) -> Bool {
        time < firstOpen(side, now: now)
    }

    /// The first time of an event that still gets partners when the time of the join has come to `now`.
    func firstOpen(_ side: JoinSide, now: Int64) -> Int64 {
        let reach = side == .left ? after : before
        let wait = reach.addingReportingOverflow(grace)
        guard !wait.overflow else { return .min }
        let first = now.subtractingReportingOverflow(wait.partialValue)
        return first.overflow ? .min : first.partialValue
    }

    /// How much the time may differ that is remembered for events in hand from the true one: little, as against how long
    /// events wait.
    var granule: Int64 { max((before / 64) + (after / 64) + (grace / 64), 1) }
}
