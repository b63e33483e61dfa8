// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
// The tests' own writing into the database, to make what a newer version would have made.
@testable import FaustLog
import RocksDB

/// The version of the layout in a database.
enum LayoutVersion {
    static func set(_ version: UInt32, in path: String) throws {
        let database = try Database(path: path)
        let batch = WriteBatch()
        var value: [UInt8] = []
        value.appendBigEndian(version)
        batch.put(KeyLayout.key(.version), value)
        try database.write(batch, synced: true)
        database.close()
    }
}
#endif
