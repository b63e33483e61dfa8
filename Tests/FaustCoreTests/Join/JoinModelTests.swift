// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Stream–stream joins against a model that tries every pair", .timeLimit(.minutes(10)))
struct JoinModelTests {
    private struct Case {
        let model: JoinModel
        let join: JoinApp
        let events: [JoinInput]
        var random: SeededRandom

        init(
            seed: UInt64,
            jitter: Int64,
            grace: Int64? = nil,
            count: Int = 60,
            partitions: Int = 1,
            onError: ErrorPolicy = .stop,
            failures: Int = 0,
            configure: (inout Settings) -> Void = { _ in }
        ) {
            var random = SeededRandom(seed: seed)
            let model = JoinModel(
                kind: JoinKind.allCases.randomElement(using: &random) ?? .inner,
                before: Int64.random(in: 0...100, using: &random),
                after: Int64.random(in: 0...100, using: &random),
                grace: grace ?? Int64.random(in: 0...50, using: &random)
            )
            events = JoinInput.random(count, keys: 3, step: 40, jitter: jitter, &random)
            let results = model.outcome(of: events, isJudging: false).results
            var failing: [String: Int] = [:]
            for _ in 0..<failures {
                if let result = results.randomElement(using: &random) { failing[result, default: 0] += 1 }
            }
            join = JoinApp(
                model.kind,
                grace: .milliseconds(model.grace),
                partitions: partitions,
                onError: onError,
                failing: failing,
                change: { $0.before(.milliseconds(model.before)).after(.milliseconds(model.after)) },
                configure: configure
            )
            self.model = model
            self.random = random
        }
    }

    @Test("results and late events are those of the model, whenever commits come", arguments: 0..<240 as Range<UInt64>)
    func late(seed: UInt64) async throws {
        var test = Case(seed: seed, jitter: 300)
        try await test.join.app.test(seed: seed) { kit in
            for event in test.events {
                try await kit.send(event, to: test.join)
                switch Int.random(in: 0..<8, using: &test.random) {
                case 0: try await kit.process()
                case 1: try await kit.settle()
                default: break
                }
            }
            try await kit.settle()
            let byID = Dictionary(uniqueKeysWithValues: test.events.map { ($0.id, $0) })
            let order = test.join.order.all.compactMap { byID[$0] }
            #expect(order.count == test.events.count)
            let expected = test.model.outcome(of: order, isJudging: true)
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.results(test.join).sorted() == expected.results.sorted())
            #expect(test.join.late.value == expected.late)
            #expect(test.join.waiting == 0)
        }
    }

    @Test(
        "with transactions every result counts once, through crashes, restarts, failing bodies and several workers",
        arguments: 0..<120 as Range<UInt64>
    )
    func exactlyOnce(seed: UInt64) async throws {
        let outcome = try await survive(seed: seed, .exactlyOnce)
        #expect(outcome.results.sorted() == outcome.expected.sorted())
    }

    @Test(
        "at least once no result is lost, and none comes that should not, through the same",
        arguments: 0..<120 as Range<UInt64>
    )
    func atLeastOnce(seed: UInt64) async throws {
        let outcome = try await survive(seed: seed, .atLeastOnce)
        #expect(Set(outcome.results) == Set(outcome.expected))
    }

    /// Runs random events, none of which is late, through two workers that crash and bodies that fail.
    private func survive(
        seed: UInt64,
        _ guarantee: ProcessingGuarantee
    ) async throws -> (results: [String], expected: [String]) {
        let make = {
            Case(
                seed: seed,
                jitter: 100,
                grace: 200_000,
                partitions: 2,
                onError: seed % 2 == 0 ? .stop : .retry(.constant(.seconds(7), max: 9)),
                failures: 4
            ) {
                $0.processingGuarantee = guarantee
                $0.brokerCommitInterval = .seconds(2)
                $0.store = seed % 3 == 0 ? "memory://" : "rocksdb://"
            }
        }
        var test = make()
        let kit = try await TestKit(seed: seed)
        let workers = [try await kit.start(test.join.app), try await kit.start(make().join.app)]
        for event in test.events {
            try await kit.send(event, to: test.join)
            switch Int.random(in: 0..<20, using: &test.random) {
            case 0, 1: try await kit.process()
            case 2, 3: try await kit.settle()
            case 4: try await kit.advance(by: .seconds(1))
            case 5:
                let worker = workers[Int.random(in: 0...1, using: &test.random)]
                if Bool.random(using: &test.random) { try await kit.process() }
                try await worker.crash(losingDisk: Bool.random(using: &test.random))
                if Bool.random(using: &test.random) { try await kit.process() }
                try await worker.restart(with: make().join.app)
            default: break
            }
        }
        try await kit.settle()
        try await kit.advance(by: .seconds(300))
        try await kit.settle()
        let results = try await kit.results(test.join)
        for worker in workers { #expect(worker.isRunning) }
        try await kit.end()
        return (results, test.model.outcome(of: test.events, isJudging: false).results)
    }
}
