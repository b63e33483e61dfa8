// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A table that has a value per key and window of time.
///
/// ```swift
/// let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(60), expires: .seconds(3_600))
///
/// app.agent("count", pages) { stream in
///     for try await page in stream { views[page] += 1 }
/// }
/// ```
///
/// A change goes to every window that the event's time falls in. That is the time of the message, or what
/// `relative(to:)` and ``relativeToNow()`` say. **Time** is that of the stream: the greatest time that was written to
/// a partition; when nothing is written for five seconds it goes on with the clock. **Closing**: a window closes when the
/// stream's time reaches its end plus the grace; its final values then go to ``onClose(_:)``, as part of a commit, and
/// changes that are late for all of their windows are dropped, counted and told to ``onLate(_:)``. **Expiry**: the entries
/// of a window are removed, from store and changelog, when the stream's time reaches its end plus
/// ``Window/expires``, also after a restart.
///
/// What is said of ``Table`` about partitions, durability, and where it may be changed, holds here too.
public struct WindowedTable<Key: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let parts: WindowedCore<Key, Value>
    @usableFromInline var relativity = WindowRelativity.stream

    @usableFromInline var core: TableCore<WindowedKey<Key>, Value> { @inlinable get { parts.table } }
    var keeper: WindowKeeper<Key, Value> { parts.keeper }

    init(_ parts: WindowedCore<Key, Value>) {
        self.parts = parts
    }

    /// The name of the table.
    public var name: String { core.name }
    /// What the table is for, in a sentence; may be empty.
    public var help: String { core.help }
    /// The name of the topic that the table is recovered from.
    public var changelogTopic: String { core.changelogTopic }
    /// How time is divided.
    public var window: Window { keeper.window }
    /// How many changes were late for all of their windows since the app was made.
    public var lateCount: Int { keeper.lateCount }

    /// The windows of a key.
    @inlinable
    public subscript(key: Key) -> WindowedValues<Key, Value> {
        WindowedValues(table: self, key: key)
    }

    /// The same table, whose changes and values are about a time of your own, such as a field of the event.
    ///
    /// ```swift
    /// views.relative(to: view.date)[view.page] += 1
    /// ```
    ///
    /// Use it with ``EventStream/take(_:within:)``, whose arrays have events of many times.
    public func relative(to time: Timestamp) -> WindowedTable {
        with(.time(time))
    }

    /// The same table, whose changes and values are about the time of a date.
    public func relative(to date: Date) -> WindowedTable {
        with(.time(Timestamp(date)))
    }

    /// The same table, whose changes and values are about a field of events that are given with the key.
    ///
    /// ```swift
    /// let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(60)).relative(to: \\PageView.date)
    ///
    /// app.agent("count", pageViews) { stream in
    ///     for try await view in stream { views[view.page, of: view] += 1 }
    /// }
    /// ```
    ///
    /// - Parameter field: The field that has the time (Faust's `relative_to_field`).
    /// - Returns: The table, which needs an event whenever a key is looked up.
    public func relative<Event>(to field: any KeyPath<Event, Timestamp> & Sendable) -> EventTimeTable<Key, Value, Event>
    {
        EventTimeTable(table: self) { $0[keyPath: field] }
    }

    /// The same table, whose changes and values are about a date in events that are given with the key; see
    /// ``relative(to:)-(KeyPath<Event,Timestamp>Sendable)``.
    public func relative<Event>(to field: any KeyPath<Event, Date> & Sendable) -> EventTimeTable<Key, Value, Event> {
        EventTimeTable(table: self) { Timestamp($0[keyPath: field]) }
    }

    /// The same table, whose changes and values are about the time of day.
    public func relativeToNow() -> WindowedTable {
        with(.now)
    }

    private func with(_ relativity: WindowRelativity) -> WindowedTable {
        var table = self
        table.relativity = relativity
        return table
    }

    /// All entries that are visible here, by windows and then by keys; see ``Table/items()``.
    ///
    /// Sessions come in the order of their ends, sliding windows in that of the events that they belong to.
    public func items() -> WindowedItems<Key, Value> {
        WindowedItems(table: self, selection: .all)
    }

    /// The entries of one window that are visible here, by keys.
    ///
    /// No other entries are looked at: entries lie in the order of time.
    ///
    /// - Parameter range: A window, such as `table.window.current(at: time)`.
    /// - Returns: The entries.
    public func items(in range: WindowRange) -> WindowedItems<Key, Value> {
        WindowedItems(table: self, selection: .window(range))
    }

    /// The entries that are visible here of the newest window of a time, by keys; of the sessions that have the time in
    /// them, if windows are sessions.
    ///
    /// - Parameter time: The time, such as that of an event.
    /// - Returns: The entries.
    public func items(relativeTo time: Timestamp) -> WindowedItems<Key, Value> {
        WindowedItems(table: self, selection: .time(time))
    }

    /// The keys that have a value in the newest window of a time; see ``items(relativeTo:)``.
    public func keys(relativeTo time: Timestamp) -> some AsyncSequence<Key, any Error> & Sendable {
        items(relativeTo: time).map { $0.key.key }
    }

    /// The values of all keys in the newest window of a time; see ``items(relativeTo:)``.
    public func values(relativeTo time: Timestamp) -> some AsyncSequence<Value, any Error> & Sendable {
        items(relativeTo: time).map { $0.value }
    }

    /// Adds a closure that gets the final value of each key of a window that has closed.
    ///
    /// It runs as part of a commit, before the offsets are committed, on the lane of the partition: what it sends and
    /// writes to tables belongs to that commit. It is called once per window and key, again only when that commit fails
    /// or is repeated after a crash; under exactly-once its effects count once. When it throws, the worker stops.
    ///
    /// - Parameter hook: Gets the key, the window and the value.
    public func onClose(_ hook: @escaping @Sendable (Key, WindowRange, Value) async throws -> Void) {
        keeper.onClose(hook)
    }

    /// Adds a closure that is told of changes that are late for all of their windows, which are dropped.
    ///
    /// - Parameter hook: Gets the key and the time of the change; is called in place, and must not block.
    public func onLate(_ hook: @escaping @Sendable (Key, Timestamp) -> Void) {
        keeper.onLate(hook)
    }

    // MARK: Changing and reading

    /// Changes the value of a key in the window of the time in question, if its entry is at hand.
    ///
    /// It is compiled for the types of the user's table, so that nothing has to be found out about them.
    ///
    /// - Returns: Whether it was done; `body` was not called otherwise.
    /// - Throws: What `body` throws, or ``FaustError`` as ``change(_:_:)``.
    @inlinable
    func changeAtHand(_ key: Key, _ body: (inout Value) throws -> Void) throws -> Bool {
        guard let path = parts.path else { return false }
        var (isDone, failure) = (false, (any Error)?.none)
        withPlainBytes(of: key) { bytes in
            path.withEntry(bytes, relativity) { spot, entry in
                let partition = core.partition(spot)
                var (place, value) = (TablePlace(), Value?.none)
                guard partition.isPlain, partition.look(entry, &place, &value), var changed = value else { return }
                isDone = true
                do {
                    try body(&changed)
                    try partition.write(entry, changed, at: place, in: spot.scope)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return isDone
    }

    /// Changes the value of a key in all windows of the time in question.
    @usableFromInline
    func change(_ key: Key, _ body: (inout Value) throws -> Void) throws {
        let (partition, scope) = try core.partition(for: WindowedKey(key, in: WindowRange(0, 0)))
        try keeper.change(key, at: try time(in: scope), in: partition, scope, body)
    }

    /// Removes a key from all windows of the time in question.
    func remove(_ key: Key) throws(FaustError) {
        let (partition, scope) = try core.partition(for: WindowedKey(key, in: WindowRange(0, 0)))
        try keeper.remove(key, at: try time(in: scope), in: partition, scope)
    }

    /// What is found out about a key, where the code that asks can see it.
    func find<Found>(
        _ key: Key,
        _ look: (TablePartition<WindowedKey<Key>, Value>) throws(FaustError) -> Found?
    ) throws(FaustError) -> Found? {
        try core.find(WindowedKey(key, in: WindowRange(0, 0)), look)
    }

    /// The time that a change or a question is about.
    func time(in scope: EventScope?) throws(FaustError) -> Timestamp {
        guard let time = relativity.time(in: scope, core.app.clock) else {
            throw FaustError(
                .lifecycle,
                "table \(name) is asked about the time of an event, and there is none: use relative(to:) or"
                    + " relativeToNow()"
            )
        }
        return time
    }

    /// The time of the stream inside of an agent's stream, else the time of day.
    func latestTime() -> Timestamp {
        if let scope = EventScope.current, let number = scope.partitionNumber,
            let time = keeper.times.streamTime(of: number)
        {
            return time
        }
        return Timestamp(milliseconds: core.app.clock.now())
    }
}
