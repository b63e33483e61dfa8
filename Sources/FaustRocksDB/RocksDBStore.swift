// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import Logging
import RocksDB
import Synchronization

/// A store in a RocksDB database of its own.
///
/// The database has two kinds of keys: those that start with 0 are the store's own (the format and the position), and
/// those that start with 1 are the table's.
final class RocksDBStore: Store {
    private let database: Database
    private let directory: StoreDirectory
    private let cache: BlockCache
    private let isBulkLoading = Atomic(false)

    init(database: Database, directory: StoreDirectory, cache: BlockCache) {
        self.database = database
        self.directory = directory
        self.cache = cache
    }

    func position() throws(FaustError) -> StorePosition? {
        let stored = try run { () throws(RocksDBError) in
            try database.withValueOfKey(StoreLayout.positionKey) { [UInt8]($0) }
        }
        guard let stored else { return nil }
        guard let position = StoreLayout.position(stored) else {
            throw failure(.damaged("the position in the changelog can't be read"))
        }
        return position
    }

    func value(of key: Bytes) throws(FaustError) -> Bytes? {
        try run { () throws(RocksDBError) in
            try StoreLayout.withEntryKey(key) { (key) throws(RocksDBError) in
                try database.withValue(of: key) { Bytes($0) }
            }
        }
    }

    func apply(_ batch: StoreBatch) throws(FaustError) {
        let writes = WriteBatch()
        for change in batch.changes {
            switch change {
            case .put(let key, let value):
                StoreLayout.withEntryKey(key) { key in value.withUnsafeBytes { writes.put(key, $0) } }
            case .delete(let key):
                StoreLayout.withEntryKey(key) { writes.delete($0) }
            case .deleteRange(let range):
                writes.deleteRange(StoreLayout.entryKey(range.lowerBound), StoreLayout.entryBound(range.upperBound))
            }
        }
        if let position = batch.position { writes.put(StoreLayout.positionKey, StoreLayout.bytes(position)) }
        if isBulkLoading.load(ordering: .acquiring) {
            try run { () throws(RocksDBError) in try database.writeUnlogged(writes) }
        } else {
            try run { () throws(RocksDBError) in try database.write(writes, synced: false) }
        }
    }

    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] {
        guard !range.isEmpty, limit > 0 else { return [] }
        return try run { () throws(RocksDBError) in
            try database.iterate(before: StoreLayout.entryBound(range.upperBound)) { iterator throws(RocksDBError) in
                var entries: [StoreEntry] = []
                iterator.seek(StoreLayout.entryKey(range.lowerBound))
                while iterator.isValid, entries.count < limit {
                    let key = UnsafeRawBufferPointer(rebasing: iterator.key.dropFirst())
                    entries.append(StoreEntry(key: Bytes(key), value: Bytes(iterator.value)))
                    iterator.next()
                }
                try iterator.check()
                return entries
            }
        }
    }

    func estimatedCount() throws(FaustError) -> Int {
        try run { () throws(RocksDBError) in
            // The store's own keys are counted too.
            max((try database.property("rocksdb.estimate-num-keys") ?? 0) - StoreLayout.ownKeyCount, 0)
        }
    }

    /// Keeps changes out of the write-ahead log and puts off merging while very many come.
    func setBulkLoading(_ isLoading: Bool) throws(FaustError) {
        guard isBulkLoading.exchange(isLoading, ordering: .acquiringAndReleasing) != isLoading else { return }
        try run { () throws(RocksDBError) in
            // What was not logged must be in files before the first logged write.
            if !isLoading { try database.flush() }
            try database.setOption("disable_auto_compactions", isLoading ? "true" : "false")
        }
    }

    func statistics() -> [String: Int64] {
        var result: [String: Int64] = ["block-cache-bytes": Int64(cache.usedByteCount)]
        let names = [
            "estimate-num-keys", "total-sst-files-size", "live-sst-files-size", "cur-size-all-mem-tables",
            "estimate-table-readers-mem", "num-running-compactions", "estimate-pending-compaction-bytes",
        ]
        for name in names {
            guard let value = try? database.property("rocksdb.\(name)") else { continue }
            result[name] = Int64(value)
        }
        return result
    }

    func close() {
        database.close()
    }

    func destroy() throws(FaustError) {
        database.close()
        try directory.remove()
    }

    private func run<Result>(_ body: () throws(RocksDBError) -> Result) throws(FaustError) -> Result {
        do throws(RocksDBError) { return try body() } catch { throw failure(error) }
    }

    private func failure(_ error: RocksDBError) -> FaustError {
        // The next time that the store is opened, it is moved aside and rebuilt.
        if error.kind == .corruption { directory.markDamaged(error.description) }
        return directory.failure(error)
    }
}
#endif
