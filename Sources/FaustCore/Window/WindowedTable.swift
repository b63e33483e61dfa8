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
/// ``relative(to:)-swift.method`` and ``relativeToNow()`` say. **Time** is that of the stream: the greatest time that was written to
/// a partition; when nothing is written for five seconds it goes on with the clock. **Closing**: a window closes when the
/// stream's time reaches its end plus the grace; its final values then go to ``onClose(_:)``, as part of a commit, and
/// changes that are late for all of their windows are dropped, counted and told to ``onLate(_:)``. **Expiry**: the entries
/// of a window are removed, from store and changelog, when the stream's time reaches its end plus
/// ``Window/expires``, also after a restart.
///
/// What is said of ``Table`` about partitions, durability, and where it may be changed, holds here too.
public struct WindowedTable<Key: Sendable, Value: Sendable>: Sendable {
    /// What time a change or a question is about.
    enum Relativity: Sendable {
        case stream
        case now
        case time(Timestamp)
    }

    let core: TableCore<WindowedKey<Key>, Value>
    let keeper: WindowKeeper<Key, Value>
    let makeDefault: @Sendable () -> Value
    var relativity = Relativity.stream

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

    /// The same table, whose changes and values are about the time of day.
    public func relativeToNow() -> WindowedTable {
        with(.now)
    }

    private func with(_ relativity: Relativity) -> WindowedTable {
        var table = self
        table.relativity = relativity
        return table
    }

    /// All entries that are visible here, by windows and then by keys; see ``Table/items()``.
    public func items() -> TableItems<WindowedKey<Key>, Value> {
        TableItems(core: core, range: WindowedKeyLayout.range(from: nil, before: nil), fault: nil)
    }

    /// The entries of one window that are visible here, by keys.
    ///
    /// No other entries are looked at: entries lie in the order of time.
    ///
    /// - Parameter range: A window, such as `table.window.current(at: time)`.
    /// - Returns: The entries.
    public func items(in range: WindowRange) -> TableItems<WindowedKey<Key>, Value> {
        TableItems(core: core, range: StoreRange(prefix: WindowedKeyLayout.prefix(range)), fault: nil)
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

    /// Changes the value of a key in all windows of the time in question.
    func change(_ key: Key, _ body: (inout Value) throws -> Void) throws {
        let (partition, scope) = try core.partition(for: WindowedKey(key, in: WindowRange(0, 0)))
        let time = try time(in: scope)
        let ranges = keeper.times.admit(time, in: partition.number)
        guard !ranges.isEmpty else { return keeper.noteLate(key, time) }
        for range in ranges {
            let bytes = try core.form.encode(WindowedKey(key, in: range))
            var value = try partition.value(of: bytes) ?? makeDefault()
            try body(&value)
            try partition.write(bytes, value, in: scope)
        }
    }

    /// Removes a key from all windows of the time in question.
    func remove(_ key: Key) throws(FaustError) {
        let (partition, scope) = try core.partition(for: WindowedKey(key, in: WindowRange(0, 0)))
        for range in keeper.times.admit(try time(in: scope), in: partition.number) {
            let bytes = try core.form.encode(WindowedKey(key, in: range))
            if try partition.value(of: bytes) != nil { try partition.write(bytes, nil, in: scope) }
        }
    }

    /// The time that a change or a question is about.
    func time(in scope: EventScope?) throws(FaustError) -> Timestamp {
        switch relativity {
        case .time(let time): return time
        case .now: return Timestamp(milliseconds: core.app.clock.now())
        case .stream:
            guard let time = scope?.timestampMilliseconds else {
                throw FaustError(
                    .lifecycle,
                    "table \(name) is asked about the time of an event, and there is none: use relative(to:) or"
                        + " relativeToNow()"
                )
            }
            return Timestamp(milliseconds: time)
        }
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

extension Table {
    /// Makes of the table one with windows of one size, one after the other.
    ///
    /// - Parameters:
    ///   - size: The size, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func tumbling(
        _ size: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero
    ) -> WindowedTable<Key, Value> {
        windowed(.tumbling(size, expires: expires, grace: grace))
    }

    /// Makes of the table one with windows that overlap.
    ///
    /// - Parameters:
    ///   - size: The size, in whole milliseconds.
    ///   - step: How far apart windows start, in whole milliseconds; a change costs as much as `size / step` changes.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func hopping(
        _ size: Duration,
        step: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero
    ) -> WindowedTable<Key, Value> {
        windowed(.hopping(size, step: step, expires: expires, grace: grace))
    }

    /// Makes of the table one with windows (Faust's `using_window`).
    ///
    /// - Parameter window: How time is divided.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func windowed(_ window: Window) -> WindowedTable<Key, Value> {
        if let fault = window.fault {
            core.app.fault(FaustError(.configuration, "table \(name): \(fault)"))
        }
        let partitionKey = core.form.partitionKey
        let form = TableForm<WindowedKey<Key>, Value>(
            name: name,
            key: .windowed(core.form.key),
            value: core.form.value,
            partitionKey: { try partitionKey($0.key) }
        )
        let keeper = WindowKeeper<Key, Value>(window: window, clock: core.app.clock)
        let windowed = TableCore(form, configuration: core.configuration, help: core.help, app: core.app)
        windowed.setKeeper(keeper)
        core.app.replace(core, with: windowed)
        return WindowedTable(core: windowed, keeper: keeper, makeDefault: makeDefault)
    }
}
