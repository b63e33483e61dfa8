// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import CRocksDB

/// What RocksDB says went wrong.
package struct RocksDBError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error, as far as RocksDB's texts tell it.
    package enum Kind: Sendable {
        /// The files are damaged.
        case corruption
        /// Another user, mostly another process, has the database open.
        case inUse
        /// The operating system refused: no space, no permission, a broken disk.
        case input
        /// The database was closed.
        case closed
        /// Anything else.
        case other
    }

    /// The kind of the error.
    package let kind: Kind
    /// RocksDB's own text.
    package let description: String

    /// The error of a closed database.
    package static let closed = RocksDBError(kind: .closed, description: "the database is closed")

    /// The error of contents that make no sense to the caller.
    package static func damaged(_ description: String) -> RocksDBError {
        RocksDBError(kind: .corruption, description: description)
    }

    private init(kind: Kind, description: String) {
        self.kind = kind
        self.description = description
    }

    init(text: String) {
        // "IO error: While lock file: …/LOCK: Resource temporarily unavailable", or "IO error: lock hold by current
        // process, …" within one process.
        let isLock = text.contains("While lock file") || text.contains("lock hold by current process")
        let kind: Kind =
            if isLock {
                .inUse
            } else if text.hasPrefix("Corruption") {
                .corruption
            } else if text.hasPrefix("IO error") {
                .input
            } else {
                .other
            }
        self.init(kind: kind, description: text)
    }

    /// Calls a function of the C API that reports errors as a text.
    static func check<Result>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) throws(RocksDBError) -> Result {
        // The function sets the pointer to a text of its own, which is to be freed, or leaves it.
        var text: UnsafeMutablePointer<CChar>?
        let result = body(&text)
        if let text {
            defer { rocksdb_free(text) }
            throw RocksDBError(text: String(cString: text))
        }
        return result
    }
}
#endif
