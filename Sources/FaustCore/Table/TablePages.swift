// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Goes through the entries of a table partition in the order of their keys, some at a time.
///
/// What is not in the store yet is taken when the iteration starts. Entries that are there all the time come once; for
/// those that are changed meanwhile, it may be the old or the new value that comes, or none.
struct TablePages<Key: Sendable, Value: Sendable>: Sendable {
    /// An entry: bytes of the store, or a value that is not there yet.
    struct Entry: Sendable {
        let key: Bytes
        fileprivate let stored: Bytes?
        fileprivate let unsettled: Value?

        func value(_ form: TableForm<Key, Value>) throws(FaustError) -> Value {
            if let unsettled { return unsettled }
            return try form.decodeValue(stored ?? .empty)
        }
    }

    private let partition: TablePartition<Key, Value>
    private var rest: StoreRange?
    private var unsettled: ArraySlice<(key: Bytes, value: Value?)>?
    private let limit: Int

    /// - Parameters:
    ///   - partition: The partition.
    ///   - range: The keys.
    ///   - unsettled: What of the range is not in the store yet, in order; `nil` if it is to be asked of the partition.
    ///   - limit: How many entries of the store to take at a time.
    init(
        partition: TablePartition<Key, Value>,
        range: StoreRange,
        unsettled: ArraySlice<(key: Bytes, value: Value?)>? = nil,
        limit: Int = 256
    ) {
        self.partition = partition
        self.unsettled = unsettled
        self.limit = limit
        rest = partition.form.entries(in: range)
    }

    /// The next entries, which may be none; `nil` at the end.
    mutating func next() throws(FaustError) -> [Entry]? {
        guard let range = rest else { return nil }
        let pending: ArraySlice<(key: Bytes, value: Value?)>
        if let unsettled { pending = unsettled } else { pending = try partition.unsettled(in: range)[...] }
        let stored = try partition.readyStore().entries(in: range, limit: limit)
        let isLast = stored.count < limit
        let bound = isLast ? nil : stored.last?.key
        let head = pending.prefix { entry in bound.map { !$0.precedes(entry.key) } ?? true }
        unsettled = pending.dropFirst(head.count)
        rest = bound.map { range.after($0) }
        return Self.merge(stored, head)
    }

    private static func merge(
        _ stored: [StoreEntry],
        _ unsettled: ArraySlice<(key: Bytes, value: Value?)>
    ) -> [Entry] {
        var result: [Entry] = []
        result.reserveCapacity(stored.count + unsettled.count)
        var unsettled = unsettled
        let take = { (entry: (key: Bytes, value: Value?)) in
            if let value = entry.value { result.append(Entry(key: entry.key, stored: nil, unsettled: value)) }
        }
        for entry in stored {
            while let first = unsettled.first, first.key.precedes(entry.key) { take(unsettled.removeFirst()) }
            if let first = unsettled.first, first.key == entry.key {
                take(unsettled.removeFirst())
            } else {
                result.append(Entry(key: entry.key, stored: entry.value, unsettled: nil))
            }
        }
        for entry in unsettled { take(entry) }
        return result
    }
}
