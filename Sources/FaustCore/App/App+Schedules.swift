// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import ServiceLifecycle
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension App {
    /// Runs a body every so often, at a fixed rate (Faust's `app.timer`).
    ///
    /// ```swift
    /// app.timer(every: .seconds(30), onLeader: true) { try await reports.send(await summary()) }
    /// ```
    ///
    /// The first run comes one interval after the worker has started, the others at multiples of the interval after the
    /// start, whatever the body takes: nothing drifts. Runs never overlap. When a run takes longer than the interval, or the
    /// machine was asleep, the beats that have passed are counted and left out; they do not pile up. The time of day may be
    /// set without effect. When the worker shuts down, the body is cancelled after the agents have finished.
    ///
    /// - Parameters:
    ///   - interval: The time from one run to the next; above zero.
    ///   - name: What the timer is called in logs; its interval by default.
    ///   - onLeader: Whether it runs on the leader only; see ``isLeader``. A run is cancelled when the worker stops leading.
    ///   - maxLateness: How late a run may begin before that is logged and counted; by default 30 % of the interval, but at
    ///     most 1.2 seconds, as in Faust.
    ///   - onError: What happens when the body throws; by default that is logged and counted, and the timer goes on.
    ///   - body: What is run.
    /// - Returns: Counters of what the timer has done.
    @discardableResult
    public func timer(
        every interval: Duration,
        name: String? = nil,
        onLeader: Bool = false,
        maxLateness: Duration? = nil,
        onError: ScheduleErrorPolicy = .skip,
        _ body: @escaping @Sendable () async throws -> Void
    ) -> Schedule {
        let rule = "every \(interval)"
        let schedule = Schedule(name: name ?? "timer \(rule)", rule: rule, onLeader: onLeader)
        if interval <= .zero {
            fault(FaustError(.configuration, "\(schedule.name) needs an interval above zero, not \(interval)"))
        }
        let options = ScheduleOptions(
            maxLateness: maxLateness ?? min(interval * 3 / 10, ScheduleOptions.greatestLateness),
            onError: onError
        )
        declare(schedule) { app, leadership in
            let runner = app.runner(of: schedule, options, leadership, body)
            try await runner.run(BeatPlan(every: interval, from: app.clock.moment))
        }
        return schedule
    }

    /// Runs a body at the times of a crontab (Faust's `app.crontab`).
    ///
    /// ```swift
    /// app.crontab("0 20 * * *", timeZone: "Europe/Berlin") { try await sendDailyReport() }
    /// ```
    ///
    /// ``CronExpression`` says what can be written and what happens when the clock of the time zone is changed. Runs never
    /// overlap: what is due while the body runs is counted and left out. Times that have passed because the machine was
    /// asleep, or because its clock was set ahead, are made up for by one run; times before the worker has started are
    /// not. When the clock is set back, nothing runs twice; if it is set back by more than three hours, it is
    /// taken to have been wrong, and the crontab goes by the new time at once. Whether the clock was set is looked at once a
    /// minute.
    ///
    /// - Parameters:
    ///   - expression: Five fields, or six with the seconds last, or a word such as `@daily`. A mistake stops the app when it
    ///     starts.
    ///   - timeZone: A name of the IANA database, such as `Europe/Berlin`; ``Settings/timezone`` by default.
    ///   - name: What the crontab is called in logs; its expression by default.
    ///   - onLeader: Whether it runs on the leader only; see ``isLeader``. A run is cancelled when the worker stops leading.
    ///   - maxLateness: How late a run may begin before that is logged and counted; 1.2 seconds by default.
    ///   - onError: What happens when the body throws; by default that is logged and counted, and the crontab goes on.
    ///   - body: What is run.
    /// - Returns: Counters of what the crontab has done.
    @discardableResult
    public func crontab(
        _ expression: String,
        timeZone: String? = nil,
        name: String? = nil,
        onLeader: Bool = false,
        maxLateness: Duration? = nil,
        onError: ScheduleErrorPolicy = .skip,
        _ body: @escaping @Sendable () async throws -> Void
    ) -> Schedule {
        let schedule = Schedule(name: name ?? "crontab \(expression)", rule: expression, onLeader: onLeader)
        do throws(FaustError) {
            let cron = try CronExpression(expression)
            if let timeZone { _ = try TimeZone.named(timeZone) }
            let options = ScheduleOptions(
                maxLateness: maxLateness ?? ScheduleOptions.greatestLateness,
                onError: onError
            )
            declare(schedule) { app, leadership in
                let zone = try TimeZone.named(timeZone ?? app.settings.timezone)
                let runner = app.runner(of: schedule, options, leadership, body)
                try await runner.run(CronPlan(cron, in: zone, from: app.clock.moment))
            }
        } catch {
            fault(error)
        }
        return schedule
    }

    /// Runs a task as long as this worker leads.
    ///
    /// It starts each time that the worker becomes the leader, and is cancelled when it stops being that; so at most one
    /// worker of an orderly group runs it. When it returns, it is not run again before the next time. The worker stops with
    /// an error when it throws. (Faust asks once, at the start, when no worker leads yet.)
    ///
    /// - Parameters:
    ///   - onLeader: Whether it runs on the leader only; otherwise it is an ordinary task.
    ///   - body: The task.
    public func task(onLeader: Bool, _ body: @escaping @Sendable () async throws -> Void) {
        guard onLeader else { return task(body) }
        declare(
            BackgroundWork(name: "a task of the leader") { _, leadership in
                var term = 0
                while true {
                    term = try await leadership.term(after: term)
                    _ = try await leadership.lead(in: term, body)
                }
            }
        )
    }

    /// Runs a service of Swift Service Lifecycle, such as a client of a database, as long as the worker runs.
    ///
    /// Services start in the order of their declaration, when the worker has started. When it shuts down, they are told to
    /// stop gracefully after the agents have finished and committed, the last declared first, and are cancelled after
    /// ``Settings/shutdownTimeout``. A service that throws stops the worker with that error; one that returns does not.
    ///
    /// - Parameter service: The service.
    public func service(_ service: any Service) {
        let (isFirst, isLate) = declarations.withLock { declarations in
            declarations.services.append(service)
            return (declarations.services.count == 1, declarations.isSealed)
        }
        if isLate { stopSignal.fire(FaustError(.lifecycle, "declare a service before the app runs")) }
        guard isFirst, !isLate else { return }
        declare(
            BackgroundWork(name: "a service") { app, _ in
                let services = app.declarations.withLock { $0.services }
                let patience = app.settings.shutdownTimeout
                try await ServiceHost(services: services, patience: patience, logger: app.logger).run()
            }
        )
    }

    /// Whether this worker is the leader: exactly one of the workers that share the app's topics is (Faust's
    /// `app.is_leader()`).
    ///
    /// The leader is the worker that reads partition 0 of the first topic, by name, that the app reads; so a new one takes
    /// over when the partitions move. During an orderly rebalance there may be none for a while, never two. After a
    /// network partition the old leader goes on until it learns that the group has given it up: what must happen once
    /// needs more than a leader. If an app reads no topics, each of its workers is its own leader. `false` while the
    /// app does not run.
    public var isLeader: Bool { engine.withLock { $0 }?.leadership.isLeader ?? false }

    /// The timers and crontabs of the app, in the order of their declaration.
    public var schedules: [Schedule] { declarations.withLock { $0.schedules } }

    // MARK: Declaring

    private func declare(
        _ schedule: Schedule,
        _ run: @escaping @Sendable (App, Leadership) async throws -> Void
    ) {
        declarations.withLock { $0.schedules.append(schedule) }
        declare(BackgroundWork(name: schedule.name, run: run))
    }

    func declare(_ work: BackgroundWork) {
        let isLate = declarations.withLock { declarations in
            declarations.background.append(work)
            return declarations.isSealed
        }
        if isLate { stopSignal.fire(FaustError(.lifecycle, "declare \(work.name) before the app runs")) }
    }

    private func runner(
        of schedule: Schedule,
        _ options: ScheduleOptions,
        _ leadership: Leadership,
        _ body: @escaping @Sendable () async throws -> Void
    ) -> ScheduleRunner {
        ScheduleRunner(
            schedule: schedule,
            clock: clock,
            logger: logger,
            monitor: monitor,
            leadership: leadership,
            maxLateness: options.maxLateness,
            onError: options.onError,
            body: body
        )
    }
}

/// What can be chosen for a timer or crontab.
private struct ScheduleOptions: Sendable {
    var maxLateness: Duration
    var onError: ScheduleErrorPolicy

    /// What is never exceeded by the lateness that goes unnoticed, unless asked for.
    static let greatestLateness = Duration.milliseconds(1_200)
}
