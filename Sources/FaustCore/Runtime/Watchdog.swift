// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Looks from time to time whether every partition advances, says why one does not, and does something about it.
///
/// Faust only logs (CM25). Here, a partition that has messages, is not paused and has nothing in flight is fetched anew,
/// and if that does not help either the worker stops, so that another one takes over. A body that has an event in hand
/// can't be helped from outside, and a broker that does not answer is waited for: these are reported only.
///
/// It looks at numbers that are there anyway: nothing is counted or timed per event.
final class Watchdog: Sendable {
    /// After which times without progress something is done.
    struct Limits: Sendable {
        /// Of a partition that has messages.
        var processing: Duration
        /// Of the commits, while there is something to commit.
        var commit: Duration

        /// How often it is looked.
        var interval: Duration { max(min(processing, commit) / 10, .milliseconds(100)) }
    }

    /// What is watched and may be done.
    struct Subject: Sendable {
        /// How far the partitions are.
        var statuses: @Sendable () -> [PartitionStatus]
        /// The positions behind the last messages.
        var ends: @Sendable ([TopicPartition]) async throws -> [TopicPartition: Int64]
        /// Fetches a partition anew, from where it is.
        var fetchAnew: @Sendable (TopicPartition) -> Void
        /// Stops the worker.
        var stop: @Sendable (FaustError) -> Void
    }

    /// What was seen of a partition.
    private struct Trace {
        /// The end of the partition when it was first looked at.
        let firstEnd: Int64?
        var finished: Int64
        var finishedSince: Duration
        var committed: Int64?
        var committedSince: Duration
        /// How many times a limit has passed that something was done about.
        var warnings = 0
        var commitWarnings = 0
    }

    private let limits: Limits
    private let subject: Subject
    private let clock: AppClock
    private let logger: Logger
    private let state = Mutex((traces: [TopicPartition: Trace](), health: Health(problems: [])))
    /// After how many limits a partition is fetched anew, and after how many the worker stops.
    private static let (fetchAnewAfter, stopAfter) = (2, 3)

    init(_ subject: Subject, limits: Limits, clock: AppClock, logger: Logger) {
        self.subject = subject
        self.limits = limits
        self.clock = clock
        self.logger = logger
    }

    /// What was found at the last look.
    var health: Health { state.withLock { $0.health } }

    /// Looks again and again until the task is cancelled.
    func run() async {
        while (try? await clock.sleep(limits.interval)) != nil { await look() }
    }

    /// Looks once.
    func look() async {
        let statuses = subject.statuses().sorted { $0.id < $1.id }
        var problems: [Health.Problem] = []
        var ends: [TopicPartition: Int64] = [:]
        do {
            ends = try await subject.ends(statuses.map(\.id))
        } catch {
            problems.append(.init(kind: .broker, message: "the broker does not tell the end of partitions: \(error)"))
        }
        var traces = state.withLock { $0.traces }
        let known = Set(statuses.map(\.id))
        traces = traces.filter { known.contains($0.key) }
        for status in statuses {
            problems += follow(status, end: ends[status.id], &traces)
        }
        let (kept, health) = (traces, Health(problems: problems))
        state.withLock { $0 = (kept, health) }
    }

    private func follow(
        _ status: PartitionStatus,
        end: Int64?,
        _ traces: inout [TopicPartition: Trace]
    ) -> [Health.Problem] {
        let now = clock.elapsed()
        var trace =
            traces[status.id]
            ?? Trace(
                firstEnd: end,
                finished: status.finished,
                finishedSince: now,
                committed: status.committed,
                committedSince: now
            )
        defer { traces[status.id] = trace }
        // Before the first message nothing shows where reading has begun: only what has come since must be brought.
        let position = status.reached ?? trace.firstEnd ?? .max
        let hasWork = status.slowest != nil || end.map { position < $0 } ?? false
        if !hasWork || status.finished != trace.finished || status.isRecovering || status.isDraining {
            (trace.finished, trace.finishedSince, trace.warnings) = (status.finished, now, 0)
        }
        if status.finished <= status.committed ?? -1 || status.committed != trace.committed || status.isRecovering {
            (trace.committed, trace.committedSince, trace.commitWarnings) = (status.committed, now, 0)
        }
        return [processing(status, end: end, at: now, &trace), committing(status, at: now, &trace)].compactMap { $0 }
    }

    private func processing(
        _ status: PartitionStatus,
        end: Int64?,
        at now: Duration,
        _ trace: inout Trace
    ) -> Health.Problem? {
        let time = now - trace.finishedSince
        guard time >= limits.processing else { return nil }
        let problem = diagnosis(status, end: end, time)
        guard time >= limits.processing * (trace.warnings + 1) else { return problem }
        trace.warnings += 1
        logger.warning("\(problem.message)", metadata: ["partition": "\(status.id)", "time": "\(time)"])
        guard problem.kind == .fetching else { return problem }
        if trace.warnings >= Self.stopAfter {
            subject.stop(
                FaustError(.timeout, problem.message, topicPartition: status.id, isFatal: true)
            )
        } else if trace.warnings >= Self.fetchAnewAfter {
            logger.warning("Fetching a partition anew", metadata: ["partition": "\(status.id)"])
            subject.fetchAnew(status.id)
        }
        return problem
    }

    private func diagnosis(_ status: PartitionStatus, end: Int64?, _ time: Duration) -> Health.Problem {
        guard let slowest = status.slowest, let offset = slowest.unfinished else {
            return .init(
                kind: .fetching,
                topicPartition: status.id,
                message: "the consumer has brought nothing of \(status.id) for \(time),"
                    + " although it goes on" + (status.reached.map { " from \($0)" } ?? "")
                    + (end.map { " to \($0)" } ?? "")
            )
        }
        let pause = status.isPaused ? "; the partition is paused until it goes on" : ""
        guard slowest.isInHand else {
            return .init(
                kind: .waiting,
                topicPartition: status.id,
                message: "\(slowest.name) has not asked for offset \(offset) of \(status.id) for \(time):"
                    + " nobody iterates over its stream, or what it does between two events takes long" + pause
            )
        }
        return .init(
            kind: .processing,
            topicPartition: status.id,
            message: "\(slowest.name) has had offset \(offset) of \(status.id) in hand for \(time):"
                + " its body hangs, or does not acknowledge it" + pause
        )
    }

    private func committing(_ status: PartitionStatus, at now: Duration, _ trace: inout Trace) -> Health.Problem? {
        let time = now - trace.committedSince
        guard time >= limits.commit else { return nil }
        let problem = Health.Problem(
            kind: .committing,
            topicPartition: status.id,
            message:
                "offset \(status.finished) of \(status.id) could be committed for \(time), but the last one confirmed"
                + " is \(status.committed.map { "\($0)" } ?? "none"); the reasons are in the log"
        )
        if time >= limits.commit * (trace.commitWarnings + 1) {
            trace.commitWarnings += 1
            logger.warning("\(problem.message)", metadata: ["partition": "\(status.id)", "time": "\(time)"])
        }
        return problem
    }
}
