// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

private struct Refusal: Error {}

@Suite("flatMap")
struct FlatMapTests {
    private func numbers(_ buffer: StreamBuffer) -> EventStream<String?, Int64> {
        StreamSource(buffer: buffer, context: .test()).numbers()
    }

    @Test func anEventIsFinishedAfterItsLastValue() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(2...4)
        var values = numbers(buffer).flatMap { [$0, 10 * $0, 100 * $0] }.makeAsyncIterator()
        for expected: Int64 in [2, 20, 200] {
            #expect(try await values.next() == expected)
            #expect(buffer.lowestUnfinished(zero) == 2)
            #expect(buffer.offsetsInHand == [2])
        }
        #expect(try await values.next() == 3)
        #expect(buffer.lowestUnfinished(zero) == 3)
    }

    @Test func anEventWithoutValuesIsFinished() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...5)
        var values = numbers(buffer).flatMap { $0 < 4 ? [] : [$0] }.makeAsyncIterator()
        #expect(try await values.next() == 4)
        #expect(buffer.lowestUnfinished(zero) == 4)
        var manual = numbers(buffer).noack().flatMap { _ in [Int64]() }.events().makeAsyncIterator()
        buffer.close()
        #expect(try await manual.next() == nil)
    }

    @Test func allValuesComeAgainWhenTheBodyFails() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(1...2)
        var first = numbers(buffer).flatMap { [$0, -$0] }.makeAsyncIterator()
        #expect(try await first.next() == 1)
        #expect(try await first.next() == -1)
        var second = numbers(buffer).flatMap { [$0, -$0] }.makeAsyncIterator()
        var seen: [Int64] = []
        for _ in 0..<4 { if let value = try await second.next() { seen.append(value) } }
        #expect(seen == [1, -1, 2, -2])
    }

    @Test func operatorsBehindItSeeEachValue() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0..<4)
        let pairs = numbers(buffer).flatMap { [$0, $0 + 10] }
        // Without a type that says so: the operators of streams must win over those of all asynchronous sequences.
        let doubled = pairs.filter { $0 % 2 == 1 }
            .map { value in
                await Task.yield()
                return value * 2
            }
        let stream = doubled.flatMap { [$0, $0 + 1] }
        var values = stream.events().makeAsyncIterator()
        var seen: [Int64] = []
        for _ in 0..<8 { if let event = try await values.next() { seen.append(event.value) } }
        #expect(seen == [2, 3, 22, 23, 6, 7, 26, 27])
        #expect(buffer.lowestUnfinished(zero) == 3)
    }

    @Test func anErrorLeavesTheEventInHandAndSkipDropsIt() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var values = numbers(buffer)
            .flatMap { value in
                if value == 0 { throw Skip() }
                if value == 2 { throw Refusal() }
                return [value]
            }
            .makeAsyncIterator()
        #expect(try await values.next() == 1)
        await #expect(throws: Refusal.self) { try await values.next() }
        #expect(buffer.offsetsInHand == [2])
    }

    @Test("an array of a take may end between the values of an event, which is finished with its last value")
    func take() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var arrays = numbers(buffer).flatMap { [$0, $0, $0] }.take(4).makeAsyncIterator()
        #expect(try await arrays.next() == [0, 0, 0, 1])
        #expect(buffer.lowestUnfinished(zero) == 0)
        #expect(try await arrays.next() == [1, 1, 2, 2])
        #expect(buffer.lowestUnfinished(zero) == 1)
        #expect(try await arrays.next() == [2, 3, 3, 3])
        #expect(buffer.lowestUnfinished(zero) == 2)
        buffer.close()
        #expect(try await arrays.next() == nil)
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test func acknowledgingOneEventAcknowledgesItsMessage() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...1)
        var events = numbers(buffer).flatMap { [$0, $0] }.noack().events().makeAsyncIterator()
        let first = try await events.next()
        #expect(buffer.lowestUnfinished(zero) == 0)
        first?.ack()
        #expect(buffer.lowestUnfinished(zero) == 1)
        #expect(try await events.next()?.value == 0)
        #expect(try await events.next()?.value == 1)
    }
}
