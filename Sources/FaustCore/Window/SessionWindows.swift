// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Sessions: an entry per key and session, whose bounds move with the events.
///
/// Entries lie in the order of their ends, so that those that close and those that expire are a range. A session that
/// grows gets another key: the old one is removed, once per commit.
final class SessionWindows<Key: Sendable, Value: Sendable>: WindowMethod {
    typealias Partition = WindowPartition<Key, Value>

    let entries: WindowEntries<Key, Value>
    private let index: WindowIndex<Key, Value>
    private let merge: @Sendable (Value, Value) -> Value

    /// - Parameters:
    ///   - entries: The entries, by their ends and with companions.
    ///   - times: How far the partitions are.
    ///   - merge: Makes one value of those of two sessions, the older one first.
    init(
        _ entries: WindowEntries<Key, Value>,
        times: WindowTimes,
        merge: @escaping @Sendable (Value, Value) -> Value
    ) {
        (self.entries, self.merge) = (entries, merge)
        let window = entries.window
        index = WindowIndex(entries, times) { window.firstOpenEnd(at: $0) }
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
        let streamTime = Timestamp(milliseconds: moment.streamTime)
        let open = try openSessions(base, moment, partition)
        let (session, absorbed) = window.merge(moment.time, into: open)
        guard !window.isClosed(session, at: streamTime) else { return false }
        var value: Value?
        for part in absorbed {
            guard let found = try partition.value(of: layout.bytes(part, base)) else { continue }
            value = value.map { merge($0, found) } ?? found
        }
        var changed = value ?? entries.makeDefault()
        try body(&changed)
        let bytes = layout.bytes(session, base)
        if absorbed == [session] {
            try partition.write(bytes, changed, in: scope)
            return true
        }
        try partition.replace(absorbed.map { layout.bytes($0, base) }, by: bytes, changed, in: scope)
        index.replace(absorbed, by: session, of: base, in: partition.number)
        return true
    }

    func remove(_ key: Key, at moment: WindowMoment, in partition: Partition, _ scope: EventScope?) throws(FaustError) {
        let base = try entries.encode(key)
        let (_, touched) = window.merge(moment.time, into: try openSessions(base, moment, partition))
        for session in touched { try partition.write(layout.bytes(session, base), nil, in: scope) }
        index.replace(touched, by: nil, of: base, in: partition.number)
    }

    private func openSessions(
        _ base: Bytes,
        _ moment: WindowMoment,
        _ partition: Partition
    ) throws(FaustError) -> [WindowRange] {
        try index.open(base, in: partition)
            .filter { !window.isClosed($0, at: Timestamp(milliseconds: moment.streamTime)) }
    }

    // MARK: Reading

    func value(of key: Key, in window: WindowRange, _ partition: Partition) throws(FaustError) -> Value? {
        try partition.value(of: layout.bytes(window, try entries.encode(key)))
    }

    func value(of key: Key, at time: Timestamp, _ partition: Partition) throws(FaustError) -> Value? {
        let base = try entries.encode(key)
        var session = try index.open(base, in: partition).last { $0.contains(time) }
        if session == nil { session = try index.all(base, in: partition).last { $0.contains(time) } }
        guard let session else { return nil }
        return try partition.value(of: layout.bytes(session, base))
    }

    func windows(of key: Key, in partition: Partition) throws(FaustError) -> [(window: WindowRange, value: Value)] {
        let base = try entries.encode(key)
        var result: [(window: WindowRange, value: Value)] = []
        for session in try index.all(base, in: partition) {
            if let value = try partition.value(of: layout.bytes(session, base)) { result.append((session, value)) }
        }
        return result
    }

    func pages(_ selection: WindowSelection, of partition: Partition) -> WindowPages<Key, Value> {
        switch selection {
        case .all: entries.pages(layout.range(from: nil, before: nil), of: partition)
        case .window(let window): entries.pages(StoreRange(prefix: layout.prefix(window)), of: partition)
        case .time(let time):
            entries.pages(layout.range(from: Window.bounded(time) + 1, before: nil), of: partition) { session in
                session.contains(time)
            }
        }
    }

    // MARK: Closing

    func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ emit: WindowEmit<Key, Value>?)
        async throws
    {
        let ends = window.ends(ofClosedAfter: closed, upTo: time)
        var pages = TablePages(partition: partition, range: layout.range(from: ends.from, before: ends.before))
        while let page = try pages.next() {
            for entry in page {
                let (session, base) = try entries.parts(of: entry.key)
                index.retire(session, of: base, in: partition.number)
                if let emit { try await emit(try entries.decode(base), session, try entry.value(form)) }
            }
            await Task.yield()
        }
    }

    func expired(at time: Int64) -> StoreRange? {
        window.firstKeptEnd(at: time).map { layout.range(from: nil, before: $0) }
    }

    func forget(_ partition: Int32) { index.forget(partition) }
    func settle() { index.settle() }
}
