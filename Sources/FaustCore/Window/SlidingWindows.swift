// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Sliding windows: an entry per key and different time of events, of which windows are combined.
///
/// A change costs one entry, however many windows it is in. An entry is the time of the events together with the end of
/// the oldest window that they count for: what is late for some windows lies beside what is not, as with ``PaneMath``.
final class SlidingWindows<Key: Sendable, Value: Sendable>: WindowMethod {
    typealias Partition = WindowPartition<Key, Value>

    let entries: WindowEntries<Key, Value>
    private let index: WindowIndex<Key, Value>
    private let times: WindowTimes
    private let combine: @Sendable (Value, Value) -> Value
    private let before: Int64
    private let after: Int64
    private let hasFollowers: Bool
    /// From the time of an event to the end of the last window that it is in, or that it is the reason for.
    private let reach: Int64
    /// How many values are combined before others get their turn.
    private static var stepLength: Int { 4_096 }

    /// - Parameters:
    ///   - entries: The entries, by their starts and with companions.
    ///   - times: How far the partitions are.
    ///   - combine: Makes one value of two, the older one first.
    init(
        _ entries: WindowEntries<Key, Value>,
        times: WindowTimes,
        combine: @escaping @Sendable (Value, Value) -> Value
    ) {
        (self.entries, self.times, self.combine) = (entries, times, combine)
        var (before, after, followers) = (Int64(1), Int64(0), true)
        if case .sliding(let lead, let lag, let hasFollowers) = entries.window.kind {
            (before, after, followers) = (lead, lag, hasFollowers)
        }
        (self.before, self.after, hasFollowers) = (before, after, followers)
        let (window, reach) = (entries.window, before + after + 2)
        self.reach = reach
        index = WindowIndex(entries, times) { window.firstOpenEnd(at: $0) - reach }
    }

    // MARK: Changes

    /// The entry that a change goes to; `nil` when it is late for all windows that its time may be in.
    private func entry(at moment: WindowMoment) -> WindowRange? {
        let time = Window.bounded(moment.time)
        let end = max(time + 1, window.firstOpenEnd(at: moment.streamTime))
        return end <= time + before + after + 1 ? WindowRange(time, end) : nil
    }

