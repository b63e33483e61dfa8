// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite(.timeLimit(.minutes(5))) struct RestartPolicyTests {
    private struct Broken: Error {}

    @Test("an agent with a budget of its own is restarted so often, then the worker stops", arguments: [0, 2])
    func budget(restarts: Int) async throws {
        let rig = TableRig()
        let app = rig.app { $0.agentMaxRestarts = 1 }
        let attempts = Counter()
        let policy = ErrorPolicy.retry(.constant(.zero, max: 1), then: .stop(after: restarts))
        let numbers = app.topic("numbers", value: Int.self)
        app.agent("fragile", each: numbers, onError: policy) { _ in
            attempts.add(1)
            throw Broken()
        }
        app.task { try await numbers.send(1) }
        let error = await #expect(throws: FaustError.self) {
            try await withDeadline(.seconds(240), "the end of a worker") { try await app.run() }
        }
        #expect(error?.isFatal == true)
        // The first attempt, the retry, the restarts.
        #expect(attempts.add(0) == 2 + restarts)
    }

    /// Two bodies, one per partition.
    ///
    /// A word that is to fail does so once.
    private func play(
        _ words: String...,
        failing: Set<String>,
        budget: Int,
        _ scope: RestartScope
    ) async throws -> (runs: Int, values: [String]) {
        var settings = Settings(name: "siblings")
        settings.topicPartitions = 2
        let app = App(settings: settings, logger: .silent) { _, _ in
            throw FaustError(.transport, "the broker can't be reached")
        }
        let topic = app.topic("words", key: String.self, value: String.self)
        let (runs, seen, failed) = (Counter(), Collected<String>(), Collected<String>())
        let policy = ErrorPolicy.stop(after: budget, restarting: scope)
        app.agent("read", topic, onError: policy, isolatedPartitions: true) { stream in
            runs.add(1)
            for try await word in stream {
                if failing.contains(word), !failed.values.contains(word) {
                    failed.add(word)
                    throw Broken()
                }
                if word == "slow" { try await app.sleep(for: .seconds(5)) }
                seen.add(word)
            }
        }
        try await app.test { kit in
            for (index, word) in words.enumerated() {
                try await kit.send(word, key: word, to: topic, partition: Int32(index))
            }
            try await kit.advance(by: .seconds(10))
            try await kit.send("later", key: "a", to: topic, partition: 0)
            try await kit.settle()
            #expect(try await kit.committed(of: topic) == [0: 2, 1: 1])
        }
        return (runs.add(0), seen.values)
    }

    @Test("a body that fails is started again alone, or all are, when they have finished what they had in hand")
    func scopes() async throws {
        let alone = try await play("slow", "x", failing: ["x"], budget: 3, .failed)
        #expect(alone.runs == 3)
        #expect(alone.values == ["x", "slow", "later"])
        let all = try await play("slow", "x", failing: ["x"], budget: 3, .all)
        #expect(all.runs == 4)
        #expect(all.values == ["x", "slow", "later"])
    }

    @Test("bodies that are started again together have one budget")
    func commonBudget() async throws {
        let own = try await play("x", "y", failing: ["x", "y"], budget: 1, .failed)
        #expect(own.values.sorted() == ["later", "x", "y"])
        let error = await #expect(throws: FaustError.self) {
            _ = try await play("x", "y", failing: ["x", "y"], budget: 1, .all)
        }
        #expect(error?.isFatal == true)
        let enough = try await play("x", "y", failing: ["x", "y"], budget: 2, .all)
        #expect(enough.values.sorted() == ["later", "x", "y"])
    }
}
