// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

private struct Refused: Error {}

/// A runner of one body over a buffer, whose pauses take no time and are noted.
private struct Rig: Sendable {
    let buffer = StreamBuffer.test(zero)
    let fake: FakeProducer
    let monitor = Monitor()
    /// The pauses between attempts.
    let pauses = Collected<Duration>()
    /// The values that the body has got.
    let seen = Collected<Int64>()
    let runner: AgentRunner

    init(
        _ policy: ErrorPolicy,
        maxRestarts: Int = 3,
        producer: FakeProducer = FakeProducer(),
        body: @escaping @Sendable (EventStream<String?, Int64>, Rig.Tools) async throws -> Void
    ) {
        fake = producer
        let tools = Tools(buffer: buffer, seen: seen)
        let pauses = pauses
        var context = StreamContext.test()
        context.sleep = { pauses.add($0) }
        runner = AgentRunner(
            app: "app",
            agent: AgentDeclaration(
                name: "agent",
                help: "",
                input: .topics(TopicSelection(names: ["orders"])),
                inputName: "orders",
                options: AgentOptions(onError: policy),
                body: { try await body($0.numbers(), tools) }
            ),
            buffer: buffer,
            context: context,
            producer: .test(producer),
            monitor: monitor,
            logger: .silent,
            clock: AppClock(TestClock()),
            budget: RestartBudget(
                maxRestarts: maxRestarts,
                window: .seconds(60),
                delay: .seconds(1),
                maxDelay: .seconds(30)
            )
        )
    }

    /// What a body has at hand.
    struct Tools: Sendable {
        let buffer: StreamBuffer
        let seen: Collected<Int64>

        /// Notes a value, and ends the stream behind the last one.
        func note(_ value: Int64, last: Int64) {
            seen.add(value)
            if value == last { buffer.close() }
        }
    }

    var unfinished: Int64? { buffer.lowestUnfinished(zero) }
}

