// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

private struct Refused: Error {}

@Suite("EventStream")
struct EventStreamTests {
    private func source(_ buffer: StreamBuffer, _ context: StreamContext = .test()) -> StreamSource {
        StreamSource(buffer: buffer, context: context)
    }

    @Test func operatorsAreAppliedInOrderAndDroppedEventsAreFinished() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...9)
        let stream = source(buffer).numbers()
            .filter { $0 % 2 == 1 }
            .map { $0 * 10 }
            .compactMap { $0 == 50 ? nil : "\($0)" }
        var iterator = stream.makeAsyncIterator()
        var values: [String?] = []
        for _ in 0..<3 { values.append(try await iterator.next()) }
        #expect(values == ["10", "30", "70"])
        #expect(buffer.lowestUnfinished(zero) == 7)
    }

    @Test func operatorsMaySuspend() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...9)
        let stream = source(buffer).numbers()
            .filter { value in
                await Task.yield()
                return value > 3
            }
            .map { $0 + 1 }
            .compactMap { value -> Int64? in
                await Task.yield()
                return value == 6 ? nil : value
            }
        var iterator = stream.makeAsyncIterator()
        let values = [try await iterator.next(), try await iterator.next()]
        #expect(values == [5, 7])
        #expect(buffer.lowestUnfinished(zero) == 6)
    }

    @Test func aProcessorMaySkipAnEvent() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        let stream = source(buffer).numbers()
            .processed(by: [
                Processor { value in
                    if value < 2 { throw Skip() }
                    return value
                },
                Processor { value async in value * 2 },
            ])
        var iterator = stream.makeAsyncIterator()
        let value = try await iterator.next()
        #expect(value == 4)
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test func anErrorOfAProcessorLeavesTheLoopWithTheEventUnfinished() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        let stream = source(buffer).numbers()
            .map { value -> Int64 in
                if value == 1 { throw Refused() }
                return value
            }
        var iterator = stream.makeAsyncIterator()
        _ = try await iterator.next()
        await #expect(throws: Refused.self) { try await iterator.next() }
        #expect(buffer.offsetsInHand == [1])
    }

    @Test func aMessageThatCannotBeDecodedGoesTheWayOfItsPolicy() async throws {
        let buffer = StreamBuffer.test(zero)
        let undecodable = Collected<Int64>()
        let broken = EventStream<Void, Int64>(
            source: source(buffer, .test(undecodable: { message, _ in undecodable.add(message.offset) })),
            key: { _ in },
            pipeline: .sync { message in
                if message.offset < 2 { throw DecodeFailure(FaustError(.decode, "bad")) }
                return message.offset
            }
        )
        buffer.append(0...2)
        var iterator = broken.makeAsyncIterator()
        let value = try await iterator.next()
        #expect(value == 2)
        #expect(undecodable.values == [0, 1])
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test func theErrorOfAnUndecodableMessageReachesTheLoopWhenThePolicyThrows() async throws {
        let buffer = StreamBuffer.test(zero)
        let broken = EventStream<Void, Int64>(
            source: source(buffer),
            key: { _ in },
            pipeline: .sync { _ in throw DecodeFailure(FaustError(.decode, "bad")) }
        )
        buffer.append(0...2)
        var iterator = broken.makeAsyncIterator()
        await #expect(throws: FaustError.self) { try await iterator.next() }
        #expect(buffer.offsetsInHand == [0])
    }

    @Test func itemsEventsAndNumbersComeInOrder() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(Run(.test(zero, 0...5, headers: ["trace": "a"]) { "k\($0)" }))
        var items = source(buffer).numbers().items().makeAsyncIterator()
        let item = try await items.next()
        #expect(item?.key == "k0")
        #expect(item?.value == 0)
        var events = source(buffer).numbers().map { $0 + 100 }.events().makeAsyncIterator()
        let event = try await events.next()
        #expect(event?.key == "k0")
        #expect(event?.value == 100)
        #expect(event?.headers["trace"] == "a")
        #expect(event?.timestamp == Timestamp(milliseconds: 1_000))
        var numbered = source(buffer).numbers().enumerated(from: 7).makeAsyncIterator()
        let pairs = [try await numbered.next(), try await numbered.next()]
        #expect(pairs.map { $0?.index } == [7, 8])
        #expect(pairs.map { $0?.value } == [0, 1])
    }

    @Test("without acknowledgement only ack() finishes an event, in any order")
    func noack() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var events = source(buffer).numbers().noack().filter { $0 != 1 }.events().makeAsyncIterator()
        var taken: [Event<String?, Int64>] = []
        for _ in 0..<3 {
            if let event = try await events.next() { taken.append(event) }
        }
        #expect(taken.map(\.value) == [0, 2, 3])
        #expect(buffer.lowestUnfinished(zero) == 0)
        taken[2].ack()
        #expect(buffer.offsetsInHand == [0, 2])
        let result = await taken[0].withAcknowledgement { "done" }
        #expect(result == "done")
        // 1 was dropped by the filter, which finishes it.
        #expect(buffer.lowestUnfinished(zero) == 2)
        await #expect(throws: Refused.self) {
            try await taken[1].withAcknowledgement { throw Refused() }
        }
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test func whatABodyWithoutAcknowledgementLeavesIsNotFinishedWhenItReturns() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var events = source(buffer).numbers().noack().events().makeAsyncIterator()
        _ = try await events.next()
        buffer.finishInHand()
        #expect(buffer.lowestUnfinished(zero) == 0)
        var values = source(buffer).numbers().makeAsyncIterator()
        _ = try await values.next()
        buffer.finishInHand()
        #expect(buffer.lowestUnfinished(zero) == 1)
    }

    @Test func echoSendsTheMessageOnUnchanged() async throws {
        let fake = FakeProducer()
        let producer = Producer.test(fake)
        let buffer = StreamBuffer.test(zero)
        buffer.append(Run(.test(zero, [5], headers: ["h": "1"]) { _ in "key" }))
        let stream = source(buffer, .test(producer: { producer })).numbers()
            .map { $0 * 2 }
            .echo(to: NamedTopic(name: "copy"), NamedTopic(name: "archive"))
        var iterator = stream.makeAsyncIterator()
        let value = try await iterator.next()
        #expect(value == 10)
        #expect(fake.messages.map(\.topicPartition.topic) == ["copy", "archive"])
        #expect(fake.messages.map(\.value) == ["5", "5"])
        #expect(fake.messages.map(\.key) == ["key", "key"])
        #expect(fake.messages.first?.headers["h"] == "1")
    }

    @Test("a free loop that is left gives back the event in hand, and nobody waits for it")
    func leftLoop() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...4)
        let stream = StreamSource(buffer: buffer, context: .test(), endsWithIterator: true).numbers()
        for try await value in stream where value == 2 { break }
        #expect(buffer.lowestUnfinished(zero) == 2)
        for try await value in stream {
            #expect(value == 2)
            break
        }
        let isDrained = Flag()
        buffer.drain(zero) { isDrained.set() }
        #expect(isDrained.isSet)
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test("an event that is given back and handed out again counts once")
    func counting() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...4)
        var context = StreamContext.test()
        let count = Counter()
        context.countEvents = { count.add($0) }
        var cursor = StreamCursor(source(buffer, context))
        _ = cursor.takeNow()
        _ = cursor.takeNow()
        buffer.holdBack(true)
        #expect(cursor.takeNow() == nil)
        #expect(count.add(0) == 2)
        buffer.holdBack(false)
        while cursor.takeNow() != nil {}
        #expect(count.add(0) == 5)
    }

    @Test("a cancelled task gets what it was handed, then the end, and the rest stays")
    func cancellation() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0..<300)
        let stream = source(buffer).numbers()
        let task = Task {
            var count = 0
            for try await _ in stream {
                count += 1
                if count == 1 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return count
        }
        #expect(try await task.value == 256)
        #expect(buffer.lowestUnfinished(zero) == 256)
    }
}

private struct NamedTopic: AnyTopic {
    let name: String
}
