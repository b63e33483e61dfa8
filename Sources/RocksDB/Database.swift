// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open database.
///
/// All methods may be called from any thread; after ``close()`` they throw.
///
/// It is `@unchecked Sendable` because of its raw pointers. It is safe to share: RocksDB's own functions are
/// thread-safe, the pointers are set once, and each use holds the lock shared while ``close()``, which frees them,
/// holds it alone.
package final class Database: @unchecked Sendable {
    /// The directory.
    package let path: String
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    private let isClosed = Atomic(false)
    private let database: OpaquePointer
    private let options: OpaquePointer
    private let readOptions: OpaquePointer
    private let writeOptions: OpaquePointer
    private let syncedWriteOptions: OpaquePointer
    private let unloggedWriteOptions: OpaquePointer

    /// Opens or creates a database.
    ///
    /// - Parameters:
    ///   - path: The directory; its parent must exist.
    ///   - options: How the database is set up.
    /// - Throws: ``RocksDBError``.
    package init(path: String, options: DatabaseOptions = DatabaseOptions()) throws(RocksDBError) {
        let rawOptions = options.makeOptions()
        let opened: OpaquePointer?
        do throws(RocksDBError) {
            opened = try RocksDBError.check { rocksdb_open(rawOptions, path, $0) }
        } catch {
            rocksdb_options_destroy(rawOptions)
            throw error
        }
        guard let opened else {
            rocksdb_options_destroy(rawOptions)
            throw RocksDBError(text: "the database can't be opened")
        }
        self.path = path
        self.options = rawOptions
        database = opened
        readOptions = rocksdb_readoptions_create()
        writeOptions = rocksdb_writeoptions_create()
        syncedWriteOptions = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(syncedWriteOptions, 1)
        unloggedWriteOptions = rocksdb_writeoptions_create()
        rocksdb_writeoptions_disable_WAL(unloggedWriteOptions, 1)
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_rwlock_t())
        pthread_rwlock_init(lock, nil)
    }

    deinit {
        close()
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Closes the database when the calls under way have returned.
    package func close() {
        if isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        rocksdb_close(database)
        rocksdb_writeoptions_destroy(unloggedWriteOptions)
        rocksdb_writeoptions_destroy(syncedWriteOptions)
        rocksdb_writeoptions_destroy(writeOptions)
        rocksdb_readoptions_destroy(readOptions)
        rocksdb_options_destroy(options)
    }

    /// The value of a key, in RocksDB's memory; `nil` when there is none.
    package func get(_ key: [UInt8]) throws(RocksDBError) -> PinnedValue? {
        try use { () throws(RocksDBError) in
            let slice = try RocksDBError.check { error in
                key.withChars { rocksdb_get_pinned(database, readOptions, $0, $1, error) }
            }
            return slice.map { PinnedValue($0) }
        }
    }

    /// Calls `body` with the value of a key where it lies, without a copy.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Must not let the bytes escape.
    /// - Returns: What `body` returns; `nil` when there is no such key.
    /// - Throws: ``RocksDBError``.
    package func withValue<Result>(
        of key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(RocksDBError) -> Result? {
        try use { () throws(RocksDBError) in
            let slice = try RocksDBError.check { error in
                let start = key.baseAddress?.assumingMemoryBound(to: CChar.self)
                return rocksdb_get_pinned(database, readOptions, start, key.count, error)
            }
            guard let slice else { return nil }
            defer { rocksdb_pinnableslice_destroy(slice) }
            var count = 0
            let start = rocksdb_pinnableslice_value(slice, &count)
            return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
        }
    }

    /// Makes changes.
    ///
    /// - Parameters:
    ///   - batch: The changes.
    ///   - synced: Whether they are on the disk when the call returns, and not only with the operating system.
    /// - Throws: ``RocksDBError``; nothing is changed then.
    package func write(_ batch: borrowing WriteBatch, synced: Bool) throws(RocksDBError) {
        // A closure can't capture a borrowed value; its pointer stays valid until this call returns.
        let pointer = batch.pointer
        try use { () throws(RocksDBError) in
            try RocksDBError.check { rocksdb_write(database, synced ? syncedWriteOptions : writeOptions, pointer, $0) }
        }
    }

    /// Makes changes that a crash may undo: they are not in the write-ahead log until the next ``flush()``.
    ///
    /// What a crash leaves is a state in between, with all changes up to some write and none after it, unless logged
    /// writes follow without a ``flush()`` first.
    ///
    /// - Throws: ``RocksDBError``; nothing is changed then.
    package func writeUnlogged(_ batch: borrowing WriteBatch) throws(RocksDBError) {
        let pointer = batch.pointer
        try use { () throws(RocksDBError) in
            try RocksDBError.check { rocksdb_write(database, unloggedWriteOptions, pointer, $0) }
        }
    }

    /// Changes an option of the open database, such as `disable_auto_compactions`.
    package func setOption(_ name: String, _ value: String) throws(RocksDBError) {
        try use { () throws(RocksDBError) in
            try RocksDBError.check { error in
                name.withCString { name in
                    value.withCString { value in
                        var (names, values): ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) = ([name], [value])
                        rocksdb_set_options(database, 1, &names, &values, error)
                    }
                }
            }
        }
    }

    /// A number that the database knows of itself, such as `rocksdb.estimate-num-keys`; `nil` for an unknown name.
    package func property(_ name: String) throws(RocksDBError) -> Int? {
        try use { () throws(RocksDBError) in
            var value: UInt64 = 0
            return rocksdb_property_int(database, name, &value) == 0 ? Int(clamping: value) : nil
        }
    }

    /// Calls `body` with an iterator over the keys before a bound.
    ///
    /// - Parameters:
    ///   - bound: The first key that is not wanted any more; `nil` for all.
    ///   - body: Moves the iterator; it must not let it escape, and must not call ``close()``.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or ``RocksDBError`` when the database is closed.
    package func iterate<Result>(
        before bound: [UInt8]? = nil,
        _ body: (borrowing RocksIterator) throws(RocksDBError) -> Result
    ) throws(RocksDBError) -> Result {
        try use { () throws(RocksDBError) in
            guard let bound else { return try body(RocksIterator(rocksdb_create_iterator(database, readOptions))) }
            let bounded: OpaquePointer = rocksdb_readoptions_create()
            defer { rocksdb_readoptions_destroy(bounded) }
            // RocksDB keeps a pointer to the bound, so that its memory has to outlive the iterator.
            let memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bound.count)
            defer { memory.deallocate() }
            _ = memory.initialize(from: bound.map { CChar(bitPattern: $0) })
            rocksdb_readoptions_set_iterate_upper_bound(bounded, memory.baseAddress, memory.count)
            return try body(RocksIterator(rocksdb_create_iterator(database, bounded)))
        }
    }

    /// Writes the tables in memory to files.
    package func flush() throws(RocksDBError) {
        try use { () throws(RocksDBError) in
            let options: OpaquePointer = rocksdb_flushoptions_create()
            defer { rocksdb_flushoptions_destroy(options) }
            try RocksDBError.check { rocksdb_flush(database, options, $0) }
        }
    }

    /// Deletes files in which all keys lie from `start` on and before `end`, without looking into them.
    ///
    /// The keys must have been deleted before, and must never be used again.
    package func deleteFiles(_ start: [UInt8], _ end: [UInt8]) throws(RocksDBError) {
        try use { () throws(RocksDBError) in
            try RocksDBError.check { error in
                start.withChars { start, startCount in
                    end.withChars { rocksdb_delete_file_in_range(database, start, startCount, $0, $1, error) }
                }
            }
        }
    }

    /// Merges all files of a range of keys, which drops what was deleted; slow.
    package func compact(_ start: [UInt8], _ end: [UInt8]) throws(RocksDBError) {
        try use { () throws(RocksDBError) in
            start.withChars { start, startCount in
                end.withChars { rocksdb_compact_range(database, start, startCount, $0, $1) }
            }
        }
    }

    private func use<Result>(_ body: () throws(RocksDBError) -> Result) throws(RocksDBError) -> Result {
        if isClosed.load(ordering: .acquiring) { throw .closed }
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        // Between the first look and the lock, the database may have been closed.
        if isClosed.load(ordering: .acquiring) { throw .closed }
        // `rocksdb_disable`: nobody reads the counters that each comparison of keys would add to, thread by thread.
        rocksdb_set_perf_level(1)
        return try body()
    }
}
#endif
