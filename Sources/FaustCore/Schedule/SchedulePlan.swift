// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The time by both clocks that schedules go by.
struct Moment: Sendable, Equatable {
    /// The time since the app's clock was made, which only goes forward.
    var elapsed: Duration
    /// The time of day in milliseconds since 1970, which may be set.
    var wall: Int64
}

extension AppClock {
    /// The time by both clocks.
    var moment: Moment { Moment(elapsed: elapsed(), wall: now()) }
}

/// How a beat came.
struct Beat: Sendable, Equatable {
    /// How long after its time.
    var lateness: Duration
    /// How many beats before it were left out, since they were due as well.
    var missed: Int
}

/// When a schedule is due: pure, so that every history of the clocks can be tested.
protocol SchedulePlan: Sendable {
    /// How long to wait before asking again; `nil` when the body is due.
    mutating func pause(at moment: Moment) -> Duration?
    /// The body begins: of all beats that are due it runs for the last.
    mutating func begin(at moment: Moment) -> Beat
    /// The body has ended.
    ///
    /// - Returns: How many beats have passed while it ran. One that is due just now has not passed.
    mutating func end(at moment: Moment) -> Int
}

/// Every so often, at a fixed rate: the beats are multiples of the interval after the start, whatever the bodies take.
///
/// Nothing drifts, so that nothing needs to be corrected (in Faust `max_drift_correction`). It goes by the clock that
/// only goes forward.
struct BeatPlan: SchedulePlan {
    private let interval: Int128
    private let start: Int128
    private var index: Int128 = 1
    /// The longest wait at a time, which keeps clear of what clocks can count.
    private static let longestPause = Duration.seconds(86_400)

    /// A plan of beats; the interval is above zero.
    init(every interval: Duration, from start: Moment) {
        self.interval = interval.attoseconds
        self.start = start.elapsed.attoseconds
    }

    mutating func pause(at moment: Moment) -> Duration? {
        let remaining = Duration(attoseconds: start + interval * index) - moment.elapsed
        return remaining > .zero ? min(remaining, Self.longestPause) : nil
    }

    mutating func begin(at moment: Moment) -> Beat {
        let now = moment.elapsed.attoseconds
        let due = start + interval * index
        let last = max(index, (now - start) / interval)
        defer { index = last }
        return Beat(lateness: Duration(attoseconds: now - due), missed: Int(clamping: last - index))
    }

    mutating func end(at moment: Moment) -> Int {
        let passed = moment.elapsed.attoseconds - start
        let next = max(index + 1, (passed + interval - 1) / interval)
        defer { index = next }
        return Int(clamping: next - index - 1)
    }
}
