// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import FaustLog
import FaustRocksDB
import FaustTesting
import Logging
import Testing

@Suite("Tables on RocksDB")
struct TableRestartTests {
    @Test(
        "a table on disk goes on where it stopped, with plain and windowed entries",
        arguments: ProcessingGuarantee.allCases
    )
    func restarts(_ guarantee: ProcessingGuarantee) async throws {
        let directory = TemporaryDirectory()
        let lines = LogLines()
        let (closed, late) = (Watched<[Int]>([]), Watched(0))
        for round in 1...3 {
            var settings = Settings(name: "disk")
            settings.datadir = directory.path
            settings.store = "rocksdb://?write_buffer_size=65536"
            settings.topicPartitions = 2
            settings.processingGuarantee = guarantee
            var stores = StoreRegistry()
            stores.registerRocksDB()
            let app = App(
                settings: settings,
                stores: stores,
                clock: AppClock(TestClock()),
                logger: Logger(label: "test") { _ in lines.handler }
            ) {
                settings,
                logger in
                LogTransport(directory: settings.logDirectory, logger: logger)
            }
            let words = app.topic("words", key: String.self, value: Int.self)
            let counts = app.table("counts", key: String.self, default: 0)
            let perRound = app.table("per-round", key: String.self, default: 0)
                .tumbling(.seconds(10), expires: .seconds(10))
            perRound.onClose { _, _, count in closed.update { $0.append(count) } }
            perRound.onLate { _, _ in late.update { $0 += 1 } }
            let seen = Watched(0)
            app.agent("count", words) { stream in
                for try await (word, number) in stream.items() {
                    counts[word] += number
                    perRound[word] += number
                    seen.update { $0 += 1 }
                }
            }
            app.task {
                for number in 0..<2_000 {
                    let time = Timestamp(milliseconds: Int64(round) * 10_000 + Int64(number))
                    try await words.post(1, key: "w\(number % 500)", timestamp: time)
                }
                try await seen.wait { $0 == 2_000 }
                for number in 0..<500 { #expect(counts["w\(number)"] == 4 * round) }
                #expect(try counts.count() == 500)
                try await app.commit()
                app.stop()
            }
            try await withDeadline(.seconds(240), "round \(round)") { try await app.run() }
        }
        // The first two rounds are over, with four of each word.
        #expect(closed.value == Array(repeating: 4, count: 1_000))
        #expect(late.value == 0)
        #expect(lines.errors == [])
    }
}
#endif
