// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("OffsetTracker")
struct OffsetTrackerTests {
    @Test func nothingIsCommittableBeforeADelivery() {
        let tracker = OffsetTracker()
        #expect(tracker.committable == nil)
        #expect(tracker.lowestUnfinished == nil)
        #expect(tracker.unfinishedCount == 0)
    }

    @Test func theLowestUnfinishedOffsetIsCommittable() {
        var tracker = OffsetTracker()
        tracker.deliver(10...12)
        #expect(tracker.committable == 10)
        // Faust commits 12 here, past the unfinished 10 (CM14).
        tracker.finish(11)
        #expect(tracker.committable == 10)
        tracker.finish(10)
        #expect(tracker.committable == 12)
        tracker.finish(12)
        #expect(tracker.committable == 13)
    }

    @Test func aHoleIsNeverWaitedFor() {
        var tracker = OffsetTracker()
        tracker.deliver([10, 15, 16])
        tracker.finish(10)
        // Faust counts the unfinished 15 as part of the hole (CM16).
        tracker.finish(16)
        #expect(tracker.committable == 15)
        tracker.finish(15)
        #expect(tracker.committable == 17)
        tracker.advance(to: 20)
        #expect(tracker.committable == 20)
    }

    @Test func finishingThroughAnOffsetFinishesAllBeforeIt() {
        var tracker = OffsetTracker()
        tracker.deliver(0...9)
        tracker.deliver([12, 14, 20])
        tracker.finish(14)
        tracker.finish(through: 12)
        #expect(tracker.committable == 20)
        #expect(tracker.unfinishedCount == 1)
    }

    @Test func unknownOffsetsChangeNothing() {
        var tracker = OffsetTracker()
        tracker.deliver([5, 7])
        let changed = [4, 6, 8, -1].map { tracker.finish($0) }
        #expect(changed == [false, false, false, false])
        #expect(tracker.unfinishedCount == 2)
        let again = [tracker.finish(7), tracker.finish(7)]
        #expect(again == [true, false])
        #expect(tracker.unfinishedCount == 1)
    }

    @Test func whatIsTakenBackDoesNotCountAsDelivered() {
        var tracker = OffsetTracker()
        tracker.deliver(0...9)
        tracker.deliver([12, 14, 20])
        tracker.finish(8)
        tracker.undeliver(from: 7)
        #expect(tracker.position == 7)
        #expect(tracker.unfinishedCount == 7)
        tracker.finish(through: 6)
        #expect(tracker.committable == 7)
        tracker.deliver(7...8)
        #expect(tracker.committable == 7)
        #expect(tracker.isUnfinished(8))
    }

    /// Random deliveries with holes, completions in any order, and messages taken back, against a set of numbers.
    @Test("agrees with a plain model and never passes an unfinished message", arguments: 0..<50)
    func agreesWithAModel(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var tracker = OffsetTracker()
        var unfinished: Set<Int64> = []
        var position: Int64 = Int64.random(in: 0...1_000, using: &random)
        var isFresh = true
        for _ in 0..<200 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                var offsets = ContiguousArray<Int64>()
                for _ in 0..<Int.random(in: 1...20, using: &random) {
                    if Int.random(in: 0..<4, using: &random) == 0 {
                        position += Int64.random(in: 1...5, using: &random)
                    }
                    offsets.append(position)
                    position += 1
                }
                tracker.deliver(offsets)
                unfinished.formUnion(offsets)
                isFresh = false
            case 3...7:
                let offset = unfinished.sorted().randomElement(using: &random) ?? position
                #expect(tracker.finish(offset) == (unfinished.remove(offset) != nil))
            case 8:
                guard let offset = unfinished.sorted().prefix(8).randomElement(using: &random) else { continue }
                tracker.finish(through: offset)
                unfinished = unfinished.filter { $0 > offset }
            default:
                guard !isFresh, Int.random(in: 0..<4, using: &random) == 0 else { continue }
                let cut = position - Int64.random(in: 0...15, using: &random)
                guard cut > unfinished.min() ?? cut - 1 else { continue }
                tracker.undeliver(from: cut)
                unfinished = unfinished.filter { $0 < cut }
                position = min(position, cut)
            }
            #expect(tracker.lowestUnfinished == unfinished.min())
            #expect(tracker.unfinishedCount == unfinished.count)
            #expect(tracker.committable == (isFresh ? nil : unfinished.min() ?? position))
        }
        let isRight = (0..<position).allSatisfy { tracker.isUnfinished($0) == unfinished.contains($0) }
        #expect(isRight)
    }
}
