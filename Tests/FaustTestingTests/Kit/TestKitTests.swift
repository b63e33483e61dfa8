// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustTesting
import Testing

@Suite("A test kit", .timeLimit(.minutes(5)))
struct TestKitTests {
    @Test("runs an app as it is declared, without its broker")
    func runsAnApp() async throws {
        let bank = Bank()
        try await bank.app.test { kit in
            for amount in 1...10 { try await kit.send(amount, key: "alice", to: bank.payments) }
            try await kit.send(5, key: "bob", to: bank.payments)
            #expect(bank.seen.all.isEmpty, "nothing goes on between the calls of the kit")
            try await kit.settle()
            #expect(bank.balances["alice"] == 55)
            #expect(bank.balances["bob"] == 5)
            #expect(try await kit.entries(of: bank.balances) == ["alice": 55, "bob": 5])
            let committed = try await kit.committed(of: bank.payments)
            #expect(committed.values.sorted() == [1, 10])
        }
        #expect(throws: FaustError.self, "the app has its own broker back") { try bank.app.assertRunning() }
    }

    @Test("reads what is in topics, typed, one by one and all at once")
    func readsOutputs() async throws {
        let bank = Bank(partitions: 1)
        try await bank.app.test { kit in
            let copies = kit.output(of: bank.copies)
            #expect(try await copies.next() == nil)
            for amount in 1...3 { try await kit.send(amount, key: "alice", to: bank.payments) }
            try await kit.process()
            let first = try #require(try await copies.next())
            #expect(first.key == "alice" && first.value == 1 && first.offset == 0)
            #expect(first.timestamp == TestKit.defaultStart)
            #expect(try await copies.values() == [2, 3])
            #expect(try await copies.values() == [])
            #expect(try await kit.output(of: bank.copies).values() == [1, 2, 3])
        }
    }

    @Test("moves time, and windows close")
    func movesTime() async throws {
        let bank = Bank()
        try await bank.app.test { kit in
            try await kit.send(3, key: "alice", to: bank.payments)
            try await kit.send(4, key: "alice", to: bank.payments)
            try await kit.settle()
            let windows = try await kit.windows(of: bank.perMinute, for: "alice")
            #expect(windows.values.sorted() == [7])
            #expect(try await kit.output(of: bank.closed).values() == [])
            try await kit.advance(by: .seconds(70))
            try await kit.settle()
            #expect(try await kit.output(of: bank.closed).values() == [7])
            #expect(kit.now == Timestamp(milliseconds: TestKit.defaultStart.milliseconds + 70_000))
        }
    }

    @Test("runs timers and crontabs when they are due, in order")
    func runsSchedules() async throws {
        let bank = Bank()
        let trace = Trace()
        bank.app.timer(every: .seconds(10)) { trace.note("timer at \(Self.second(bank.app))") }
        bank.app.crontab("0 1 * * *") { trace.note("crontab") }
        try await bank.app.test { kit in
            try await kit.advance(by: .seconds(35))
            #expect(trace.all.count == 3)
            try await kit.advance(to: Timestamp(milliseconds: kit.start.milliseconds + 3_600_000))
            #expect(trace.all.count == 361)
            #expect(trace.all.last == "crontab" || trace.all.dropLast().last == "crontab")
        }
    }

    private static func second(_ app: App) -> Int { app.schedules[0].runs.value }

    @Test("one seed gives one order, whatever the number of partitions and lanes")
    func isDeterministic() async throws {
        func order(_ seed: UInt64) async throws -> [String] {
            let bank = Bank(partitions: 8) { $0.parallelism = 3 }
            try await bank.app.test(seed: seed) { kit in
                for number in 1...60 { try await kit.send(number, key: "account \(number % 7)", to: bank.payments) }
                try await kit.settle()
            }
            return bank.seen.all
        }
        let orders = [try await order(1), try await order(1), try await order(2), try await order(3)]
        #expect(orders[0] == orders[1])
        #expect(Set(orders).count > 1, "seeds make a difference")
        #expect(Set(orders.map { $0.sorted() }).count == 1, "but not in what is done")
        for account in 0..<7 {
            let ofAccount = orders.map { $0.filter { $0.hasPrefix("account \(account) ") } }
            #expect(Set(ofAccount).count == 1, "nor in the order of a key")
        }
    }

