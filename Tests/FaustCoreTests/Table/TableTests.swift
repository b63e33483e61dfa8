// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("Table")
struct TableTests {
    /// A program that counts words.
    private struct Counter {
        let app: App
        let words: Topic<String, Int>
        let counts: Table<String, Int>
        let seen = Watched(0)

        init(_ rig: TableRig, concurrency: Int = 1, configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app(configure: configure)
            words = app.topic("words", key: String.self, value: Int.self)
            counts = app.table("counts", key: String.self, default: 0)
            let (counts, seen) = (counts, seen)
            app.agent("count", words, concurrency: concurrency) { stream in
                for try await (word, number) in stream.items() {
                    counts[word] += number
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ count: Int) async throws {
            for number in 0..<count { try await words.post(1, key: "w\(number % 10)") }
            try await app.producer().flush()
        }

        func wait(for count: Int) async throws {
            try await seen.wait { $0 >= count }
        }

        /// Waits until the body has finished what it has counted, so that the next commit takes all of it.
        func settle() async throws {
            let conductor = try #require(app.engine.withLock { $0 }?.conductor)
            while conductor.statuses().contains(where: { $0.slowest != nil }) { await Task.yield() }
        }
    }

    @Test("counts what an agent counts, and reads it from outside", arguments: [1, 2], [1, 3])
    func counting(parallelism: Int, concurrency: Int) async throws {
        let rig = TableRig()
        let counter = Counter(rig, concurrency: concurrency) { $0.parallelism = parallelism }
        try await rig.run(counter.app) {
            try await counter.send(1_000)
            try await counter.wait(for: 1_000)
            for number in 0..<10 { #expect(counter.counts["w\(number)"] == 100) }
            #expect(counter.counts["never"] == 0)
            #expect(try counter.counts.value(for: "never") == nil)
            #expect(try counter.counts.count() == 10)
            #expect(counter.counts.partitionCount == 4)
        }
        #expect(rig.errors.value == [])
    }

    @Test("a commit sends one changelog message per changed key, under Faust's names and in its form")
    func changelog() async throws {
        let rig = TableRig()
        let counter = Counter(rig)
        try await rig.run(counter.app) {
            try await counter.send(500)
            try await counter.wait(for: 500)
            #expect(rig.log.sent(to: "tables-counts-changelog").isEmpty)
            try await counter.app.commit()
            let messages = rig.log.sent(to: "tables-counts-changelog")
            #expect(messages.count == 10)
            #expect(Set(messages.map { String($0.key ?? .empty) }) == Set((0..<10).map { "\"w\($0)\"" }))
            #expect(Set(messages.map { String($0.value ?? .empty) }) == ["50"])
            for message in messages {
                let word = String(message.key ?? .empty).dropFirst().dropLast()
                let partition = try Partitioner.murmur2
                    .partition(forKey: Bytes(String(word)), topic: "words", partitions: 4)
                #expect(message.topicPartition.partition == partition)
            }
            try await counter.app.commit()
            #expect(rig.log.sent(to: "tables-counts-changelog").count == 10)
        }
        let topic = try await rig.log.topics(["tables-counts-changelog"])["tables-counts-changelog"]
        #expect(topic?.configuration["cleanup.policy"] == "compact")
        #expect(topic?.partitions == 4)
    }

    @Test("a table is there again when the worker starts anew", arguments: [false, true])
    func restart(keepsStores: Bool) async throws {
        let rig = TableRig(keepsStores: keepsStores)
        for round in 1...3 {
            let counter = Counter(rig)
            try await rig.run(counter.app) {
                try await counter.send(100)
                try await counter.wait(for: 100)
                #expect(counter.counts["w3"] == 10 * round)
            }
        }
        #expect(rig.errors.value == [])
    }

    @Test("with exactly-once, a table counts the same")
    func exactlyOnce() async throws {
        let rig = TableRig(keepsStores: true)
        for round in 1...3 {
            let counter = Counter(rig) { $0.processingGuarantee = .exactlyOnce }
            try await rig.run(counter.app) {
                try await counter.send(100)
                try await counter.wait(for: 100)
                try await counter.app.commit()
                #expect(counter.counts["w3"] == 10 * round)
            }
        }
        #expect(rig.errors.value == [])
    }

    @Test("a commit whose changelog is lost rolls the table back, and the events count once")
    func lostChangelog() async throws {
        let rig = TableRig(keepsStores: true)
        let counter = Counter(rig)
        try await rig.run(counter.app) {
            try await counter.send(100)
            try await counter.wait(for: 100)
            try await counter.settle()
            try await counter.app.commit()
            try await counter.send(100)
            try await counter.wait(for: 200)
            rig.log.isLost.withLock { $0 = { $0.topicPartition.topic.hasSuffix("changelog") && $0.key == "\"w3\"" } }
            await #expect(throws: FaustError.self) { try await counter.app.commit() }
            rig.log.isLost.withLock { $0 = { _ in false } }
            // The events since the last commit come again.
            try await counter.wait(for: 300)
            for number in 0..<10 { #expect(counter.counts["w\(number)"] == 20) }
            try await counter.app.commit()
        }
        let last = rig.log.sent(to: "tables-counts-changelog").suffix(10)
        #expect(Set(last.map { String($0.value ?? .empty) }) == ["20"])
    }

    @Test("the manners of a dictionary")
    func manners() async throws {
        let rig = TableRig()
        let app = rig.app { $0.topicPartitions = 1 }
        let steps = app.topic("steps", key: Int.self, value: Int.self)
        let table = app.table("t", key: Int.self, default: [Int]())
        let users = app.table("users", key: String.self, value: String.self)
        let done = Watched(0)
        app.agent("steps", steps) { stream in
            for try await step in stream {
                switch step {
                case 0: try fill(table)
                case 1: try await lookThrough(table)
                case 2: try await useOptionals(users)
                default: try clear(table)
                }
                done.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            for step in 0..<4 {
                try await steps.send(step, key: 1)
                try await done.wait { $0 == step + 1 }
                try await app.commit()
            }
        }
        // What was never there leaves no tombstone.
        #expect(!rig.log.sent(to: "tables-users-changelog").contains { $0.key == "\"carol\"" })
        #expect(rig.errors.value == [])
    }

    private func fill(_ table: Table<Int, [Int]>) throws {
        table[1].append(1)
        table[1].append(2)
        #expect(table[1] == [1, 2])
        try table.merge([(5, [5]), (-3, [3]), (10, [])])
        #expect(try table.setDefault([9], for: 5) == [5])
        #expect(try table.setDefault([9], for: 6) == [9])
        #expect(try table.contains(10))
        #expect(try !table.contains(11))
        #expect(table[11] == [])
        #expect(try !table.contains(11))
        let count = try table.update(10) { value in
            value += [7, 8]
            return value.count
        }
        #expect(count == 2)
    }

    private func lookThrough(_ table: Table<Int, [Int]>) async throws {
        #expect(try await keys(table.items()) == [-3, 1, 5, 6, 10])
        #expect(try await keys(table.items(from: 1, before: 6)) == [1, 5])
        #expect(try await sum(table) == 7)
        #expect(try table.removeValue(forKey: 5) == [5])
        #expect(try table.removeValue(forKey: 5) == nil)
        #expect(try table.popItem()?.key == -3)
        #expect(try await keys(table.items()) == [1, 6, 10])
        #expect(try table.count() == 3)
    }

    private func useOptionals(_ users: Table<String, String?>) async throws {
        users["alice"] = "Alice"
        users["alfred"] = "Alfred"
        users["bob"] = "Bob"
        users["bob"]?.append("by")
        users["carol"]?.append("x")
        users["alfred"] = nil
        #expect(users["alfred"] == nil)
        #expect(users["bob"] == "Bobby")
        #expect(try users.count() == 2)
        #expect(try await keys(users.items(prefix: "al")) == ["alice"])
    }

    private func clear(_ table: Table<Int, [Int]>) throws {
        try table.removeAll()
        #expect(try table.count() == 0)
        #expect(try table.popItem() == nil)
    }

    @Test("writes of a take go to the partition of the key when the array has several")
    func take() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self)
        let counts = app.table("counts", key: String.self, default: 0)
        let seen = Watched(0)
        app.agent("count", words) { stream in
            for try await batch in stream.take(64, within: .milliseconds(50)) {
                for number in batch { counts["w\(number)"] += 1 }
                seen.update { $0 += batch.count }
            }
        }
        try await rig.run(app) {
            for number in 0..<400 { try await words.post(number % 40, key: "w\(number % 40)") }
            try await app.producer().flush()
            try await seen.wait { $0 >= 400 }
            for number in 0..<40 { #expect(counts["w\(number)"] == 10) }
            #expect(try counts.count() == 40)
        }
        #expect(rig.errors.value == [])
    }

    @Test("child tasks of a body may write")
    func childTasks() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self)
        let counts = app.table("counts", key: String.self, default: 0)
        let seen = Watched(0)
        app.agent("count", words) { stream in
            for try await (word, _) in stream.items() {
                await withTaskGroup { group in
                    for _ in 0..<3 { group.addTask { counts[word] += 1 } }
                }
                seen.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            for number in 0..<50 { try await words.post(1, key: "w\(number % 5)") }
            try await seen.wait { $0 >= 50 }
            for number in 0..<5 { #expect(counts["w\(number)"] == 30) }
        }
        #expect(rig.errors.value == [])
    }
}

private func keys<Key, Value>(_ items: TableItems<Key, Value>) async throws -> [Key] {
    var keys: [Key] = []
    for try await (key, _) in items { keys.append(key) }
    return keys
}

private func sum(_ table: Table<Int, [Int]>) async throws -> Int {
    try await table.values().reduce(0) { $0 + $1.count }
}
