// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// A store in memory: `memory://`.
///
/// It is empty when it is opened, so that a table is recovered from its whole changelog whenever a partition is assigned.
/// Keys lie in ordered stretches of a bounded length: finding one costs two binary searches, and adding one moves no
/// more than a stretch.
public final class MemoryStore: Store {
    private struct State {
        var entries = OrderedEntries()
        var position: StorePosition?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    /// Where in the changelog the entries are.
    public func position() throws(FaustError) -> StorePosition? {
        try use { $0.position }
    }

    /// The value of a key.
    public func value(of key: Bytes) throws(FaustError) -> Bytes? {
        try use { $0.entries.value(of: key) }
    }

    /// Makes all changes of a batch.
    public func apply(_ batch: StoreBatch) throws(FaustError) {
        try use { state in
            for change in batch.changes {
                switch change {
                case .put(let key, let value): state.entries.put(key, value)
                case .delete(let key): state.entries.remove(key)
                case .deleteRange(let range): state.entries.remove(in: range)
                }
            }
            if let position = batch.position { state.position = position }
        }
    }

    /// The first entries of a range of keys.
    public func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] {
        try use { $0.entries.entries(in: range, limit: limit) }
    }

    /// The number of entries, which is exact.
    public func estimatedCount() throws(FaustError) -> Int {
        try use { $0.entries.count }
    }

    /// Changes nothing: there is no upkeep to be put off.
    public func setBulkLoading(_ isLoading: Bool) throws(FaustError) {
        try use { _ in }
    }

    /// The number of entries and the bytes of keys and values.
    public func statistics() -> [String: Int64] {
        state.withLock { ["entries": Int64($0.entries.count), "bytes": Int64($0.entries.byteCount)] }
    }

    /// Closes the store, whose entries are gone.
    public func close() {
        state.withLock { state in
            state = State()
            state.isClosed = true
        }
    }

    /// Closes the store, whose entries are gone.
    public func destroy() throws(FaustError) {
        close()
    }

    private func use<Result: Sendable>(_ body: (inout State) -> Result) throws(FaustError) -> Result {
        let result = state.withLock { state -> Result? in state.isClosed ? nil : body(&state) }
        guard let result else { throw FaustError(.closed, "the store is closed") }
        return result
    }
}
