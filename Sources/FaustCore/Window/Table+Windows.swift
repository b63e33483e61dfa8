// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

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
    /// Without `combine` a change is made in each of its `size / step` windows, and costs as much. With it, a change is
    /// made once, in a **pane** as long as the greatest common divisor of size and step, and a window's value is that of
    /// its panes: reading or closing a window looks at `size / divisor` panes per key. The values are the same, if
    /// `combine` is associative and the table's default is neutral to it: `combine(default, x)` is `x`.
    ///
    /// - Parameters:
    ///   - size: The size, in whole milliseconds.
    ///   - step: How far apart windows start, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    ///   - combine: Makes one value of those of two stretches of time, the older one first, such as `+` or `max`.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func hopping(
        _ size: Duration,
        step: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero,
        combine: (@Sendable (Value, Value) -> Value)? = nil
    ) -> WindowedTable<Key, Value> {
        windowed(.hopping(size, step: step, expires: expires, grace: grace), combine: combine)
    }

    /// Makes of the table one with sessions: windows that last as long as a key is active.
    ///
    /// A session begins with a key's first event and ends `gap` behind its last one. An event between two sessions, less
    /// than `gap` from both, makes one of them. An open session has an entry whose key says where it ends so far; when it
    /// grows, or another one swallows it, that entry is removed from store and changelog. What has closed is final: later
    /// events begin a session of their own. A key's open sessions are held in memory, about 150 bytes per key.
    ///
    /// - Parameters:
    ///   - gap: How long a key must be silent for its session to end, in whole milliseconds.
    ///   - expires: How long entries are kept behind a session's end; `nil` keeps them for good.
    ///   - grace: How long a session takes late events behind its end.
    ///   - merge: Makes one value of those of two sessions, the older one first.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func session(
        gap: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero,
        merge: @escaping @Sendable (Value, Value) -> Value
    ) -> WindowedTable<Key, Value> {
        windowed(.session(gap: gap, expires: expires, grace: grace), combine: merge)
    }

    /// Makes of the table one with sliding windows; ``Window/sliding(difference:expires:grace:)`` says which there are.
    ///
    /// A change is made once, in an entry per key and millisecond; a window's value is that of the entries in it. So a
    /// change costs the same whatever the difference, and reading or closing a window as much as it has different times
    /// of the key. What is open is held in memory as well, 16 bytes per entry.
    ///
    /// - Parameters:
    ///   - difference: The greatest difference of the times of two events in a window, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    ///   - combine: Makes one value of those of two stretches of time, the older one first; see
    ///     ``hopping(_:step:expires:grace:combine:)``.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func sliding(
        difference: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero,
        combine: @escaping @Sendable (Value, Value) -> Value
    ) -> WindowedTable<Key, Value> {
        windowed(.sliding(difference: difference, expires: expires, grace: grace), combine: combine)
    }

    /// Makes of the table one with a window around each event; see ``Window/sliding(before:after:expires:grace:)``.
    ///
    /// It costs what ``sliding(difference:expires:grace:combine:)`` does.
    ///
    /// - Parameters:
    ///   - before: How much of the time before an event is in its window, in whole milliseconds; may be none.
    ///   - after: How much of the time behind it is, in whole milliseconds; may be none.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    ///   - combine: Makes one value of those of two stretches of time, the older one first.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func sliding(
        before: Duration,
        after: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero,
        combine: @escaping @Sendable (Value, Value) -> Value
    ) -> WindowedTable<Key, Value> {
        windowed(.sliding(before: before, after: after, expires: expires, grace: grace), combine: combine)
    }

    /// Makes of the table one with windows (Faust's `using_window`).
    ///
    /// - Parameters:
    ///   - window: How time is divided.
    ///   - combine: Makes one value of those of two stretches of time, the older one first. Sessions and sliding windows
    ///     need it; hopping windows are kept in panes with it.
    /// - Returns: The handle; the one without windows is not to be used any more.
    public func windowed(
        _ window: Window,
        combine: (@Sendable (Value, Value) -> Value)? = nil
    ) -> WindowedTable<Key, Value> {
        if let fault = window.fault {
            core.app.fault(FaustError(.configuration, "table \(name): \(fault)"))
        }
        if window.needsCombine, combine == nil {
            core.app.fault(
                FaustError(
                    .configuration,
                    "table \(name): sessions and sliding windows need a closure that combines two values, such as +"
                )
            )
        }
        let times = WindowTimes(clock: core.app.clock)
        let method = window.method(core.form, times, combine, makeDefault: makeDefault)
        let keeper = WindowKeeper<Key, Value>(window: window, times: times, method: method)
        let windowed = TableCore(method.form, configuration: core.configuration, help: core.help, app: core.app)
        windowed.setKeeper(keeper)
        core.app.replace(core, with: windowed)
        return WindowedTable(WindowedCore(table: windowed, keeper: keeper, makeDefault: makeDefault))
    }
}

extension Window {
    /// Whether the windows depend on the events, so that values must be combined.
    var needsCombine: Bool {
        if case .hopping = kind { false } else { true }
    }

    /// The way in which the windows are kept.
    func method<Key: Sendable, Value: Sendable>(
        _ form: TableForm<Key, Value>,
        _ times: WindowTimes,
        _ combine: (@Sendable (Value, Value) -> Value)?,
        makeDefault: @escaping @Sendable () -> Value
    ) -> any WindowMethod<Key, Value> {
        let entries = { WindowEntries(self, $0, form, makeDefault: makeDefault) }
        guard let combine else { return EntryWindows(entries(.byStart)) }
        switch kind {
        case .hopping(let size, let step):
            if size == step { return EntryWindows(entries(.byStart)) }
            return PaneWindows(entries(.byStart), times: times, combine: combine)
        case .session: return SessionWindows(entries(.byEndAndKey), times: times, merge: combine)
        case .sliding: return SlidingWindows(entries(.byStartAndKey), times: times, combine: combine)
        }
    }
}
