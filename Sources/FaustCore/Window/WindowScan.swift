// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Goes through the windows that a partition has entries of, without looking at all entries: entries lie in the order
/// of their windows.
struct WindowScan<Key: Sendable, Value: Sendable> {
    private let partition: TablePartition<WindowedKey<Key>, Value>
    private let entries: WindowEntries<Key, Value>
    /// What is not in the store yet, in order.
    let unsettled: [(key: Bytes, value: Value?)]
    private var rest: StoreRange

    /// - Parameters:
    ///   - partition: The partition.
    ///   - entries: How entries lie.
    ///   - range: Where to look; everywhere by default.
    /// - Throws: ``FaustError`` when the partition is not here.
    init(
        _ partition: TablePartition<WindowedKey<Key>, Value>,
        _ entries: WindowEntries<Key, Value>,
        in range: StoreRange? = nil
    ) throws(FaustError) {
        self.partition = partition
        self.entries = entries
        rest = range ?? entries.layout.range(from: nil, before: nil)
        unsettled = try partition.unsettled(in: rest)
    }

    /// The next window; `nil` at the end.
    mutating func nextWindow() throws(FaustError) -> WindowRange? {
        var (stored, pending) = (rest, slice(rest)[...])
        var first: Bytes?
        // Removed entries that the store still has are stepped over one by one.
        while first == nil {
            guard let entry = try partition.readyStore().entries(in: stored, limit: 1).first else { break }
            if isRemoved(entry.key) { stored = stored.after(entry.key) } else { first = entry.key }
        }
        while let entry = pending.popFirst() {
            guard entry.value != nil else { continue }
            if first.map({ entry.key.precedes($0) }) ?? true { first = entry.key }
            break
        }
        guard let first else { return nil }
        let window = try entries.parts(of: first).window
        skip(StoreRange(prefix: entries.layout.prefix(window)))
        return window
    }

    /// Goes on behind a range of keys.
    mutating func skip(_ range: StoreRange) {
        rest = range.upperBound.map { StoreRange(from: $0, before: rest.upperBound) } ?? StoreRange(before: .empty)
    }

    /// What is not in the store yet, of a part of the range.
    func slice(_ range: StoreRange) -> ArraySlice<(key: Bytes, value: Value?)> {
        let end = range.upperBound.map(lowerBound) ?? unsettled.count
        let start = min(lowerBound(range.lowerBound), end)
        return unsettled[start..<end]
    }

    private func isRemoved(_ key: Bytes) -> Bool {
        let index = lowerBound(key)
        return index < unsettled.count && unsettled[index].key == key && unsettled[index].value == nil
    }

    /// The index of the first key that is not before `key`.
    private func lowerBound(_ key: Bytes) -> Int {
        var (low, high) = (0, unsettled.count)
        while low < high {
            let middle = (low + high) / 2
            if unsettled[middle].key.precedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