    @Test("several workers share the partitions, and tables can be read over all of them")
    func runsSeveralWorkers() async throws {
        let (first, second) = (Bank(), Bank())
        let kit = try await TestKit(seed: 7)
        let workers = [try await kit.start(first.app), try await kit.start(second.app)]
        #expect(workers.allSatisfy { !$0.assignment.isEmpty })
        for number in 1...40 { try await kit.send(1, key: "account \(number % 10)", to: first.payments) }
        try await kit.settle()
        #expect(first.seen.all.count + second.seen.all.count == 40)
        #expect(!first.seen.all.isEmpty && !second.seen.all.isEmpty)
        let entries = try await kit.entries(of: first.balances)
        #expect(entries.count == 10 && entries.values.allSatisfy { $0 == 4 })
        #expect(try kit.value(of: second.balances, for: "account 3") == 4)
        try await workers[0].stop()
        #expect(workers[1].assignment.count == 4)
        for number in 1...10 { try await kit.send(1, key: "account \(number % 10)", to: first.payments) }
        try await kit.settle()
        #expect(try await kit.entries(of: first.balances).values.allSatisfy { $0 == 5 })
        try await kit.end()
    }

    @Test("an agent runs alone, and its errors are thrown where its values are put")
    func testsAgentsAlone() async throws {
        let bank = Bank()
        let other = Trace()
        bank.app.task { other.note("a task") }
        bank.app.agent("other", each: bank.copies) { _ in other.note("another agent") }
        let doubled = bank.app.topic("doubled", key: String.self, value: Int.self)
        let agent = bank.app.agent("double", bank.payments, onError: .skip, sinks: [.topic(doubled) { "\($0)" }]) {
            stream in
            stream.map { value in
                if value < 0 { throw Bank.Refused() }
                return value * 2
            }
        }
        try await agent.test { agent in
            try await agent.put(3, key: "alice")
            try await agent.put(4, key: "bob")
            #expect(agent.results(as: Int.self) == [6, 8])
            await #expect(throws: Bank.Refused.self) { try await agent.put(-1, key: "carl") }
            #expect(agent.failures.map(\.fate) == [.skipped])
            #expect(agent.failures.first?.key == "carl")
            #expect(try await agent.kit.output(of: doubled).values().sorted() == [6, 8])
        }
        #expect(other.all.isEmpty)
        #expect(bank.app.agents.map(\.name) == ["book", "double", "other"])
    }

    @Test("performs what waits for the app")
    func performs() async throws {
        let bank = Bank()
        try await bank.app.test { kit in
            try await kit.send(3, key: "alice", to: bank.payments)
            let offsets = try await kit.perform {
                try await bank.payments.send(4, key: "alice")
                return try await bank.app.commit()
            }
            try await kit.settle()
            #expect(offsets.count <= 1)
            #expect(bank.balances["alice"] == 7)
        }
    }

    @Test("waits for conditions outside of it")
    func settlesUntil() async throws {
        let bank = Bank()
        let gate = Gate()
        let answers = bank.app.topic("answers", value: String.self)
        bank.app.agent("ask", each: bank.copies) { amount in
            // Neither the app's clock nor a task of the app: the kit can't see it.
            let task = Task { try await gate.wait() }
            try await task.value
            try await answers.send("\(amount)")
        }
        try await bank.app.test { kit in
            try await kit.send(3, key: "alice", to: bank.payments)
            try await kit.settle()
            #expect(try await kit.output(of: answers).values() == [])
            gate.open()
            try await kit.settle { try await !kit.output(of: answers).values().isEmpty }
            #expect(try await kit.output(of: answers).values() == ["3"])
        }
    }
}

extension App {
    fileprivate func assertRunning() throws {
        if assignment.isEmpty { throw FaustError(.lifecycle, "not running") }
    }
}
