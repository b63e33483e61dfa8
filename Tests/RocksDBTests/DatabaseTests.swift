// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import Foundation
import RocksDB
import Testing

@Suite("RocksDB")
struct DatabaseTests {
    private func withDatabase(_ body: (Database, String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "faust-rocksdb-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try Database(path: path)
        defer { database.close() }
        try body(database, path)
    }

    private func put(_ database: Database, _ pairs: KeyValuePairs<String, String>) throws {
        let batch = WriteBatch()
        for (key, value) in pairs { batch.put(Array(key.utf8), Array(value.utf8)) }
        #expect(batch.count == pairs.count)
        try database.write(batch, synced: false)
    }

    private func get(_ database: Database, _ key: String) throws -> String? {
        try database.get(Array(key.utf8)).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func keys(_ database: Database, from start: String, before bound: String? = nil) throws -> [String] {
        try database.iterate(before: bound.map { Array($0.utf8) }) { iterator throws(RocksDBError) in
            var keys: [String] = []
            iterator.seek(Array(start.utf8))
            while iterator.isValid {
                keys.append(String(decoding: iterator.key, as: UTF8.self))
                iterator.next()
            }
            try iterator.check()
            return keys
        }
    }

    @Test("what was written is read, also empty values, until it is deleted")
    func readAndWrite() throws {
        try withDatabase { database, _ in
            try put(database, ["a": "1", "b": "", "c": "3"])
            #expect(try get(database, "a") == "1")
            #expect(try get(database, "b")?.isEmpty == true)
            #expect(try get(database, "d") == nil)
            let batch = WriteBatch()
            batch.delete(Array("a".utf8))
            batch.put(Array("d".utf8), [0x34])
            try database.write(batch, synced: true)
            #expect(try get(database, "a") == nil)
            #expect(try get(database, "d") == "4")
        }
    }

    @Test("an iterator sees the keys in order, up to the bound")
    func order() throws {
        try withDatabase { database, _ in
            try put(database, ["b": "", "d": "", "a": "", "c": ""])
            #expect(try keys(database, from: "") == ["a", "b", "c", "d"])
            #expect(try keys(database, from: "b", before: "d") == ["b", "c"])
            let previous = try database.iterate { iterator throws(RocksDBError) in
                iterator.seekForPrevious(Array("bb".utf8))
                return iterator.isValid ? String(decoding: iterator.key, as: UTF8.self) : nil
            }
            #expect(previous == "b")
        }
    }

    @Test("a range is deleted without its end, and stays so after files were merged and deleted")
    func ranges() throws {
        try withDatabase { database, _ in
            try put(database, ["a": "", "b": "", "c": "", "d": ""])
            try database.flush()
            let batch = WriteBatch()
            batch.deleteRange(Array("b".utf8), Array("d".utf8))
            try database.write(batch, synced: false)
            #expect(try keys(database, from: "") == ["a", "d"])
            try database.compact(Array("a".utf8), Array("z".utf8))
            try database.deleteFiles(Array("b".utf8), Array("d".utf8))
            #expect(try keys(database, from: "") == ["a", "d"])
        }
    }

    @Test("a value outlives the database")
    func lifetime() throws {
        var values: [PinnedValue] = []
        try withDatabase { database, _ in
            try put(database, ["a": String(repeating: "x", count: 100_000)])
            values.append(try #require(try database.get(Array("a".utf8))))
            try database.flush()
            values.append(try #require(try database.get(Array("a".utf8))))
        }
        for value in values {
            #expect(value.count == 100_000)
            #expect(value.bytes.allSatisfy { $0 == UInt8(ascii: "x") })
        }
    }

    @Test("a closed database throws, and can be opened again with what it had")
    func reopening() throws {
        try withDatabase { database, path in
            try put(database, ["a": "1"])
            let locked = #expect(throws: RocksDBError.self) { try Database(path: path) }
            #expect(locked?.kind == .inUse)
            database.close()
            database.close()
            let closed = #expect(throws: RocksDBError.self) { try database.get([0]) }
            #expect(closed?.kind == .closed)
            let again = try Database(path: path)
            #expect(try get(again, "a") == "1")
            again.close()
        }
    }

    @Test("errors of the operating system come back as such")
    func errors() {
        let error = #expect(throws: RocksDBError.self) { try Database(path: "/dev/null/nowhere") }
        #expect(error?.kind == .input)
        #expect(error?.description.isEmpty == false)
    }
}
#endif
