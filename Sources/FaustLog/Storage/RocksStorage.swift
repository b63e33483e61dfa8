// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import Logging
import RocksDB
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps the log in one RocksDB database; see ``KeyLayout`` for what lies where.
final class RocksStorage: LogStorage {
    struct State {
        var database: Database?
        var cache: BatchCache
        /// The bounds as they were last stored, to get back to after a write that failed halfway.
        var states: [PartitionID: PartitionState] = [:]
        /// Whether a write has failed, after which RocksDB takes no more until it is opened anew.
        var hasFailed = false
        /// What was removed and may still take space.
        var removed: [(start: [UInt8], end: [UInt8])] = []
    }

    let path: String
    let logger: Logger
    private let isSynced: Bool
    private let state: Mutex<State>

    init(path: String, configuration: LogConfiguration, logger: Logger) {
        self.path = path
        self.logger = logger
        isSynced = configuration.synchronization == .everyCommit
        state = Mutex(State(cache: BatchCache(maxByteCount: configuration.cacheBytes)))
    }

    func open() throws(FaustError) -> StoredLog {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FaustError(
                .storage,
                "the directory \(path) of the log can't be created: give a path that this user may write to",
                cause: error
            )
        }
        let database: Database
        do throws(RocksDBError) {
            database = try openDatabase()
        } catch {
            throw failure(error)
        }
        let stored: StoredLog
        do throws(FaustError) {
            stored = try StoredLog(database, path: path)
        } catch {
            database.close()
            throw error
        }
        state.withLock { state in
            state.database = database
            state.states = stored.states
            state.hasFailed = false
            state.cache.removeAll()
        }
        return stored
    }

    func apply(_ changes: [LogChange]) throws(FaustError) {
        let database = try databaseForWriting()
        let batch = WriteBatch()
        for change in changes { change.add(to: batch) }
        do throws(RocksDBError) {
            try database.write(batch, synced: isSynced)
        } catch {
            state.withLock { $0.hasFailed = true }
            throw failure(error)
        }
        state.withLock { state in
            for change in changes { state.apply(change) }
        }
    }

    func reclaim() {
        let (database, removed) = state.withLock { state in
            defer { state.removed = [] }
            return (state.database, state.removed)
        }
        guard let database else { return }
        for (start, end) in removed {
            do throws(RocksDBError) {
                try database.deleteFiles(start, end)
            } catch {
                logger.warning("space can't be given back now", metadata: ["path": "\(path)", "error": "\(error)"])
            }
        }
    }

    func close() {
        let database = state.withLock { state in
            defer { state.database = nil }
            state.hasFailed = false
            state.cache.removeAll()
            return state.database
        }
        database?.close()
    }

    /// The open database.
    func database() throws(FaustError) -> Database {
        let (database, hasFailed) = state.withLock { ($0.database, $0.hasFailed) }
        if let database { return database }
        if !hasFailed { throw LogWriter.closedError }
        throw FaustError(
            .storage,
            "the log under \(path) could not be opened again after a write failed: look for free space and permissions",
            isRetriable: true
        )
    }

    /// The batches of the cache; `nil` when they are not all there.
    func cached(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) -> [StoredBatch]? {
        state.withLock { $0.cache.read(partition, from: offset, limit: limit) }
    }

    /// The offset after the last batch of a partition.
    func end(of partition: PartitionID) -> Int64 {
        state.withLock { $0.states[partition]?.end ?? 0 }
    }

    /// What a caller gets to see of an error of RocksDB.
    func failure(_ error: RocksDBError) -> FaustError {
        switch error.kind {
        case .inUse:
            FaustError(
                .storage,
                "the log under \(path) is open in another process: end it, or reach the log through it",
                cause: LogDirectoryInUse(directory: path),
                isRetriable: true
            )
        case .corruption:
            FaustError(.corruption, "the log under \(path) is damaged: restore it from a copy", cause: error)
        case .input:
            FaustError(
                .storage,
                "the files of the log under \(path) can't be read or written: look for free space and permissions",
                cause: error,
                isRetriable: true
            )
        case .closed: LogWriter.closedError
        case .other: FaustError(.storage, "the log under \(path) can't be used", cause: error, isRetriable: true)
        }
    }
}

// MARK: - Opening

extension RocksStorage {
    private func openDatabase() throws(RocksDBError) -> Database {
        var options = DatabaseOptions()
        // Keys are written once, and the latest batches are in our own cache; blocks that are handed out as messages
        // must not belong to a cache of the database.
        options.compaction = .universal
        options.blockCacheBytes = 0
        options.writeBufferBytes = 16_777_216
        return try Database(path: path, options: options)
    }

    /// The database, opened anew if a write has failed and files can be written again.
    private func databaseForWriting() throws(FaustError) -> Database {
        let (old, hasFailed) = state.withLock { ($0.database, $0.hasFailed) }
        guard hasFailed else { return try database() }
        // The old one can still be read; it is only given up when there is hope.
        try probe()
        old?.close()
        state.withLock { $0.database = nil }
        do throws(RocksDBError) {
            let database = try openDatabase()
            try rollBack(database)
            state.withLock { state in
                state.database = database
                state.hasFailed = false
            }
            logger.notice("the log can be written again", metadata: ["path": "\(path)"])
            return database
        } catch {
            throw failure(error)
        }
    }

