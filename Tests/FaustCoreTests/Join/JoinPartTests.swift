// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("The parts of a join")
struct JoinPartTests {
    @Test("keys lie in the order of side, time and offset, and come back as they were")
    func keys() throws {
        let keys = [
            JoinKey(.left, -5, 7, "b"), JoinKey(.left, 3, 1, "z"), JoinKey(.left, 3, 2, "a"),
            JoinKey(.left, .max, 0, ""),
            JoinKey(.right, .min, 0, "x"), JoinKey(.right, 0, .max, "y"),
        ]
        for (first, second) in zip(keys, keys.dropFirst()) { #expect(first.bytes.precedes(second.bytes)) }
        for key in keys { #expect(try JoinKey(key.bytes) == key) }
        #expect(JoinKey.range(.left, before: 3).contains(keys[0].bytes))
        #expect(!JoinKey.range(.left, before: 3).contains(keys[1].bytes))
        #expect(!JoinKey.range(.left, before: .max).contains(keys[4].bytes))
    }

    @Test("bytes that are not what they should be are an error, whatever they are")
    func damage() throws {
        var random = SeededRandom(seed: 1)
        for count in 0..<64 {
            for _ in 0..<50 {
                let bytes = Bytes((0..<count).map { _ in UInt8.random(in: 0...3, using: &random) })
                if let key = try? JoinKey(bytes) { #expect(key.bytes == bytes) }
                guard let entry = try? JoinEntry(bytes) else { continue }
                let message = entry.message(JoinKey(.left, 1, 2, "key"), in: TopicPartition("t", 0), offset: 3)
                #expect(message.key == "key")
                #expect((message.value?.count ?? -1) >= 0)
                _ = message.headers
            }
        }
    }

    @Test("an event keeps its value and its headers, and whether it has had a partner")
    func entries() throws {
        var headers = Headers()
        headers["a"] = "one"
        headers["b"] = nil
        headers.append("c", nil)
        var layout: [UInt8] = []
        HeaderLayout.encode(headers, into: &layout)
        let bytes = Bytes(Array("key".utf8) + Array("value".utf8) + layout)
        let batch = MessageBatch(
            topicPartition: TopicPartition("t", 1),
            epoch: 1,
            nextOffset: 6,
            storage: bytes.storage,
            entries: [
                .init(
                    offset: 5,
                    timestamp: 9,
                    keyStart: 0,
                    keyCount: 3,
                    valueStart: 3,
                    valueCount: 5,
                    headersStart: 8,
                    headersCount: Int32(layout.count)
                )
            ]
        )
        for isMatched in [false, true] {
            let entry = try JoinEntry(JoinEntry(batch[0], isMatched: isMatched).bytes)
            #expect(entry.isMatched == isMatched)
            #expect(entry.matched.isMatched)
            let message = entry.matched.message(JoinKey(.left, 9, 5, "key"), in: TopicPartition("t", 1), offset: 5)
            #expect(message.key == "key")
            #expect(message.value == "value")
            #expect(message.headers == headers)
            #expect(message.timestampMilliseconds == 9)
        }
    }

    @Test("the index finds what a list finds")
    func index() {
        var random = SeededRandom(seed: 2)
        var index = JoinIndex()
        var list: [JoinKey: Bool] = [:]
        for _ in 0..<5_000 {
            let key = JoinKey(
                Bool.random(using: &random) ? .left : .right,
                Int64.random(in: 0..<50, using: &random),
                Int64.random(in: 0..<3, using: &random),
                Bytes("k\(Int.random(in: 0..<3, using: &random))")
            )
            if Bool.random(using: &random) {
                let isMatched = Bool.random(using: &random)
                index.set(key, isMatched: isMatched)
                list[key] = isMatched
            } else {
                index.remove(key)
                list[key] = nil
            }
            #expect(index.slot(key)?.isMatched == list[key])
            let start = Int64.random(in: 0..<50, using: &random)
            let range = start...(start + 10)
            let found = index.slots(key.side, key.key, in: range).map { [$0.time, $0.offset] }
            let wanted = list.keys.filter { $0.side == key.side && $0.key == key.key && range.contains($0.time) }
                .map { [$0.time, $0.offset] }
            #expect(found == wanted.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) })
        }
        #expect(index.count == list.count)
        for key in list.keys { index.remove(key) }
        #expect(index.count == 0)
    }

    @Test("windows bound what they should, up to the ends of time")
    func windows() {
        let window = JoinWindow(before: 10, after: 20, grace: 5)
        #expect(window.partners(of: .left, at: 100) == 90...120)
        #expect(window.partners(of: .right, at: 100) == 80...110)
        #expect(!window.isClosed(.left, at: 100, now: 125))
        #expect(window.isClosed(.left, at: 100, now: 126))
        #expect(!window.isClosed(.right, at: 100, now: 115))
        #expect(window.isClosed(.right, at: 100, now: 116))
        #expect(window.partners(of: .left, at: .min) == .min...(.min + 20))
        #expect(window.partners(of: .left, at: .max) == (.max - 10)...(.max))
        let endless = JoinWindow(before: .max, after: .max, grace: .max)
        #expect(!endless.isClosed(.left, at: .min, now: .max))
    }
}

@Suite("The time of a join")
struct JoinTimeTests {
    private func time(_ stored: JoinTime.Stored = .init()) -> JoinTime {
        JoinTime(stored, elapsed: .zero, granule: 1)
    }

    private let still = JoinPair(false, false)

    @Test("is the lesser of what both streams have brought, and never goes back")
    func lesser() {
        var time = time()
        _ = time.note(.left, at: 100, offset: 0, epoch: 1)
        #expect(time.now == nil)
        _ = time.note(.right, at: 50, offset: 0, epoch: 1)
        #expect(time.now == 50)
        _ = time.note(.right, at: 20, offset: 1, epoch: 1)
        #expect(time.now == 50)
        _ = time.note(.right, at: 300, offset: 2, epoch: 1)
        #expect(time.now == 100)
    }

    @Test("does not wait for a stream that is silent, unless something of it waits itself")
    func silence() {
        var time = time()
        _ = time.note(.left, at: 100, offset: 0, epoch: 1)
        time.tick(.seconds(4), isBusy: still)
        #expect(time.now == nil)
        time.tick(.seconds(6), isBusy: JoinPair(false, true))
        #expect(time.now == nil)
        _ = time.note(.left, at: 200, offset: 1, epoch: 1)
        time.tick(.seconds(11), isBusy: still)
        #expect(time.now == 200)
        time.tick(.seconds(17), isBusy: still)
        #expect(time.now == 6_200)
        _ = time.note(.right, at: 10, offset: 0, epoch: 1)
        #expect(time.now == 6_200)
    }

    @Test("is stored as it was before the first event that is not finished, and judges what comes again by that")
    func safety() throws {
        var time = time()
        for number in 0..<100 as Range<Int64> {
            _ = time.note(.left, at: number * 10, offset: number, epoch: 1)
            _ = time.note(.right, at: number * 10, offset: number, epoch: 1)
        }
        #expect(time.now == 990)
        let whole = JoinTime.Stored(now: 990, greatest: JoinPair(990, 990))
        #expect(time.safe(unfinished: JoinPair(nil, nil)) == whole)
        #expect(time.safe(unfinished: JoinPair(nil, 100)) == whole)
        var again = time
        let part = JoinTime.Stored(now: 980, greatest: JoinPair(990, 980))
        #expect(again.safe(unfinished: JoinPair(nil, 99)) == part)
        for stored in [whole, part, JoinTime.Stored(), JoinTime.Stored(greatest: JoinPair(nil, -3))] {
            #expect(try JoinTime.Stored(stored.bytes) == stored)
        }
        #expect(throws: (any Error).self) { try JoinTime.Stored("[1,2]") }
        var time2 = JoinTime(.init(), elapsed: .zero, granule: 25)
        for number in 0..<100 as Range<Int64> {
            _ = time2.note(.left, at: number * 10, offset: number, epoch: 1)
            _ = time2.note(.right, at: number * 10, offset: number, epoch: 1)
        }
        for offset in 1..<100 as Range<Int64> {
            let exact = (offset - 1) * 10
            let found = time2.time(for: .left, offset)
            #expect(found <= exact && (found >= exact - 25 || found == .min))
            #expect(time2.note(.left, at: offset * 10, offset: offset, epoch: 1) == found)
        }
        let bound = time2.time(for: .left, 50)
        #expect(time2.safe(unfinished: JoinPair(50, 70)) == .init(now: bound, greatest: JoinPair(bound, bound)))
    }

    @Test("goes on where it was stored")
    func restart() {
        var time = time(.init(now: 500))
        #expect(time.now == 500)
        _ = time.note(.left, at: 900, offset: 7, epoch: 1)
        #expect(time.now == 500)
        _ = time.note(.right, at: 700, offset: 7, epoch: 1)
        #expect(time.now == 700)
        // One stream had not brought anything, and what the other one has brought is finished.
        var half = self.time(.init(greatest: JoinPair(300, nil)))
        half.tick(.seconds(6), isBusy: still)
        #expect(half.now == 6_300)
    }
}
