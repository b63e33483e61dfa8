// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("Changes of tables")
struct TableChangeTests {
    private struct Program {
        let app: App
        let words: Topic<String, Int>
        let latest: Table<String, Int?>
        let seen = Watched(0)
        let told = Watched<[String]>([])

        init(_ rig: TableRig, configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app {
                $0.topicPartitions = 1
                configure(&$0)
            }
            words = app.topic("words", key: String.self, value: Int.self)
            latest = app.table("latest", key: String.self, value: Int.self)
            let (latest, seen, told) = (latest, seen, told)
            latest.onChange { key, old, new in
                let text = { (value: Int?) in value.map { "\($0)" } ?? "none" }
                told.update { $0.append("\(key): \(text(old)) → \(text(new))") }
            }
            app.agent("keep", words) { stream in
                for try await (word, number) in stream.items() {
                    latest[word] = number < 0 ? nil : number
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ entries: [(String, Int)]) async throws {
            let before = seen.value
            for (word, number) in entries { try await words.post(number, key: word) }
            try await app.producer().flush()
            try await seen.wait { $0 >= before + entries.count }
        }
    }

    @Test(
        "a commit tells each key once that has another value in the end, and nothing of what a recovery replays",
        arguments: ProcessingGuarantee.allCases
    )
    func onePerCommit(_ guarantee: ProcessingGuarantee) async throws {
        let rig = TableRig()
        let first = Program(rig) { $0.processingGuarantee = guarantee }
        try await rig.run(first.app) {
            try await first.send([("b", 1), ("a", 1), ("b", 2), ("gone", 1), ("gone", -1), ("never", -1)])
            #expect(first.told.value == [])
            try await first.app.commit()
            #expect(first.told.value == ["a: none → 1", "b: none → 2"])
            try await first.send([("a", 2), ("a", 1), ("b", -1), ("c", 5)])
            try await first.app.commit()
            try await first.app.commit()
            #expect(first.told.value.dropFirst(2) == ["b: 2 → none", "c: none → 5"])
        }
        let second = Program(rig) { $0.processingGuarantee = guarantee }
        try await rig.run(second.app) {
            try await second.send([("a", 7)])
            try await second.app.commit()
            #expect(second.told.value == ["a: 1 → 7"])
        }
        #expect(rig.errors.value == [])
    }

    @Test("a commit that fails tells again what has changed since the one before")
    func repeats() async throws {
        let rig = TableRig(keepsStores: true)
        let program = Program(rig)
        try await rig.run(program.app) {
            try await program.send([("a", 1)])
            try await program.app.commit()
            try await program.send([("a", 2)])
            rig.log.isLost.withLock { $0 = { $0.topicPartition.topic.hasSuffix("changelog") } }
            await #expect(throws: FaustError.self) { try await program.app.commit() }
            rig.log.isLost.withLock { $0 = { _ in false } }
            // The event comes again.
            try await program.seen.wait { $0 == 3 }
            try await program.app.commit()
        }
        #expect(program.told.value == ["a: none → 1", "a: 1 → 2", "a: 1 → 2"])
    }

    @Test(
        "what is sent and written when a change is told belongs to the commit",
        arguments: ProcessingGuarantee.allCases
    )
    func effects(_ guarantee: ProcessingGuarantee) async throws {
        let rig = TableRig()
        let program = Program(rig) { $0.processingGuarantee = guarantee }
        let totals = program.app.topic("totals", key: String.self, value: Int.self)
        let changes = program.app.table("changes", key: String.self, default: 0)
        program.latest.onChange { key, _, new in
            try await totals.post(new ?? 0, key: key)
            changes[key] += 1
        }
        try await rig.run(program.app) {
            try await program.send([("a", 1), ("b", 2), ("a", 3)])
            try await program.app.commit()
            #expect(rig.log.sent(to: "totals").map { String($0.value ?? .empty) } == ["3", "2"])
            #expect(
                rig.log.sent(to: "tables-changes-changelog").map { String($0.key ?? .empty) } == ["\"a\"", "\"b\""]
            )
        }
        #expect(rig.errors.value == [])
    }

    @Test("a closure that throws stops the worker with its error")
    func throwing() async throws {
        let rig = TableRig()
        let program = Program(rig)
        program.latest.onChange { _, _, _ in throw FaustError(.handler, "no such luck") }
        let error = await #expect(throws: FaustError.self) {
            try await rig.run(program.app) {
                try await program.send([("a", 1)])
                _ = try? await program.app.commit()
                try await program.app.untilStopped()
            }
        }
        #expect(error?.message == "no such luck")
    }

    @Test("a set table tells of members that have come and gone")
    func sets() async throws {
        let rig = TableRig()
        let app = rig.app { $0.topicPartitions = 1 }
        let tags = app.setTable("tags", key: String.self, value: Int.self, startManager: true)
        let told = Watched<[String]>([])
        tags.onChange { key, member, isMember in told.update { $0.append("\(key) \(member) \(isMember)") } }
        try await rig.run(app) {
            try await tags.manager.formUnion("a", with: [1, 2])
            while try tags["a"].count() < 2 { await Task.yield() }
            try await app.commit()
            try await tags.manager.formSymmetricDifference("a", with: [2, 3])
            while try tags["a"].contains(2) || !tags["a"].contains(3) { await Task.yield() }
            try await app.commit()
        }
        #expect(told.value == ["a 1 true", "a 2 true", "a 2 false", "a 3 true"])
    }
}
