// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// A position that moves over the keys of a database in their order, and sees it as it was when it was made.
///
/// It belongs to the call of `Database.iterate` that made it.
package struct RocksIterator: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        rocksdb_iter_destroy(pointer)
    }

    /// Whether the position is at a key; `false` behind the last, and after an error.
    package var isValid: Bool { rocksdb_iter_valid(pointer) != 0 }

    /// The key; valid until the iterator moves.
    package var key: UnsafeRawBufferPointer {
        var count = 0
        let start = rocksdb_iter_key(pointer, &count)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The value; valid until the iterator moves.
    package var value: UnsafeRawBufferPointer {
        var count = 0
        let start = rocksdb_iter_value(pointer, &count)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Goes to the first key that is `key` or greater.
    package func seek(_ key: [UInt8]) {
        key.withChars { rocksdb_iter_seek(pointer, $0, $1) }
    }

    /// Goes to the last key that is `key` or less.
    package func seekForPrevious(_ key: [UInt8]) {
        key.withChars { rocksdb_iter_seek_for_prev(pointer, $0, $1) }
    }

    /// Goes to the next key; only while ``isValid``.
    package func next() {
        rocksdb_iter_next(pointer)
    }

    /// Throws when the iterator stopped because of an error and not at the end.
    package func check() throws(RocksDBError) {
        try RocksDBError.check { rocksdb_iter_get_error(pointer, $0) }
    }
}
#endif
