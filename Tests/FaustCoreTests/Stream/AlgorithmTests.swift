// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// An algorithm of the kind that reads ahead: hands out pairs of neighbours, with the second one read already.
private struct Pairs<Base: AsyncSequence>: AsyncSequence {
    let base: Base

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var last: Base.Element?

        mutating func next() async throws -> (Base.Element, Base.Element)? {
            try await next(isolation: nil)
        }

        mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> (Base.Element, Base.Element)? {
            if last == nil { last = try await base.next(isolation: actor) }
            guard let first = last, let second = try await base.next(isolation: actor) else { return nil }
            last = second
            return (first, second)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }
}

@Suite("Algorithms of AsyncSequence on streams, and arrays of events")
struct AlgorithmTests {
    private let buffer = StreamBuffer.test(zero)
    private var numbers: EventStream<String?, Int64> { StreamSource(buffer: buffer, context: .test()).numbers() }

    @Test("an algorithm that takes one element at a time keeps acknowledgement right")
    func elementwise() async throws {
        buffer.append(0..<10)
        let evens: AsyncFilterSequence<AsyncMapSequence<EventStream<String?, Int64>, Int64>> =
            numbers
            .map { (value: Int64) -> Int64 in value + 1 }
            .filter { (value: Int64) -> Bool in value % 2 == 0 }
        var values = evens.makeAsyncIterator()
        #expect(try await values.next() == 2)
        #expect(buffer.lowestUnfinished(zero) == 1)
        #expect(try await values.next() == 4)
        #expect(buffer.lowestUnfinished(zero) == 3)
        #expect(buffer.offsetsInHand == [3])
    }

    @Test func prefixLeavesItsLastElementToWhoeverGoesOn() async throws {
        buffer.append(0..<5)
        var seen: [Int64] = []
        for try await value in numbers.prefix(2) { seen.append(value) }
        #expect(seen == [0, 1])
        #expect(buffer.lowestUnfinished(zero) == 1)
        // A body that returns has finished it; a body that throws gets it again.
        buffer.finishInHand()
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test("an algorithm that reads ahead takes events that are acknowledged by hand")
    func readingAhead() async throws {
        buffer.append(0..<4)
        var pairs = Pairs(base: numbers.noack().events()).makeAsyncIterator()
        let first = try await pairs.next()
        #expect(first?.0.value == 0)
        #expect(buffer.lowestUnfinished(zero) == 0)
        first?.0.ack()
        #expect(buffer.lowestUnfinished(zero) == 1)
        #expect(buffer.offsetsInHand == [1])
    }

    @Test func arraysOfEventsAndOfTimes() async throws {
        buffer.append(0..<4)
        var events = numbers.takeEvents(2).makeAsyncIterator()
        let first = try await events.next()
        #expect(first?.map(\.value) == [0, 1])
        #expect(first?.map(\.message.offset) == [0, 1])
        #expect(buffer.lowestUnfinished(zero) == 0)
        var timed = numbers.takeWithTimestamp(3).makeAsyncIterator()
        let values = try await timed.next()
        #expect(values?.map(\.value) == [0, 1, 2])
        #expect(values?.map(\.timestamp.milliseconds) == [1_000, 1_001, 1_002])
    }

    @Test func arraysOfEventsMayBeAcknowledgedByHand() async throws {
        buffer.append(0..<4)
        var arrays = numbers.noack().takeEvents(2).makeAsyncIterator()
        let first = try await arrays.next()
        _ = try await arrays.next()
        #expect(buffer.lowestUnfinished(zero) == 0)
        for event in first ?? [] { event.ack() }
        #expect(buffer.lowestUnfinished(zero) == 2)
    }

    @Test func branchesAreAskedInTheirOrder() async throws {
        buffer.append(0..<6)
        buffer.end()
        let seen = Collected<String>()
        try await numbers.branch(
            .when({ $0 == 3 ? "three" : nil }) { seen.add($0) },
            .matching({ $0 % 2 == 1 }) { seen.add("odd \($0)") },
            .otherwise { seen.add("even \($0)") }
        )
        #expect(seen.values == ["even 0", "odd 1", "even 2", "three", "even 4", "odd 5"])
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test func aBranchThatThrowsLeavesItsEventInHand() async throws {
        buffer.append(0..<3)
        await #expect(throws: CancellationError.self) {
            try await numbers.branch(.matching({ $0 == 1 }) { _ in throw CancellationError() })
        }
        #expect(buffer.offsetsInHand == [1])
    }
}
