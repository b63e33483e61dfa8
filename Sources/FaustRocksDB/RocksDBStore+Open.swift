// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import Logging
import RocksDB

extension RocksDBStore {
    /// What a directory turned out to be.
    private enum Found {
        case usable(Database)
        case unusable(reason: String)
    }

    /// Opens the store of a table partition, an empty one if there is none or if it is of no use.
    static func open(
        _ location: StoreLocation,
        _ options: RocksDBStoreOptions,
        cache: BlockCache
    ) throws(FaustError) -> RocksDBStore {
        let directory = StoreDirectory(location, parent: options.path ?? location.directory)
        try directory.prepare()
        switch try find(directory, options, cache) {
        case .usable(let database):
            return RocksDBStore(database: database, directory: directory, cache: cache)
        case .unusable(let reason):
            try directory.moveAside(reason)
        }
        switch try find(directory, options, cache) {
        case .usable(let database):
            return RocksDBStore(database: database, directory: directory, cache: cache)
        case .unusable(let reason):
            throw FaustError(.storage, "a new store can't be opened at \(directory.path): \(reason)")
        }
    }

    private static func find(
        _ directory: StoreDirectory,
        _ options: RocksDBStoreOptions,
        _ cache: BlockCache
    ) throws(FaustError) -> Found {
        if let damage = directory.damage { return .unusable(reason: "it was found damaged while in use: \(damage)") }
        let database: Database
        do throws(RocksDBError) {
            database = try Database(path: directory.path, options: options.databaseOptions(cache))
        } catch {
            if error.isOfContents { return .unusable(reason: error.description) }
            throw directory.failure(error)
        }
        do throws(RocksDBError) {
            if let fault = try checkFormat(of: database) {
                database.close()
                return .unusable(reason: fault)
            }
            return .usable(database)
        } catch {
            database.close()
            if error.isOfContents { return .unusable(reason: error.description) }
            throw directory.failure(error)
        }
    }

    /// Reads the version of the layout, or sets it in an empty database.
    ///
    /// - Returns: Why the database is of no use.
    private static func checkFormat(of database: Database) throws(RocksDBError) -> String? {
        guard let stored = try database.withValueOfKey(StoreLayout.formatKey, { String(decoding: $0, as: UTF8.self) })
        else {
            let isEmpty = try database.iterate { iterator throws(RocksDBError) in
                iterator.seek([])
                try iterator.check()
                return !iterator.isValid
            }
            guard isEmpty else { return "it has entries but no version" }
            let batch = WriteBatch()
            batch.put(StoreLayout.formatKey, Array("\(StoreLayout.version)".utf8))
            try database.write(batch, synced: false)
            return nil
        }
        guard let version = Int(stored) else { return "its version can't be read" }
        if version > StoreLayout.version {
            return "it has version \(version), of a later swift-faust; this one knows version \(StoreLayout.version)"
        }
        let position = try database.withValueOfKey(StoreLayout.positionKey) { [UInt8]($0) }
        if let position, StoreLayout.position(position) == nil { return "its position in the changelog can't be read" }
        return nil
    }
}

extension RocksDBError {
    /// Whether the files are to blame and not the system.
    fileprivate var isOfContents: Bool {
        switch kind {
        case .corruption, .other: true
        // A file that the database should have is not there.
        case .input: description.contains("No such file")
        case .inUse, .closed: false
        }
    }
}

extension RocksDBStoreOptions {
    func databaseOptions(_ cache: BlockCache) -> DatabaseOptions {
        var options = DatabaseOptions()
        options.writeBufferBytes = writeBufferByteCount
        options.writeBuffers = writeBufferLimit
        options.maxWriteAheadLogBytes = UInt64(writeBufferByteCount) * 4
        options.blockCache = cache
        options.filterBitsPerKey = bloomFilterBitsPerKey
        // About ten bits per key: without them, a key that the table does not have is searched for in all of the buffer.
        if bloomFilterBitsPerKey > 0 { options.writeBufferFilterRatio = 0.02 }
        options.maxOpenFiles = maxOpenFiles
        options.blockBytes = 8_192
        options.compression =
            switch compression {
            case .none: .none
            case .snappy: .snappy
            case .zlib: .zlib
            case .lz4: .lz4
            case .zstd: .zstd
            }
        return options
    }
}
#endif
