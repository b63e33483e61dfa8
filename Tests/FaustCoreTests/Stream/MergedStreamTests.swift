// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

private struct Refusal: Error {}

@Suite("Merged streams", .timeLimit(.minutes(5)))
struct MergedStreamTests {
    private let left = StreamBuffer.test(zero)
    private let right = StreamBuffer.test(one)

    private func numbers(_ buffer: StreamBuffer) -> EventStream<String?, Int64> {
        StreamSource(buffer: buffer, context: .test()).numbers()
    }

    private var merged: MergedStream<Int64> { numbers(left) & numbers(right) }

    @Test func streamsTakeTurnsAndKeepTheirOrders() async throws {
        left.append(0..<300)
        right.append(1_000..<1_002, one)
        var values = merged.makeAsyncIterator()
        var seen: [Int64] = []
        for _ in 0..<302 { if let value = try await values.next() { seen.append(value) } }
        #expect(seen.filter { $0 < 1_000 } == Array(0..<300))
        #expect(seen.filter { $0 >= 1_000 } == [1_000, 1_001])
        // A run has 256 messages at most.
        #expect(seen[256] == 1_000)
    }

    @Test func anEventIsFinishedWhenTheNextValueIsAskedForWhereverThatComesFrom() async throws {
        left.append(0...0)
        right.append(5...5, one)
        var values = merged.makeAsyncIterator()
        #expect(try await values.next() == 0)
        #expect(left.lowestUnfinished(zero) == 0)
        #expect(left.offsetsInHand == [0])
        #expect(try await values.next() == 5)
        #expect(left.lowestUnfinished(zero) == nil)
        #expect(left.offsetsInHand.isEmpty)
        #expect(left.partitionInHand.load(ordering: .relaxed) == -1)
        #expect(right.lowestUnfinished(one) == 5)
        #expect(right.partitionInHand.load(ordering: .relaxed) == 0 + one.partition)
    }

    @Test func whoeverComesFirstWakesTheLoop() async throws {
        let seen = Collected<Int64>()
        let (merged, left, right) = (merged, left, right)
        async let end: Void = {
            for try await value in merged {
                seen.add(value)
                if value == 7 { left.append(1...1) }
                if value == 1 { right.append(8...8, one) }
                if value == 8 {
                    left.close()
                    right.close()
                }
            }
        }()
        right.append(7...7, one)
        try await end
        #expect(seen.values == [7, 1, 8])
    }

    @Test func itEndsWhenAllHaveEnded() async throws {
        left.append(0...1)
        left.end()
        right.append(5...5, one)
        right.end()
        var seen: [Int64] = []
        for try await value in merged { seen.append(value) }
        #expect(seen.sorted() == [0, 1, 5])
        #expect(left.lowestUnfinished(zero) == nil)
        #expect(right.lowestUnfinished(one) == nil)
    }

    @Test func aCancelledTaskGetsTheEnd() async throws {
        let merged = merged
        let task = Task { for try await _ in merged {} }
        task.cancel()
        try await task.value
    }

    @Test func anErrorOfOneLeavesTheLoopWithItsEventInHand() async throws {
        left.append(0...1)
        right.append(5...5, one)
        let failing = numbers(right).map { _ -> Int64 in throw Refusal() }
        var values = (failing & numbers(left)).makeAsyncIterator()
        await #expect(throws: Refusal.self) { try await values.next() }
        #expect(right.offsetsInHand == [5])
        #expect(left.offsetsInHand.isEmpty)
    }

    @Test func drainsAndBarriersAreNotHeldUpByAStreamThatWaits() async throws {
        left.append(0...9)
        right.append(5...9, one)
        let (drained, quiet, seen) = (Flag(), Flag(), Collected<Int64>())
        let (merged, left, right) = (merged, left, right)
        async let end: Void = {
            for try await value in merged {
                seen.add(value)
                if value == 0 {
                    right.drain(one) { drained.set() }
                    right.quiesce {}
                    left.quiesce { quiet.set() }
                }
                if value == 1 {
                    left.close()
                    right.close()
                }
            }
        }()
        while !quiet.isSet { await Task.yield() }
        #expect(drained.isSet)
        #expect(left.lowestUnfinished(zero) == 1)
        left.holdBack(false)
        try await end
        #expect(seen.values == [0, 1])
    }

    @Test func streamsOfDifferentTypesAreMerged() async throws {
        left.append(0...0)
        right.append(5...5, one)
        let words = numbers(right).map { "number \($0)" }
        var values = numbers(left).merged(with: words).makeAsyncIterator()
        #expect(try await values.next() == .first(0))
        #expect(try await values.next() == .second("number 5"))
    }

    @Test func moreThanTwoStreamsAndOperators() async throws {
        let third = StreamBuffer.test(zero)
        for (buffer, partition) in [(left, zero), (right, one), (third, zero)] {
            buffer.append(0...3, partition)
            buffer.end()
        }
        let all = (numbers(left) & numbers(right) & numbers(third)).filter { $0 > 1 }.map { $0 * 2 }
        var seen: [Int64] = []
        for try await value in all { seen.append(value) }
        #expect(seen.sorted() == [4, 4, 4, 6, 6, 6])
    }
}
