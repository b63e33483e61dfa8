// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging

/// Runs the body of a timer or crontab when its plan says so, one run at a time.
struct ScheduleRunner: Sendable {
    let schedule: Schedule
    let clock: AppClock
    let logger: Logger
    let monitor: Monitor
    let leadership: Leadership
    /// How late a beat may be before that is logged and counted.
    let maxLateness: Duration
    let onError: ScheduleErrorPolicy
    let body: @Sendable () async throws -> Void

    /// Runs until the task is cancelled.
    ///
    /// - Throws: `CancellationError`, or ``FaustError`` when the body has thrown and the policy is to stop.
    func run(_ plan: some SchedulePlan) async throws {
        var plan = plan
        while true {
            while let pause = plan.pause(at: clock.moment) { try await clock.sleep(pause) }
            try Task.checkCancellation()
            let begun = clock.moment
            note(plan.begin(at: begun))
            try await fire()
            let ended = clock.moment
            noteEnd(missed: plan.end(at: ended), runtime: ended.elapsed - begun.elapsed)
            // A body that never suspends must not keep others from running.
            await Task.yield()
        }
    }

    private func fire() async throws {
        do {
            guard schedule.onLeader else {
                try await body()
                return countRun()
            }
            switch try await leadership.lead(body) {
            case .finished: countRun()
            case .notLeader: break
            case .deposed:
                countRun()
                logger.info("The lead was handed over while a schedule ran", metadata: metadata)
            }
        } catch {
            // What a body throws that the shutdown has cancelled is no failure.
            try Task.checkCancellation()
            countRun()
            try fail(error)
        }
    }

    private func countRun() {
        schedule.runs.add(1)
        monitor.scheduleRuns.add(1)
    }

    private func fail(_ error: any Error) throws {
        schedule.errors.add(1)
        monitor.scheduleErrors.add(1)
        if onError.isFatal {
            throw FaustError(.handler, "\(schedule.name) has failed", cause: error, isFatal: true)
        }
        logger.error(
            "A schedule has failed; it runs again when it is due",
            metadata: metadata.merging(["error": "\(error)"]) { $1 }
        )
    }

    // MARK: Beats that are late or missed

    private func note(_ beat: Beat) {
        count(missed: beat.missed)
        guard beat.lateness > maxLateness else { return }
        schedule.late.add(1)
        logger.info(
            "A schedule is late",
            metadata: metadata.merging(["lateness": "\(beat.lateness)", "missed": "\(beat.missed)"]) { $1 }
        )
    }

    private func noteEnd(missed: Int, runtime: Duration) {
        guard missed > 0 else { return }
        count(missed: missed)
        schedule.overlaps.add(1)
        logger.warning(
            "A schedule was still running when it was due again",
            metadata: metadata.merging(["runtime": "\(runtime)", "missed": "\(missed)"]) { $1 }
        )
    }

    private func count(missed: Int) {
        guard missed > 0 else { return }
        schedule.missed.add(missed)
        monitor.scheduleMisses.add(missed)
    }

    private var metadata: Logger.Metadata { ["schedule": "\(schedule.name)", "rule": "\(schedule.rule)"] }
}
