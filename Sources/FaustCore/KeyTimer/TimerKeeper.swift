// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// What the table of timers does in each commit: it fires those that are due.
///
/// A timer is removed and its body run in one commit, with what the body writes and sends: under exactly-once all of it
/// takes effect together, or nothing does. On the partition's lane and within its ``EventScope``, so that bodies can
/// write to tables.
final class TimerKeeper<BaseKey: Sendable, Payload: Sendable>: TableKeeper {
    typealias Key = TimerKey<BaseKey>
    typealias Value = TimerValue<Payload>

    let time: TimerTime
    let alarm: TimerAlarm
    let fired = Monitor.Counter()
    let errors = Monitor.Counter()
    private let name: String
    private let app: App
    private let onError: ScheduleErrorPolicy
    private let body: @Sendable (DueTimer<BaseKey, Payload>) async throws -> Void
    /// How many timers of a partition one commit fires, and for how long; the others have to wait for the next.
    private static var firingLimit: Int { 1_000 }
    private static var firingTime: Duration { .milliseconds(250) }

    init(
        _ name: String,
        _ basis: TimerBasis,
        app: App,
        onError: ScheduleErrorPolicy,
        body: @escaping @Sendable (DueTimer<BaseKey, Payload>) async throws -> Void
    ) {
        self.name = name
        self.app = app
        self.onError = onError
        self.body = body
        time = TimerTime(basis, clock: app.clock)
        alarm = TimerAlarm(time, clock: app.clock)
    }

    // MARK: Commits

    func open(_ partition: Int32, marker: Bytes?) throws {
        try time.open(partition, marker)
        alarm.lookAnew(partition)
    }

    func handOver(_ partition: Int32) throws(FaustError) -> Bytes? { time.handOver(partition) }
    func settle() { time.settle() }
    func isSilent(_ partition: Int32) -> Bool { time.isSilent(partition) }
    func noteDelay(_ partition: Int32) { time.noteDelay(partition) }

    func rollBack() {
        time.rollBack()
        alarm.lookAnew()
    }

    func advance(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        scope: EventScope
    ) async throws {
        time.followClock(partition.number)
        guard alarm.take(partition.number) else { return }
        if let now = time.now(partition.number) { try await fire(partition, form, dueBy: now, scope) }
        alarm.fired(partition.number, next: try first(partition, form))
    }

    private func fire(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        dueBy now: Int64,
        _ scope: EventScope
    ) async throws {
        let start = app.clock.elapsed()
        var pages = TablePages(partition: partition, range: TimerKeyLayout.range(dueBy: now))
        var count = 0
        while count < Self.firingLimit, let page = try pages.next() {
            for entry in page.prefix(Self.firingLimit - count) {
                count += 1
                // A body before may have set or cancelled it.
                guard case .payload(let payload)? = try partition.value(of: entry.key),
                    case .due(let due, let key) = try form.decodeKey(entry.key)
                else { continue }
                try partition.write(entry.key, nil, in: scope)
                try partition.write(try form.encode(.set(key)), nil, in: scope)
                try await run(DueTimer(key: key, payload: payload, time: Timestamp(milliseconds: due)), scope)
                if app.clock.elapsed() - start > Self.firingTime { return }
            }
            await Task.yield()
        }
    }

    private func run(_ timer: DueTimer<BaseKey, Payload>, _ scope: EventScope) async throws {
        do {
            try await body(timer)
            if let fault = scope.takeFault() { throw fault }
            fired.add(1)
        } catch {
            errors.add(1)
            let fate = onError.isFatal ? EventFailure.Fate.stopped : .skipped
            Hosting.host?.note(EventFailure(agent: name, messages: [], error: error, fate: fate))
            let failure = FaustError(.handler, "the timer \(name) of key \(timer.key) has failed", cause: error)
            if onError.isFatal { throw failure }
            app.logger.error("A timer has failed; it does not fire again", metadata: ["error": "\(failure)"])
        }
    }

    /// When the first timer of a partition is due.
    private func first(_ partition: TablePartition<Key, Value>, _ form: TableForm<Key, Value>) throws -> Int64? {
        var pages = TablePages(partition: partition, range: TimerKeyLayout.range(dueBy: .max))
        while let page = try pages.next() {
            guard let entry = page.first else { continue }
            return try TimerKeyLayout.parts(of: entry.key).time
        }
        return nil
    }
}
