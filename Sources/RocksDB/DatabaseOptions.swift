// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// How a database is set up; sizes are in bytes.
package struct DatabaseOptions: Sendable {
    /// How sorted files are merged.
    package enum Compaction: Int32, Sendable {
        /// By level: least space and fastest reads.
        case level = 0
        /// By age: fewest rewrites, for data that is written once.
        case universal = 1
    }

    /// How the blocks of files are compressed; RocksDB must have been built with the library.
    package enum Compression: Int32, Sendable {
        /// Not at all.
        case none = 0
        /// Snappy.
        case snappy = 1
        /// zlib.
        case zlib = 2
        /// LZ4.
        case lz4 = 4
        /// Zstandard.
        case zstd = 7
    }

    /// The size of the table in memory that fills up before it is written to a file.
    package var writeBufferBytes = 67_108_864
    /// How many tables in memory there may be, those being written included.
    package var writeBuffers: Int32 = 4
    /// The size from which on the write-ahead logs are given up by writing the tables in memory to files.
    package var maxWriteAheadLogBytes: UInt64 = 536_870_912
    /// How sorted files are merged.
    package var compaction = Compaction.level
    /// The size of the files' blocks.
    package var blockBytes = 16_384
    /// The size of the cache of blocks; 0 for none.
    package var blockCacheBytes = 0
    /// A cache of blocks that other databases use too; it takes the place of one of its own.
    package var blockCache: BlockCache?
    /// How the blocks of files are compressed.
    package var compression = Compression.none
    /// The bits per key of the filters that tell which files a key is not in; 0 for none.
    package var filterBitsPerKey = 10.0
    /// The part of a table in memory that a filter takes which tells which keys are not in it; 0 for none.
    package var writeBufferFilterRatio = 0.0
    /// How many files are kept open; -1 for all.
    package var maxOpenFiles: Int32 = 512
    /// How many threads write and merge files.
    package var backgroundJobs: Int32 = 2
    /// The size from which on values are kept in files of their own, which are not merged; `nil` for none.
    package var minBlobBytes: UInt64?
    /// Whether the database is created when there is none.
    package var createsIfMissing = true

    /// The defaults.
    package init() {}

    /// Makes RocksDB's own object, which is to be destroyed with `rocksdb_options_destroy`.
    func makeOptions() -> OpaquePointer {
        let options: OpaquePointer = rocksdb_options_create()
        rocksdb_options_set_create_if_missing(options, createsIfMissing ? 1 : 0)
        rocksdb_options_set_write_buffer_size(options, writeBufferBytes)
        rocksdb_options_set_max_write_buffer_number(options, writeBuffers)
        rocksdb_options_set_max_total_wal_size(options, maxWriteAheadLogBytes)
        rocksdb_options_set_compaction_style(options, compaction.rawValue)
        rocksdb_options_set_compression(options, compression.rawValue)
        rocksdb_options_set_max_open_files(options, maxOpenFiles)
        rocksdb_options_set_max_background_jobs(options, backgroundJobs)
        // A write waits for merging only when it is hopelessly behind.
        rocksdb_options_set_level0_file_num_compaction_trigger(options, 8)
        rocksdb_options_set_level0_slowdown_writes_trigger(options, 64)
        rocksdb_options_set_level0_stop_writes_trigger(options, 128)
        rocksdb_options_set_soft_pending_compaction_bytes_limit(options, 0)
        rocksdb_options_set_hard_pending_compaction_bytes_limit(options, 0)
        // What a crash has left half-written at the end of the write-ahead log is cut off: mode kPointInTimeRecovery.
        rocksdb_options_set_wal_recovery_mode(options, 2)
        rocksdb_options_set_info_log_level(options, 2)
        rocksdb_options_set_keep_log_file_num(options, 2)
        rocksdb_options_set_stats_dump_period_sec(options, 0)
        if writeBufferFilterRatio > 0 {
            rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, writeBufferFilterRatio)
            rocksdb_options_set_memtable_whole_key_filtering(options, 1)
        }
        if let minBlobBytes {
            rocksdb_options_set_enable_blob_files(options, 1)
            rocksdb_options_set_min_blob_size(options, minBlobBytes)
            rocksdb_options_set_enable_blob_gc(options, 1)
        }
        setTableFormat(options)
        return options
    }

    private func setTableFormat(_ options: OpaquePointer) {
        let table: OpaquePointer = rocksdb_block_based_options_create()
        defer { rocksdb_block_based_options_destroy(table) }
        rocksdb_block_based_options_set_block_size(table, blockBytes)
        rocksdb_block_based_options_set_format_version(table, 5)
        if let blockCache {
            rocksdb_block_based_options_set_block_cache(table, blockCache.pointer)
            // Indexes and filters count against the cache, so that memory does not grow with the number of files.
            rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1)
            rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1)
            // In parts of a few kilobytes: the filter of a large file as one block has no room in a part of the cache, so
            // that every look-up would read it from the file.
            rocksdb_block_based_options_set_index_type(table, 2)
            rocksdb_block_based_options_set_partition_filters(table, filterBitsPerKey > 0 ? 1 : 0)
            rocksdb_block_based_options_set_pin_top_level_index_and_filter(table, 1)
        } else if blockCacheBytes > 0 {
            let cache: OpaquePointer = rocksdb_cache_create_lru(blockCacheBytes)
            rocksdb_block_based_options_set_block_cache(table, cache)
            // The table keeps a reference of its own.
            rocksdb_cache_destroy(cache)
        } else {
            rocksdb_block_based_options_set_no_block_cache(table, 1)
        }
        if filterBitsPerKey > 0 {
            // The table takes the filter policy over.
            rocksdb_block_based_options_set_filter_policy(
                table,
                rocksdb_filterpolicy_create_bloom_full(filterBitsPerKey)
            )
        }
        rocksdb_options_set_block_based_table_factory(options, table)
    }
}
#endif
