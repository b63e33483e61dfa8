// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// Blocks of files that were read lately, shared by any number of databases.
///
/// It is `@unchecked Sendable` because of its pointer. It is safe to share: RocksDB's cache is thread-safe, and each
/// database that uses it holds a reference of its own, so that it may be released here first.
package final class BlockCache: @unchecked Sendable {
    let pointer: OpaquePointer

    /// A cache that drops what was not used for the longest time.
    ///
    /// - Parameter byteCount: The size of all blocks together.
    package init(byteCount: Int) {
        pointer = rocksdb_cache_create_lru(byteCount)
    }

    deinit {
        rocksdb_cache_destroy(pointer)
    }

    /// The bytes of the blocks in the cache.
    package var usedByteCount: Int { rocksdb_cache_get_usage(pointer) }
}
#endif
