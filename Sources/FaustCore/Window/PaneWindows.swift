// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Hopping windows that are put together from panes; see ``PaneMath``.
final class PaneWindows<Key: Sendable, Value: Sendable>: WindowMethod {
    typealias Partition = WindowPartition<Key, Value>
    typealias Combine = @Sendable (Value, Value) -> Value

    let entries: WindowEntries<Key, Value>
    private let math: PaneMath
    private let combine: Combine
    private let times: WindowTimes
    /// The entries beside those of the panes, of any key: per partition and pane the ends from which on they count.
    private let late = Mutex<[Int32: [Int64: [Int64]]]>([:])

    init(_ entries: WindowEntries<Key, Value>, times: WindowTimes, combine: @escaping Combine) {
        (self.entries, self.times, self.combine) = (entries, times, combine)
        math = PaneMath(entries.window)
    }

    // MARK: Changes

    func change(
        _ key: Key,
        at moment: WindowMoment,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws -> Bool {
        let base = try entries.encode(key)
        guard let entry = math.entry(at: moment) else { return false }
        try noteLate(entry, partition)
        try partition.change(layout.bytes(entry, base), default: entries.makeDefault, in: scope, body)
        return true
    }

    func remove(_ key: Key, at moment: WindowMoment, in partition: Partition, _ scope: EventScope?) throws(FaustError) {
        let base = try entries.encode(key)
        guard let entry = math.entry(at: moment) else { return }
        _ = try partition.removeValue(of: layout.bytes(entry, base), in: scope)
    }

    // MARK: Reading

    func value(of key: Key, in window: WindowRange, _ partition: Partition) throws(FaustError) -> Value? {
        guard math.isWindow(window), isKept(window, partition) else { return nil }
        return try combined(try entries.encode(key), window, partition, try lateEnds(partition))
    }

    private func combined(
        _ base: Bytes,
        _ window: WindowRange,
        _ partition: Partition,
        _ late: [Int64: [Int64]]
    ) throws(FaustError) -> Value? {
        var result: Value?
        for entry in entriesOf(window, late) {
            guard let value = try partition.value(of: layout.bytes(entry, base)) else { continue }
            result = result.map { combine($0, value) } ?? value
        }
        return result
    }

    /// The entries that count for a window, in the order of time.
    private func entriesOf(_ window: WindowRange, _ late: [Int64: [Int64]]) -> [WindowRange] {
        var result: [WindowRange] = []
        for pane in math.panes(of: window) {
            result.append(WindowRange(pane, math.oldestEnd(ofPane: pane)))
            for end in late[pane] ?? [] where end <= window.end.milliseconds { result.append(WindowRange(pane, end)) }
        }
        return result
    }

    /// Whether the panes of a window are all there: some of an expired one may be, for younger windows.
    private func isKept(_ range: WindowRange, _ partition: Partition) -> Bool {
        times.streamTime(of: partition.number).map { !window.isExpired(range, at: $0) } ?? true
    }

    func windows(of key: Key, in partition: Partition) throws(FaustError) -> [(window: WindowRange, value: Value)] {
        let (base, late) = (try entries.encode(key), try lateEnds(partition))
        var (scan, result) = (try WindowScan(partition, entries), [(window: WindowRange, value: Value)]())
        var next = Int64.min
        while let entry = try scan.nextWindow() {
            guard try partition.value(of: layout.bytes(entry, base)) != nil else { continue }
            for range in window.ranges(at: entry.start) where range.start.milliseconds >= next {
                next = range.start.milliseconds + 1
                guard isKept(range, partition) else { continue }
                if let value = try combined(base, range, partition, late) { result.append((range, value)) }
            }
        }
        return result
    }

    func pages(_ selection: WindowSelection, of partition: Partition) -> WindowPages<Key, Value> {
        switch selection {
        case .window(let range): math.isWindow(range) ? pages(within: range, range, partition) : .none
        case .time(let time): pages(within: window.current(at: time), window.current(at: time), partition)
        case .all: pages(within: nil, nil, partition)
        }
    }

    /// The entries of all windows that end within a range, window by window.
    private func pages(
        within first: WindowRange?,
        _ last: WindowRange?,
        _ partition: Partition
    ) -> WindowPages<Key, Value> {
        var walk: Walk?
        var merge: PaneMerge<Key, Value>?
        return WindowPages { [self] () throws(FaustError) in
            if walk == nil {
                walk = try Walk(self, partition, from: first?.end.milliseconds, upTo: last?.end.milliseconds)
            }
            while true {
                if let page = try merge?.next() { return page }
                guard let range = try walk?.next() else { return nil }
                guard isKept(range, partition) else { continue }
                merge = walk?.merge(range)
            }
        }
    }

    // MARK: Closing

    func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ emit: WindowEmit<Key, Value>?)
        async throws
    {
        guard let emit else { return prune(partition.number, at: time) }
        let ends = window.ends(ofClosedAfter: closed, upTo: time)
        var walk = try Walk(self, partition, from: ends.from, upTo: ends.before - 1)
        while let range = try walk.next() {
            var merge = walk.merge(range)
            while let page = try merge.next() {
                for entry in page { try await emit(entry.key.key, entry.key.window, entry.value) }
                await Task.yield()
            }
        }
        prune(partition.number, at: time)
    }

