// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// A value in RocksDB's own memory, which it keeps as long as this object lives.
///
/// It is `@unchecked Sendable` because of its pointers. It is safe to share: the memory is never written, and is
/// released once, in `deinit`. The memory does not belong to the database's cache unless it has one, so that the value
/// may outlive the database when `DatabaseOptions.blockCacheBytes` is 0; else it must not.
package final class PinnedValue: @unchecked Sendable {
    /// The first byte.
    package let baseAddress: UnsafeRawPointer
    /// The number of bytes.
    package let count: Int
    private let slice: OpaquePointer

    /// Takes over what `rocksdb_get_pinned` returned.
    init(_ slice: OpaquePointer) {
        self.slice = slice
        var count = 0
        let start = rocksdb_pinnableslice_value(slice, &count)
        // An empty value may have no address; any valid one will do, since nothing is read there.
        baseAddress = start.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(slice)
        self.count = start == nil ? 0 : count
    }

    deinit {
        rocksdb_pinnableslice_destroy(slice)
    }

    /// The bytes, valid as long as this object lives.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: baseAddress, count: count) }
}
#endif
