// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Table partition")
struct TablePartitionTests {
    private static let changelog = TopicPartition("app-t-changelog", 0)

    private func makePartition(cacheLimit: Int) -> (TablePartition<Int, Int>, MemoryStore) {
        let form = TableForm<Int, Int>(name: "t", key: .natural(json: .json), value: .json, partitionKey: { _ in nil })
        let partition = TablePartition(changelog: Self.changelog, form: form, cacheLimit: cacheLimit)
        let store = MemoryStore()
        partition.install(store)
        partition.markReady()
        return (partition, store)
    }

    /// What a reader of the changelog would have.
    private func apply(_ messages: [OutgoingMessage], to log: inout [Bytes: Bytes]) {
        for message in messages { log[message.key ?? .empty] = message.value }
    }

    @Test("random writes, commits and roll-backs leave what a dictionary has", arguments: [1, 3, 1_000])
    func model(cacheLimit: Int) throws {
        var random = SeededRandom(seed: UInt64(cacheLimit))
        let (partition, store) = makePartition(cacheLimit: cacheLimit)
        var (model, committed) = ([Int: Int](), [Int: Int]())
        var log: [Bytes: Bytes] = [:]
        for round in 0..<3_000 {
            let key = Int.random(in: -20...20, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let delta = try partition.handOver()
                let atCommit = model
                // Events go on while the changelog is flushed.
                if Bool.random(using: &random) {
                    try partition.write(bytes(key), round, in: nil)
                    model[key] = round
                }
                // A failed flush may have delivered some of the messages all the same.
                if Int.random(in: 0..<3, using: &random) == 0 {
                    apply(Array((delta?.messages ?? []).prefix(2)), to: &log)
                    partition.rollBack()
                    model = committed
                } else if let delta {
                    apply(delta.messages, to: &log)
                    try partition.apply(delta)
                    committed = atCommit
                    let entries = log.map { ("\($0.key)", "\($0.value)") }
                    #expect(Dictionary(uniqueKeysWithValues: entries) == texts(committed), "the changelog at \(round)")
                }
            case 1..<5:
                try partition.write(bytes(key), nil, in: nil)
                model[key] = nil
            case 5..<13:
                try partition.write(bytes(key), round, in: nil)
                model[key] = round
            default:
                #expect(try partition.value(of: bytes(key)) == model[key], "key \(key) in round \(round)")
            }
            if round % 50 == 0 {
                #expect(try items(partition) == model.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
            }
        }
        if let delta = try partition.handOver() { try partition.apply(delta) }
        #expect(try store.estimatedCount() == model.count)
    }

    @Test("entries that take the place of others leave one change per commit, and none of what nobody has heard of")
    func replacing() throws {
        let (partition, store) = makePartition(cacheLimit: 10)
        try partition.write(bytes(0), 1, in: nil)
        for key in 1...50 { try partition.replace([bytes(key - 1)], by: bytes(key), key, in: nil) }
        let first = try #require(try partition.handOver())
        // The first entry was not known to be new.
        #expect(first.messages.map(\.key) == ["0", "50"])
        try partition.apply(first)
        try partition.replace([bytes(50)], by: bytes(51), 51, in: nil)
        try partition.replace([bytes(51)], by: bytes(52), 52, in: nil)
        try partition.replace([], by: bytes(53), 53, in: nil)
        try partition.replace([bytes(52), bytes(53)], by: bytes(54), 54, in: nil)
        #expect(try items(partition) == [[54, 54]])
        let second = try #require(try partition.handOver())
        #expect(second.messages.map { [$0.key, $0.value] } == [["50", nil], ["54", "54"]])
        // What is under way can't be moved any more.
        try partition.replace([bytes(54)], by: bytes(55), 55, in: nil)
        try partition.apply(second)
        let third = try #require(try partition.handOver())
        #expect(third.messages.map { [$0.key, $0.value] } == [["54", nil], ["55", "55"]])
        try partition.apply(third)
        #expect(try store.estimatedCount() == 1)
    }

