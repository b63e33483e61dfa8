// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("throttle and dedupe")
struct RateTests {
    @Test func eventsThatAreTooManyWaitForTheNextStretch() async throws {
        let (buffer, clock) = (StreamBuffer.test(zero), TestClock())
        buffer.append(0..<5)
        let stream = StreamSource(buffer: buffer, context: .test(clock)).numbers().throttle(2, per: .seconds(1))
        let seen = Collected<Int64>()
        async let end: Void = {
            for try await number in stream { seen.add(number) }
        }()
        try await clock.waitForSleepers(1)
        #expect(seen.values == [0, 1])
        clock.advance(by: .seconds(1))
        try await clock.waitForSleepers(1)
        #expect(seen.values == [0, 1, 2, 3])
        #expect(buffer.offsetsInHand == [4])
        clock.advance(by: .seconds(1))
        buffer.close()
        try await end
        #expect(seen.values == [0, 1, 2, 3, 4])
    }

    @Test func aStretchBeginsWithItsFirstEvent() {
        let pace = Pace(limit: 2, interval: .seconds(10))
        #expect(pace.pause(at: .seconds(7)) == nil)
        #expect(pace.pause(at: .seconds(8)) == nil)
        #expect(pace.pause(at: .seconds(9)) == .seconds(8))
        #expect(pace.pause(at: .seconds(17)) == nil)
        #expect(pace.pause(at: .seconds(40)) == nil)
        #expect(pace.pause(at: .seconds(41)) == nil)
        #expect(pace.pause(at: .seconds(41)) == .seconds(9))
    }

    @Test("of events with one mark the first passes, by the times of the messages")
    func duplicates() async throws {
        let buffer = StreamBuffer.test(zero, one)
        // The time of a test message is 1,000 ms and its offset.
        buffer.append([0, 1, 2, 10, 11, 12, 20])
        buffer.append([12], one)
        let stream = StreamSource(buffer: buffer, context: .test()).numbers()
            .dedupe(by: { $0 % 10 }, within: .milliseconds(20))
        var events = stream.events().makeAsyncIterator()
        var seen: [Int64] = []
        for _ in 0..<5 { if let event = try await events.next() { seen.append(event.message.offset) } }
        #expect(seen == [0, 1, 2, 20, 12])
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test func anEventThatComesAgainIsNoDuplicateOfItself() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        let stream = StreamSource(buffer: buffer, context: .test()).numbers()
            .dedupe(by: { _ in "same" }, within: .seconds(1))
        var first = stream.makeAsyncIterator()
        #expect(try await first.next() == 0)
        var second = stream.makeAsyncIterator()
        #expect(try await second.next() == 0)
        buffer.close()
        #expect(try await second.next() == nil)
    }

    @Test("marks against a list of all events", arguments: 0..<50 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var marks = Marks<Int>(window: 20, limit: 1_000)
        var passed: [(mark: Int, offset: Int64, time: Int64)] = []
        var (offset, time) = (Int64(0), Int64(0))
        for _ in 0..<400 {
            time += Int64.random(in: 0...4, using: &random)
            let mark = Int.random(in: 0..<6, using: &random)
            let isDuplicate = passed.last { $0.mark == mark }.map { time - $0.time < 20 } ?? false
            #expect(marks.note(mark, offset: offset, time: time) == !isDuplicate)
            if !isDuplicate { passed.append((mark, offset, time)) }
            offset += 1
        }
    }

    @Test func memoryIsBounded() {
        var marks = Marks<Int>(window: .max, limit: 10)
        for number in 0..<1_000 {
            #expect(marks.note(number, offset: Int64(number), time: 0) == true)
            #expect(marks.count <= 10)
        }
        #expect(marks.note(995, offset: 1_000, time: 0) == false)
        #expect(marks.note(5, offset: 1_001, time: 0) == true)
        var aging = Marks<Int>(window: 10, limit: 1_000)
        for number in 0..<1_000 { _ = aging.note(number, offset: Int64(number), time: Int64(number)) }
        #expect(aging.count == 10)
    }

    @Test func aPartitionThatGoesBackLosesNothing() {
        var marks = Marks<String>(window: 10, limit: 1)
        #expect(marks.note("a", offset: 5, time: 5) == true)
        #expect(marks.note("b", offset: 6, time: 6) == true)
        #expect(marks.note("a", offset: 7, time: 7) == true)
        // What passed before a seek passes again, unless an earlier event of the mark does.
        #expect(marks.note("a", offset: 5, time: 5) == true)
        #expect(marks.note("a", offset: 7, time: 7) == false)
    }
}
