// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A body that the worker runs again and again: a timer or a crontab of an app, with counters of what it has done.
///
/// ``App/timer(every:name:onLeader:maxLateness:onError:_:)`` and
/// ``App/crontab(_:timeZone:name:onLeader:maxLateness:onError:_:)`` return it; ``App/schedules`` lists all of an app. The
/// counters may be read from any thread.
public final class Schedule: Sendable {
    /// What it is called in logs.
    public let name: String
    /// When it runs: the interval of a timer, or the expression of a crontab.
    public let rule: String
    /// Whether it runs on the leader only.
    public let onLeader: Bool
    /// Runs of the body that have ended, with an error or without.
    public let runs = Monitor.Counter()
    /// Runs that have thrown an error.
    public let errors = Monitor.Counter()
    /// Beats that were left out, since several were due at once or the body was still running.
    ///
    /// Of a crontab at most ``countedMisses`` are counted at a time.
    public let missed = Monitor.Counter()
    /// Beats that came later than allowed.
    public let late = Monitor.Counter()
    /// Runs that were still going on when the next was due.
    public let overlaps = Monitor.Counter()

    /// How many missed beats of a crontab are counted at a time; a clock that is set years ahead passes very many.
    public static let countedMisses = 1_000

    init(name: String, rule: String, onLeader: Bool) {
        self.name = name
        self.rule = rule
        self.onLeader = onLeader
    }
}

/// What becomes of a timer or crontab whose body has thrown.
public struct ScheduleErrorPolicy: Sendable, Hashable {
    private enum Kind {
        case skip, stop
    }

    private let kind: Kind

    /// Whether an error ends the worker.
    var isFatal: Bool { kind == .stop }

    /// Logs the error and counts it; the body runs again when it is due.
    ///
    /// This is the default.
    public static let skip = ScheduleErrorPolicy(kind: .skip)

    /// Stops the worker, which fails with the error, as in Faust.
    public static let stop = ScheduleErrorPolicy(kind: .stop)
}
