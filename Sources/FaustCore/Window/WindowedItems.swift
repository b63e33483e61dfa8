// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The entries of a windowed table as an asynchronous sequence, which throws when the store can't be read.
///
/// Partitions come one after the other; in each, entries come as ``WindowedTable/items()`` says. The iteration takes no
/// lock for long and sees changes made meanwhile or not.
public struct WindowedItems<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// A key with its window, and the value.
    public typealias Element = (key: WindowedKey<Key>, value: Value)

    let table: WindowedTable<Key, Value>
    let selection: WindowSelection

    /// Starts the iteration.
    public func makeAsyncIterator() -> Iterator {
        Iterator(table: table, selection: selection)
    }

    /// Yields the entries.
    public struct Iterator: AsyncIteratorProtocol {
        private let table: WindowedTable<Key, Value>
        private let selection: WindowSelection
        private var partitions: [TablePartition<WindowedKey<Key>, Value>]?
        private var pages: WindowPages<Key, Value>?
        private var page: ArraySlice<Element> = []

        init(table: WindowedTable<Key, Value>, selection: WindowSelection) {
            (self.table, self.selection) = (table, selection)
        }

        /// The next entry; never suspends.
        ///
        /// - Throws: ``FaustError`` when the store can't be read or an entry not be decoded.
        public mutating func next() async throws -> Element? {
            while true {
                if let entry = page.popFirst() { return entry }
                if let next = try pages?.next() {
                    page = next[...]
                    continue
                }
                if partitions == nil { partitions = try table.core.visible() }
                guard let partition = partitions?.first else { return nil }
                partitions?.removeFirst()
                pages = table.keeper.method.pages(selection, of: partition)
            }
        }
    }
}
