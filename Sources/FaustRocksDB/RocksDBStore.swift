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
/// those that start with 1 are the table's. The latest changes are in a ``WriteBuffer``, together with their position,
/// until there are many or the store is closed.
final class RocksDBStore: Store {
    private struct State {
        /// What the database does not have.
        var buffer = WriteBuffer()
        /// What is being written to the database.
        var writing: WriteBuffer?
        /// How many scans there were since the last change.
        var scanCount = 0

        func value(of key: Bytes) -> Bytes?? {
            buffer.change(of: key) ?? writing?.change(of: key)
        }
    }

    private let database: Database
    private let directory: StoreDirectory
    private let cache: BlockCache
    private let isBulkLoading = Atomic(false)
    private let isClosed = Atomic(false)
    private let state = Mutex(State())
    /// Held by whoever writes to the database, and by scans that look at it and at what it does not have yet.
    private let turn = Mutex(())
    /// The number of changes that a scan puts between those of the database; where there are more, they are written first.
    private static let mergeLimit = 1_024
    /// The number of scans in a row from which on they are no longer put up with.
    private static let scanLimit = 16

    init(database: Database, directory: StoreDirectory, cache: BlockCache) {
        self.database = database
        self.directory = directory
        self.cache = cache
    }

    func position() throws(FaustError) -> StorePosition? {
        try checkOpen()
        if let position = state.withLock({ $0.buffer.position ?? $0.writing?.position }) { return position }
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
        try checkOpen()
        if let known = state.withLock({ $0.value(of: key) }) { return known }
        return try run { () throws(RocksDBError) in
            try StoreLayout.withEntryKey(key) { (key) throws(RocksDBError) in
                try database.withValue(of: key) { Bytes($0) }
            }
        }
    }

