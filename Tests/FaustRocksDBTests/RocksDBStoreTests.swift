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
