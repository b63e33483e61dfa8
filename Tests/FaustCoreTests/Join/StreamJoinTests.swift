// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Stream–stream join", .timeLimit(.minutes(5)))
struct StreamJoinTests {
    @Test("pairs each event with those of its key within the window, both ends included")
    func inner() async throws {
        let join = JoinApp()
        try await join.app.test { kit in
            try await kit.left(join, "l1", at: 20_000)
            try await kit.left(join, "l2", "other", at: 20_000)
            for (id, time) in [("r1", 9_999), ("r2", 10_000), ("r3", 20_000), ("r4", 30_000), ("r5", 30_001)] {
                try await kit.right(join, id, at: Int64(time))
            }
            try await kit.left(join, "l3", at: 20_500)
            try await kit.settle()
            #expect(try await kit.results(join).sorted() == ["l1+r2", "l1+r3", "l1+r4", "l3+r3", "l3+r4", "l3+r5"])
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.results(join).count == 6)
            #expect(join.waiting == 0)
            #expect(join.join.lateCount == 0)
        }
    }

    @Test("results are tuples, or what a closure makes of them")
    func types() async throws {
        let app = kitApp("types")
        let orders = app.topic("orders", key: String.self, value: Int.self)
        let names = app.topic("names", key: String.self, value: String.self)
        let seen = Watched<[String]>([])
        app.agent("inner", orders.join(names, within: .seconds(1))) { stream in
            for try await (number, name) in stream { seen.update { $0.append("\(number) \(name)") } }
        }
        app.agent("left", orders.leftJoin(names, within: .seconds(1))) { stream in
            for try await (number, name) in stream where number > 1 {
                let name: String? = name
                seen.update { $0.append("\(number) \(name ?? "nobody")") }
            }
        }
        app.agent("outer", orders.outerJoin(names, within: .seconds(1)), sinks: []) { stream in
            stream.compactMap { number, name in number == nil ? name : nil }
        }
        try await app.test { kit in
            try await kit.send(1, key: "a", to: orders)
            try await kit.send("anna", key: "a", to: names)
            try await kit.send(2, key: "b", to: orders)
            try await kit.send("carl", key: "c", to: names)
            try await kit.settle()
            try await kit.advance(by: .seconds(30))
            #expect(seen.value.sorted() == ["1 anna", "2 nobody"])
            #expect(kit.results(of: "outer", as: String.self) == ["carl"])
        }
    }

    @Test("a left join puts out an event without a partner once, when window and grace have passed, not before")
    func left() async throws {
        let join = JoinApp(.left, grace: .seconds(2))
        try await join.app.test { kit in
            try await kit.left(join, "l1", at: 0)
            try await kit.left(join, "l2", "b", at: 0)
            try await kit.right(join, "r1", "b", at: 10_000)
            try await kit.right(join, "r2", "c", at: 0)
            try await kit.bring(join, to: 12_000)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l2+r1"])
            try await kit.bring(join, to: 12_001)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l2+r1", "l1+-"])
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.results(join) == ["l2+r1", "l1+-"])
            #expect(join.waiting == 0)
        }
    }

    @Test("an outer join puts out what both sides have had no partner for, in the order of the times")
    func outer() async throws {
        let join = JoinApp(.outer)
        try await join.app.test { kit in
            for number in 0..<5 {
                try await kit.left(join, "l\(number)", "l\(number)", at: Int64(number))
                try await kit.right(join, "r\(number)", "r\(number)", at: Int64(number))
            }
            try await kit.left(join, "l9", at: 1)
            try await kit.right(join, "r9", at: 2)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l9+r9"])
            try await kit.advance(by: .seconds(60))
            let results = try await kit.results(join).dropFirst()
            #expect(results.filter { $0.hasPrefix("l") } == (0..<5).map { "l\($0)+-" })
            #expect(results.filter { $0.hasPrefix("-") } == (0..<5).map { "-+r\($0)" })
            #expect(results.count == 10)
        }
    }

    @Test("the two directions can be set apart")
    func directions() async throws {
        let join = JoinApp(.left, change: { $0.before(.zero).after(.seconds(5)) })
        try await join.app.test { kit in
            try await kit.left(join, "l1", at: 10_000)
            for (id, time) in [("r1", 9_999), ("r2", 10_000), ("r3", 15_000), ("r4", 15_001)] {
                try await kit.right(join, id, at: Int64(time))
            }
            try await kit.left(join, "l2", at: 15_001)
            try await kit.left(join, "l3", at: 15_002)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l1+r2", "l1+r3", "l2+r4"])
            // The window of a left event ends 5 s behind it.
            try await kit.bring(join, to: 20_003)
            try await kit.settle()
            #expect(try await kit.results(join).last == "l3+-")
        }
    }

    @Test("an event is late when its window has closed: it is dropped, counted and told")
    func late() async throws {
        let join = JoinApp(.outer, grace: .seconds(2))
        try await join.app.test { kit in
            try await kit.bring(join, to: 100_000)
            try await kit.process()
            try await kit.left(join, "l1", at: 88_000)
            try await kit.right(join, "r1", at: 88_000)
            try await kit.left(join, "l2", at: 87_999)
            try await kit.right(join, "r2", at: 0)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l1+r1"])
            #expect(join.join.lateCount == 2)
            #expect(join.late.value.sorted() == ["l2", "r2"])
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.results(join) == ["l1+r1"])
        }
    }

    @Test("a stream that is read long behind the other one is not late")
    func behind() async throws {
        let join = JoinApp(.left, within: .seconds(1))
        try await join.app.test { kit in
            for number in 0..<500 { try await kit.left(join, "l\(number)", at: Int64(number) * 10_000) }
            try await kit.settle()
            for number in 0..<500 where number % 2 == 0 {
                try await kit.right(join, "r\(number)", at: Int64(number) * 10_000 + 1_000)
            }
            try await kit.settle()
            try await kit.advance(by: .seconds(60))
            let results = Set(try await kit.results(join))
            #expect(results == Set((0..<500).map { $0 % 2 == 0 ? "l\($0)+r\($0)" : "l\($0)+-" }))
            #expect(join.join.lateCount == 0)
        }
    }

    @Test("a backlog of both streams is read in the order of the times, so that few events wait")
    func aligned() async throws {
        let join = JoinApp(within: .seconds(1))
        let kit = try await TestKit()
        for number in 0..<1_000 { try await kit.left(join, "l\(number)", at: Int64(number) * 1_000) }
        for number in 0..<1_000 { try await kit.right(join, "r\(number)", at: Int64(number) * 1_000 + 500) }
        try await kit.start(join.app)
        try await kit.settle()
        #expect(try await kit.results(join).count == 1_999)
        #expect(join.waiting < 20)
        #expect(join.join.lateCount == 0)
        try await kit.end()
    }

    @Test("a stream that is silent for five seconds is not waited for, and when both are, the clock goes on")
    func idle() async throws {
        let join = JoinApp(.left, within: .seconds(10))
        try await join.app.test { kit in
            try await kit.left(join, "l1", at: 0)
            try await kit.left(join, "l2", at: 60_000)
            try await kit.advance(by: .seconds(4))
            // Right events may still come.
            #expect(try await kit.results(join) == [])
            try await kit.left(join, "l3", at: 60_000)
            try await kit.advance(by: .seconds(4))
            #expect(try await kit.results(join) == ["l1+-"])
            try await kit.advance(by: .seconds(3))
            #expect(try await kit.results(join) == ["l1+-"])
            try await kit.advance(by: .seconds(10))
            #expect(try await kit.results(join) == ["l1+-", "l2+-", "l3+-"])
        }
    }

    @Test("messages without a value are passed over, and those without a key never have a partner")
    func nulls() async throws {
        let join = JoinApp(.left)
        let tombstones = join.app.topic("left", key: String?.self, value: String?.self)
        try await join.app.test { kit in
            let time = Timestamp(milliseconds: kit.start.milliseconds)
            try await kit.send(nil, key: "k", to: tombstones, timestamp: time)
            try await kit.send("l1", key: nil, to: join.left, timestamp: time)
            try await kit.send("r1", key: nil, to: join.right, timestamp: time)
            try await kit.settle()
            #expect(try await kit.results(join) == ["l1+-"])
            #expect(join.join.skippedCount == 2)
            #expect(join.waiting == 0)
        }
    }

    @Test("a message that can't be decoded goes the way of its policy, and takes part in nothing")
    func undecodable() async throws {
        let join = JoinApp(.outer)
        try await join.app.test { kit in
            try await kit.left(join, "bad", at: 0)
            try await kit.right(join, "r1", at: 0)
            try await kit.settle()
            try await kit.advance(by: .seconds(60))
            #expect(try await kit.results(join) == ["-+r1"])
            #expect(join.app.monitor.decodeErrors.value == 1)
        }
    }

    @Test("a stream of results has all operators, and may be grouped anew")
    func operators() async throws {
        let app = kitApp("types", partitions: 2)
        let orders = app.topic("orders", key: String.self, value: Int.self)
        let names = app.topic("names", key: String.self, value: String.self)
        let counts = app.table("counts", key: String.self, default: 0)
        app.agent("count", orders.join(names, within: .seconds(1)) { [$1: $0] }) { stream in
            let byName = stream.filter { !$0.isEmpty }.groupBy(name: "name") { $0.keys.first ?? "" }
            for try await (name, numbers) in byName.items() { counts[name] += numbers.values.reduce(0, +) }
        }
        try await app.test { kit in
            for number in 0..<10 {
                try await kit.send(number, key: "\(number)", to: orders)
                try await kit.send(number % 2 == 0 ? "anna" : "bert", key: "\(number)", to: names)
            }
            try await kit.settle()
            #expect(try await kit.entries(of: counts) == ["anna": 20, "bert": 25])
        }
    }

    @Test("what waits goes when its window has closed, however many events come")
    func bounded() async throws {
        let join = JoinApp(.inner, within: .milliseconds(100))
        try await join.app.test { kit in
            var most = 0
            for round in 0..<6 {
                for number in 0..<500 {
                    let time = Int64(round * 500 + number) * 10
                    try await kit.left(join, "l\(time)", "\(time)", at: time)
                    try await kit.right(join, "r\(time)", "\(time + 5)", at: time)
                }
                try await kit.settle()
                most = max(most, join.waiting)
            }
            #expect(most < 100)
        }
    }
}