    func apply(_ batch: StoreBatch) throws(FaustError) {
        try checkOpen()
        try turn.withLock { _ throws(FaustError) in
            let isBuffered = !isBulkLoading.load(ordering: .acquiring) && WriteBuffer.takes(batch)
            if !isBuffered || state.withLock({ $0.buffer.isFull }) { try writeBuffer() }
            guard isBuffered else { return try write(batch) }
            state.withLock { state in
                state.buffer.merge(batch)
                state.scanCount = 0
            }
        }
    }

    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] {
        try checkOpen()
        guard !range.isEmpty, limit > 0 else { return [] }
        return try turn.withLock { _ throws(FaustError) in
            // Nothing is being written: that happens in a turn.
            var pending = state.withLock { state in
                state.scanCount += 1
                return state.scanCount > Self.scanLimit ? nil : state.buffer.changes(in: range)
            }
            if (pending?.count ?? .max) > Self.mergeLimit {
                try writeBuffer()
                pending = []
            }
            guard let pending, !pending.isEmpty else { return try stored(range, limit) }
            return try merged(pending, range, limit)
        }
    }

    /// What the database has and what it does not have yet, in order.
    private func merged(
        _ pending: [(key: Bytes, value: Bytes?)],
        _ range: StoreRange,
        _ limit: Int
    ) throws(FaustError) -> [StoreEntry] {
        var (result, rest) = ([StoreEntry](), pending[...])
        var range = range
        while result.count < limit {
            let page = try stored(range, limit)
            for entry in page {
                while let first = rest.first, first.key.precedes(entry.key) {
                    rest.removeFirst()
                    if let value = first.value { result.append(StoreEntry(key: first.key, value: value)) }
                }
                if let first = rest.first, first.key == entry.key {
                    rest.removeFirst()
                    if let value = first.value { result.append(StoreEntry(key: first.key, value: value)) }
                } else {
                    result.append(entry)
                }
            }
            guard page.count == limit, let last = page.last else {
                for change in rest {
                    if let value = change.value { result.append(StoreEntry(key: change.key, value: value)) }
                }
                break
            }
            range = range.after(last.key)
        }
        return result.count > limit ? Array(result[..<limit]) : result
    }

    /// What the database has.
    private func stored(_ range: StoreRange, _ limit: Int) throws(FaustError) -> [StoreEntry] {
        try run { () throws(RocksDBError) in
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

    // MARK: Writing

    /// Writes what the database does not have yet; in a turn.
    private func writeBuffer() throws(FaustError) {
        let buffer = state.withLock { state -> WriteBuffer? in
            guard !state.buffer.isEmpty else { return nil }
            // It can be read while it is written.
            let buffer = state.buffer
            state.writing = buffer
            state.buffer = WriteBuffer()
            return buffer
        }
        guard let buffer else { return }
        do throws(FaustError) {
            try write(buffer)
            state.withLock { $0.writing = nil }
        } catch {
            // Nothing came meanwhile, since that takes a turn.
            state.withLock { state in
                state.buffer = buffer
                state.writing = nil
            }
            throw error
        }
    }

    private func write(_ buffer: WriteBuffer) throws(FaustError) {
        let writes = WriteBatch()
        buffer.forEachInOrder { key, value in
            if let value { writes.put(key, value) } else { writes.delete(key) }
        }
        try write(writes, buffer.position)
    }

    private func write(_ batch: StoreBatch) throws(FaustError) {
        let writes = WriteBatch()
        for change in batch.changes {
            switch change {
            case .put(let key, let value):
                StoreLayout.withEntryKey(key) { key in value.withUnsafeBytes { writes.put(key, $0) } }
            case .delete(let key): StoreLayout.withEntryKey(key) { writes.delete($0) }
            case .deleteRange(let range):
                writes.deleteRange(StoreLayout.entryKey(range.lowerBound), StoreLayout.entryBound(range.upperBound))
            }
        }
        try write(writes, batch.position)
    }

    private func write(_ writes: borrowing WriteBatch, _ position: StorePosition?) throws(FaustError) {
        if let position { writes.put(StoreLayout.positionKey, StoreLayout.bytes(position)) }
        do throws(RocksDBError) {
            if isBulkLoading.load(ordering: .acquiring) {
                try database.writeUnlogged(writes)
            } else {
                try database.write(writes, synced: false)
            }
        } catch {
            throw failure(error)
        }
    }

    // MARK: The database

    func estimatedCount() throws(FaustError) -> Int {
        try checkOpen()
        // What the buffer has may be there already.
        try turn.withLock { _ throws(FaustError) in try writeBuffer() }
        return try run { () throws(RocksDBError) in
            // The store's own keys are counted too.
            max((try database.property("rocksdb.estimate-num-keys") ?? 0) - StoreLayout.ownKeyCount, 0)
        }
    }

    /// Keeps changes out of the write-ahead log and puts off merging while very many come.
    func setBulkLoading(_ isLoading: Bool) throws(FaustError) {
        try checkOpen()
        try turn.withLock { _ throws(FaustError) in
            guard isBulkLoading.load(ordering: .acquiring) != isLoading else { return }
            try writeBuffer()
            isBulkLoading.store(isLoading, ordering: .releasing)
            try run { () throws(RocksDBError) in
                // What was not logged must be in files before the first logged write.
                if !isLoading { try database.flush() }
                try database.setOption("disable_auto_compactions", isLoading ? "true" : "false")
            }
        }
    }

    func statistics() -> [String: Int64] {
        var result: [String: Int64] = ["block-cache-bytes": Int64(cache.usedByteCount)]
        result["buffered-keys"] = Int64(state.withLock { $0.buffer.count })
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
        turn.withLock { _ in
            guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
            // What can't be written any more is read again from the changelog, since the position stays behind with it.
            try? writeBuffer()
            database.close()
        }
    }

    func destroy() throws(FaustError) {
        turn.withLock { _ in
            isClosed.store(true, ordering: .releasing)
            state.withLock { $0 = State() }
            database.close()
        }
        try directory.remove()
    }

    private func checkOpen() throws(FaustError) {
        if isClosed.load(ordering: .acquiring) { throw directory.failure(.closed) }
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
