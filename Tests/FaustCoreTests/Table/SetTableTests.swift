// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Set table")
struct SetTableTests {
    /// A change, sent as a list of numbers: 0 insert, 1 remove, 2 union, 3 subtract, 4 intersection, 5 symmetric
    /// difference, 6 remove all; then the members.
    private typealias Change = [Int]

    private struct Program {
        let app: App
        let changes: Topic<String, Change>
        let sets: SetTable<String, Int>
        let seen = Watched(0)

        init(_ rig: TableRig, configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app(configure: configure)
            changes = app.topic("changes", key: String.self, value: Change.self)
            sets = app.setTable("sets", key: String.self, value: Int.self, startManager: true)
            let (sets, seen) = (sets, seen)
            app.agent("change", changes) { stream in
                for try await (key, change) in stream.items() {
                    let (set, members) = (sets[key], change.dropFirst())
                    switch change[0] {
                    case 0: for member in members { try set.insert(member) }
                    case 1: for member in members { try set.remove(member) }
                    case 2: try set.formUnion(members)
                    case 3: try set.subtract(members)
                    case 4: try set.formIntersection(members)
                    case 5: try set.formSymmetricDifference(members)
                    default: try set.removeAll()
                    }
                    seen.update { $0 += 1 }
                }
            }
        }

        func contents() async throws -> [String: Set<Int>] {
            var contents: [String: Set<Int>] = [:]
            for try await (key, member) in sets.items() { contents[key, default: []].insert(member) }
            return contents
        }
    }

    private func change(_ set: inout Set<Int>, _ change: Change) {
        let members = change.dropFirst()
        switch change[0] {
        case 0, 2: set.formUnion(members)
        case 1, 3: set.subtract(members)
        case 4: set.formIntersection(members)
        case 5: set.formSymmetricDifference(Set(members))
        default: set.removeAll()
        }
    }

