// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import FaustRocksDB
import FaustTesting
import Foundation
import Logging
import RocksDB
import Synchronization
import Testing

@Suite("RocksDB store")
struct RocksDBStoreTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreConformance.Check) throws {
        let directory = TemporaryDirectory()
        let registry = Self.registry
        try StoreConformance(isDurable: true) { name in
            try registry.open("rocksdb://", table: name, in: directory.path)
        }
        .run(check)
    }

    @Test("a directory per table partition, as Faust names it")
    func names() throws {
        let directory = TemporaryDirectory()
        let store = try Self.registry.open("rocksdb://", table: "views", partition: 3, in: directory.path)
        defer { store.close() }
        #expect(FileManager.default.fileExists(atPath: "\(directory.path)/views-3.db/CURRENT"))
    }

    @Test("a store that is open elsewhere is a retriable error, not a damaged store")
    func inUse() throws {
        let directory = TemporaryDirectory()
        let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        defer { store.close() }
        let error = #expect(throws: FaustError.self) {
            try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        }
        #expect(error?.code == .storage)
        #expect(error?.isRetriable == true)
    }

    @Test("a damaged store is moved aside, loudly, and a new one takes its place", arguments: Damage.allCases)
    fileprivate func damaged(_ damage: Damage) throws {
        let directory = TemporaryDirectory()
        let lines = LogLines()
        do {
            let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
            var batch = StoreBatch()
            for number in 0..<1_000 { batch.put(Bytes("\(number)"), "value") }
            batch.position = StorePosition(next: 7)
            try store.apply(batch)
            try store.setBulkLoading(true)
            try store.setBulkLoading(false)
            store.close()
        }
        try damage.inflict(on: "\(directory.path)/t-0.db")
        let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path, lines: lines)
        defer { store.close() }
        #expect(try store.position() == nil)
        #expect(try store.entries(in: .all, limit: 1).isEmpty)
        #expect(FileManager.default.fileExists(atPath: "\(directory.path)/t-0.db.damaged"))
        #expect(lines.errors.count == 1)
    }

    @Test("what a crash takes away, it takes away together with the position")
    func crash() throws {
        let directory = TemporaryDirectory()
        let (batches, length) = (9, 5_000)
        try {
            // The store is let go of without being closed, as by the end of the process.
            let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
            for first in stride(from: 0, to: batches * length, by: length) {
                var batch = StoreBatch()
                for number in first..<first + length { batch.put(Bytes("\(number)"), "value") }
                batch.position = StorePosition(next: Int64(first + length))
                try store.apply(batch)
                #expect(try store.position()?.next == Int64(first + length))
                #expect(try store.value(of: Bytes("\(first)")) == "value")
            }
        }()
        let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        defer { store.close() }
        let next = try #require(try store.position()).next
        #expect(next > 0 && next < Int64(batches * length))
        #expect(try store.entries(in: .all, limit: .max).count == Int(next))
    }

    @Test("scans and look-ups see what the database does not have yet", arguments: 0..<4)
    func buffered(seed: Int) throws {
        let directory = TemporaryDirectory()
        var random = SplitMix(state: UInt64(seed))
        var store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        defer { store.close() }
        var model: [Int: Int] = [:]
        func key(_ number: Int) -> Bytes { Bytes(String(number + 10_000)) }
        for round in 0..<400 {
            var batch = StoreBatch()
            for _ in 0..<Int.random(in: 1...(round % 50 == 0 ? 2_000 : 20), using: &random) {
                let number = Int.random(in: 0..<3_000, using: &random)
                if Bool.random(using: &random) {
                    batch.put(key(number), Bytes("\(round)"))
                    model[number] = round
                } else {
                    batch.delete(key(number))
                    model[number] = nil
                }
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                let start = Int.random(in: 0..<3_000, using: &random)
                batch.deleteRange(StoreRange(from: key(start), before: key(start + 100)))
                for number in start..<start + 100 { model[number] = nil }
            }
            batch.position = StorePosition(next: Int64(round))
            try store.apply(batch)
            switch Int.random(in: 0..<40, using: &random) {
            case 0: #expect(try store.estimatedCount() >= 0)
            case 1:
                store.close()
                store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
            default: break
            }
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                let start = Int.random(in: 0..<3_000, using: &random)
                let limit = Int.random(in: 1..<50, using: &random)
                let range = StoreRange(from: key(start), before: key(start + 40))
                let expected = model.filter { (start..<start + 40).contains($0.key) }.sorted { $0.key < $1.key }
                    .prefix(limit).map { StoreEntry(key: key($0.key), value: Bytes("\($0.value)")) }
                #expect(try store.entries(in: range, limit: limit) == Array(expected), "round \(round)")
                #expect(try store.value(of: key(start)) == model[start].map { Bytes("\($0)") })
            }
            #expect(try store.position()?.next == Int64(round))
        }
        #expect(try store.entries(in: .all, limit: .max).count == model.count)
    }

    @Test("values that grow and shrink, and keys of any length, are read as they were written")
    func lengths() throws {
        let directory = TemporaryDirectory()
        var random = SplitMix(state: 11)
        var store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        defer { store.close() }
        var model: [Bytes: Bytes] = [:]
        for round in 0..<60 {
            var batch = StoreBatch()
            for _ in 0..<50 {
                let key = Bytes(
                    (0..<Int.random(in: 0..<12, using: &random)).map { _ in UInt8.random(in: 0...2, using: &random) }
                )
                // Now and then so much that the buffer leaves the batch to the database.
                let length = Int.random(in: 0..<(round % 20 == 19 ? 1_000_000 : 50), using: &random)
                let value = Bytes(repeatElement(UInt8(round), count: length))
                batch.put(key, value)
                model[key] = value
            }
            try store.apply(batch)
            for (key, value) in model where Int.random(in: 0..<20, using: &random) == 0 {
                #expect(try store.value(of: key) == value)
            }
        }
        store.close()
        store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        let entries = try store.entries(in: .all, limit: .max)
        #expect(entries.map(\.key) == model.keys.sorted { $0.precedes($1) })
        for entry in entries { #expect(model[entry.key] == entry.value) }
    }

    @Test("options come from the URL under Faust's names")
    func options() throws {
        let url =
            "rocksdb:///var/t?block_cache_size=1000&write_buffer_size=70000&max_write_buffer_number=3"
            + "&bloom_filter_size=3&compression=lz4&max_open_files=-1"
        let options = try RocksDBStoreOptions(url: url)
        #expect(options.path == "/var/t")
        #expect(options.blockCacheByteCount == 1_000)
        #expect(options.writeBufferByteCount == 70_000)
        #expect(options.writeBufferLimit == 3)
        #expect(options.bloomFilterBitsPerKey == 3)
        #expect(options.compression == .lz4)
        #expect(options.maxOpenFiles == -1)
        #expect(try RocksDBStoreOptions(url: "rocksdb://") == RocksDBStoreOptions())
    }

    @Test(
        "an option that makes no sense is refused",
        arguments: [
            "?nonsense=1", "?block_cache_size=-1", "?compression=rar", "?write_buffer_size", "?max_open_files=x",
        ]
    )
    func refusedOptions(_ query: String) {
        let error = #expect(throws: FaustError.self) { try RocksDBStoreOptions(url: "rocksdb://\(query)") }
        #expect(error?.code == .configuration)
    }

    @Test("statistics name bytes and keys")
    func statistics() throws {
        let directory = TemporaryDirectory()
        let store = try Self.registry.open("rocksdb://", table: "t", in: directory.path)
        defer { store.close() }
        #expect(store.statistics()["estimate-num-keys"] != nil)
        #expect(store.statistics()["block-cache-bytes"] != nil)
    }

    private static let registry: StoreRegistry = {
        var registry = StoreRegistry()
        registry.registerRocksDB()
        return registry
    }()
}

