// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The entries of a table as an asynchronous sequence, which throws when the store can't be read.
///
/// The entries of a partition come in the order of their keys: numbers by size, strings by their UTF-8. Partitions come
/// one after the other. The iteration takes no lock for long and sees changes made meanwhile or not.
public struct TableItems<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// A key and its value.
    public typealias Element = (key: Key, value: Value)

    let core: TableCore<Key, Value>
    let range: StoreRange
    /// What was wrong with the range that was asked for.
    let fault: FaustError?

    /// Starts the iteration.
    public func makeAsyncIterator() -> Iterator {
        Iterator(core: core, range: range, fault: fault)
    }

    /// Yields the entries.
    public struct Iterator: AsyncIteratorProtocol {
        private let core: TableCore<Key, Value>
        private let range: StoreRange
        private var fault: FaustError?
        private var partitions: [TablePartition<Key, Value>]?
        private var pages: TablePages<Key, Value>?
        private var page: ArraySlice<TablePages<Key, Value>.Entry> = []

        init(core: TableCore<Key, Value>, range: StoreRange, fault: FaustError?) {
            self.core = core
            self.range = range
            self.fault = fault
        }

        /// The next entry; never suspends.
        ///
        /// - Throws: ``FaustError`` when the store can't be read or an entry not be decoded.
        public mutating func next() async throws -> Element? {
            guard let entry = try nextEntry() else { return nil }
            return (try core.form.decodeKey(entry.key), try entry.value(core.form))
        }

        mutating func nextEntry() throws(FaustError) -> TablePages<Key, Value>.Entry? {
            if let fault { throw fault }
            while true {
                if let entry = page.popFirst() { return entry }
                if let next = try pages?.next() {
                    page = next[...]
                    continue
                }
                if partitions == nil { partitions = try core.visible() }
                guard let partition = partitions?.first else { return nil }
                partitions?.removeFirst()
                pages = TablePages(partition: partition, range: range)
            }
        }
    }
}

extension Table {
    /// All entries that are visible here: those of the partition in hand inside of an agent's stream, else those of all
    /// partitions of this worker.
    public func items() -> TableItems<Key, Value> {
        TableItems(core: core, range: .all, fault: nil)
    }

    /// The entries with keys from one on and before another one, in the order that ``TableItems`` says.
    ///
    /// - Parameters:
    ///   - lowerBound: The first key wanted; `nil` for the very first.
    ///   - upperBound: The first key not wanted any more; `nil` for all to the last.
    /// - Returns: The entries; a bound that can't be written is thrown by the iteration.
    public func items(from lowerBound: Key?, before upperBound: Key? = nil) -> TableItems<Key, Value> {
        do throws(FaustError) {
            var range = StoreRange.all
            if let lowerBound { range.lowerBound = try core.form.encode(lowerBound) }
            if let upperBound { range.upperBound = try core.form.encode(upperBound) }
            return TableItems(core: core, range: range, fault: nil)
        } catch {
            return TableItems(core: core, range: .all, fault: error)
        }
    }

    /// All keys that are visible here; see ``items()``.
    public func keys() -> some AsyncSequence<Key, any Error> & Sendable {
        items().map { $0.key }
    }

    /// All values that are visible here; see ``items()``.
    public func values() -> some AsyncSequence<Value, any Error> & Sendable {
        items().map { $0.value }
    }

    /// The number of entries that are visible here, counted one by one.
    ///
    /// - Throws: ``FaustError`` when the store can't be read.
    public func count() throws(FaustError) -> Int {
        try core.count(in: .all)
    }

    /// About how many entries are visible here, without looking at them: what is committed.
    ///
    /// - Throws: ``FaustError`` when the store can't be read.
    public func estimatedCount() throws(FaustError) -> Int {
        var count = 0
        for partition in try core.visible() { count += try partition.readyStore().estimatedCount() }
        return count
    }
}

extension Table where Key == String {
    /// The entries whose keys start with a text, in the order of their UTF-8.
    public func items(prefix: String) -> TableItems<Key, Value> {
        TableItems(core: core, range: StoreRange(prefix: core.form.lead.appending(prefix.utf8)), fault: nil)
    }
}
