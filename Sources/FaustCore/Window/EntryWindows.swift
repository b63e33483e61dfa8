// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Windows of fixed sizes with an entry per key and window: a change is made in each window of its time.
struct EntryWindows<Key: Sendable, Value: Sendable>: WindowMethod {
    typealias Partition = WindowPartition<Key, Value>

    let entries: WindowEntries<Key, Value>
    /// Those of the entries, which are more than is to be copied for a look at one of them.
    let (window, layout): (Window, WindowLayout)

    init(_ entries: WindowEntries<Key, Value>) {
        self.entries = entries
        (window, layout) = (entries.window, entries.layout)
    }

    func change(
        _ key: Key,
        at moment: WindowMoment,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws -> Bool {
        let base = try entries.encode(key)
        if window.isTumbling {
            let range = window.current(at: moment.time)
            if window.isClosed(range, at: Timestamp(milliseconds: moment.streamTime)) { return false }
            try change(range, base, in: partition, scope, body)
            return true
        }
        let open = openWindows(moment)
        for range in open { try change(range, base, in: partition, scope, body) }
        return !open.isEmpty
    }

    private func change(
        _ range: WindowRange,
        _ base: Bytes,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws {
        try partition.change(layout.bytes(range, base), default: entries.makeDefault, in: scope, body)
    }

    func remove(_ key: Key, at moment: WindowMoment, in partition: Partition, _ scope: EventScope?) throws(FaustError) {
        let base = try entries.encode(key)
        for range in openWindows(moment) {
            _ = try partition.removeValue(of: layout.bytes(range, base), in: scope)
        }
    }

    private func openWindows(_ moment: WindowMoment) -> [WindowRange] {
        window.ranges(at: moment.time)
            .filter { !window.isClosed($0, at: Timestamp(milliseconds: moment.streamTime)) }
    }

    func value(of key: Key, in window: WindowRange, _ partition: Partition) throws(FaustError) -> Value? {
        try partition.value(of: layout.bytes(window, try entries.encode(key)))
    }

    func windows(of key: Key, in partition: Partition) throws(FaustError) -> [(window: WindowRange, value: Value)] {
        let base = try entries.encode(key)
        var (scan, result) = (try WindowScan(partition, entries), [(window: WindowRange, value: Value)]())
        while let range = try scan.nextWindow() {
            if let value = try partition.value(of: layout.bytes(range, base)) { result.append((range, value)) }
        }
        return result
    }

    func pages(_ selection: WindowSelection, of partition: Partition) -> WindowPages<Key, Value> {
        let range =
            switch selection {
            case .all: layout.range(from: nil, before: nil)
            case .window(let window): StoreRange(prefix: layout.prefix(window))
            case .time(let time): StoreRange(prefix: layout.prefix(window.current(at: time)))
            }
        return entries.pages(range, of: partition)
    }

    func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ emit: WindowEmit<Key, Value>?)
        async throws
    {
        guard let emit else { return }
        let ends = window.ends(ofClosedAfter: closed, upTo: time)
        let pages = entries.pages(
            layout.range(from: ends.from.map { $0 - size }, before: ends.before - size),
            of: partition
        )
        while let page = try pages.next() {
            for entry in page { try await emit(entry.key.key, entry.key.window, entry.value) }
            await Task.yield()
        }
    }

    func expired(at time: Int64) -> StoreRange? {
        // No start lies between two steps: the range grows with each step, not with each event.
        window.firstKeptEnd(at: time).map { layout.range(from: nil, before: Window.ceiling($0 - size, step)) }
    }

    func forget(_ partition: Int32) {}
    func settle() {}

    private var size: Int64 {
        guard case .hopping(let size, _) = window.kind else { return 1 }
        return size
    }

    private var step: Int64 {
        guard case .hopping(_, let step) = window.kind else { return 1 }
        return step
    }
}
