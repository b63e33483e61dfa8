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
    private var unsettled: [(key: Bytes, value: Value?)]?
    private static var limit: Int { 256 }

    init(partition: TablePartition<Key, Value>, range: StoreRange) {
        self.partition = partition
        rest = partition.form.entries(in: range)
    }

    /// The next entries, which may be none; `nil` at the end.
    mutating func next() throws(FaustError) -> [Entry]? {
        guard let range = rest else { return nil }
        let pending = try unsettledEntries(in: range)
        let stored = try partition.readyStore().entries(in: range, limit: Self.limit)
        let isLast = stored.count < Self.limit
        let bound = isLast ? nil : stored.last?.key
        let head = pending.prefix { entry in bound.map { !$0.precedes(entry.key) } ?? true }
        unsettled = Array(pending.dropFirst(head.count))
        rest = bound.map { range.after($0) }
        return Self.merge(stored, head)
    }

    private mutating func unsettledEntries(in range: StoreRange) throws(FaustError) -> [(key: Bytes, value: Value?)] {
        if let unsettled { return unsettled }
        return try partition.unsettled()
            .filter { range.contains($0.key) }
            .map { (key: $0.key, value: $0.value) }
            .sorted { $0.key.precedes($1.key) }
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