    func expired(at time: Int64) -> StoreRange? {
        window.firstKeptEnd(at: time)
            .map { layout.range(from: nil, before: math.firstPane(ofWindowsEnding: $0)) }
    }

    /// Goes through the windows that have entries.
    private struct Walk {
        private let method: PaneWindows
        private let partition: Partition
        private let late: [Int64: [Int64]]
        private var scan: WindowScan<Key, Value>
        private var entry: WindowRange?
        /// The least start of the next window.
        private var nextStart: Int64
        private let last: Int64

        /// - Parameters:
        ///   - method: Whose windows.
        ///   - partition: The partition.
        ///   - first: The least end of the windows; `nil` for any.
        ///   - last: The greatest end of the windows; `nil` for any.
        /// - Throws: ``FaustError`` when the store can't be read.
        init(_ method: PaneWindows, _ partition: Partition, from first: Int64?, upTo last: Int64?) throws(FaustError) {
            (self.method, self.partition) = (method, partition)
            late = try method.lateEnds(partition)
            let start = first.map { $0 - method.math.size }
            scan = try WindowScan(partition, method.entries, in: method.layout.range(from: start, before: last))
            nextStart = start ?? .min
            self.last = last ?? .max
            entry = try scan.nextWindow()
        }

        mutating func next() throws(FaustError) -> WindowRange? {
            while let pane = entry?.start.milliseconds {
                let math = method.math
                // The first window that has the pane and was not there yet.
                let oldest = max(math.oldestEnd(ofPane: pane) - math.size, math.firstStart(notBefore: nextStart))
                if oldest <= pane {
                    guard oldest <= last - math.size else { return nil }
                    nextStart = oldest + 1
                    return WindowRange(oldest, oldest + math.size)
                }
                entry = try scan.nextWindow()
            }
            return nil
        }

        /// The entries of a window.
        func merge(_ range: WindowRange) -> PaneMerge<Key, Value> {
            let panes = method.entriesOf(range, late)
            let limit = max(4_096 / panes.count, 16)
            let cursors = panes.map { pane -> TablePages<WindowedKey<Key>, Value> in
                let keys = StoreRange(prefix: method.layout.prefix(pane))
                return TablePages(partition: partition, range: keys, unsettled: scan.slice(keys), limit: limit)
            }
            return PaneMerge(range, method.entries, cursors, combine: method.combine)
        }
    }

    // MARK: Late changes

    private func noteLate(_ entry: WindowRange, _ partition: Partition) throws(FaustError) {
        let (pane, end) = (entry.start.milliseconds, entry.end.milliseconds)
        guard end > math.oldestEnd(ofPane: pane) else { return }
        _ = try lateEnds(partition)
        late.withLock { late in
            var ends = late[partition.number]?[pane] ?? []
            guard !ends.contains(end) else { return }
            ends.append(end)
            late[partition.number]?[pane] = ends.sorted()
        }
    }

    /// The entries beside those of the panes; looks for them when the partition is new.
    private func lateEnds(_ partition: Partition) throws(FaustError) -> [Int64: [Int64]] {
        if let known = late.withLock({ $0[partition.number] }) { return known }
        var (scan, found) = (try WindowScan(partition, entries), [Int64: [Int64]]())
        while let entry = try scan.nextWindow() {
            let (pane, end) = (entry.start.milliseconds, entry.end.milliseconds)
            if end > math.oldestEnd(ofPane: pane) { found[pane, default: []].append(end) }
        }
        return late.withLock { late in
            late[partition.number, default: found].merge([:]) { known, _ in known }
            return late[partition.number] ?? found
        }
    }

    /// Forgets the late entries of panes that have expired.
    private func prune(_ partition: Int32, at time: Int64) {
        guard let end = window.firstKeptEnd(at: time) else { return }
        let first = math.firstPane(ofWindowsEnding: end)
        late.withLock { late in
            guard let known = late[partition], known.contains(where: { $0.key < first }) else { return }
            late[partition] = known.filter { $0.key >= first }
        }
    }

    func forget(_ partition: Int32) { late.withLock { $0[partition] = nil } }
    func settle() {}
}
