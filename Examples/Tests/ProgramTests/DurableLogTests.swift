// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import BookSupport
import Foundation
import Testing

/// The two-terminal walk-through of the README, and what must survive a restart.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DurableLogTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func helloWorld(_ arguments: String...) throws -> Program {
        try Program("HelloWorld", arguments + ["-D", folder.url.path])
    }

    private func received(_ program: Program) -> [String] {
        program.lines.filter { $0.hasPrefix("received: ") }.map { String($0.dropFirst("received: ".count)) }
    }

    @Test("what is sent while no worker runs is there when one starts, once") func sendFirst() async throws {
        let send = try helloWorld("send", "greetings", #""hello""#, "-k", "a")
        #expect(await send.exitStatus() == 0)
        #expect(send.lines.count == 1)
        #expect(send.lines[0].contains(#""offset":0,"partition":"#))
        #expect(send.lines[0].contains(#""topic":"greetings""#))

        let first = try helloWorld("worker")
        #expect(await first.prints("received: hello"))
        first.signal(SIGTERM)
        #expect(await first.exitStatus() == 0)

        #expect(try await helloWorld("send", "@greet", #""again""#, "-r", "2").exitStatus() == 0)
        let second = try helloWorld("worker")
        #expect(await second.prints { $0.filter { $0 == "received: again" }.count == 2 })
        second.signal(SIGTERM)
        #expect(await second.exitStatus() == 0)
        // The first worker has committed: what it has printed does not come again.
        #expect(received(second) == ["again", "again"])
    }

    @Test("two terminals: a running worker gets what another process sends") func twoTerminals() async throws {
        let worker = try helloWorld("worker")
        #expect(await worker.prints("Worker ready"))
        #expect(try await helloWorld("send", "greetings", #""hello""#).exitStatus() == 0)
        #expect(await worker.prints("received: hello"))
        let send = try helloWorld("send", "@greet", "-", "-k", "a")
        try send.feed((0..<1_000).map { "\($0)" }.map { "\"\($0)\"\n" }.joined())
        #expect(await send.exitStatus() == 0)
        #expect(send.lines == [#"{"messages":1000,"topic":"greetings"}"#])
        #expect(await worker.prints("received: 999"))
        worker.signal(SIGINT)
        #expect(await worker.exitStatus() == 0)
        #expect(received(worker) == ["hello"] + (0..<1_000).map { "\($0)" })
    }

    @Test("the orders of the README are summed up") func orders() async throws {
        let worker = try Program("Orders", ["worker", "-D", folder.url.path])
        #expect(await worker.prints("Worker ready"))
        let orders = [
            #"{"account_id": "alice", "product_id": "tea", "price": 4.5}"#,
            #"{"account_id": "alice", "product_id": "pot", "price": 20, "amount": 2}"#,
        ]
        for order in orders {
            let send = try Program("Orders", ["send", "orders", order, "--key", "alice", "-D", folder.url.path])
            #expect(await send.exitStatus() == 0)
        }
        #expect(await worker.prints { $0.contains("alice has spent 44.5") })
        worker.signal(SIGINT)
        #expect(await worker.exitStatus() == 0)
        #expect(worker.lines.filter { $0.hasPrefix("alice") } == ["alice has spent 4.5", "alice has spent 44.5"])
    }

    @Test("a second worker shares the log of the first, and gives its partitions back") func twoWorkers() async throws {
        let first = try helloWorld("worker")
        #expect(await first.prints("Worker ready"))
        let second = try helloWorld("worker")
        #expect(await second.prints("Partitions assigned"))
        second.signal(SIGTERM)
        #expect(await second.exitStatus() == 0)
        for partition in 0..<8 {
            #expect(
                try await helloWorld("send", "greetings", "\"\(partition)\"", "--partition", "\(partition)")
                    .exitStatus() == 0
            )
        }
        #expect(await first.prints { lines in (0..<8).allSatisfy { lines.contains("received: \($0)") } })
        first.signal(SIGTERM)
        #expect(await first.exitStatus() == 0)
    }

    @Test("the lines of the standard input are sent in order") func sendLines() async throws {
        let send = try helloWorld("send", "greetings", "-", "-k", "a")
        let lines = (0..<5_000).map { "\"\($0)\"" }
        try send.feed(lines.joined(separator: "\n"))
        #expect(await send.exitStatus() == 0)
        #expect(send.lines == [#"{"messages":5000,"topic":"greetings"}"#])
        let worker = try helloWorld("worker")
        #expect(await worker.prints("received: 4999"))
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 0)
        #expect(received(worker) == (0..<5_000).map { "\($0)" })
    }

    @Test("a worker killed in the middle loses nothing") func kill() async throws {
        let send = try helloWorld("send", "greetings", "-")
        try send.feed((0..<20_000).map { "\"\($0)\"" }.joined(separator: "\n"))
        #expect(await send.exitStatus() == 0)
        let first = try helloWorld("worker", "-q")
        #expect(await first.prints { $0.count > 2_000 })
        first.signal(SIGKILL)
        #expect(await first.exitStatus() == 128 + SIGKILL)
        let before = Set(received(first))
        let all = Set((0..<20_000).map { "\($0)" })
        let second = try helloWorld("worker")
        // Nothing may be missing, and a signal would end a program that has barely started.
        #expect(await second.prints("Worker ready"))
        let missing = all.subtracting(before)
        #expect(await second.prints { missing.isSubset(of: Set($0.map { String($0.dropFirst("received: ".count)) })) })
        second.signal(SIGTERM)
        #expect(await second.exitStatus() == 0)
        #expect(before.union(received(second)) == all)
    }

    @Test("an agent that does not exist is named in the error") func unknownAgent() async throws {
        let send = try helloWorld("send", "@gret", "1")
        #expect(await send.exitStatus() == 1)
        #expect(send.lines.contains { $0.hasPrefix("Error: ") && $0.contains("@gret;") && $0.contains("@greet") })
    }

    @Test("the word count is right on a log that stays, also the second time") func wordCountTwice() async throws {
        var listings: [String] = []
        for run in 1...2 {
            let result = folder.url.appending(path: "counts-\(run).txt")
            let program = try Program(
                "WordCount",
                [Book.url.path, result.path],
                environment: ["BROKER_URL": "log://\(folder.url.path)/log"]
            )
            #expect(await program.exitStatus() == 0)
            listings.append(try String(contentsOf: result, encoding: .utf8))
        }
        #expect(listings[0].hasPrefix("   1642 the\n"))
        #expect(listings[0] == listings[1])
    }
}
