// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustTesting
import Testing

@Suite("A worker under test", .timeLimit(.minutes(5)))
struct CrashTests {
    @Test("crashes without a commit: what it did comes again")
    func crashRepeats() async throws {
        let bank = Bank()
        try await bank.app.test { kit in
            try await kit.send(1, key: "alice", to: bank.payments)
            try await kit.settle()
            try await kit.send(2, key: "alice", to: bank.payments)
            try await kit.process()
            #expect(bank.balances["alice"] == 3)
            try await kit.workers[0].crash()
            #expect(!kit.workers[0].isRunning)
            #expect(try await kit.committed(of: bank.payments).values.sorted() == [1])
            try await kit.send(4, key: "alice", to: bank.payments)
            try await kit.workers[0].restart()
            try await kit.settle()
            #expect(bank.balances["alice"] == 7)
            #expect(bank.seen.all == ["alice 1", "alice 2", "alice 2", "alice 4"])
        }
    }

    @Test("leaves its disk behind, or loses it", arguments: [false, true])
    func keepsItsDisk(losingDisk: Bool) async throws {
        let bank = Bank(partitions: 1) { $0.store = "rocksdb://" }
        try await bank.app.test { kit in
            for number in 1...20 { try await kit.send(1, key: "\(number)", to: bank.payments) }
            try await kit.settle()
            try await kit.workers[0].crash(losingDisk: losingDisk)
            let received = bank.app.monitor.messagesReceived.value
            let next = Bank(partitions: 1) { $0.store = "rocksdb://" }
            try await kit.workers[0].restart(with: next.app)
            #expect(next.seen.all.isEmpty && received == 20)
            #expect(try await kit.entries(of: next.balances).count == 20)
        }
    }

    @Test(
        "under exactly-once every payment is booked and copied once, wherever it crashes",
        arguments: 0..<12 as Range<UInt64>
    )
    func exactlyOnce(seed: UInt64) async throws {
        let declare = { Bank { $0.processingGuarantee = .exactlyOnce } }
        let kit = try await TestKit(seed: seed)
        let banks = [declare(), declare()]
        for bank in banks { try await kit.start(bank.app) }
        for number in 1...30 {
            try await kit.send(number, key: "account \(number % 5)", to: banks[0].payments)
            switch (UInt64(number) &* 7 &+ seed) % 6 {
            case 0: try await kit.process()
            case 1: try await kit.settle()
            case 2: try await kit.advance(by: .seconds(1))
            case 3:
                let worker = kit.workers[number % 2]
                try await worker.crash(losingDisk: number % 3 == 0)
                try await worker.restart(with: declare().app)
            default: break
            }
        }
        try await kit.settle()
        #expect(try await kit.output(of: banks[0].copies).values().sorted() == Array(1...30))
        let sums = try await kit.entries(of: banks[0].balances)
        #expect(sums.values.reduce(0, +) == 465)
        try await kit.end()
    }

    @Test("takes over the partitions of one that has crashed")
    func takesOver() async throws {
        let (first, second) = (Bank(), Bank())
        let kit = try await TestKit()
        let worker = try await kit.start(first.app)
        try await kit.start(second.app)
        for number in 1...20 { try await kit.send(1, key: "\(number % 10)", to: first.payments) }
        try await kit.settle()
        try await worker.crash()
        try await kit.process()
        #expect(kit.workers[1].assignment.count == 4)
        #expect(try await kit.entries(of: second.balances).values.allSatisfy { $0 == 2 })
        #expect(try await kit.entries(of: second.balances).count == 10)
        try await kit.end()
    }

    @Test("its failure is thrown once, with the event that it failed on")
    func failureIsThrown() async throws {
        let bank = Bank { $0.agentMaxRestarts = 2 }
        let kit = try await TestKit()
        let worker = try await kit.start(bank.app)
        try await kit.send(0, key: "alice", to: bank.payments)
        await #expect(throws: FaustError.self) {
            try await kit.settle()
            try await kit.advance(by: .seconds(600))
        }
        #expect(!worker.isRunning)
        #expect(worker.failure != nil)
        #expect(kit.failures.map(\.fate) == [.restarted, .restarted, .stopped])
        #expect(kit.failures.allSatisfy { $0.error is Bank.Refused && $0.agent == "book" && $0.offset == 0 })
        try await kit.end()
    }

    @Test("a mistake in the declarations is thrown by its start")
    func startFails() async throws {
        let bank = Bank()
        _ = bank.app.table("balances", key: String.self, default: 0)
        await #expect(throws: FaustError.self) { try await bank.app.test { _ in Issue.record("it has started") } }
    }

    @Test("an event that waits for time is left in hand, and goes on when time passes")
    func retriesWait() async throws {
        let bank = Bank()
        let trace = Trace()
        let retried = bank.app.topic("retried", value: Int.self)
        bank.app.agent("retry", each: retried, onError: .retry(.exponential(max: 3))) { value in
            trace.note("\(value)")
            if trace.all.count < 3 { throw Bank.Refused() }
        }
        try await bank.app.test { kit in
            try await kit.send(9, to: retried)
            try await kit.settle()
            #expect(trace.all == ["9"])
            try await kit.advance(by: .seconds(60))
            try await kit.settle()
            #expect(trace.all == ["9", "9", "9"])
            #expect(kit.failures.map(\.fate) == [.retried, .retried])
            #expect(try await kit.committed(of: retried).values.sorted() == [1])
        }
    }
}
