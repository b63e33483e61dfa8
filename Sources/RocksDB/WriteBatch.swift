// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// Changes that are made all at once or not at all, in their order.
///
/// It belongs to one thread at a time.
package struct WriteBatch: ~Copyable {
    let pointer: OpaquePointer

    /// No changes.
    package init() {
        pointer = rocksdb_writebatch_create()
    }

    deinit {
        rocksdb_writebatch_destroy(pointer)
    }

    /// The number of changes.
    package var count: Int { Int(rocksdb_writebatch_count(pointer)) }

    /// Sets the value of a key.
    package func put(_ key: [UInt8], _ value: UnsafeRawBufferPointer) {
        key.withChars { key, keyCount in
            // RocksDB copies the bytes before it returns; it never reads through a null pointer of length 0.
            rocksdb_writebatch_put(
                pointer,
                key,
                keyCount,
                value.baseAddress?.assumingMemoryBound(to: CChar.self),
                value.count
            )
        }
    }

    /// Sets the value of a key.
    package func put(_ key: [UInt8], _ value: [UInt8]) {
        value.withUnsafeBytes { put(key, $0) }
    }

    /// Sets the value of a key.
    package func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        rocksdb_writebatch_put(
            pointer,
            key.baseAddress?.assumingMemoryBound(to: CChar.self),
            key.count,
            value.baseAddress?.assumingMemoryBound(to: CChar.self),
            value.count
        )
    }

    /// Removes a key, if it is there.
    package func delete(_ key: UnsafeRawBufferPointer) {
        rocksdb_writebatch_delete(pointer, key.baseAddress?.assumingMemoryBound(to: CChar.self), key.count)
    }

    /// Removes a key, if it is there.
    package func delete(_ key: [UInt8]) {
        key.withChars { rocksdb_writebatch_delete(pointer, $0, $1) }
    }

    /// Removes all keys from `start` on that are less than `end`.
    package func deleteRange(_ start: [UInt8], _ end: [UInt8]) {
        start.withChars { start, startCount in
            end.withChars { end, endCount in
                rocksdb_writebatch_delete_range(pointer, start, startCount, end, endCount)
            }
        }
    }

    /// Forgets the changes, to be used again without asking for memory.
    package func clear() {
        rocksdb_writebatch_clear(pointer)
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes as C has them; the pointer is valid for the duration of the call.
    func withChars<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }
}
#endif
