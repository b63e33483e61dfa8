// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What time timers go by.
enum TimerBasis: Sendable {
    case clock
    case event
}

/// A timer that fires.
public struct DueTimer<Key: Sendable, Payload: Sendable>: Sendable {
    /// The key that it was set for.
    public let key: Key
    /// What it was set with.
    public let payload: Payload
    /// The time that it was set to.
    public let time: Timestamp
}

/// Timers that agents set for keys, and that outlive the worker.
///
/// ```swift
/// let reminders = app.keyTimers("reminders", key: String.self, payload: Cart.self) { due in
///     try await mails.send("You have left \(due.payload.items) items", key: due.key)
/// }
/// app.agent("carts", carts) { stream in
///     for try await (account, cart) in stream.items() {
///         if cart.isPaid { try reminders.cancel(account) } else { try reminders.set(cart, for: account, after: day) }
///     }
/// }
/// ```
///
/// **Keys.** A key has one timer; setting it again replaces it. Timers are kept in a table with a changelog, ordered by
/// their times, and go with their partition: what is said of ``Table`` about where it may be changed holds here too. Set
/// timers for the keys of events in hand.
///
/// **Firing.** Timers fire as part of a commit, for which they call when they are due, on the lane of their partition.
/// So the body may write to tables, send, and set timers anew, as an agent does for an event. Timers of a partition fire
/// one after the other, in the order of their times. A commit fires at most 1,000 timers of a partition, and goes on
/// to the rest after a quarter of a second: those that are left fire with the next, at once. The commit waits for
/// the bodies.
///
/// **Delivery.** At least once: a crash between the body and the end of the commit fires the timer again. Under
/// exactly-once everything that the body writes and sends takes effect together with the timer's end, once. Timers that
/// became due while no worker ran fire when their partition has been recovered.
///
/// **Time** is the time of day of the clock, or with `time: .event` that of the events; see
/// ``App/keyTimers(_:key:payload:time:help:onError:configuration:_:)``.
public struct KeyTimers<Key: Sendable, Payload: Sendable>: Sendable {
    let core: TableCore<TimerKey<Key>, TimerValue<Payload>>
    let keeper: TimerKeeper<Key, Payload>

    /// The name of the timers.
    public var name: String { core.name }
    /// The name of the topic that they are recovered from.
    public var changelogTopic: String { core.changelogTopic }
    /// Timers that have fired, and whose bodies have returned.
    public var fired: Monitor.Counter { keeper.fired }
    /// Timers whose bodies have thrown.
    public var errors: Monitor.Counter { keeper.errors }

    /// Sets the timer of a key, in the place of one that is set already.
    ///
    /// - Parameters:
    ///   - payload: What the body gets.
    ///   - key: The key, which belongs to the partition of the events in hand.
    ///   - time: When it fires; at once, with the next commit, if the time has passed.
    /// - Throws: ``FaustError``: the code is not inside of a stream that fits, or the timer can't be written.
    public func set(_ payload: Payload, for key: Key, at time: Timestamp) throws(FaustError) {
        let (partition, scope) = try core.partition(for: .set(key))
        noteTime(partition.number, scope)
        let due = try core.form.encode(.due(time.milliseconds, key))
        try remove(key, from: partition, scope, unless: time.milliseconds)
        try partition.write(due, .payload(payload), in: scope)
        try partition.write(try core.form.encode(.set(key)), .due(time.milliseconds), in: scope)
        keeper.alarm.note(time.milliseconds, in: partition.number)
    }

    /// Sets the timer of a key to some time after the event in hand (with ``KeyTimerTime/event``), or after now.
    ///
    /// In the body of a timer it is the time of the partition, which is that of the timer or later.
    ///
    /// - Parameters:
    ///   - payload: What the body gets.
    ///   - key: The key, which belongs to the partition of the events in hand.
    ///   - delay: How long after.
    /// - Throws: ``FaustError``, as ``set(_:for:at:)``.
    public func set(_ payload: Payload, for key: Key, after delay: Duration) throws(FaustError) {
        let (partition, scope) = try core.partition(for: .set(key))
        noteTime(partition.number, scope)
        let (now, isBeyond) = start(partition.number, scope).addingReportingOverflow(delay.boundedMilliseconds)
        try set(payload, for: key, at: Timestamp(milliseconds: isBeyond ? .max : now))
    }

    /// Cancels the timer of a key.
    ///
    /// - Parameter key: The key, which belongs to the partition of the events in hand.
    /// - Returns: Whether there was one.
    /// - Throws: ``FaustError``, as ``set(_:for:at:)``.
    @discardableResult
    public func cancel(_ key: Key) throws(FaustError) -> Bool {
        let (partition, scope) = try core.partition(for: .set(key))
        noteTime(partition.number, scope)
        guard try remove(key, from: partition, scope) else { return false }
        try partition.write(try core.form.encode(.set(key)), nil, in: scope)
        return true
    }

    /// Moves the time of timers that go by events on to that of the event in hand, without changing any timer.
    ///
    /// ``set(_:for:at:)`` and ``cancel(_:)`` do so as well.
    ///
    /// - Throws: ``FaustError``, as ``set(_:for:at:)``.
    public func observe() throws(FaustError) {
        let (partition, scope) = try core.writable()
        noteTime(partition.number, scope)
    }

    /// The timer of a key; `nil` when none is set.
    ///
    /// Inside an agent's stream it sees the partition of the event in hand, elsewhere all of this worker.
    ///
    /// - Parameter key: The key.
    /// - Returns: The timer.
    /// - Throws: ``FaustError``: the partition is not on this worker, or the timer can't be read.
    public func timer(of key: Key) throws(FaustError) -> DueTimer<Key, Payload>? {
        guard case .due(let time)? = try core.value(for: .set(key)),
            case .payload(let payload)? = try core.value(for: .due(time, key))
        else { return nil }
        return DueTimer(key: key, payload: payload, time: Timestamp(milliseconds: time))
    }

    // MARK: Parts

    /// Removes what is set for a key, but for the entry that says when.
    @discardableResult
    private func remove(
        _ key: Key,
        from partition: TablePartition<TimerKey<Key>, TimerValue<Payload>>,
        _ scope: EventScope,
        unless time: Int64? = nil
    ) throws(FaustError) -> Bool {
        guard case .due(let due)? = try partition.value(of: try core.form.encode(.set(key))) else { return false }
        if due != time { try partition.write(try core.form.encode(.due(due, key)), nil, in: scope) }
        return true
    }

    private func noteTime(_ partition: Int32, _ scope: EventScope) {
        guard !keeper.time.isClock, let time = scope.timestampMilliseconds else { return }
        keeper.time.note(time, in: partition)
        keeper.alarm.noteTime(partition)
    }

    /// The time that delays start at.
    private func start(_ partition: Int32, _ scope: EventScope) -> Int64 {
        if !keeper.time.isClock, let time = scope.timestampMilliseconds { return time }
        return keeper.time.now(partition) ?? 0
    }
}

extension KeyTimers where Payload == Void {
    /// Sets the timer of a key; see ``set(_:for:at:)``.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - time: When it fires.
    /// - Throws: ``FaustError``, as ``set(_:for:at:)``.
    public func set(for key: Key, at time: Timestamp) throws(FaustError) {
        try set((), for: key, at: time)
    }

    /// Sets the timer of a key; see ``set(_:for:after:)``.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delay: How long after now, or after the event in hand.
    /// - Throws: ``FaustError``, as ``set(_:for:at:)``.
    public func set(for key: Key, after delay: Duration) throws(FaustError) {
        try set((), for: key, after: delay)
    }
}
