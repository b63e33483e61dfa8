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