    /// Throws when files can't be written, or not as many bytes as opening the database is going to write: as many as
    /// there are in the write-ahead logs.
    private func probe() throws(FaustError) {
        let url = URL(fileURLWithPath: path + "/faust-probe")
        defer { try? FileManager.default.removeItem(at: url) }
        do {
            try Data(count: 65_536).write(to: url)
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }
            let needed = try names.reduce(Int64(0)) { sum, name in
                let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
                return sum + (Self.number(attributes[.size]) ?? 0)
            }
            let volume = try FileManager.default.attributesOfFileSystem(forPath: path)
            let free = Self.number(volume[.systemFreeSize]) ?? .max
            if free > needed { return }
        } catch {
            throw probeFailure(error)
        }
        throw probeFailure(nil)
    }

    /// The number in an attribute of a file, whose type differs between systems.
    private static func number(_ attribute: Any?) -> Int64? {
        (attribute as? Int64) ?? (attribute as? any BinaryInteger).map { Int64(clamping: $0) }
    }

    private func probeFailure(_ cause: (any Error)?) -> FaustError {
        FaustError(
            .storage,
            "not enough can be written under \(path): look for free space and permissions",
            cause: cause,
            isRetriable: true
        )
    }

    /// Removes what is stored of writes that failed: they were reported, so that they must not come back.
    private func rollBack(_ database: Database) throws(RocksDBError) {
        let batch = WriteBatch()
        for (partition, bounds) in state.withLock({ $0.states }) {
            for kind in [KeyLayout.Kind.index, .batch] {
                let end = KeyLayout.end(of: KeyLayout.key(kind, partition))
                batch.deleteRange(KeyLayout.key(kind, partition, bounds.end), end)
            }
            batch.put(KeyLayout.key(.state, partition), KeyLayout.value(bounds))
        }
        try database.write(batch, synced: isSynced)
    }
}

extension RocksStorage.State {
    /// Follows a change that is stored.
    mutating func apply(_ change: LogChange) {
        switch change {
        case .putState(let partition, let bounds): states[partition] = bounds
        case .putBatch(let partition, let batch): cache.append(batch, to: partition)
        case .removeBatches(let partition, let offset):
            cache.remove(partition, before: offset)
            for kind in [KeyLayout.Kind.index, .batch] {
                removed.append((KeyLayout.key(kind, partition), KeyLayout.key(kind, partition, offset)))
            }
        case .replaceBatches(let partition, _, _): cache.remove(partition)
        case .removeTopic(let topic):
            cache.removeTopic(topic)
            states = states.filter { $0.key.topic != topic }
            for kind in [KeyLayout.Kind.index, .batch] {
                let prefix = KeyLayout.key(kind, topic: topic)
                removed.append((prefix, KeyLayout.end(of: prefix)))
            }
        case .putTopic, .putOffset, .removeOffset: break
        }
    }
}

extension LogChange {
    /// Adds the change to a write.
    fileprivate func add(to batch: borrowing WriteBatch) {
        switch self {
        case .putTopic(let id, let topic):
            batch.put(KeyLayout.key(.topic, topic: id), KeyLayout.value(topic))
            var next: [UInt8] = []
            next.appendBigEndian(id + 1)
            batch.put(KeyLayout.key(.nextTopic), next)
        case .removeTopic(let id):
            batch.delete(KeyLayout.key(.topic, topic: id))
            for kind in [KeyLayout.Kind.state, .index, .batch] {
                let prefix = KeyLayout.key(kind, topic: id)
                batch.deleteRange(prefix, KeyLayout.end(of: prefix))
            }
        case .putState(let partition, let state):
            batch.put(KeyLayout.key(.state, partition), KeyLayout.value(state))
        case .putBatch(let partition, let stored):
            Self.put(stored, partition, batch)
        case .removeBatches(let partition, let offset):
            for kind in [KeyLayout.Kind.index, .batch] {
                batch.deleteRange(KeyLayout.key(kind, partition), KeyLayout.key(kind, partition, offset))
            }
        case .replaceBatches(let partition, let range, let stored):
            for kind in [KeyLayout.Kind.index, .batch] {
                batch.deleteRange(
                    KeyLayout.key(kind, partition, range.lowerBound),
                    KeyLayout.key(kind, partition, range.upperBound)
                )
            }
            if let stored { Self.put(stored, partition, batch) }
        case .putOffset(let group, let partition, let offset):
            batch.put(KeyLayout.key(group: group, partition), KeyLayout.value([offset]))
        case .removeOffset(let group, let partition):
            batch.delete(KeyLayout.key(group: group, partition))
        }
    }

    private static func put(_ stored: StoredBatch, _ partition: PartitionID, _ batch: borrowing WriteBatch) {
        // A closure can't capture a borrowed value: the bytes are taken out of the closure, and kept alive meanwhile.
        let bytes = UnsafeRawBufferPointer(start: stored.storage.baseAddress, count: stored.storage.count)
        batch.put(KeyLayout.key(.batch, partition, stored.info.baseOffset), bytes)
        withExtendedLifetime(stored.storage) {}
        batch.put(KeyLayout.key(.index, partition, stored.info.baseOffset), KeyLayout.value(stored.info))
    }
}
#endif
