// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct BankTests {
    @Test func overdrawnAccountsAreWarned() async throws {
        let bank = Bank()
        try await bank.app.test { kit in
            try await kit.send(Payment(account: "alice", amount: -5), key: "alice", to: bank.payments)
            try await kit.settle()
            #expect(bank.balances["alice"] == -5)

            let warnings = kit.output(of: bank.warnings)
            #expect(try await warnings.next()?.value == "alice is overdrawn")
            try await kit.advance(by: .seconds(7_200))
            #expect(try await warnings.values() == ["alice is still overdrawn", "alice is still overdrawn"])
        }
    }

    @Test func theAgentBooksAlone() async throws {
        let bank = Bank()
        try await bank.book.test { agent in
            try await agent.put(Payment(account: "alice", amount: -5), key: "alice")
            #expect(agent.results(as: String.self) == ["alice is overdrawn"])

            await #expect(throws: Bank.Refused.self) {
                try await agent.put(Payment(account: "alice", amount: 0), key: "alice")
            }
            #expect(agent.failures.map(\.fate) == [.skipped])
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func twoWorkersShareTheAccounts(seed: UInt64) async throws {
        let (first, second) = (Bank(), Bank())
        let kit = try await TestKit(seed: seed)
        let worker = try await kit.start(first.app)
        try await kit.start(second.app)

        for number in 0..<40 {
            let account = "account \(number % 8)"
            try await kit.send(Payment(account: account, amount: 1), key: account, to: first.payments)
        }
        try await kit.settle()
        try await worker.crash()  // the other one takes over
        try await kit.settle()
        #expect(try await kit.entries(of: second.balances).values.allSatisfy { $0 == 5 })

        try await worker.restart()
        #expect(!worker.assignment.isEmpty)
        try await kit.end()
    }

    @Test func whatWasNotCommittedIsBookedAgain() async throws {
        let bank = Bank()
        let kit = try await TestKit { $0.processingGuarantee = .exactlyOnce }
        let worker = try await kit.start(bank.app)
        for _ in 1...10 { try await kit.send(Payment(account: "alice", amount: 1), key: "alice", to: bank.payments) }
        try await kit.process()  // but do not commit
        #expect(bank.balances["alice"] == 10)
        try await worker.crash()
        try await worker.restart()
        try await kit.settle()
        #expect(bank.balances["alice"] == 10)
        try await kit.end()
    }
}
