// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// What the stores of a worker have written, which outlives the worker.
///
/// Stores in memory are not kept, as in production. Any other kind is kept here, in memory, so that a test needs neither
/// RocksDB nor a directory.
final class Disk: Sendable {
    private struct Place: Hashable {
        let table: String
        let partition: Int32
    }

    private let stores = Mutex<[Place: MemoryStore]>([:])

    /// Loses everything.
    func erase() {
        stores.withLock { $0 = [:] }
    }

    /// A registry of the same schemes whose stores are kept here.
    func registry(insteadOf registry: StoreRegistry) -> StoreRegistry {
        var kept = StoreRegistry()
        for scheme in registry.schemes where scheme != "memory" {
            kept.register(scheme) { [self] location in
                let place = Place(table: location.table, partition: location.partition)
                let store = stores.withLock { stores in
                    let store = stores[place] ?? MemoryStore()
                    stores[place] = store
                    return store
                }
                return KeptStore(store) { [weak self] in self?.stores.withLock { $0[place] = nil } }
            }
        }
        return kept
    }
}

/// A store that is open once and whose entries stay when it is closed.
private final class KeptStore: Store {
    private let store: MemoryStore
    private let remove: @Sendable () -> Void
    private let isClosed = Atomic(false)

    init(_ store: MemoryStore, remove: @escaping @Sendable () -> Void) {
        self.store = store
        self.remove = remove
    }

    private func open() throws(FaustError) -> MemoryStore {
        if isClosed.load(ordering: .acquiring) { throw FaustError(.closed, "the store is closed") }
        return store
    }

    func position() throws(FaustError) -> StorePosition? { try open().position() }
    func value(of key: Bytes) throws(FaustError) -> Bytes? { try open().value(of: key) }
    func apply(_ batch: StoreBatch) throws(FaustError) { try open().apply(batch) }

    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] {
        try open().entries(in: range, limit: limit)
    }

    func estimatedCount() throws(FaustError) -> Int { try open().estimatedCount() }
    func setBulkLoading(_ isLoading: Bool) throws(FaustError) { try open().setBulkLoading(isLoading) }
    func statistics() -> [String: Int64] { store.statistics() }

    func close() {
        isClosed.store(true, ordering: .releasing)
    }

    func destroy() throws(FaustError) {
        close()
        remove()
    }
}
