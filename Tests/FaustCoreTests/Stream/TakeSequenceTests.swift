// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("take(_:within:)")
struct TakeSequenceTests {
    private func numbers(_ buffer: StreamBuffer, _ clock: TestClock = TestClock()) -> EventStream<String?, Int64> {
        StreamSource(buffer: buffer, context: .test(clock)).numbers()
    }

    @Test func theEventsOfAnArrayAreFinishedWhenTheNextOneIsAskedFor() async throws {
        let buffer = StreamBuffer.test(zero, one)
        buffer.append(0...1)
        buffer.append(10...13, one)
        var arrays = numbers(buffer).take(3).makeAsyncIterator()
        #expect(try await arrays.next() == [0, 1, 10])
        #expect(buffer.lowestUnfinished(zero) == 0)
        #expect(buffer.lowestUnfinished(one) == 10)
        #expect(buffer.offsetsInHand == [0, 1, 10])
        #expect(try await arrays.next() == [11, 12, 13])
        #expect(buffer.lowestUnfinished(zero) == nil)
        #expect(buffer.lowestUnfinished(one) == 11)
    }

    @Test func anArrayThatFailedComesAgain() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        buffer.append(5...8)
        var first = numbers(buffer).take(4).makeAsyncIterator()
        #expect(try await first.next() == [0, 1, 2, 5])
        var second = numbers(buffer).take(4).makeAsyncIterator()
        #expect(try await second.next() == [0, 1, 2, 5])
    }

    @Test func theTimeRunsFromTheFirstValueOfAnArray() async throws {
        let (buffer, clock) = (StreamBuffer.test(zero), TestClock())
        clock.advance(by: .seconds(100))
        buffer.append(0...1)
        let stream = numbers(buffer, clock)
        async let array: [Int64]? = {
            var arrays = stream.take(10, within: .seconds(5)).makeAsyncIterator()
            return try await arrays.next()
        }()
        try await clock.waitForSleepers(1)
        #expect(clock.nextDeadline == TestClock.Instant(offset: .seconds(105)))
        clock.advance(by: .seconds(5))
        #expect(try await array == [0, 1])
        #expect(buffer.lowestUnfinished(zero) == 0)
    }

    @Test func aRebalanceDoesNotWaitForAnArrayToFillUp() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...1)
        let clock = TestClock()
        let timed = numbers(buffer, clock)
        async let array: [Int64]? = {
            var arrays = timed.take(10, within: .seconds(60)).makeAsyncIterator()
            return try await arrays.next()
        }()
        try await clock.waitForSleepers(1)
        buffer.drain(zero) {}
        #expect(try await array == [0, 1])
    }

    @Test("an array is shorter when its partition may not have so many unfinished events")
    func fullBuffer() async throws {
        let buffer = StreamBuffer.test(zero, maxsize: 10)
        buffer.append(0...7)
        #expect(buffer.isFull(zero))
        var arrays = numbers(buffer).take(100).makeAsyncIterator()
        #expect(try await arrays.next() == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func eventsThatAreDroppedFinishWithTheArray() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...9)
        var arrays = numbers(buffer).filter { $0 % 3 == 0 }.take(2).makeAsyncIterator()
        #expect(try await arrays.next() == [0, 3])
        #expect(try await arrays.next() == [6, 9])
        #expect(buffer.lowestUnfinished(zero) == 4)
    }

    @Test func aClosedStreamGivesWhatItHasAndEnds() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...1)
        let (clock, gate) = (TestClock(), Gate())
        let stream = numbers(buffer, clock)
        async let arrays: [[Int64]?] = {
            var arrays = stream.take(5, within: .seconds(9)).makeAsyncIterator()
            let first = try await arrays.next()
            try await gate.wait()
            return [first, try await arrays.next()]
        }()
        try await clock.waitForSleepers(1)
        buffer.close()
        try await gate.waitForArrivals(1)
        #expect(buffer.lowestUnfinished(zero) == 0)
        gate.open()
        let result = try await arrays
        #expect(result == [[0, 1], nil])
        #expect(buffer.lowestUnfinished(zero) == nil)
    }
}
