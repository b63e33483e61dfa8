// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

#if RocksDB
import RocksDB
import Synchronization
#endif

extension StoreRegistry {
    /// Adds `rocksdb://`: tables that survive the end of the process, in a database per table partition.
    ///
    /// Does nothing when the library was built without the trait `RocksDB`. All partitions of one registry with the
    /// same `block_cache_size` share one cache.
    public mutating func registerRocksDB() {
        #if RocksDB
        let caches = BlockCaches()
        register("rocksdb") { location in
            let options = try RocksDBStoreOptions(url: location.url)
            return try RocksDBStore.open(location, options, cache: caches.cache(options.blockCacheByteCount))
        }
        #endif
    }
}

#if RocksDB
/// The block caches in use, by size.
private final class BlockCaches: Sendable {
    private let caches = Mutex<[Int: BlockCache]>([:])

    func cache(_ byteCount: Int) -> BlockCache {
        caches.withLock { caches in
            if let cache = caches[byteCount] { return cache }
            let cache = BlockCache(byteCount: byteCount)
            caches[byteCount] = cache
            return cache
        }
    }
}
#endif
