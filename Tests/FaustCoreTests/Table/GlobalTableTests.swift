// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Global table")
struct GlobalTableTests {
    private struct Program: Sendable {
        let app: App
        let words: Topic<String, Int>
        let counts: GlobalTable<String, Int>
        let seen = Watched(0)
        /// What an agent read of the key of the message, and of a key that may be anywhere.
        let read = Watched<[String: [Int]]>([:])
        let ready = Watched<Set<Int32>>([])

        init(_ rig: TableRig, configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app(configure: configure)
            words = app.topic("words", key: String.self, value: Int.self)
            counts = app.globalTable("counts", key: String.self, default: 0)
            let (counts, seen, read, ready) = (counts, seen, read, ready)
            counts.onRecover { partition in ready.update { _ = $0.insert(partition) } }
            app.agent("count", words) { stream in
                for try await (word, number) in stream.items() {
                    counts[word] += number
                    let values = [counts[word], counts["w0"], try counts.count()]
                    read.update { $0[word] = values }
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ count: Int) async throws {
            for number in 0..<count { try await words.post(1, key: "w\(number)") }
            try await app.producer().flush()
        }

        func contents() async throws -> [String: Int] {
            var contents: [String: Int] = [:]
            for try await (key, value) in counts.items() { contents[key] = value }
            return contents
        }

        func wait(for contents: [String: Int]) async throws {
            while try await self.contents() != contents { await Task.yield() }
        }

        var roles: [TablePartitionStatus.Role] { app.monitor.tables.map(\.role) }
    }

    private func counts(_ count: Int, of number: Int) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("w\($0)", number) })
    }

    @Test(
        "every worker has all entries, its own at once, and keeps them when partitions come and go",
        arguments: ProcessingGuarantee.allCases
    )
    func sharing(_ guarantee: ProcessingGuarantee) async throws {
        let rig = TableRig()
        let configure = { @Sendable (settings: inout Settings) in settings.processingGuarantee = guarantee }
        let (first, second) = (Program(rig, configure: configure), Program(rig, configure: configure))
        try await rig.run(first.app) {
            try await first.send(40)
            try await first.seen.wait { $0 == 40 }
            try await first.app.commit()
            try await rig.run(second.app) {
                // Nothing has to be waited for.
                #expect(try await second.contents() == counts(40, of: 1))
                #expect(second.ready.value == [0, 1, 2, 3])
                while first.app.assignment.count != 2 || second.app.assignment.count != 2 { await Task.yield() }
                while Set(second.roles) != [.owned, .following] { await Task.yield() }
                try await second.send(40)
                while first.seen.value + second.seen.value < 80 { await Task.yield() }
                // Each has its own at once; those of the other one come with its commit.
                let ours = try await second.contents().filter { $0.value == 2 }
                #expect(ours.count == second.seen.value)
                for (word, values) in second.read.value { #expect(values[0] == 2 && values[2] == 40, "\(word)") }
                #expect(second.read.value.values.allSatisfy { $0[1] >= 1 })
                try await first.app.commit()
                try await second.app.commit()
                try await first.wait(for: counts(40, of: 2))
                try await second.wait(for: counts(40, of: 2))
            }
            // The partitions of the one that has left are changed here now.
            while first.app.assignment.count != 4 || first.roles != [.owned, .owned, .owned, .owned] {
                await Task.yield()
            }
            let before = first.seen.value
            try await first.send(40)
            try await first.seen.wait { $0 == before + 40 }
            #expect(try await first.contents() == counts(40, of: 3))
            try await first.app.commit()
        }
        #expect(rig.errors.value == [])
    }

    @Test("what others write is followed, read by key from anywhere, and how far behind it is is known")
    func following() async throws {
        let rig = TableRig()
        let clock = TestClock()
        let app = rig.app(clock: AppClock(clock))
        let counts = app.globalTable("counts", key: String.self, default: 0)
        let tags = app.setGlobalTable("tags", key: String.self, value: Int.self)
        #expect(counts.isGlobal)
        #expect(tags.isGlobal)
        try await rig.run(app) {
            #expect(counts["x"] == 0)
            // Another worker, whose keys may be in any partition.
            for partition in Int32(0)..<4 {
                let entry = (Bytes("\"p\(partition)\""), Bytes("\(partition + 1)"))
                try await rig.append(
                    to: TopicPartition("tables-counts-changelog", partition),
                    [entry, ("\"gone\"", "1")]
                )
            }
            try await rig.append(to: TopicPartition("tables-tags-changelog", 1), [("[\"a\",5]", "true")])
            while (0..<4).contains(where: { counts["p\($0)"] != $0 + 1 }) { await Task.yield() }
            while try !tags["a"].contains(5) { await Task.yield() }
            // A value that was read is not kept when it changes.
            #expect(counts["gone"] == 1)
            for partition in Int32(0)..<4 {
                try await rig.append(to: TopicPartition("tables-counts-changelog", partition), [("\"gone\"", nil)])
            }
            while counts["gone"] != 0 { await Task.yield() }
            clock.advance(by: .seconds(5))
            while app.monitor.tables.contains(where: { $0.behind != 0 }) { await Task.yield() }
            #expect(app.monitor.tables.map(\.role) == Array(repeating: .following, count: 8))
            #expect(app.monitor.tables.map(\.store["entries"]) == [1, 1, 1, 1, 0, 1, 0, 0])
        }
        #expect(rig.errors.value == [])
    }

    @Test("stores that are there when a worker starts anew take only what they have not seen")
    func restart() async throws {
        let rig = TableRig(keepsStores: true)
        for round in 1...3 {
            let program = Program(rig)
            let before = (0..<4).map { rig.store("counts", $0)?.changes ?? 0 }.reduce(0, +)
            try await rig.run(program.app) {
                #expect(try await program.contents() == (round == 1 ? [:] : counts(40, of: round - 1)))
                #expect((0..<4).map { rig.store("counts", $0)?.changes ?? 0 }.reduce(0, +) == before)
                try await program.send(40)
                try await program.seen.wait { $0 == 40 }
            }
        }
        #expect(rig.errors.value == [])
    }

    @Test("a partition tells how far behind it is, unless it is changed here")
    func lag() throws {
        let form = TableForm<Int, Int>(name: "t", key: .natural(json: .json), value: .json, partitionKey: { _ in nil })
        let id = TopicPartition("tables-t-changelog", 3)
        let partition = TablePartition(changelog: id, form: form, cacheLimit: 1, isGlobal: true)
        #expect(partition.status == nil)
        partition.install(MemoryStore())
        partition.note(end: 10, next: 4)
        #expect(partition.status?.role == .recovering)
        partition.markFollowing()
        #expect(partition.status?.role == .following)
        #expect(partition.status?.behind == 6)
        #expect(try partition.value(of: "x") == nil)
        #expect(throws: FaustError.self) { try partition.write("x", 1, in: nil) }
        #expect(!partition.join(TopicPartition("words", 3)))
        partition.markReady()
        #expect(partition.status?.role == .owned)
        #expect(partition.status?.behind == 0)
        try partition.write(orderedBytes(of: 1), 1, in: nil)
        // What was not committed is gone, what is stored stays readable.
        #expect(partition.leave(TopicPartition("words", 3)))
        #expect(partition.status?.role == .following)
        #expect(try partition.value(of: orderedBytes(of: 1)) == nil)
        partition.close()
        #expect(partition.status == nil)
    }

    @Test("a changelog that can't be followed stops the worker")
    func fault() async throws {
        let rig = TableRig()
        let app = rig.app { _ in
        } register: { registry in
            registry.register("fails") { _ in FailingStore() }
        }
        let configuration = TableConfiguration(partitions: 1, store: "fails://")
        _ = app.globalTable("counts", key: String.self, default: 0, configuration: configuration)
        let error = await #expect(throws: FaustError.self) {
            try await rig.run(app) {
                try await rig.append(to: TopicPartition("tables-counts-changelog", 0), [("\"x\"", "1")])
                try await app.untilStopped()
            }
        }
        #expect(error?.message == "the disk is full")
    }
}

/// A store that takes nothing.
private final class FailingStore: Store {
    func position() throws(FaustError) -> StorePosition? { nil }
    func value(of key: Bytes) throws(FaustError) -> Bytes? { nil }
    func apply(_ batch: StoreBatch) throws(FaustError) { throw FaustError(.storage, "the disk is full") }
    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] { [] }
    func estimatedCount() throws(FaustError) -> Int { 0 }
    func setBulkLoading(_ isLoading: Bool) throws(FaustError) {}
    func statistics() -> [String: Int64] { [:] }
    func close() {}
    func destroy() throws(FaustError) {}
}
