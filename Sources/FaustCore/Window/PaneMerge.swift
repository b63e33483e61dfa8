// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Combines the entries of a window's panes, some keys at a time: each pane has its entries in the order of keys.
struct PaneMerge<Key: Sendable, Value: Sendable> {
    private typealias Entry = TablePages<WindowedKey<Key>, Value>.Entry

    private struct Cursor {
        var pages: TablePages<WindowedKey<Key>, Value>
        var page: ArraySlice<Entry> = []
        var isAtEnd = false

        mutating func fill() throws(FaustError) {
            while page.isEmpty, !isAtEnd {
                if let next = try pages.next() { page = next[...] } else { isAtEnd = true }
            }
        }
    }

    private let window: WindowRange
    private let entries: WindowEntries<Key, Value>
    private let combine: @Sendable (Value, Value) -> Value
    private var cursors: [Cursor]

    /// - Parameters:
    ///   - window: The window.
    ///   - entries: How entries lie.
    ///   - panes: The entries of each pane, in the order of time.
    ///   - combine: Makes one value of two, the older one first.
    init(
        _ window: WindowRange,
        _ entries: WindowEntries<Key, Value>,
        _ panes: [TablePages<WindowedKey<Key>, Value>],
        combine: @escaping @Sendable (Value, Value) -> Value
    ) {
        (self.window, self.entries, self.combine) = (window, entries, combine)
        cursors = panes.map { Cursor(pages: $0) }
    }

    /// The values of the next keys, in the order of the keys; `nil` at the end.
    mutating func next() throws(FaustError) -> [WindowPages<Key, Value>.Entry]? {
        var bound: Bytes?
        for index in cursors.indices {
            try cursors[index].fill()
            // All panes are known up to the least of the last keys at hand.
            guard let last = cursors[index].page.last.map({ Self.base($0.key) }) else { continue }
            if bound.map({ last.precedes($0) }) ?? true { bound = last }
        }
        guard let bound else { return nil }
        var values: [Bytes: Value] = [:]
        for index in cursors.indices {
            while let entry = cursors[index].page.first, !bound.precedes(Self.base(entry.key)) {
                cursors[index].page.removeFirst()
                let (key, value) = (Self.base(entry.key), try entry.value(entries.form))
                if let sum = values[key] { values[key] = combine(sum, value) } else { values[key] = value }
            }
        }
        var result: [WindowPages<Key, Value>.Entry] = []
        for (key, value) in values.sorted(by: { $0.key.precedes($1.key) }) {
            result.append((WindowedKey(try entries.decode(key), in: window), value))
        }
        return result
    }

    /// The key of an entry without its pane.
    private static func base(_ key: Bytes) -> Bytes { key[16...] }
}
