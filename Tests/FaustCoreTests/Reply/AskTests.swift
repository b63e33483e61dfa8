// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Record struct Coin: Equatable {
    var amount: Int
}

/// Agents that are asked, on a log in memory.
@Suite(.timeLimit(.minutes(5))) struct AskTests {
    private let rig = TableRig()

    private struct Broken: Error {}

    @Test("every form of an agent that yields replies to those who ask")
    func forms() async throws {
        let app = rig.app(clock: .still)
        let numbers = app.topic("numbers", key: String.self, value: Int.self)
        let sunk = Collected<Int>()
        let double = app.agent("double", each: Int.self) { $0 * 2 }
        let triple = app.agent("triple", each: numbers, sinks: [.call { sunk.add($0) }]) { $0 * 3 }
        let square = app.agent("square", of: Int.self) { stream in stream.map { $0 * $0 } }
        let words = app.agent("words", of: String.self, yielding: Int.self) { stream, emit in
            for try await text in stream { try await emit(text.split(separator: " ").count) }
        }
        try await rig.run(app) {
            #expect(try await double.ask(4) == 8)
            #expect(try await triple.ask(4, key: "k") == 12)
            #expect(try await square.ask(4) == 16)
            #expect(try await words.ask("to be or not") == 4)
            // Without an asker, results go to the sinks alone.
            try await triple.cast(5, key: "k")
            #expect(try await triple.ask(6, key: "k") == 18)
        }
        #expect(sunk.values == [12, 15, 18])
        #expect(rig.log.sent(to: app.settings.replyTo).count == 5)
    }

    @Test("replies may be null, records, and arrays")
    func kinds() async throws {
        let app = rig.app(clock: .still)
        let find = app.agent("find", each: Int.self) { $0 > 1 ? Coin(amount: $0) : Coin?.none }
        let list = app.agent("list", each: Int.self) { Array(0..<$0) }
        try await rig.run(app) {
            try #require(try await find.ask(7) == Coin(amount: 7))
            try #require(try await find.ask(1) == nil)
            try #require(try await list.ask(3) == [0, 1, 2])
        }
    }

    @Test("ten thousand who ask at once get their own replies")
    func manyAtOnce() async throws {
        let app = rig.app(clock: .still) { $0.parallelism = 2 }
        let square = app.agent("square", each: Int.self) { $0 * $0 }
        try await rig.run(app) {
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10_000 { group.addTask { try await square.ask(number) != number * number } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
            #expect(try app.running().asker.waiting.requests == 0)
            #expect(try app.running().asker.waiting.deadlines <= 64)
        }
    }

    @Test("a dead agent is an error that says who, where, how long and what to do")
    func timeout() async throws {
        let clock = TestClock()
        let app = rig.app(clock: AppClock(clock))
        let nobody = app.remoteAgent("nobody", app.topic("deserted", value: Int.self), replying: Int.self)
        try await rig.run(app) {
            let asker = try app.running().asker
            let ask = Task { try await nobody.ask(1, within: .seconds(5)) }
            while asker.waiting.requests == 0 { await Task.yield() }
            clock.advance(by: .milliseconds(4_999))
            #expect(asker.waiting.requests == 1)
            // The timer may not sleep yet.
            while asker.waiting.requests == 1 {
                clock.advance(by: .milliseconds(1))
                await Task.yield()
            }
            let error = await #expect(throws: FaustError.self) { try await ask.value }
            #expect(error?.code == .timeout && error?.isRetriable == true)
            for part in ["agent nobody", "topic deserted", "5.0 seconds", "see whether"] {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
            }
            #expect(asker.waiting.requests == 0)
        }
    }

    @Test("who is cancelled stops waiting and leaves nothing behind")
    func cancellation() async throws {
        let app = rig.app(clock: .still)
        let deserted = app.topic("deserted", value: Int.self)
        let nobody = app.remoteAgent("nobody", deserted, replying: Int.self)
        try await rig.run(app) {
            let asker = try app.running().asker
            let asks = (0..<500).map { number in Task { try await nobody.ask(number) } }
            while asker.waiting.requests < 500 { await Task.yield() }
            for ask in asks { ask.cancel() }
            for ask in asks { await #expect(throws: CancellationError.self) { try await ask.value } }
            #expect(asker.waiting.requests == 0)
            #expect(asker.waiting.deadlines <= 64)
            // One that is cancelled before it asks does not wait either.
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await nobody.ask(1)
            }
            await #expect(throws: CancellationError.self) { try await late.value }
            #expect(asker.waiting.requests == 0)
        }
    }

    @Test("a worker that starts anew passes over replies to its earlier life")
    func oldReplies() async throws {
        let first = rig.app(clock: .still) { $0.replyTo = "replies" }
        let requests = first.topic("requests", value: Int.self)
        let nobody = first.remoteAgent("adder", requests, replying: Int.self)
        try await rig.run(first) {
            let ask = Task { try await nobody.ask(1) }
            while rig.log.sent(to: "requests").isEmpty { await Task.yield() }
            ask.cancel()
            _ = await ask.result
        }
        let old = try #require(rig.log.sent(to: "requests").first?.headers[ReplyWords.correlationID])
        let second = rig.app(clock: .still) { $0.replyTo = "replies" }
        // The old worker of the agent wakes up: its replies come before the right one.
        let adder = second.agent("adder", each: second.topic("requests", value: Int.self)) { value in
            for id in [String(old), String(old).split(separator: "-")[0] + "-1", "", "-1"] {
                let reply = ReplyEnvelope(value: "666", correlationID: id)
                try await second.send(to: "replies", key: nil, value: try reply.encoded())
            }
            try await second.send(to: "replies", key: nil, value: "no reply at all")
            return value + 1
        }
        try await rig.run(second) { try #require(try await adder.ask(10) == 11) }
    }

    @Test("when the app stops, whoever waits gets an error")
    func stopping() async throws {
        let app = rig.app(clock: .still)
        let nobody = app.remoteAgent("nobody", app.topic("deserted", value: Int.self), replying: Int.self)
        let ask = Mutex<Task<Int, any Error>?>(nil)
        try await rig.run(app) {
            let asker = try app.running().asker
            ask.withLock { $0 = Task { try await nobody.ask(1) } }
            while asker.waiting.requests == 0 { await Task.yield() }
        }
        let error = await #expect(throws: FaustError.self) { try await ask.withLock { $0 }?.value }
        #expect(error?.code == .closed)
        let early = await #expect(throws: FaustError.self) { try await nobody.ask(1) }
        #expect(early?.code == .lifecycle)
    }

    @Test("a client that runs no agents asks those of a worker")
    func client() async throws {
        let worker = rig.app("sums", clock: .still)
        let adds = worker.topic("adds", value: [Int].self)
        worker.agent("adder", each: adds) { $0.reduce(0, +) }
        let client = rig.app("client", clock: .still)
        let adder = client.remoteAgent("adder", client.topic("adds", value: [Int].self), replying: Int.self)
        try await rig.run(worker) {
            let sum = try await client.withClient { try await adder.ask([1, 2, 3]) }
            #expect(sum == 6)
        }
    }

    @Test("the topic of replies has one partition, is kept for a day, and is made by the first request")
    func replyTopic() async throws {
        let app = rig.app(clock: .still) { $0.replyToPrefix = "answers-" }
        let double = app.agent("double", each: Int.self) { $0 * 2 }
        try await rig.run(app) {
            let replies = app.settings.replyTo
            #expect(replies.hasPrefix("answers-"))
            #expect(try await rig.log.topics([replies]).isEmpty)
            _ = try await double.ask(1)
            let topic = try await rig.log.topics([replies])[replies]
            #expect(topic?.partitions == 1)
            #expect(topic?.configuration["retention.ms"] == "86400000")
            #expect(topic?.configuration["cleanup.policy"] == "delete")
        }
        let eager = rig.app(clock: .still) { $0.replyCreateTopic = true }
        try await rig.run(eager) {
            let replies = eager.settings.replyTo
            try #require(try await rig.log.topics([replies])[replies] != nil)
        }
    }

    @Test(
        "a topic of replies that does not exist yet is made, as Faust's askers expect; an impossible one is passed over"
    )
    func lateAsker() async throws {
        let app = rig.app(clock: .still) { $0.topicPartitions = 1 }
        let double = app.agent("double", each: Int.self) { $0 * 2 }
        try await rig.run(app) {
            for topic in ["no name!", "", "late"] {
                var headers = Headers()
                ReplyAddress(topic: topic, correlationID: "1").add(to: &headers)
                try await double.cast(1, headers: headers)
            }
            let reply = try await double.ask(2)
            #expect(reply == 4)
            let topics = try await rig.log.topics(nil)
            #expect(topics["late"]?.partitions == 1 && topics[""] == nil)
        }
        #expect(rig.log.sent(to: "late").count == 1)
    }

    @Test("an event without a result has no reply, one with several has the first")
    func noneAndSeveral() async throws {
        let clock = TestClock()
        let app = rig.app(clock: AppClock(clock)) { $0.topicPartitions = 1 }
        let spread = app.agent("spread", of: Int.self) { stream in stream.flatMap { Array(repeating: $0, count: $0) } }
        try await rig.run(app) {
            let asker = try app.running().asker
            let none = Task { try await spread.ask(0, within: .seconds(1)) }
            while asker.waiting.requests == 0 { await Task.yield() }
            #expect(try await spread.ask(3) == 3)
            #expect(try await spread.ask(2) == 2)
            while asker.waiting.requests == 1 {
                clock.advance(by: .seconds(1))
                await Task.yield()
            }
            await #expect(throws: FaustError.self) { try await none.value }
        }
    }

    @Test("each event of an array gets a reply of its own")
    func arrays() async throws {
        let app = rig.app(clock: .still) { $0.topicPartitions = 1 }
        let rank = app.agent("rank", of: Int.self, yielding: Int.self) { stream, emit in
            for try await events in stream.takeEvents(3) {
                let sorted = events.map(\.value).sorted()
                for event in events { try await emit(sorted.firstIndex(of: event.value) ?? -1, for: event) }
            }
        }
        try await rig.run(app) {
            let ranks = try await withThrowingTaskGroup(of: Int.self) { group in
                for value in 1...6 { group.addTask { try await rank.ask(value) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // Whichever three came together, each is the first, the second or the third of its array.
            #expect(ranks.sorted() == [0, 0, 1, 1, 2, 2])
        }
    }

    @Test("a request keeps its address when its stream goes through a topic")
    func grouped() async throws {
        let app = rig.app(clock: .still)
        let shout = app.agent("shout", of: String.self) { stream in
            stream.groupBy(name: "length") { "\($0.count)" }.map { $0.uppercased() }
        }
        try await rig.run(app) {
            try #require(try await shout.ask("hush") == "HUSH")
        }
    }

    @Test("an agent asks another in its loop, on the same lane")
    func inLoop() async throws {
        let app = rig.app(clock: .still)
        let double = app.agent("double", each: Int.self) { $0 * 2 }
        let both = app.agent("both", each: Int.self) { try await double.ask($0) + 1 }
        try await rig.run(app) { try #require(try await both.ask(20) == 41) }
    }

    // MARK: Failures

    @Test("an agent that skips a failed request tells the asker")
    func skipped() async throws {
        let app = rig.app(clock: .still)
        let picky = app.agent("picky", each: Int.self, onError: .skip) { value throws -> Int in
            if value < 0 { throw Broken() }
            return value
        }
        try await rig.run(app) {
            let error = await #expect(throws: FaustError.self) { try await picky.ask(-1) }
            #expect(error?.code == .handler && error?.isRetriable == false)
            #expect(error?.message.contains("agent picky has failed on the request: Broken()") == true)
            try #require(try await picky.ask(1) == 1)
        }
    }

    @Test("an agent that is restarted with a failed request tells the asker at once")
    func restarted() async throws {
        let app = rig.app(clock: .still)
        let attempts = Counter()
        let moody = app.agent("moody", each: Int.self) { value throws -> Int in
            if attempts.add(1) < 3 { throw Broken() }
            return value
        }
        try await rig.run(app) {
            let error = await #expect(throws: FaustError.self) { try await moody.ask(1) }
            #expect(error?.code == .handler && error?.isRetriable == true)
            try #require(try await moody.ask(2) == 2)
        }
        // The error was told once; the request was answered at last, and nobody waited for that.
        #expect(rig.log.sent(to: app.settings.replyTo).count == 3)
    }

    @Test("with retries the asker waits for the last of them")
    func retried() async throws {
        let app = rig.app(clock: .still)
        let attempts = Counter()
        let policy = ErrorPolicy.retry(.constant(.zero, max: 2), then: .skip)
        let moody = app.agent("moody", each: Int.self, onError: policy) { value throws -> Int in
            if value < 0 || attempts.add(1) < 3 { throw Broken() }
            return value
        }
        try await rig.run(app) {
            try #require(try await moody.ask(1) == 1)
            let error = await #expect(throws: FaustError.self) { try await moody.ask(-1) }
            #expect(error?.code == .handler)
        }
        #expect(rig.log.sent(to: app.settings.replyTo).count == 2)
    }

    @Test("a request that can't be read, and a reply that can't, are errors of the asker")
    func undecodable() async throws {
        let app = rig.app(clock: .still)
        let numbers = app.topic("numbers", value: Int.self)
        app.agent("double", each: numbers) { $0 * 2 }
        let asText = app.remoteAgent("double", app.topic("numbers", value: String.self), replying: Int.self)
        let forText = app.remoteAgent("double", numbers, replying: String.self)
        try await rig.run(app) {
            let request = await #expect(throws: FaustError.self) { try await asText.ask("two") }
            #expect(request?.code == .handler && request?.message.contains("decode") == true)
            let reply = await #expect(throws: FaustError.self) { try await forText.ask(2) }
            #expect(reply?.code == .decode && reply?.message.contains("double") == true)
        }
    }

    @Test("a reply above the greatest size is an error of the asker, not of the agent")
    func tooLarge() async throws {
        let app = rig.app(clock: .still) { $0.producerMaxRequestSize = 10_000 }
        let repeated = app.agent("repeat", each: Int.self) { String(repeating: "x", count: $0) }
        try await rig.run(app) {
            try #require(try await repeated.ask(5_000).count == 5_000)
            let error = await #expect(throws: FaustError.self) { try await repeated.ask(20_000) }
            #expect(error?.message.contains("producer_max_request_size") == true)
        }
        #expect(rig.errors.value.isEmpty)
    }

    // MARK: Envelopes

    @Test("requests in envelopes are opened and answered")
    func envelopes() async throws {
        let app = rig.app(clock: .still)
        let topic = app.topic("coins", value: Coin.self)
        app.agent("count", each: topic) { $0.amount }
        let count = app.remoteAgent("count", topic, replying: Int.self, usesReplyHeaders: false)
        try await rig.run(app) {
            #expect(try await count.ask(Coin(amount: 3)) == 3)
            try await topic.send(Coin(amount: 4))
        }
        let request = try #require(rig.log.sent(to: "coins").first)
        #expect(request.headers.isEmpty)
        let text = request.value.map { String($0) } ?? ""
        #expect(text.hasPrefix(#"{"value":{"amount":3},"#))
        #expect(text.hasSuffix(#","__faust":{"ns":"@ReqRepRequest"}}"#))
    }

    @Test("values that are no JSON can't be put into envelopes")
    func envelopesOfBytes() async throws {
        let app = rig.app(clock: .still)
        _ = app.remoteAgent("raw", app.topic("raw"), replying: Int.self, usesReplyHeaders: false)
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
    }
}
