// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Keys of windowed tables")
struct WindowedTableKeyTests {
    private struct Refusal: Error {}

    @Sendable
    private static func spoil(_ value: inout Int) throws {
        value = 1_000
        throw Refusal()
    }

    @Test("strings short and long, integers and other keys are counted alike; a change that throws changes nothing")
    func kinds() async throws {
        let rig = TableRig()
        let app = rig.app(clock: AppClock(TestClock())) { $0.topicPartitions = 1 }
        let pages = app.topic("pages", key: String.self, value: Int.self)
        let window = Window.tumbling(.seconds(10), grace: .seconds(5))
        let texts = app.table("texts", key: String.self, default: 0).windowed(window)
        let longs = app.table("longs", key: String.self, default: 0).windowed(window)
        let numbers = app.table("numbers", key: Int.self, default: 0).windowed(window)
        let lists = app.table("lists", key: [Int].self, default: 0).windowed(window)
        let (seen, refused) = (Watched(0), Watched(0))
        let tail = String(repeating: "é", count: 700)
        app.agent("count", pages) { stream in
            for try await (page, number) in stream.items() {
                texts[page] += number
                longs[page + tail] += number
                numbers[-page.utf8.count] += number
                lists[[page.utf8.count]] += number
                for values in [texts[page], longs[page + tail]] {
                    do { try values.update(Self.spoil) } catch is Refusal { refused.update { $0 += 1 } }
                }
                seen.update { $0 += 1 }
            }
        }
        var random = SeededRandom(seed: 3)
        var (model, time, streamTime, late) = ([String: Int](), Int64(50_000), Int64(0), 0)
        let events = (0..<400)
            .map { number in
                time += Int64.random(in: 0...200, using: &random)
                let at = time - (number % 3 == 0 ? Int64.random(in: 0...20_000, using: &random) : 0)
                return (page: String(repeating: "p", count: number % 7 + 1), number: number, time: at)
            }
        for event in events {
            streamTime = max(streamTime, event.time)
            let range = window.current(at: Timestamp(milliseconds: event.time))
            if range.end.milliseconds + 5_000 <= streamTime {
                late += 1
            } else {
                model["\(event.page.utf8.count) \(range)", default: 0] += event.number
            }
        }
        try await rig.run(app) {
            for (index, event) in events.enumerated() {
                let timestamp = Timestamp(milliseconds: event.time)
                try await pages.post(event.number, key: event.page, timestamp: timestamp)
                // Some entries are found at hand, and some in flight.
                if index % 50 == 49 { try await app.commit() }
            }
            try await app.producer().flush()
            try await seen.wait { $0 == events.count }
            #expect(try await counts(texts) { $0.utf8.count } == model)
            #expect(try await counts(longs) { $0.utf8.count - tail.utf8.count } == model)
            #expect(try await counts(numbers) { -$0 } == model)
            #expect(try await counts(lists) { $0[0] } == model)
        }
        #expect(late > 0)
        #expect([texts.lateCount, numbers.lateCount, lists.lateCount].allSatisfy { $0 >= late })
        #expect([numbers.lateCount, lists.lateCount] == [late, late])
        #expect(refused.value == 2 * (events.count - late))
        #expect(rig.errors.value == [])
    }

    private func counts<Key>(
        _ table: WindowedTable<Key, Int>,
        _ number: (Key) -> Int
    ) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for try await (key, count) in table.items() { counts["\(number(key.key)) \(key.window)"] = count }
        return counts
    }
}
