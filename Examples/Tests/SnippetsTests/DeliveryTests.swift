// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeliveryTests {
    private let app = App.forTest()
    private let lines = Lines()

    @Test func offsetsAreCommittedUpToTheFirstUnacknowledgedEvent() async throws {
        let numbers = acknowledgeByHand(in: app, lines.output)
        try await app.test { kit in
            for number in 1...5 { try await kit.send(number, to: numbers) }
            try await kit.settle()
            // 1 and 2 have the offsets 0 and 1; the next to be read after a restart is that of 3.
            #expect(try await kit.committed(of: numbers) == [0: 2])
        }
        #expect(lines.all == ["1", "2", "3", "4", "5"])
    }

    @Test func anEventIsAcknowledgedWhenItsBlockEnds() async throws {
        let numbers = acknowledgeScope(in: app, lines.output)
        try await app.test { kit in
            for number in 1...2 { try await kit.send(number, to: numbers) }
            try await kit.settle()
            #expect(try await kit.committed(of: numbers) == [0: 2])
        }
        #expect(lines.all == ["in the block: 1", "acknowledged: 1", "in the block: 2", "acknowledged: 2"])
    }

    @Test func aTaskReadsAStream() async throws {
        let withdrawals = readInTask(in: app, lines.output)
        try await app.run(until: lines, has: 1) { try await withdrawals.send(Withdrawal(account: "bob", amount: 7.5)) }
        #expect(lines.all == ["bob took 7.5"])
    }

    @Test func twoStreamsGoOnIndependently() async throws {
        let (clicks, views) = readTwoStreams(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            try await clicks.send("/a")
            try await views.send("/b")
        }
        #expect(lines.sorted == ["click on /a", "view of /b"])
    }

    @Test func aTaskLearnsWhereItsMessagesAre() async throws {
        sendFromTask(in: app, lines.output)
        try await app.run(until: lines, has: 2)
        #expect(lines.all == ["sent to \(TopicPartition("orders", 0)) offset 0", "posted to offset 1"])
    }

    @Test func hooksRunFirstAndLast() async throws {
        useHooks(in: app, lines.output)
        try await app.run(until: lines, has: 2)
        #expect(lines.all == ["connected", "running", "closed"])
    }

    @Test func arraysAreAcknowledgedWhenTheyAreStored() async throws {
        let stored = Mutex<[[Int]]>([])
        let numbers = takeUnacknowledged(
            in: app,
            store: { values in stored.withLock { $0.append(values) } },
            lines.output
        )
        try await app.test { kit in
            for number in 1...149 { try await kit.send(number, to: numbers) }
            try await kit.settle()
            #expect(lines.all == ["stored 100"])
            #expect(try await kit.committed(of: numbers) == [0: 100])
            try await kit.advance(by: .seconds(10))
            try await kit.settle()
            #expect(try await kit.committed(of: numbers) == [0: 149])
        }
        #expect(lines.all == ["stored 100", "stored 49"])
        #expect(stored.withLock { $0.map(\.count) } == [100, 49])
    }

    @Test func aPartitionThatWaitsHoldsUpNoOther() async throws {
        let gate = Gate()
        let jobs = isolatePartitions(in: app, work: { if $0 == "slow" { try await gate.wait() } }, lines.output)
        let (first, second) = (TopicPartition("jobs", 0), TopicPartition("jobs", 1))
        try await app.test { kit in
            for job in ["slow", "fast"] { try await kit.send(job, key: "a", to: jobs, partition: 0) }
            for _ in 1...3 { try await kit.send("fast", key: "b", to: jobs, partition: 1) }
            try await kit.process()
            #expect(lines.all == ["\(second): 1 done", "\(second): 2 done", "\(second): 3 done"])
            gate.open()
            try await kit.settle(until: { lines.all.count == 5 })
            #expect(lines.all.suffix(2) == ["\(first): 1 done", "\(first): 2 done"])
        }
    }

    @Test func resultsOfJobsAreLookedUp() async throws {
        let (jobs, results) = runJobs(in: app)
        try await app.test { kit in
            try await kit.send([1, 2, 3], key: "job 1", to: jobs)
            try await kit.settle()
            #expect(results["job 1"] == 6)
            #expect(results["job 2"] == nil)
        }
    }

    @Test func aTaskReadsAChannel() async throws {
        readChannelInTask(in: app, lines.output)
        try await app.run(until: lines, has: 3)
        #expect(lines.all == ["tick 1", "tick 2", "tick 3"])
    }

    @Test func aChannelPassesValuesBetweenAgents() async throws {
        let readings = passThroughChannel(in: app, lines.output)
        try await app.run(until: lines, has: 2) {
            for reading in [50, 150, 99, 101] { try await readings.send(reading) }
        }
        #expect(lines.all == ["reading 150 is too high", "reading 101 is too high"])
    }
}
