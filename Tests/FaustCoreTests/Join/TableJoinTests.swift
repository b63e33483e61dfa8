// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Foundation
import Testing

@testable import FaustCore

@Suite("Table–table join", .timeLimit(.minutes(5)))
struct TableJoinTests {
    /// Two tables that are written from topics, and what is told of their join.
    private struct Registry: Sendable {
        let app: App
        let users: Topic<String, String?>
        let visits: Topic<String, Int>
        let output: Topic<String, String>
        let names: Table<String, String?>
        let counts: Table<String, Int>

        init(_ kind: JoinKind, partitions: Int = 1, configure: (inout Settings) -> Void = { _ in }) {
            let app = kitApp("registry", partitions: partitions, configure: configure)
            users = app.topic("users", key: String.self, value: String?.self)
            visits = app.topic("visits", key: String.self, value: Int.self)
            output = app.topic("output", key: String.self, value: String.self)
            let (output, names, counts) = (
                output, app.table("names", key: String.self, value: String.self),
                app.table("counts", key: String.self, default: 0)
            )
            let tell: @Sendable (String, String?, String?) async throws -> Void = { key, old, new in
                try await output.post("\(key): \(old ?? "none") → \(new ?? "none")", key: key)
            }
            switch kind {
            case .inner:
                names.join(counts)
                    .onChange { key, old, new in
                        try await tell(key, old.map { "\($0) \($1)" }, new.map { "\($0) \($1)" })
                    }
            case .left:
                names.leftJoin(counts)
                    .onChange { key, old, new in
                        try await tell(key, old.map { "\($0) \($1 ?? -1)" }, new.map { "\($0) \($1 ?? -1)" })
                    }
            case .outer:
                names.outerJoin(counts)
                    .onChange { key, old, new in
                        try await tell(
                            key,
                            old.map { "\($0 ?? "-") \($1 ?? -1)" },
                            new.map { "\($0 ?? "-") \($1 ?? -1)" }
                        )
                    }
            }
            app.agent("users", users) { stream in
                for try await (id, name) in stream.items() { names[id] = name }
            }
            app.agent("visits", visits) { stream in
                for try await (id, count) in stream.items() {
                    if count == 0 { try counts.removeValue(forKey: id) } else { counts[id] += count }
                }
            }
            (self.app, self.names, self.counts) = (app, names, counts)
        }
    }

    @Test("tells each key once per commit, with the joined values before and now", arguments: JoinKind.allCases)
    private func changes(kind: JoinKind) async throws {
        let registry = Registry(kind)
        try await registry.app.test { kit in
            let output = kit.output(of: registry.output)
            // Both sides change in one commit.
            try await kit.send("anna", key: "a", to: registry.users)
            try await kit.send(1, key: "a", to: registry.visits)
            try await kit.send(2, key: "a", to: registry.visits)
            try await kit.send("bert", key: "b", to: registry.users)
            try await kit.send(5, key: "c", to: registry.visits)
            try await kit.settle()
            let first = ["a: none → anna 3", "b: none → bert -1", "c: none → - 5"]
            switch kind {
            case .inner: #expect(try await output.values() == [first[0]])
            case .left: #expect(try await output.values() == Array(first[0...1]))
            case .outer: #expect(try await output.values() == first)
            }
            // The other side of b comes, a's left side goes, and c has what it had.
            try await kit.send(7, key: "b", to: registry.visits)
            try await kit.send(nil, key: "a", to: registry.users)
            try await kit.send(1, key: "c", to: registry.visits)
            try await kit.send(-1, key: "c", to: registry.visits)
            try await kit.settle()
            switch kind {
            case .inner: #expect(try await output.values() == ["a: anna 3 → none", "b: none → bert 7"])
            case .left: #expect(try await output.values() == ["a: anna 3 → none", "b: bert -1 → bert 7"])
            case .outer: #expect(try await output.values() == ["a: anna 3 → - 3", "b: bert -1 → bert 7"])
            }
            try await kit.send(0, key: "b", to: registry.visits)
            try await kit.settle()
            let last = kind == .inner ? "b: bert 7 → none" : "b: bert 7 → bert -1"
            #expect(try await output.values() == [last])
        }
    }

    @Test("is a view that can be read anywhere")
    func view() async throws {
        let registry = Registry(.inner)
        let (inner, left, outer) = (
            registry.names.join(registry.counts), registry.names.leftJoin(registry.counts),
            registry.names.outerJoin(registry.counts)
        )
        let reversed = registry.counts.leftJoin(registry.names)
        let twice = registry.names.join(registry.names)
        try await registry.app.test { kit in
            try await kit.send("anna", key: "a", to: registry.users)
            try await kit.send(3, key: "a", to: registry.visits)
            try await kit.send("bert", key: "b", to: registry.users)
            try await kit.send(5, key: "c", to: registry.visits)
            try await kit.process()
            #expect(inner["a"]?.0 == "anna" && inner["a"]?.1 == 3)
            #expect(inner["b"] == nil && inner["c"] == nil && inner["d"] == nil)
            #expect(left["b"]?.0 == "bert" && left["b"]?.1 == nil)
            #expect(left["c"] == nil)
            #expect(outer["c"]?.0 == nil && outer["c"]?.1 == 5)
            #expect(outer["d"] == nil)
            #expect(try reversed.value(for: "c")?.0 == 5)
            #expect(twice["a"]?.1 == "anna")
        }
        #expect(throws: FaustError.self) { try inner.value(for: "a") }
    }

    @Test("with transactions each change counts once, through crashes", arguments: 0..<30 as Range<UInt64>)
    func crash(seed: UInt64) async throws {
        let make = { Registry(.outer, partitions: 3) { $0.processingGuarantee = .exactlyOnce } }
        let kit = try await TestKit(seed: seed)
        let registry = make()
        let worker = try await kit.start(registry.app)
        var random = SeededRandom(seed: seed)
        for number in 0..<60 {
            let key = "k\(Int.random(in: 0..<4, using: &random))"
            if Bool.random(using: &random) {
                try await kit.send(Bool.random(using: &random) ? "n\(number)" : nil, key: key, to: registry.users)
            } else {
                try await kit.send(Int.random(in: 0...2, using: &random), key: key, to: registry.visits)
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: try await kit.settle()
            case 1:
                try await kit.process()
                try await worker.crash()
                try await worker.restart(with: make().app)
            default: break
            }
        }
        try await kit.settle()
        // Each change begins where the one before has ended, and the last ends with what the tables have.
        var last: [String: String] = [:]
        for change in try await kit.output(of: registry.output).all() {
            let parts = change.value.dropFirst("\(change.key): ".count).components(separatedBy: " → ")
            #expect(last[change.key, default: "none"] == parts[0])
            #expect(parts[0] != parts[1])
            last[change.key] = parts[1]
        }
        let (names, counts) = (try await kit.entries(of: registry.names), try await kit.entries(of: registry.counts))
        for number in 0..<4 {
            let key = "k\(number)"
            let name = names[key] ?? nil
            let now = name == nil && counts[key] == nil ? "none" : "\(name ?? "-") \(counts[key] ?? -1)"
            #expect(last[key, default: "none"] == now)
        }
        try await kit.end()
    }
}