/// Numbers that are the same in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What can happen to the files of a store.
private enum Damage: CaseIterable {
    case manifestCut, tableMissing, laterVersion, versionMissing, positionGarbled, foundInUse

    func inflict(on path: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        switch self {
        case .manifestCut:
            for file in files where file.hasPrefix("MANIFEST") {
                try Data("nonsense".utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
            }
        case .tableMissing:
            for file in files where file.hasSuffix(".sst") {
                try FileManager.default.removeItem(atPath: "\(path)/\(file)")
            }
        case .laterVersion: try change(path) { $0.put([0, UInt8(ascii: "f")], Array("2".utf8)) }
        case .versionMissing: try change(path) { $0.delete([0, UInt8(ascii: "f")]) }
        case .positionGarbled: try change(path) { $0.put([0, UInt8(ascii: "p")], Array("7 8".utf8)) }
        case .foundInUse: try Data("bad block".utf8).write(to: URL(fileURLWithPath: "\(path)/DAMAGED"))
        }
    }

    private func change(_ path: String, _ body: (borrowing WriteBatch) -> Void) throws {
        let database = try Database(path: path)
        defer { database.close() }
        let batch = WriteBatch()
        body(batch)
        try database.write(batch, synced: false)
    }
}

extension StoreRegistry {
    fileprivate func open(
        _ url: String,
        table: String,
        partition: Int32 = 0,
        in directory: String,
        lines: LogLines = LogLines()
    ) throws -> any Store {
        let logger = Logger(label: "test") { _ in lines.handler }
        return try open(
            StoreLocation(url: url, table: table, partition: partition, directory: directory, logger: logger)
        )
    }
}
#endif
