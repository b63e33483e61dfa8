// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import FaustLog
import FaustRocksDB
import FaustTesting
import Logging
import Testing

@Suite("Kinds of tables on RocksDB")
struct TableKindsTests {
    private func makeApp(_ directory: TemporaryDirectory, _ lines: LogLines) -> App {
        var settings = Settings(name: "kinds")
        settings.datadir = directory.path
        settings.store = "rocksdb://?write_buffer_size=65536"
        settings.topicPartitions = 2
        var stores = StoreRegistry()
        stores.registerRocksDB()
        return App(
            settings: settings,
            stores: stores,
            clock: AppClock(TestClock()),
            logger: Logger(label: "test") { _ in lines.handler }
        ) {
            settings,
            logger in
            LogTransport(directory: settings.logDirectory, logger: logger)
        }
    }

    @Test("sets, global tables and entries that expire go on where they stopped")
    func restarts() async throws {
        let (directory, lines) = (TemporaryDirectory(), LogLines())
        for round in 1...3 {
            let app = makeApp(directory, lines)
            let words = app.topic("words", key: String.self, value: Int.self)
            let rounds = app.setTable("rounds", key: String.self, value: Int.self)
            let counts = app.globalTable("counts", key: String.self, default: 0)
            let recent = app.table("recent", key: String.self, default: 0).useTimeToLive(.seconds(15))
            let seen = Watched(0)
            app.agent("count", words) { stream in
                for try await (word, round) in stream.items() {
                    try rounds[word].insert(round)
                    counts[word] += 1
                    recent["\(word) \(round)"] += 1
                    seen.update { $0 += 1 }
                }
            }
            app.task {
                // A global table is complete before anything runs.
                #expect(try counts.count() == (round == 1 ? 0 : 500))
                for number in 0..<1_000 {
                    let time = Timestamp(milliseconds: Int64(round) * 10_000 + Int64(number))
                    try await words.post(round, key: "w\(number % 500)", timestamp: time)
                }
                try await seen.wait { $0 == 1_000 }
                for number in 0..<500 {
                    #expect(try rounds["w\(number)"].elements() == Set(1...round))
                    #expect(counts["w\(number)"] == 2 * round)
                }
                try await app.commit()
                // What was written in this round and the one before.
                #expect(try recent.count() == 500 * min(round, 2))
                let tables = app.monitor.tables
                #expect(tables.count == 6)
                #expect(tables.allSatisfy { $0.role == .owned && $0.behind == 0 })
                let names = [
                    "estimate-num-keys", "cur-size-all-mem-tables", "block-cache-bytes", "total-sst-files-size",
                ]
                for name in names { #expect(tables.allSatisfy { $0.store[name] != nil }, "\(name)") }
                app.stop()
            }
            try await withDeadline(.seconds(240), "round \(round)") { try await app.run() }
        }
        #expect(lines.errors == [])
    }
}
#endif