    @Test("random changes, with commits and restarts, leave what Swift's sets have", arguments: [false, true])
    func model(keepsStores: Bool) async throws {
        let rig = TableRig(keepsStores: keepsStores)
        var random = SeededRandom(seed: 11)
        var model: [String: Set<Int>] = [:]
        for round in 0..<3 {
            let changes = (0..<300)
                .map { _ in
                    let count = Int.random(in: 0...6, using: &random)
                    let members = (0..<count).map { _ in Int.random(in: -9...9, using: &random) }
                    return (
                        "k\(Int.random(in: 0..<5, using: &random))", [Int.random(in: 0...6, using: &random)] + members
                    )
                }
            for (key, change) in changes { self.change(&model[key, default: []], change) }
            let expected = model.filter { !$0.value.isEmpty }
            let program = Program(rig) { if round == 1 { $0.processingGuarantee = .exactlyOnce } }
            try await rig.run(program.app) {
                for (index, (key, change)) in changes.enumerated() {
                    try await program.changes.post(change, key: key)
                    guard index % 100 == 99 else { continue }
                    try await program.app.producer().flush()
                    try await program.seen.wait { $0 == index + 1 }
                    try await program.app.commit()
                }
                #expect(try await program.contents() == expected)
                var keys: [String] = []
                for try await key in program.sets.keys() { keys.append(key) }
                #expect(keys.sorted() == expected.keys.sorted())
                #expect(try program.sets.count() == expected.values.map(\.count).reduce(0, +))
                for number in 0..<5 {
                    let (set, wanted) = (program.sets["k\(number)"], expected["k\(number)"] ?? [])
                    #expect(try set.elements() == wanted)
                    #expect(try set.count() == wanted.count)
                    #expect(try set.isEmpty() == wanted.isEmpty)
                    for member in -9...9 { #expect(try set.contains(member) == wanted.contains(member)) }
                    var members: [Int] = []
                    for try await member in set.members() { members.append(member) }
                    #expect(members == wanted.sorted())
                }
            }
        }
        #expect(rig.errors.value == [])
    }

    @Test("a change of one member sends one message, with key and member as the key, whatever the size of the set")
    func changelog() async throws {
        let rig = TableRig()
        let program = Program(rig)
        try await rig.run(program.app) {
            try await program.changes.send([2] + Array(0..<1_000), key: "a\"b")
            try await program.seen.wait { $0 == 1 }
            try await program.app.commit()
            #expect(rig.log.sent(to: "tables-sets-changelog").count == 1_000)
            for change in [[0, 1, 5_000], [1, 7], [0, 8]] { try await program.changes.send(change, key: "a\"b") }
            try await program.seen.wait { $0 == 4 }
            try await program.app.commit()
            let news = rig.log.sent(to: "tables-sets-changelog").dropFirst(1_000)
            #expect(news.map { String($0.key ?? .empty) } == ["[\"a\\\"b\",5000]", "[\"a\\\"b\",7]"])
            #expect(news.map { $0.value.map { String($0) } } == ["true", nil])
        }
        let topic = try await rig.log.topics(["tables-sets-changelog"])["tables-sets-changelog"]
        #expect(topic?.configuration["cleanup.policy"] == "compact")
    }

    @Test("a manager changes sets from anywhere, by messages with Faust's names")
    func manager() async throws {
        let rig = TableRig()
        let program = Program(rig) { $0.topicPartitions = 3 }
        let manager = program.sets.manager
        try await program.app.withClient {
            try await manager.insert(1, into: "a")
            try await manager.formUnion("a", with: [2, 3, 4])
        }
        try await rig.run(program.app) {
            try await manager.remove(2, from: "a")
            try await manager.subtract([3], from: "a")
            try await manager.formSymmetricDifference("a", with: [4, 5, 6, 7])
            try await manager.formIntersection("a", with: [1, 5, 6, 100])
            try await manager.insert(1, into: "b")
            try await manager.removeAll(of: "b")
            try await manager.insert(9, into: "c")
            while try await program.contents() != ["a": [1, 5, 6], "c": [9]] { await Task.yield() }
            try await manager.insert(9, into: "b")
            while try !program.sets["b"].contains(9) { await Task.yield() }
        }
        let topics = try await rig.log.topics(["tables-sets-setmanager", "tables-sets-changelog"])
        #expect(topics["tables-sets-setmanager"]?.partitions == 3)
        let sent = rig.log.sent(to: "tables-sets-setmanager")
        #expect(sent.first?.key == "a")
        #expect(sent.first?.value == "{\"action\":\"ADD\",\"members\":[1]}")
        #expect(rig.errors.value == [])
    }

    @Test("messages of Faust's own manager are understood")
    func faustOperations() throws {
        let text: Bytes = """
            {"action": "SYMDIFF", "members": ["x", "y"], "__faust": {"ns": "@SetManagerOperation"}}
            """
        let operation = try JSON.decode(SetOperation<String>.self, from: text)
        #expect(operation.action == .symmetricDifference)
        #expect(operation.members == ["x", "y"])
        #expect(throws: JSONError.self) { try JSON.decode(SetOperation<String>.self, from: "{\"members\": []}") }
        #expect(throws: JSONError.self) { try JSON.decode(SetOperation<String>.self, from: "{\"action\": \"?\"}") }
    }

    @Test("a table without a manager says so, and one changed outside of a stream too")
    func mistakes() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self)
        let sets = app.setTable("sets", key: String.self, value: String.self)
        app.agent("read", words) { stream in for try await _ in stream {} }
        try await rig.run(app) {
            let unmanaged = await #expect(throws: FaustError.self) { try await sets.manager.insert("x", into: "a") }
            #expect(unmanaged?.code == .configuration)
            let outside = #expect(throws: FaustError.self) { try sets["a"].insert("x") }
            #expect(outside?.code == .lifecycle)
        }
    }

    @Test("the topic of a manager has as many partitions as the table, also in the plan")
    func partitions() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self, partitions: 6)
        app.agent("read", words) { stream in for try await _ in stream {} }
        let first = app.setTable("first", key: String.self, value: String.self, startManager: true)
        _ = app.setTable(
            "second",
            key: String.self,
            value: String.self,
            startManager: true,
            managerTopic: "second-setmanager",
            configuration: TableConfiguration(partitions: 2)
        )
        let planned = Dictionary(uniqueKeysWithValues: app.deploymentPlan.topics.map { ($0.name, $0.partitions) })
        let expected = [
            "words": 6, "tables-first-setmanager": 6, "tables-first-changelog": 6, "second-setmanager": 2,
            "tables-second-changelog": 2,
        ]
        #expect(planned == expected)
        #expect(first.manager.topic == "tables-first-setmanager")
        try await rig.run(app) {}
        #expect(try await rig.log.topics(Array(expected.keys)).mapValues { Int($0.partitions) } == expected)
    }

    @Test("keys and members of any bytes are kept apart, in the order of the keys")
    func layout() throws {
        let parts: [Bytes] = [
            [], [0], [0, 0], [0, 1], [0, 0xFF], [1], [1, 0], [1, 0, 1], [2], [0xFF], [0xFF, 0xFF],
        ]
        var previous: Bytes?
        for key in parts {
            for member in parts {
                let bytes = KeyedMemberLayout.bytes(key, member)
                let read = try KeyedMemberLayout.parts(of: bytes)
                #expect(read.key == key)
                #expect(read.member == member)
                #expect(StoreRange(prefix: KeyedMemberLayout.prefix(key)).contains(bytes))
                if let previous { #expect(previous.precedes(bytes)) }
                previous = bytes
            }
        }
        for wrong: Bytes in [[], [0], [1], [0, 2], [1, 0], [0, 0xFF]] {
            #expect(throws: FaustError.self) { try KeyedMemberLayout.parts(of: wrong) }
        }
    }

    @Test("any bytes in a store or changelog are refused rather than trapping")
    func anyBytes() throws {
        let form = TableKeyForm.member(
            TableKeyForm<String>.nested(json: .json),
            TableKeyForm<Bytes>.nested(json: .json)
        )
        let key = KeyedMember<String, Bytes>(key: "a\u{0}b", member: [0, 0xFF])
        let stored = try form.encode(key)
        let changelog = try form.changelogKey(stored)
        #expect(String(changelog) == "[\"a\\u0000b\",\"AP8=\"]")
        #expect(try form.storeKey(changelog) == stored)
        #expect(try form.decode(stored).member == [0, 0xFF])
        for wrong: Bytes in ["", "[]", "[\"a\"]", "[\"a\",1]", "[\"a\",\"AP8=\",1]", "{}", "[1,\"AP8=\"]"] {
            #expect(throws: (any Error).self) { try form.decode(try form.storeKey(wrong)) }
        }
    }
}
