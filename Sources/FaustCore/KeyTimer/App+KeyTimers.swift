// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What time the timers of keys go by.
public struct KeyTimerTime: Sendable, Hashable {
    let basis: TimerBasis

    /// The time of day of the app's clock.
    public static let clock = KeyTimerTime(basis: .clock)

    /// The time of the events: of each partition the greatest timestamp of an event in whose processing timers were set,
    /// cancelled or observed (``KeyTimers/observe()``).
    ///
    /// When no such event has come for five seconds it goes on with the clock, as that of windows does. A timer fires with
    /// the commit after the event that has made it due.
    public static let event = KeyTimerTime(basis: .event)
}

extension App {
    /// Declares timers that agents set for keys, and that outlive the worker.
    ///
    /// ``KeyTimers`` says when they fire and what they guarantee.
    ///
    /// - Parameters:
    ///   - name: The name, unique among the app's tables; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - payload: The type of what timers are set with.
    ///   - time: What time they go by; the clock by default.
    ///   - help: What they are for, in a sentence, for listings.
    ///   - onError: What happens when the body throws. By default the worker stops and nothing of the commit takes effect:
    ///     the timer fires again after a restart. With ``ScheduleErrorPolicy/skip`` the error is logged and counted, and
    ///     the timer is over, with what its body had done until then.
    ///   - configuration: How their table is kept.
    ///   - body: Runs when a timer is due.
    /// - Returns: The handle.
    public func keyTimers<Key: JSONCodable, Payload: JSONCodable>(
        _ name: String,
        key: Key.Type,
        payload: Payload.Type,
        time: KeyTimerTime = .clock,
        help: String = "",
        onError: ScheduleErrorPolicy = .stop,
        configuration: TableConfiguration = TableConfiguration(),
        _ body: @escaping @Sendable (DueTimer<Key, Payload>) async throws -> Void
    ) -> KeyTimers<Key, Payload> {
        makeKeyTimers(name, payload: .json, time.basis, help, onError, configuration, body)
    }

    /// Declares timers without a payload; see ``keyTimers(_:key:payload:time:help:onError:configuration:_:)``.
    ///
    /// - Parameters:
    ///   - name: The name, unique among the app's tables.
    ///   - key: The type of the keys.
    ///   - time: What time they go by; the clock by default.
    ///   - help: What they are for, in a sentence, for listings.
    ///   - onError: What happens when the body throws; by default the worker stops.
    ///   - configuration: How their table is kept.
    ///   - body: Runs when a timer is due.
    /// - Returns: The handle.
    public func keyTimers<Key: JSONCodable>(
        _ name: String,
        key: Key.Type,
        time: KeyTimerTime = .clock,
        help: String = "",
        onError: ScheduleErrorPolicy = .stop,
        configuration: TableConfiguration = TableConfiguration(),
        _ body: @escaping @Sendable (DueTimer<Key, Void>) async throws -> Void
    ) -> KeyTimers<Key, Void> {
        let nothing = Serde<Void>("nothing", encode: { _ in "null" }, decode: { _ in () })
        return makeKeyTimers(name, payload: nothing, time.basis, help, onError, configuration, body)
    }

    private func makeKeyTimers<Key: JSONCodable, Payload: Sendable>(
        _ name: String,
        payload: Serde<Payload>,
        _ basis: TimerBasis,
        _ help: String,
        _ onError: ScheduleErrorPolicy,
        _ configuration: TableConfiguration,
        _ body: @escaping @Sendable (DueTimer<Key, Payload>) async throws -> Void
    ) -> KeyTimers<Key, Payload> {
        let topicKey = declared { try Serde<Key>.keyDefault(settings.keySerializer, in: codecs) } ?? .keyDefault
        let form = TableForm(
            name: name,
            key: TableKeyForm.timers(.natural(json: Serde<Key>.json)),
            value: Serde<TimerValue<Payload>>.timers(payload),
            partitionKey: { try topicKey.encode($0.key) }
        )
        let core = TableCore(form, configuration: configuration, help: help, app: self)
        let keeper = TimerKeeper(name, basis, app: self, onError: onError, body: body)
        core.setKeeper(keeper)
        core.onRecover { [alarm = keeper.alarm] partition in alarm.noteTime(partition) }
        declare(core)
        declare(
            BackgroundWork(name: "the timers \(name)") { app, _ in
                await keeper.alarm.run(isReady: { core.isReady($0) }) {
                    app.engine.withLock { $0 }?.committer.wake()
                }
            }
        )
        return KeyTimers(core: core, keeper: keeper)
    }
}

extension TableCore {
    /// Whether the entries of a partition are on this worker.
    func isReady(_ number: Int32) -> Bool {
        guard let partitions = try? visible() else { return false }
        return partitions.contains { $0.number == number }
    }
}