    @Test("random replacements, commits and roll-backs leave what a dictionary has")
    func replacementModel() throws {
        var random = SeededRandom(seed: 3)
        let (partition, _) = makePartition(cacheLimit: 3)
        var (model, committed, log) = ([Int: Int](), [Int: Int](), [Bytes: Bytes]())
        var next = 0
        for round in 0..<5_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                guard let delta = try partition.handOver() else { continue }
                if Bool.random(using: &random) {
                    partition.rollBack()
                    model = committed
                } else {
                    apply(delta.messages, to: &log)
                    try partition.apply(delta)
                    committed = model
                    #expect(
                        Dictionary(uniqueKeysWithValues: log.map { ("\($0.key)", "\($0.value)") }) == texts(model)
                    )
                }
            default:
                let gone = Array(
                    model.keys.sorted().shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
                )
                try partition.replace(gone.map(bytes), by: bytes(next), round, in: nil)
                for key in gone { model[key] = nil }
                model[next] = round
                next += 1
            }
            if round % 50 == 0 {
                #expect(try items(partition) == model.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
            }
        }
    }

    @Test("what is removed as a range has its tombstones in the changelog, and one change in the store")
    func removal() throws {
        let (partition, store) = makePartition(cacheLimit: 10)
        for key in 0..<100 { try partition.write(bytes(key), key, in: nil) }
        if let delta = try partition.handOver() { try partition.apply(delta) }
        try partition.remove((0..<20).map(bytes), in: StoreRange(from: bytes(0), before: bytes(20)), scope: nil)
        try partition.remove((20..<30).map(bytes), in: StoreRange(from: bytes(20), before: bytes(30)), scope: nil)
        try partition.write(bytes(40), nil, in: nil)
        let delta = try #require(try partition.handOver())
        #expect(delta.messages.count == 31)
        #expect(delta.messages.allSatisfy { $0.value == nil })
        #expect(delta.batch.changes.count == 2)
        try partition.apply(delta)
        #expect(try store.estimatedCount() == 69)
        // A roll-back leaves everything where it is.
        try partition.remove([bytes(30)], in: StoreRange(from: bytes(30), before: bytes(31)), scope: nil)
        partition.rollBack()
        #expect(try partition.handOver()?.messages.isEmpty ?? true)
        #expect(try partition.value(of: bytes(30)) == 30)
    }

    @Test("an iteration over more than a page has what is stored and what is not")
    func pages() throws {
        let (partition, _) = makePartition(cacheLimit: 10)
        for key in 0..<1_000 { try partition.write(bytes(key), key, in: nil) }
        if let delta = try partition.handOver() { try partition.apply(delta) }
        for key in stride(from: 0, to: 1_000, by: 3) { try partition.write(bytes(key), nil, in: nil) }
        for key in 2_000..<2_010 { try partition.write(bytes(key), key, in: nil) }
        let expected = (0..<1_000).filter { $0 % 3 != 0 } + (2_000..<2_010)
        #expect(try items(partition).map { $0[0] } == expected)
    }

    @Test("a partition that was given up refuses reading and writing, and has forgotten everything")
    func leaving() throws {
        let (partition, store) = makePartition(cacheLimit: 10)
        let source = TopicPartition("words", 0)
        #expect(partition.join(source))
        try partition.write(bytes(1), 1, in: nil)
        partition.leave(source)
        #expect(throws: FaustError.self) { try partition.value(of: bytes(1)) }
        #expect(throws: FaustError.self) { try partition.write(bytes(1), 1, in: nil) }
        #expect(throws: FaustError.self) { try store.value(of: bytes(1)) }
        #expect(try partition.handOver()?.messages.isEmpty ?? true)
    }

    @Test("a scope that was expelled writes nothing")
    func expelled() throws {
        let (partition, _) = makePartition(cacheLimit: 10)
        let scope = EventScope(owner: "agent", partition: TopicPartition("words", 0), partitionCount: 1)
        try partition.write(bytes(1), 1, in: scope)
        scope.expel()
        #expect(throws: FaustError.self) { try partition.write(bytes(1), 2, in: scope) }
        #expect(try partition.value(of: bytes(1)) == 1)
    }

    private func bytes(_ key: Int) -> Bytes { orderedBytes(of: key) }

    private func texts(_ entries: [Int: Int]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: entries.map { ("\($0.key)", "\($0.value)") })
    }

    private func items(_ partition: TablePartition<Int, Int>) throws -> [[Int]] {
        let form = TableForm<Int, Int>(name: "t", key: .natural(json: .json), value: .json, partitionKey: { _ in nil })
        var (pages, items) = (TablePages(partition: partition, range: .all), [[Int]]())
        while let page = try pages.next() {
            for entry in page { items.append([try form.decodeKey(entry.key), try entry.value(form)]) }
        }
        return items
    }
}
