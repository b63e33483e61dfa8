// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging

/// The storage under a directory, as far as the library was built with one.
enum DirectoryStorage {
    /// Makes the storage; it is opened later.
    static func make(path: String, configuration: LogConfiguration, logger: Logger) -> any LogStorage {
        #if RocksDB
        RocksStorage(path: path, configuration: configuration, logger: logger)
        #else
        UnavailableStorage(path: path)
        #endif
    }
}

#if !RocksDB
/// Refuses to open, since the library was built without RocksDB.
struct UnavailableStorage: LogStorage {
    let path: String

    func open() throws(FaustError) -> StoredLog { throw error }
    func apply(_ changes: [LogChange]) throws(FaustError) { throw error }
    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) throws(FaustError) -> [StoredItem] {
        throw error
    }
    func index(_ partition: PartitionID, from offset: Int64, count: Int) throws(FaustError) -> [BatchInfo] {
        throw error
    }
    func reclaim() {}
    func close() {}

    private var error: FaustError {
        FaustError(
            .configuration,
            "the log can't be kept in \(path): the library was built without the trait RocksDB; build with it, or use "
                + "the log in memory (memory://)",
            isFatal: true
        )
    }
}
#endif
