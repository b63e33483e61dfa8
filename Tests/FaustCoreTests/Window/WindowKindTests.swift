// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Foundation
import Testing

@testable import FaustCore

@Suite("Kinds of windows")
struct WindowKindTests {
    private struct Click {
        let page: String
        let date: Date
    }

    /// A program that counts clicks in a windowed table, and what it has put out.
    private struct Counter {
        let app: App
        let clicks: Topic<String, Int>
        let table: WindowedTable<String, Int>
        let seen = Watched(0)
        let lines = Watched<[String]>([])

        init(_ rig: TableRig, _ make: (Table<String, Int>) -> WindowedTable<String, Int>) {
            // A clock that stands still: an idle stream would move on with it when the machine is busy.
            app = rig.app(clock: AppClock(TestClock())) { $0.topicPartitions = 1 }
            clicks = app.topic("clicks", key: String.self, value: Int.self)
            table = make(app.table("table", key: String.self, default: 0))
            let (table, seen, lines) = (table, seen, lines)
            table.onClose { key, window, count in lines.update { $0.append("\(key) \(window) \(count)") } }
            app.agent("count", clicks) { stream in
                for try await (key, number) in stream.items() {
                    if number < 0 { try table[key].remove() } else { table[key] += number }
                    lines.update { $0.append("\(table[key].current) \(table[key].now)") }
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ events: [(key: String, number: Int, time: Int64)]) async throws {
            let count = seen.value + events.count
            for (key, number, time) in events {
                try await clicks.post(number, key: key, timestamp: Timestamp(milliseconds: time))
            }
            try await app.producer().flush()
            try await seen.wait { $0 >= count }
        }

        func windows(_ key: String) throws -> [String] {
            try table[key].windows().map { "\($0.window) \($0.value)" }
        }
    }

    @Test("sessions grow, merge, close once and expire, also over restarts", arguments: [false, true])
    func sessions(keepsStores: Bool) async throws {
        let rig = TableRig(keepsStores: keepsStores)
        let make = { (table: Table<String, Int>) in
            table.session(gap: .seconds(10), expires: .seconds(60), grace: .seconds(5), merge: +)
        }
        let first = Counter(rig, make)
        try await rig.run(first.app) {
            try await first.send([("a", 1, 0), ("a", 2, 9_999), ("b", 5, 1_000), ("a", 4, 20_000)])
            #expect(try first.windows("a") == ["[0.0, 19.999] 3", "[20.0, 30.0] 4"])
            try await first.app.commit()
            // Between two sessions that are in the changelog, and less than the gap from both.
            try await first.send([("a", 8, 15_000)])
            #expect(try first.windows("a") == ["[0.0, 30.0] 15"])
            try await first.app.commit()
        }
        #expect(first.lines.value == ["1 1", "3 3", "5 5", "4 4", "b [1.0, 11.0] 5", "15 15"])
        let sent = rig.log.sent(to: "tables-table-changelog").map { ($0.key.map(String.init) ?? "", $0.value == nil) }
        let removed = sent.filter { $0.1 }.map { $0.0 }.sorted()
        #expect(removed == ["[\"a\",[0.0,19.999]]", "[\"a\",[20.0,30.0]]"])

        let second = Counter(rig, make)
        try await rig.run(second.app) {
            // The partition has to be recovered first.
            while (try? second.windows("a")) == nil { await Task.yield() }
            #expect(try second.windows("a") == ["[0.0, 30.0] 15"])
            #expect(try second.windows("b") == ["[1.0, 11.0] 5"])
            try await second.send([("a", 16, 29_999), ("b", 1, 34_000), ("b", 1, 10_000), ("a", 1, 55_000)])
            try await second.app.commit()
            #expect(try second.windows("a") == ["[0.0, 39.999] 31", "[55.0, 65.0] 1"])
            var at: [String] = []
            for try await key in second.table.keys(relativeTo: Timestamp(milliseconds: 36_000)) { at.append(key) }
            #expect(at.sorted() == ["a", "b"])
            try await second.send([("a", 1, 120_000)])
            try await second.app.commit()
            #expect(try second.windows("a") == ["[55.0, 65.0] 1", "[120.0, 130.0] 1"])
            #expect(try second.windows("b") == [])
        }
        let closed = second.lines.value.filter { $0.contains("[") }
        #expect(closed == ["a [0.0, 39.999] 31", "b [34.0, 44.0] 1", "a [55.0, 65.0] 1"])
        #expect(second.table.lateCount == 1)
        #expect(rig.errors.value == [])
    }

    @Test("a session can be removed, and another one begun")
    func removal() async throws {
        let rig = TableRig()
        let counter = Counter(rig) { $0.session(gap: .seconds(10), merge: +) }
        try await rig.run(counter.app) {
            try await counter.send([("a", 1, 0), ("a", 2, 5_000), ("a", -1, 6_000), ("a", 4, 7_000)])
            #expect(try counter.windows("a") == ["[7.0, 17.0] 4"])
            try await counter.app.commit()
            try await counter.send([("a", -1, 8_000)])
            try await counter.app.commit()
            #expect(try counter.windows("a") == [])
        }
        #expect(counter.lines.value == ["1 1", "3 3", "0 0", "4 4", "0 0"])
        #expect(rig.errors.value == [])
    }

    @Test("sliding windows are those of KIP-450: each different set of events within the difference")
    func sliding() async throws {
        let rig = TableRig()
        let counter = Counter(rig) { $0.sliding(difference: .seconds(10), grace: .seconds(30), combine: +) }
        try await rig.run(counter.app) {
            // The example of the proposal: events at 8, 9.2 and 12.4 seconds.
            try await counter.send([("a", 1, 8_000), ("a", 2, 12_400), ("a", 4, 9_200), ("end", 1, 99_000)])
            let expected = [
                "[-2.0, 8.001] 1", "[-0.8, 9.201] 5", "[2.4, 12.401] 7", "[8.001, 18.002] 6", "[9.201, 19.202] 2",
            ]
            #expect(try counter.windows("a") == expected)
            try await counter.app.commit()
            let closed = counter.lines.value.filter { $0.contains("[") }.map { String($0.dropFirst(2)) }
            #expect(closed.sorted() == expected.sorted())
        }
        #expect(rig.errors.value == [])
    }

    @Test("hopping windows in panes have what those without have, at one changelog message per pane")
    func panes() async throws {
        let events = (0..<60).map { (key: "a", number: 1, time: Int64($0) * 1_000) } + [("end", 1, 300_000)]
        var lines: [[String]] = []
        for combine in [nil, { @Sendable (left: Int, right: Int) in left + right }] {
            let rig = TableRig()
            let counter = Counter(rig) {
                $0.hopping(.seconds(60), step: .seconds(10), expires: .seconds(60), combine: combine)
            }
            try await rig.run(counter.app) {
                try await counter.send(events)
                try await counter.app.commit()
            }
            lines.append(counter.lines.value)
            let sent = rig.log.sent(to: "tables-table-changelog")
                .filter { String($0.key ?? .empty).hasPrefix("[\"a\"") }
            // What has come and gone within one commit is not worth a message, or a tombstone if it was not new.
            #expect(sent.allSatisfy { $0.value == nil })
            #expect(sent.count == (combine == nil ? 11 : 6))
            #expect(rig.errors.value == [])
        }
        #expect(lines[0] == lines[1])
        #expect(lines[0].filter { $0.hasPrefix("a") }.count == 11)
    }

    @Test("windows are relative to a field of the event, a date, and less than a second long")
    func fields() async throws {
        let rig = TableRig()
        let app = rig.app(clock: AppClock(TestClock())) { $0.topicPartitions = 1 }
        let clicks = app.topic("clicks", key: String.self, value: Int.self)
        let table = app.table("table", key: String.self, default: 0).tumbling(.milliseconds(250))
        let (byDate, seen) = (table.relative(to: \Click.date), Watched(0))
        app.agent("count", clicks) { stream in
            for try await (key, time) in stream.items() {
                let click = Click(page: key, date: Timestamp(milliseconds: Int64(time)).date)
                byDate[click.page, of: click] += 1
                let current = byDate[click.page, of: click].current
                seen.update { $0 += current }
            }
        }
        try await rig.run(app) {
            for time in [1_000, 1_249, 1_250] { try await clicks.send(time, key: "a") }
            try await seen.wait { $0 == 4 }
            #expect(table["a"].at(Date(timeIntervalSince1970: 1.1)) == 2)
            #expect(table["a"].at(Timestamp(milliseconds: 1_499)) == 1)
            var counts: [Int] = []
            for try await count in table.values(relativeTo: Timestamp(milliseconds: 1_001)) { counts.append(count) }
            #expect(counts == [2])
        }
        #expect(rig.errors.value == [])
    }

    @Test("a commit removes only so many expired entries, and later ones the others, once each")
    func expiry() async throws {
        let rig = try WindowRig(
            .tumbling(.milliseconds(10), expires: .milliseconds(10)),
            keepsStore: true,
            combine: nil
        )
        let count = 20_000
        for number in 0..<count { try rig.change(number, "k\(number)", at: Int64(number / 4_000)) }
        _ = try await rig.commit()
        try rig.change(count, "last", at: 1_000)
        var left: [Int] = []
        for _ in 0..<4 {
            _ = try await rig.commit()
            left.append(try rig.storeCount() - 1)
        }
        #expect(left[0] > count / 2 && left[0] < count)
        #expect(left[1] > 0 && left[1] < left[0])
        #expect(left.last == 0)
        let tombstones = rig.changelog.filter { $0.value == nil }
        #expect(tombstones.count == count)
        #expect(Set(tombstones.map(\.key)).count == count)
    }
}
