// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("Time to live")
struct TimeToLiveTests {
    private static let length: Int64 = 1_000
    /// A 64th of the length.
    private static let stretch: Int64 = 15

    private struct Program {
        let app: App
        let words: Topic<String, Int>
        let counts: Table<String, Int>
        let seen = Watched(0)

        init(_ rig: TableRig, clock: AppClock = AppClock(TestClock()), configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app(clock: clock) {
                $0.topicPartitions = 1
                configure(&$0)
            }
            words = app.topic("words", key: String.self, value: Int.self)
            counts = app.table("counts", key: String.self, default: 0).useTimeToLive(.milliseconds(length))
            let (counts, seen) = (counts, seen)
            app.agent("count", words) { stream in
                for try await (word, number) in stream.items() {
                    if number < 0 { try counts.removeValue(forKey: word) } else { counts[word] += number }
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ events: [(word: String, number: Int, time: Int64)]) async throws {
            let before = seen.value
            for event in events {
                try await words.post(
                    event.number,
                    key: event.word,
                    timestamp: Timestamp(milliseconds: event.time)
                )
            }
            try await app.producer().flush()
            try await seen.wait { $0 >= before + events.count }
        }

        func contents() async throws -> [String: Int] {
            var contents: [String: Int] = [:]
            for try await (key, value) in counts.items() { contents[key] = value }
            return contents
        }
    }

    /// The table by brute force.
    private struct Model {
        var entries: [String: (count: Int, time: Int64)] = [:]
        var streamTime = Int64.min

        mutating func add(_ word: String, _ number: Int, at time: Int64) {
            // Removing what is not there writes nothing.
            if number < 0, entries[word] == nil { return }
            streamTime = max(streamTime, time)
            entries[word] = number < 0 ? nil : ((entries[word]?.count ?? 0) + number, streamTime)
        }

        mutating func commit() {
            entries = entries.filter { _, entry in
                let end = entry.time - entry.time % stretch + stretch - 1
                return end + length > streamTime
            }
        }

        var contents: [String: Int] { entries.mapValues(\.count) }
    }

    @Test(
        "random events, out of order, with commits and restarts, leave what brute force leaves",
        arguments: [false, true],
        ProcessingGuarantee.allCases
    )
    func model(keepsStores: Bool, guarantee: ProcessingGuarantee) async throws {
        let rig = TableRig(keepsStores: keepsStores)
        var random = SeededRandom(seed: 5)
        var (model, time) = (Model(), Int64(1_000_000))
        var expired = 0
        for _ in 0..<3 {
            var steps: [(events: [(word: String, number: Int, time: Int64)], expected: [String: Int])] = []
            for _ in 0..<12 {
                let events = (0..<40)
                    .map { _ -> (word: String, number: Int, time: Int64) in
                        time += Int64.random(in: 0...12, using: &random)
                        let isLate = Int.random(in: 0..<4, using: &random) == 0
                        let lag = isLate ? Int64.random(in: 0...3_000, using: &random) : 0
                        let number = Int.random(in: 0..<9, using: &random) == 0 ? -1 : 1
                        return ("w\(Int.random(in: 0..<200, using: &random))", number, time - lag)
                    }
                for event in events { model.add(event.word, event.number, at: event.time) }
                let before = model.entries.count
                model.commit()
                expired += before - model.entries.count
                steps.append((events, model.contents))
            }
            let program = Program(rig) { $0.processingGuarantee = guarantee }
            let plan = steps
            try await rig.run(program.app) {
                for step in plan {
                    try await program.send(step.events)
                    try await program.app.commit()
                    #expect(try await program.contents() == step.expected)
                    #expect(try program.counts.count() == step.expected.count)
                }
            }
        }
        #expect(expired > 300)
        #expect(rig.errors.value == [])
        // Whoever reads the changelog has the same.
        var log: [Bytes: Bytes] = [:]
        for message in rig.log.sent(to: "tables-counts-changelog") { log[message.key ?? .empty] = message.value }
        log["null"] = nil
        let entries = log.map { (String(String($0.key).dropFirst().dropLast()), Int(String($0.value)) ?? -1) }
        #expect(Dictionary(uniqueKeysWithValues: entries) == model.contents)
    }

    @Test("a changelog message has the time of the write, and a new worker goes by it")
    func changelogTimes() async throws {
        let rig = TableRig()
        let first = Program(rig)
        try await rig.run(first.app) {
            try await first.send([("a", 1, 10_000), ("b", 1, 10_500), ("c", 1, 3_000)])
            try await first.app.commit()
        }
        let sent = rig.log.sent(to: "tables-counts-changelog").filter { $0.key != "null" }
        #expect(sent.map { String($0.key ?? .empty) } == ["\"a\"", "\"b\"", "\"c\""])
        #expect(sent.map(\.timestampMilliseconds) == [10_000, 10_500, 10_500])
        let second = Program(rig)
        try await rig.run(second.app) {
            try await second.send([("d", 1, 11_020)])
            try await second.app.commit()
            #expect(try await second.contents() == ["b": 1, "c": 1, "d": 1])
        }
    }

    @Test("when nothing is written, entries expire with the clock")
    func idle() async throws {
        let (rig, clock) = (TableRig(), TestClock())
        let program = Program(rig, clock: AppClock(clock))
        try await rig.run(program.app) {
            try await program.send([("a", 1, 10_000)])
            try await program.app.commit()
            clock.advance(by: .milliseconds(4_900))
            try await program.app.commit()
            #expect(try await program.contents() == ["a": 1])
            clock.advance(by: .milliseconds(200))
            try await program.app.commit()
            #expect(try await program.contents() == [:])
        }
    }

    @Test("a commit that fails removes nothing, the next one does")
    func lostChangelog() async throws {
        let rig = TableRig(keepsStores: true)
        let program = Program(rig)
        try await rig.run(program.app) {
            try await program.send([("a", 1, 10_000)])
            try await program.app.commit()
            try await program.send([("b", 1, 20_000)])
            rig.log.isLost.withLock { $0 = { $0.topicPartition.topic.hasSuffix("changelog") } }
            await #expect(throws: FaustError.self) { try await program.app.commit() }
            rig.log.isLost.withLock { $0 = { _ in false } }
            try await program.seen.wait { $0 == 3 }
            #expect(try await program.contents() == ["a": 1, "b": 1])
            try await program.app.commit()
            #expect(try await program.contents() == ["b": 1])
        }
    }

    @Test("very many entries expire some at a time, and the order of expiry does not grow")
    func bounded() async throws {
        let rig = TableRig(keepsStores: true)
        let program = Program(rig)
        try await rig.run(program.app) {
            // Written again and again within one stretch, and in later ones.
            for round in 0..<10 {
                try await program.send((0..<100).map { ("w\($0)", 1, 10_005 + Int64(round) * 5) })
                try await program.app.commit()
            }
            let store = try #require(rig.store("counts.ttl", 0))
            // 100 entries, 5 stretches of each at most, and the time of the stream.
            #expect(try store.estimatedCount() <= 100 + 500 + 1)
            try await program.send([("last", 1, 50_000)])
            try await program.app.commit()
            #expect(try await program.contents() == ["last": 1])
            #expect(try store.estimatedCount() == 3)
        }
    }

    @Test("tables with a time to live refuse windows, and times that are none")
    func mistakes() async throws {
        let rig = TableRig()
        let windowed = rig.app()
        _ = windowed.table("t", key: String.self, default: 0).useTimeToLive(.seconds(1)).tumbling(.seconds(1))
        await #expect(throws: FaustError.self) { try await windowed.run() }
        let none = rig.app()
        _ = none.table("t", key: String.self, default: 0).useTimeToLive(.zero)
        let error = await #expect(throws: FaustError.self) { try await none.run() }
        #expect(error?.code == .configuration)
    }

    @Test("any bytes in a store are read without trapping")
    func anyBytes() throws {
        #expect(TimeToLive.time(ofStored: "short") == .min)
        #expect(TimeToLive.value(ofStored: "short") == .empty)
        for wrong: Bytes in [.empty, [0], [0, 1, 2, 3, 4, 5, 6, 7, 8]] {
            #expect(throws: FaustError.self) { try TimeToLive.place(wrong) }
        }
    }
}