@Suite("AgentRunner")
struct AgentRunnerTests {
    @Test func aBodyRunsUntilItsStreamEnds() async throws {
        let rig = Rig(.stop) { stream, tools in
            for try await value in stream { tools.note(value, last: 3) }
        }
        rig.buffer.append(0...3)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 1, 2, 3])
        #expect(rig.unfinished == nil)
        #expect(rig.pauses.values == [])
    }

    @Test("skip: the event is finished and the next one comes")
    func skip() async throws {
        let rig = Rig(.skip) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 4)
                if value % 2 == 1 { throw Refused() }
            }
        }
        rig.buffer.append(0...4)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 1, 2, 3, 4])
        #expect(rig.unfinished == nil)
        #expect(rig.monitor.eventsFailed.value == 2)
        #expect(rig.monitor.agentRestarts.value == 0)
    }

    @Test("retry: the same event comes again after growing pauses")
    func retry() async throws {
        let policy = ErrorPolicy.retry(.exponential(base: .seconds(1), max: 3))
        let rig = Rig(policy) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 3)
                if value == 1, tools.seen.values.filter({ $0 == 1 }).count <= 3 { throw Refused() }
                if value == 2, tools.seen.values.filter({ $0 == 2 }).count <= 1 { throw Refused() }
            }
        }
        rig.buffer.append(0...3)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 1, 1, 1, 1, 2, 2, 3])
        #expect(rig.pauses.values == [.seconds(1), .seconds(2), .seconds(4), .seconds(1)])
        #expect(rig.unfinished == nil)
    }

    @Test("retry: another back-off may follow, then another policy")
    func retryTwice() async throws {
        let then = ErrorPolicy.retry(.constant(.seconds(60), max: 2), then: .skip)
        let rig = Rig(.retry(.constant(.seconds(1), max: 2), then: then)) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 1)
                if value == 0 { throw Refused() }
            }
        }
        rig.buffer.append(0...1)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 0, 0, 0, 0, 1])
        #expect(rig.pauses.values == [.seconds(1), .seconds(1), .seconds(60), .seconds(60)])
        #expect(rig.monitor.eventsFailed.value == 1)
    }

    @Test("dead letter: the message is kept with headers that say what failed")
    func deadLetter() async throws {
        let rig = Rig(.retry(.constant(.zero, max: 1), then: .deadLetter)) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 6)
                if value == 5 { throw Refused() }
            }
        }
        rig.buffer.append(Run(.test(zero, [5, 6], headers: ["trace": "t"]) { "k\($0)" }))
        try await rig.runner.run()
        #expect(rig.seen.values == [5, 5, 6])
        #expect(rig.fake.messages.count == 1)
        let letter = try #require(rig.fake.messages.first)
        #expect(letter.topicPartition.topic == "app-agent-dead-letter")
        #expect(letter.key == "k5")
        #expect(letter.value == "5")
        #expect(letter.timestampMilliseconds == 1_005)
        #expect(letter.headers["trace"] == "t")
        #expect(letter.headers["Faust-Error-Agent"] == "agent")
        #expect(letter.headers["Faust-Error-Message"].map { String($0).contains("Refused") } == true)
        #expect(letter.headers["Faust-Error-Topic"] == "orders")
        #expect(letter.headers["Faust-Error-Partition"] == "0")
        #expect(letter.headers["Faust-Error-Offset"] == "5")
        #expect(letter.headers["Faust-Error-Attempts"] == "2")
        #expect(rig.unfinished == nil)
    }

    @Test("dead letter: an event whose letter can't be sent is not lost")
    func deadLetterRefused() async throws {
        let isBroken = Mutex(true)
        let producer = FakeProducer { message in
            let wasBroken = isBroken.withLock { isBroken in
                defer { isBroken = false }
                return isBroken
            }
            return wasBroken ? .failure(FaustError(.transport, "down")) : .success(FakeProducer.metadata(message))
        }
        let rig = Rig(.deadLetter(to: "kept"), producer: producer) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 1)
                if value == 0 { throw Refused() }
            }
        }
        rig.buffer.append(0...1)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 0, 1])
        #expect(rig.fake.messages.map(\.topicPartition.topic) == ["kept", "kept"])
        #expect(rig.unfinished == nil)
    }

    @Test("stop: the event comes again until the restarts are used up, and is never finished")
    func stop() async {
        let rig = Rig(.stop, maxRestarts: 2) { stream, tools in
            for try await value in stream {
                tools.seen.add(value)
                if value == 1 { throw Refused() }
            }
        }
        rig.buffer.append(0...3)
        let error = await #expect(throws: FaustError.self) { try await rig.runner.run() }
        #expect(error?.code == .handler)
        #expect(error?.isFatal == true)
        #expect(error?.topicPartition == zero)
        #expect(error?.offset == 1)
        #expect(error?.cause is Refused)
        #expect(rig.seen.values == [0, 1, 1, 1])
        #expect(rig.pauses.values == [.seconds(1), .seconds(2)])
        #expect(rig.unfinished == 1)
        #expect(rig.monitor.agentRestarts.value == 2)
    }

    @Test("a body that returns has finished its event and is run again, within the budget")
    func bodyThatReturns() async {
        let rig = Rig(.skip, maxRestarts: 2) { stream, tools in
            for try await value in stream {
                tools.seen.add(value)
                break
            }
        }
        rig.buffer.append(0...9)
        let error = await #expect(throws: FaustError.self) { try await rig.runner.run() }
        #expect(error?.code == .handler)
        #expect(rig.seen.values == [0, 1, 2])
        #expect(rig.unfinished == 3)
    }

    @Test("an error without an event in hand uses up the restarts, whatever the policy", arguments: [0, 1, 2, 3])
    func errorWithoutEvent(choice: Int) async {
        let policies: [ErrorPolicy] = [
            .skip, .deadLetter, .stop, .retry(.constant(.seconds(9), max: 1), then: .skip),
        ]
        let rig = Rig(policies[choice], maxRestarts: 2) { _, _ in throw Refused() }
        rig.buffer.append(0...3)
        await #expect(throws: FaustError.self) { try await rig.runner.run() }
        #expect(rig.pauses.values == (choice == 3 ? [.seconds(9)] : []) + [.seconds(1), .seconds(2)])
        #expect(rig.unfinished == 0)
        #expect(rig.fake.messages.isEmpty)
        #expect(rig.monitor.eventsFailed.value == 0)
    }

    @Test("an array that fails is treated as a whole")
    func take() async throws {
        let rig = Rig(.retry(.constant(.zero, max: 1), then: .deadLetter)) { stream, tools in
            for try await values in stream.take(3) {
                for value in values { tools.note(value, last: 5) }
                if values.contains(1) { throw Refused() }
            }
        }
        rig.buffer.append(0...5)
        try await rig.runner.run()
        #expect(rig.seen.values == [0, 1, 2, 0, 1, 2, 3, 4, 5])
        #expect(rig.fake.messages.map(\.value) == ["0", "1", "2"])
        #expect(rig.monitor.eventsFailed.value == 3)
        #expect(rig.unfinished == nil)
    }

    @Test func aCancelledRunnerLeavesItsEventUnfinishedAndHoldsUpNobody() async throws {
        let rig = Rig(.skip) { stream, tools in
            for try await value in stream {
                tools.seen.add(value)
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
            }
        }
        rig.buffer.append(0...3)
        let runner = rig.runner
        try await Task { try await runner.run() }.value
        #expect(rig.seen.values == [0])
        #expect(rig.unfinished == 0)
        let isDrained = Flag()
        rig.buffer.drain(zero) { isDrained.set() }
        #expect(isDrained.isSet)
        #expect(rig.unfinished == 0)
    }

    @Test("a rebalance does not wait for an agent that pauses before the next attempt")
    func drainWhilePausing() async throws {
        let rig = Rig(.retry(.constant(.seconds(1), max: 1))) { stream, tools in
            for try await value in stream {
                tools.note(value, last: 9)
                if value == 0 { throw Refused() }
            }
        }
        rig.buffer.append(0...3)
        let isDrained = Flag()
        var runner = rig.runner
        let buffer = rig.buffer
        var context = StreamContext.test()
        context.sleep = { _ in
            buffer.drain(zero) { isDrained.set() }
            buffer.close()
        }
        runner = AgentRunner(
            app: runner.app,
            agent: runner.agent,
            buffer: buffer,
            context: context,
            producer: runner.producer,
            monitor: runner.monitor,
            logger: runner.logger,
            clock: runner.clock,
            budget: runner.budget
        )
        try await runner.run()
        #expect(isDrained.isSet)
        #expect(rig.seen.values == [0])
        #expect(rig.unfinished == 0)
    }

    @Test("a body whose child task is cancelled loses no event that it has not got")
    func cancelledChild() async throws {
        let rig = Rig(.skip, maxRestarts: 1) { stream, tools in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    var iterator = stream.makeAsyncIterator()
                    guard let value = try? await iterator.next() else { return }
                    tools.seen.add(value)
                    withUnsafeCurrentTask { $0?.cancel() }
                    tools.buffer.append([10, 11])
                    _ = try? await iterator.next()
                }
            }
            tools.buffer.close()
        }
        rig.buffer.append([0])
        try await rig.runner.run()
        #expect(rig.seen.values == [0])
        #expect(rig.unfinished == 10)
    }
}
