// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

/// How the RocksDB of a table partition is set up; the names in URLs are Faust's.
///
/// ```swift
/// settings.store = "rocksdb://?block_cache_size=134217728&compression=lz4"
/// ```
public struct RocksDBStoreOptions: Sendable, Hashable {
    /// How the blocks of files are compressed.
    public enum Compression: String, Sendable, CaseIterable {
        /// Not at all.
        case none
        /// Snappy.
        case snappy
        /// zlib.
        case zlib
        /// LZ4.
        case lz4
        /// Zstandard.
        case zstd
    }

    /// The size in bytes of the cache that all table partitions of the app share (`block_cache_size`, 32 MiB).
    ///
    /// Indexes and filters of the files are in there, too.
    public var blockCacheByteCount = 33_554_432
    /// The size in bytes from which on new entries go from memory to a file, per partition (`write_buffer_size`, 8 MiB).
    public var writeBufferByteCount = 8_388_608
    /// The greatest number of such buffers per partition (`max_write_buffer_number`, 2).
    public var writeBufferLimit: Int32 = 2
    /// The bits per key of the filters that spare looking for missing keys (`bloom_filter_size`, 10; 0 for none).
    public var bloomFilterBitsPerKey = 10.0
    /// How files are compressed (`compression`, `none`); RocksDB must have been built with the library.
    public var compression = Compression.none
    /// The greatest number of open files per partition (`max_open_files`, 256; -1 for any number).
    public var maxOpenFiles: Int32 = 256
    /// The directory to keep the stores in, in place of the app's table directory.
    public var path: String?

    /// The defaults.
    public init() {}

    /// The options of a URL: `rocksdb://`, a path if need be, and the options as a query.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for an unknown name or a value out of range.
    public init(url: String) throws(FaustError) {
        guard let start = url.firstRange(of: "://") else {
            throw FaustError(.configuration, "'\(url)' is no URL of a store: write rocksdb://")
        }
        let parts = url[start.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        if let path = parts.first, !path.isEmpty { self.path = String(path) }
        guard parts.count > 1 else { return }
        for pair in parts[1].split(separator: "&") {
            let (name, value) = (pair.prefix { $0 != "=" }, pair.drop { $0 != "=" }.dropFirst())
            guard set(name, String(value)) else {
                throw FaustError(
                    .configuration,
                    "'\(pair)' is no option of a rocksdb:// store, or its value is no good"
                )
            }
        }
    }

    private mutating func set(_ name: Substring, _ value: String) -> Bool {
        switch name {
        case "block_cache_size": return Self.set(&blockCacheByteCount, value, 0...(1 << 44))
        case "write_buffer_size": return Self.set(&writeBufferByteCount, value, 65_536...(1 << 40))
        case "max_write_buffer_number": return Self.set(&writeBufferLimit, value, 2...64)
        case "max_open_files": return Self.set(&maxOpenFiles, value, -1...1_000_000)
        case "bloom_filter_size":
            guard let bits = Double(value), (0...64).contains(bits) else { return false }
            bloomFilterBitsPerKey = bits
        case "compression":
            guard let compression = Compression(rawValue: value) else { return false }
            self.compression = compression
        default: return false
        }
        return true
    }

    private static func set<Number: LosslessStringConvertible & Comparable>(
        _ target: inout Number,
        _ text: String,
        _ range: ClosedRange<Number>
    ) -> Bool {
        guard let number = Number(text), range.contains(number) else { return false }
        target = number
        return true
    }
}
