// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import Foundation
import Logging
import RocksDB

/// The directory of a store: `{table}-{partition}.db`, as Faust names it.
struct StoreDirectory: Sendable {
    let path: String
    let logger: Logger
    private static let damageMark = "DAMAGED"

    init(_ location: StoreLocation, parent: String) {
        path = "\(parent)/\(location.table)-\(location.partition).db"
        logger = location.logger
    }

    /// Creates the parent of the directory.
    func prepare() throws(FaustError) {
        let parent = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw FaustError(
                .storage,
                "the directory \(parent) of the tables can't be created: name one that this user may write to",
                cause: error
            )
        }
    }

    /// Why the store was found to be damaged while it was in use; `nil` when it was not.
    var damage: String? {
        guard let text = FileManager.default.contents(atPath: "\(path)/\(Self.damageMark)") else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// Notes that the store is damaged, for when it is opened the next time.
    func markDamaged(_ reason: String) {
        // When even this can't be written, the damage is found again.
        _ = FileManager.default.createFile(atPath: "\(path)/\(Self.damageMark)", contents: Data(reason.utf8))
    }

    /// Puts the directory out of the way, in place of one that was moved before.
    func moveAside(_ reason: String) throws(FaustError) {
        let aside = "\(path).damaged"
        logger.error(
            "A table's store can't be used; it is moved aside and rebuilt from the changelog",
            metadata: ["store": "\(path)", "moved to": "\(aside)", "reason": "\(reason)"]
        )
        do {
            if FileManager.default.fileExists(atPath: aside) { try FileManager.default.removeItem(atPath: aside) }
            try FileManager.default.moveItem(atPath: path, toPath: aside)
        } catch {
            throw FaustError(.storage, "the damaged store \(path) can't be moved to \(aside): remove it", cause: error)
        }
    }

    func remove() throws(FaustError) {
        do {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        } catch {
            throw FaustError(.storage, "the store \(path) can't be removed: check its permissions", cause: error)
        }
    }

    func failure(_ error: RocksDBError) -> FaustError {
        switch error.kind {
        case .corruption:
            FaustError(.corruption, "the store \(path) is damaged: it is rebuilt at the next start", cause: error)
        case .inUse:
            FaustError(
                .storage,
                "the store \(path) is open in another process: two workers on one machine need two data directories",
                cause: error,
                isRetriable: true
            )
        case .closed: FaustError(.closed, "the store \(path) is closed", cause: error)
        case .input, .other:
            FaustError(.storage, "the store \(path) can't be used: check space and permissions", cause: error)
        }
    }
}
#endif