    func change(
        _ key: Key,
        at moment: WindowMoment,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws -> Bool {
        let base = try entries.encode(key)
        guard let entry = entry(at: moment) else { return false }
        let bytes = layout.bytes(entry, base)
        _ = try index.open(base, in: partition)
        let known = try partition.value(of: bytes)
        var value = known ?? entries.makeDefault()
        try body(&value)
        try partition.write(bytes, value, in: scope)
        if known == nil { index.replace([], by: entry, of: base, in: partition.number) }
        return true
    }

    func remove(_ key: Key, at moment: WindowMoment, in partition: Partition, _ scope: EventScope?) throws(FaustError) {
        let base = try entries.encode(key)
        guard let entry = entry(at: moment) else { return }
        guard try partition.removeValue(of: layout.bytes(entry, base), in: scope) else { return }
        index.replace([entry], by: nil, of: base, in: partition.number)
    }

    // MARK: Reading

    func value(of key: Key, in window: WindowRange, _ partition: Partition) throws(FaustError) -> Value? {
        guard window.end.milliseconds - before - after - 1 == window.start.milliseconds, isKept(window, partition)
        else {
            return nil
        }
        let base = try entries.encode(key)
        return try combined(base, window, try known(base, window, partition), partition)
    }

    /// The entries of a key that a window may need.
    private func known(
        _ base: Bytes,
        _ window: WindowRange,
        _ partition: Partition
    ) throws(FaustError) -> ContiguousArray<WindowRange> {
        let open = try index.open(base, in: partition)
        // Only what no window needs that is open at the stream's time is not in the index.
        guard let time = times.streamTime(of: partition.number) else { return open }
        if window.start.milliseconds >= self.window.firstOpenEnd(at: time.milliseconds) - reach { return open }
        return ContiguousArray(try index.all(base, in: partition))
    }

    /// The value of a window, of the entries of the key in order, among which all of the window must be.
    private func combined(
        _ base: Bytes,
        _ window: WindowRange,
        _ spans: ContiguousArray<WindowRange>,
        _ partition: Partition
    ) throws(FaustError) -> Value? {
        var result: Value?
        for span in spans[Self.first(of: spans, from: window.start)...] {
            guard span.start < window.end else { break }
            guard span.end <= window.end, let value = try partition.value(of: layout.bytes(span, base)) else {
                continue
            }
            result = result.map { combine($0, value) } ?? value
        }
        return result
    }

    private static func first(of spans: ContiguousArray<WindowRange>, from time: Timestamp) -> Int {
        var (low, high) = (0, spans.count)
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].start < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isKept(_ range: WindowRange, _ partition: Partition) -> Bool {
        times.streamTime(of: partition.number).map { !window.isExpired(range, at: $0) } ?? true
    }

    func windows(of key: Key, in partition: Partition) throws(FaustError) -> [(window: WindowRange, value: Value)] {
        let base = try entries.encode(key)
        let spans = ContiguousArray(try index.all(base, in: partition))
        var result: [(window: WindowRange, value: Value)] = []
        for range in Set(spans.flatMap { span in reasons(span, spans) }) where isKept(range, partition) {
            if let value = try combined(base, range, spans, partition) { result.append((range, value)) }
        }
        return result.sorted { $0.window.start < $1.window.start }
    }

    /// The windows that an entry is the reason for.
    private func reasons(_ span: WindowRange, _ spans: ContiguousArray<WindowRange>) -> [WindowRange] {
        [own(span, spans), follower(span, spans)].compactMap { $0 }
    }

    /// The window around an event, unless the event was late for it.
    private func own(_ span: WindowRange, _ spans: ContiguousArray<WindowRange>) -> WindowRange? {
        let range = window.current(at: span.start)
        return span.end <= range.end && isFirst(span, spans) ? range : nil
    }

    /// Whether an entry is the first with its time: of several, it is the reason for windows.
    private func isFirst(_ span: WindowRange, _ spans: ContiguousArray<WindowRange>) -> Bool {
        let first = Self.first(of: spans, from: span.start)
        return first < spans.count && spans[first] == span
    }

    /// The window that starts right behind an event, if there is another one in it, and it is not the window around one.
    private func follower(_ span: WindowRange, _ spans: ContiguousArray<WindowRange>) -> WindowRange? {
        guard hasFollowers, isFirst(span, spans) else { return nil }
        let start = span.start.milliseconds + 1
        let range = WindowRange(start, start + before + 1)
        let others = spans[Self.first(of: spans, from: range.start)...].prefix { $0.start < range.end }
        guard others.contains(where: { $0.end <= range.end }) else { return nil }
        let hasOwner = others.contains { $0.start.milliseconds == start + before && $0.end <= range.end }
        return hasOwner ? nil : range
    }

    func pages(_ selection: WindowSelection, of partition: Partition) -> WindowPages<Key, Value> {
        switch selection {
        case .window(let range):
            range.end.milliseconds - before - after - 1 == range.start.milliseconds
                ? pages(of: range, partition) : .none
        case .time(let time): pages(of: window.current(at: time), partition)
        case .all: allPages(of: partition)
        }
    }

    /// The values of all keys in a window.
    private func pages(of range: WindowRange, _ partition: Partition) -> WindowPages<Key, Value> {
        var isDone = !isKept(range, partition)
        return WindowPages { [self] () throws(FaustError) in
            guard !isDone else { return nil }
            isDone = true
            let keys = layout.range(from: range.start.milliseconds, before: range.end.milliseconds)
            var (pages, values) = (TablePages(partition: partition, range: keys), [Bytes: Value]())
            while let page = try pages.next() {
                for entry in page {
                    let (span, key) = try entries.parts(of: entry.key)
                    guard span.end <= range.end else { continue }
                    let value = try entry.value(form)
                    values[key] = values[key].map { combine($0, value) } ?? value
                }
            }
            var result: [WindowPages<Key, Value>.Entry] = []
            for (key, value) in values.sorted(by: { $0.key.precedes($1.key) }) {
                result.append((WindowedKey(try entries.decode(key), in: range), value))
            }
            return result
        }
    }

    /// The values of all windows, in the order of the events that are the reasons for them.
    private func allPages(of partition: Partition) -> WindowPages<Key, Value> {
        var pages = TablePages(partition: partition, range: layout.range(from: nil, before: nil))
        return WindowPages { [self] () throws(FaustError) in
            guard let page = try pages.next() else { return nil }
            var result: [WindowPages<Key, Value>.Entry] = []
            for entry in page {
                let (span, base) = try entries.parts(of: entry.key)
                let spans = ContiguousArray(try index.all(base, in: partition))
                for range in reasons(span, spans) where isKept(range, partition) {
                    guard let value = try combined(base, range, spans, partition) else { continue }
                    result.append((WindowedKey(try entries.decode(base), in: range), value))
                }
            }
            return result
        }
    }

    // MARK: Closing

    func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ emit: WindowEmit<Key, Value>?)
        async throws
    {
        let ends = window.ends(ofClosedAfter: closed, upTo: time)
        if let emit {
            let pages = entryPages(partition, ends, lead: after + 1)
            try await emitAll(pages, partition, emit) { self.own($0, $1) }
        }
        let pages = entryPages(partition, ends, lead: reach)
        try await emitAll(pages, partition, emit) { self.follower($0, $1) }
        // No window needs these events any more.
        var retired = entryPages(partition, ends, lead: reach)
        while let page = try retired.next() {
            for entry in page {
                let (span, base) = try entries.parts(of: entry.key)
                index.retire(span, of: base, in: partition.number)
            }
            await Task.yield()
        }
    }

    /// The entries whose time is some time before the ends of windows that close.
    private func entryPages(
        _ partition: Partition,
        _ ends: (from: Int64?, before: Int64),
        lead: Int64
    ) -> TablePages<WindowedKey<Key>, Value> {
        TablePages(
            partition: partition,
            range: layout.range(from: ends.from.map { $0 - lead }, before: ends.before - lead),
            limit: 64
        )
    }

    private func emitAll(
        _ entryPages: TablePages<WindowedKey<Key>, Value>,
        _ partition: Partition,
        _ emit: WindowEmit<Key, Value>?,
        _ windowOf: (WindowRange, ContiguousArray<WindowRange>) -> WindowRange?
    ) async throws {
        guard let emit else { return }
        var (pages, count) = (entryPages, 0)
        while let page = try pages.next() {
            for entry in page {
                let (span, base) = try entries.parts(of: entry.key)
                let spans = try index.open(base, in: partition)
                guard let range = windowOf(span, spans) else { continue }
                count += spans.count
                if let value = try combined(base, range, spans, partition) {
                    try await emit(try entries.decode(base), range, value)
                }
                if count > Self.stepLength {
                    count = 0
                    await Task.yield()
                }
            }
            await Task.yield()
        }
    }

    func expired(at time: Int64) -> StoreRange? {
        window.firstKeptEnd(at: time).map { layout.range(from: nil, before: $0 - reach) }
    }

    func forget(_ partition: Int32) { index.forget(partition) }
    func settle() { index.settle() }
}
