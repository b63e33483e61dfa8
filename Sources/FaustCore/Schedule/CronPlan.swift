// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// At the times of a ``CronExpression``, by the time of day, which may be set while the worker runs.
///
/// - Times that are passed, because the machine was asleep or the clock was set ahead, fire once, together.
/// - When the clock is set back by up to three hours, nothing fires twice: the next fire is the first one after the last.
/// - When it is set back by more, the clock was wrong before, and the expression starts over from the new time.
struct CronPlan: SchedulePlan {
    private let expression: CronExpression
    private let zone: TimeZone
    /// The last time that has fired or was left out, in milliseconds since 1970.
    private var last: Int64
    private var next: Int64?
    /// The latest time that the clock has shown.
    private var latest: Int64

    /// The longest wait at a time: so soon is it seen that the clock was set.
    static let longestPause = Duration.seconds(60)
    /// By how much more the clock is set back if it was wrong before; Vixie cron draws the same line.
    static let correction: Int64 = 3 * 3_600_000

    init(_ expression: CronExpression, in zone: TimeZone, from start: Moment) {
        self.expression = expression
        self.zone = zone
        last = start.wall
        latest = start.wall
        next = nil
        next = fire(after: start.wall)
    }

    mutating func pause(at moment: Moment) -> Duration? {
        if moment.wall < latest - Self.correction {
            last = moment.wall
            latest = moment.wall
            next = fire(after: moment.wall)
        }
        latest = max(latest, moment.wall)
        guard let next else { return Self.longestPause }
        let remaining = Duration.milliseconds(next - moment.wall)
        return remaining > .zero ? min(remaining, Self.longestPause) : nil
    }

    mutating func begin(at moment: Moment) -> Beat {
        let due = next ?? moment.wall
        last = due
        // What is due at this very moment is the beat itself, so that it is looked for, too.
        let missed = pass(to: moment.wall + 1)
        return Beat(lateness: .milliseconds(moment.wall - due), missed: missed)
    }

    mutating func end(at moment: Moment) -> Int {
        latest = max(latest, moment.wall)
        let missed = pass(to: moment.wall)
        next = fire(after: max(last, moment.wall - 1))
        return missed
    }

    /// Goes through the times after the last one and before another; counts only so many of them.
    private mutating func pass(to end: Int64) -> Int {
        var missed = 0
        while let following = fire(after: last), following < end {
            guard missed < Schedule.countedMisses else {
                last = end - 1
                break
            }
            last = following
            missed += 1
        }
        return missed
    }

    private func fire(after time: Int64) -> Int64? {
        expression.next(after: Timestamp(milliseconds: time), in: zone)?.milliseconds
    }
}
