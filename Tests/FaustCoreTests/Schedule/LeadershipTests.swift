// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("The leader of an app", .timeLimit(.minutes(5))) struct LeadershipTests {
    private let leadership = Leadership()
    private let clock = TestClock()
    private let lead = TopicPartition("orders", 0)

    private func revoke(_ partitions: [TopicPartition], patience: Duration = .seconds(10)) async -> Bool {
        await leadership.revoked(partitions, patience: patience, sleep: { [clock] in try await clock.sleep(for: $0) })
    }

    @Test("the owner of partition 0 of the lead topic leads") func election() async {
        leadership.follow(lead: "orders")
        #expect(!leadership.isLeader)
        leadership.assigned([TopicPartition("orders", 1), TopicPartition("payments", 0)])
        #expect(!leadership.isLeader)
        leadership.assigned([lead])
        #expect(leadership.isLeader)
        _ = await revoke([TopicPartition("orders", 1)])
        #expect(leadership.isLeader)
        _ = await revoke([lead])
        #expect(!leadership.isLeader)
    }

    @Test("another lead topic makes another leader") func otherTopic() {
        leadership.follow(lead: "orders")
        leadership.assigned([lead])
        leadership.follow(lead: "alerts")
        #expect(!leadership.isLeader)
        leadership.assigned([TopicPartition("alerts", 0)])
        #expect(leadership.isLeader)
    }

    @Test("a worker that reads nothing leads itself") func alone() {
        leadership.readNothing()
        #expect(leadership.isLeader)
    }

    @Test("a body is not run by a worker that does not lead") func notLeader() async throws {
        let outcome = try await leadership.lead { Issue.record("it was run") }
        #expect(outcome == .notLeader)
    }

    @Test("a body that ends, ends its run; its error is thrown") func finished() async throws {
        struct Broken: Error {}
        leadership.readNothing()
        #expect(try await leadership.lead {} == .finished)
        await #expect(throws: Broken.self) { _ = try await leadership.lead { throw Broken() } }
    }

    @Test("giving up the lead cancels the body and waits for its end") func handOver() async throws {
        leadership.follow(lead: "orders")
        leadership.assigned([lead])
        let (gate, ending) = (Gate(), Gate())
        let ended = Watched(false)
        async let outcome = leadership.lead {
            try? await gate.wait()
            // The end takes a while, and is waited for.
            try await Task { try await ending.wait() }.value
            ended.update { $0 = true }
        }
        try await gate.waitForArrivals(1)
        async let isOver = revoke([lead])
        try await ending.waitForArrivals(1)
        #expect(!leadership.isLeader)
        #expect(!ended.value)
        ending.open()
        #expect(await isOver)
        #expect(ended.value)
        #expect(try await outcome == .deposed)
    }

    @Test("a body that does not end is waited for until the deadline") func stubborn() async throws {
        leadership.follow(lead: "orders")
        leadership.assigned([lead])
        let gate = Gate()
        async let outcome = leadership.lead { try await Task { try await gate.wait() }.value }
        try await gate.waitForArrivals(1)
        async let isOver = revoke([lead], patience: .seconds(10))
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        #expect(await !isOver)
        gate.open()
        #expect(try await outcome == .deposed)
    }

    @Test("a body is cancelled although its worker leads again at once") func terms() async throws {
        leadership.follow(lead: "orders")
        leadership.assigned([lead])
        let gate = Gate()
        async let outcome = leadership.lead { try await gate.wait() }
        try await gate.waitForArrivals(1)
        leadership.follow(lead: nil)
        leadership.follow(lead: "orders")
        #expect(try await outcome == .deposed)
        #expect(try await leadership.term(after: 1) == 2)
        #expect(try await leadership.lead(in: 1) {} == .notLeader)
        #expect(try await leadership.lead(in: 2) {} == .finished)
    }

    @Test("a body is cancelled also when the lead changes while it begins") func early() async throws {
        for _ in 0..<500 {
            let leadership = Leadership()
            leadership.follow(lead: "orders")
            leadership.assigned([lead])
            let outcome = try await leadership.lead {
                // Before or after the end of the term is waited for.
                leadership.follow(lead: nil)
                leadership.follow(lead: "orders")
                try await Gate().wait()
            }
            #expect(outcome == .deposed)
        }
    }

    @Test("waiting for a term ends with the election or with the task") func waiting() async throws {
        leadership.follow(lead: "orders")
        async let term = leadership.term(after: 0)
        leadership.assigned([lead])
        #expect(try await term == 1)
        let waiting = Task { try await leadership.term(after: 1) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
