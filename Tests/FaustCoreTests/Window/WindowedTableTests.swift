// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("Windowed table")
struct WindowedTableTests {
    /// A program that counts what comes per window, and its model.
    private struct Counter {
        let app: App
        let pages: Topic<String, Int>
        let views: WindowedTable<String, Int>
        let seen = Watched(0)
        let closed = Watched<[String: Int]>([:])
        let repeats = Watched(0)

        init(_ rig: TableRig, _ window: Window, configure: (inout Settings) -> Void = { _ in }) {
            app = rig.app(clock: AppClock(TestClock()), configure: configure)
            pages = app.topic("pages", key: String.self, value: Int.self)
            views = app.table("views", key: String.self, default: 0).windowed(window)
            let (views, seen, closed, repeats) = (views, seen, closed, repeats)
            views.onClose { page, window, count in
                let isRepeated = closed.update { $0.updateValue(count, forKey: "\(page) \(window)") != nil }
                if isRepeated { repeats.update { $0 += 1 } }
            }
            app.agent("count", pages) { stream in
                for try await (page, number) in stream.items() {
                    views[page] += number
                    seen.update { $0 += 1 }
                }
            }
        }

        func send(_ page: String, at time: Int64) async throws {
            try await pages.post(1, key: page, timestamp: Timestamp(milliseconds: time))
        }

        func wait(for count: Int) async throws {
            try await app.producer().flush()
            try await seen.wait { $0 >= count }
        }
    }

    /// What the table must have, by brute force: all events one after the other.
    private struct Model {
        let window: Window
        var counts: [String: Int] = [:]
        var ranges: [String: WindowRange] = [:]
        var streamTime = Int64.min
        var late = 0

        mutating func add(_ page: String, at time: Int64) {
            streamTime = max(streamTime, time)
            let open = window.ranges(at: Timestamp(milliseconds: time))
                .filter { !window.isClosed($0, at: Timestamp(milliseconds: streamTime)) }
            if open.isEmpty { late += 1 }
            for range in open {
                counts["\(page) \(range)", default: 0] += 1
                ranges["\(page) \(range)"] = range
            }
        }

        var closed: [String: Int] {
            counts.filter {
                window.isClosed(ranges[$0.key] ?? WindowRange(0, 0), at: Timestamp(milliseconds: streamTime))
            }
        }

        var kept: [String: Int] {
            counts.filter {
                !window.isExpired(ranges[$0.key] ?? WindowRange(0, 0), at: Timestamp(milliseconds: streamTime))
            }
        }
    }

    private func entries(_ views: WindowedTable<String, Int>) async throws -> [String: Int] {
        var entries: [String: Int] = [:]
        for try await (key, count) in views.items() { entries["\(key.key) \(key.window)"] = count }
        return entries
    }

    @Test(
        "random events, out of order and late, with restarts, are counted, closed and removed as by brute force",
        arguments: [
            Window.tumbling(.milliseconds(100), expires: .milliseconds(500)),
            Window.tumbling(.milliseconds(250), expires: .seconds(1), grace: .milliseconds(120)),
            Window.hopping(
                .milliseconds(200),
                step: .milliseconds(70),
                expires: .milliseconds(300),
                grace: .milliseconds(40)
            ),
            Window.hopping(.milliseconds(90), step: .milliseconds(30)),
        ],
        [false, true]
    )
    func model(window: Window, keepsStores: Bool) async throws {
        let rig = TableRig(keepsStores: keepsStores)
        var random = SeededRandom(seed: 7)
        var (model, time, closed) = (Model(window: window), Int64(1_000_000), [String: Int]())
        for _ in 0..<4 {
            let events = (0..<500)
                .map { _ in
                    time += Int64.random(in: 0...4, using: &random)
                    let lag = Int.random(in: 0..<5, using: &random) == 0 ? Int64.random(in: 0...400, using: &random) : 0
                    return (page: "p\(Int.random(in: 0..<6, using: &random))", time: time - lag)
                }
            let counter = Counter(rig, window) { $0.topicPartitions = 1 }
            let (before, commits) = (model, 5)
            try await rig.run(counter.app) {
                var sent = before
                for (index, event) in events.enumerated() {
                    try await counter.send(event.page, at: event.time)
                    sent.add(event.page, at: event.time)
                    guard index % (events.count / commits) == 0 else { continue }
                    try await counter.wait(for: index + 1)
                    try await counter.app.commit()
                }
                try await counter.wait(for: events.count)
                try await counter.app.commit()
                // What expires is removed by the commit that closes it.
                try await counter.app.commit()
                #expect(try await entries(counter.views) == sent.kept)
                #expect(counter.views.lateCount == sent.late - before.late)
            }
            for event in events { model.add(event.page, at: event.time) }
            #expect(counter.repeats.value == 0)
            for (key, count) in counter.closed.value {
                #expect(closed.updateValue(count, forKey: key) == nil, "\(key) was closed twice")
            }
            #expect(closed == model.closed)
        }
        #expect(model.late > 0)
        #expect(rig.errors.value == [])
    }

    @Test("values of a key are read relative to the event, to a time, and to the latest time")
    func relativity() async throws {
        let rig = TableRig()
        let app = rig.app(clock: AppClock(TestClock())) { $0.topicPartitions = 1 }
        let pages = app.topic("pages", key: String.self, value: Int.self)
        let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(10), grace: .seconds(60))
        let results = Watched<[[Int]]>([])
        app.agent("count", pages) { stream in
            for try await (page, number) in stream.items() {
                views[page] += number
                let entry = views[page]
                let values = [
                    entry.current, entry.now, entry.delta(.seconds(10)), entry.at(Timestamp(milliseconds: 5_000)),
                ]
                results.update { $0.append(values) }
            }
        }
        try await rig.run(app) {
            for (number, time) in [(1, 1_000), (2, 9_999), (3, 10_000), (4, 25_000), (5, 12_000)] {
                try await pages.send(number, key: "a", timestamp: Timestamp(milliseconds: Int64(time)))
            }
            try await results.wait { $0.count == 5 }
            let at = Timestamp(milliseconds: 19_999)
            #expect(views.relative(to: at)["a"].current == 8)
            #expect(views.relative(to: at)["a"].delta(.seconds(10)) == 3)
            #expect(views.relativeToNow()["a"].current == 0)
            #expect(try views["a"].value(in: views.window.current(at: Timestamp(milliseconds: 20_000))) == 4)
            var keys: [String] = []
            for try await (key, count) in views.items(in: views.window.current(at: at)) {
                keys.append("\(key.key)=\(count)")
            }
            #expect(keys == ["a=8"])
        }
        #expect(results.value == [[1, 1, 0, 1], [3, 3, 0, 3], [3, 3, 3, 3], [4, 4, 3, 3], [8, 4, 3, 3]])
        #expect(rig.errors.value == [])
    }

    @Test("values can be set, changed and removed, and late changes are told")
    func changes() async throws {
        let rig = TableRig()
        let app = rig.app(clock: AppClock(TestClock())) { $0.topicPartitions = 1 }
        let pages = app.topic("pages", key: String.self, value: Int.self)
        let names = app.table("names", key: String.self, default: [Int]()).tumbling(.seconds(10))
        let (seen, late) = (Watched(0), Watched<[Int64]>([]))
        names.onLate { _, time in late.update { $0.append(time.milliseconds) } }
        app.agent("collect", pages) { stream in
            for try await (page, number) in stream.items() {
                if number < 0 { try names[page].remove() } else { try names[page].update { $0.append(number) } }
                if number == 9 { try names.relative(to: Timestamp(milliseconds: 41_000))["other"].set([1]) }
                seen.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            let steps: [(Int, Int64)] = [(1, 1_000), (2, 2_000), (3, 15_000), (4, 9_000), (-1, 16_000), (9, 17_000)]
            for (number, time) in steps {
                try await pages.send(number, key: "a", timestamp: Timestamp(milliseconds: time))
            }
            try await seen.wait { $0 == 6 }
            let first = names.window.current(at: Timestamp(milliseconds: 0))
            #expect(try names["a"].value(in: first) == [1, 2])
            #expect(try names["a"].value(in: names.window.current(at: Timestamp(milliseconds: 10_000))) == [9])
            #expect(names.relative(to: Timestamp(milliseconds: 45_000))["other"].current == [1])
        }
        #expect(late.value == [9_000])
        #expect(rig.errors.value == [])
    }

    @Test("windows close when nothing comes any more, as the clock goes on")
    func idle() async throws {
        let (rig, clock) = (TableRig(), TestClock())
        let app = rig.app(clock: AppClock(clock)) { $0.topicPartitions = 1 }
        let pages = app.topic("pages", key: String.self, value: Int.self)
        let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(60))
        let totals = app.table("totals", key: String.self, default: 0)
        let (seen, closed) = (Watched(0), Watched<[Int]>([]))
        views.onClose { page, _, count in
            // A callback may write to other tables, in the same commit.
            totals[page] += count
            closed.update { $0.append(count) }
        }
        app.agent("count", pages) { stream in
            for try await (page, number) in stream.items() {
                views[page] += number
                seen.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            try await pages.send(5, key: "a", timestamp: Timestamp(milliseconds: 61_000))
            try await seen.wait { $0 == 1 }
            try await app.commit()
            #expect(closed.value == [])
            clock.advance(by: .seconds(58))
            try await app.commit()
            #expect(closed.value == [])
            clock.advance(by: .seconds(6))
            try await app.commit()
            #expect(closed.value == [5])
            #expect(totals["a"] == 5)
            #expect(rig.log.sent(to: "tables-totals-changelog").count == 1)
        }
        #expect(rig.errors.value == [])
    }

    @Test("windows close as the clock goes on also when nothing has come since the worker has started again")
    func idleAfterRestart() async throws {
        let closed = Watched<[Int]>([])
        let make = { () -> (App, Topic<String, Int>) in
            let app = kitApp("idle")
            let pages = app.topic("pages", key: String.self, value: Int.self)
            let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(60))
            views.onClose { _, _, count in closed.update { $0.append(count) } }
            app.agent("count", pages) { stream in
                for try await (page, number) in stream.items() { views[page] += number }
            }
            return (app, pages)
        }
        let kit = try await TestKit()
        let (app, pages) = make()
        let worker = try await kit.start(app)
        try await kit.send(5, key: "a", to: pages)
        try await kit.settle()
        try await worker.crash()
        try await worker.restart(with: make().0)
        try await kit.advance(by: .seconds(70))
        #expect(closed.value == [5])
        try await kit.end()
    }

    @Test("windows stay open while messages wait, however much time passes")
    func backlog() async throws {
        let (rig, clock, gate) = (TableRig(), TestClock(), Gate())
        let app = rig.app(clock: AppClock(clock)) { $0.topicPartitions = 1 }
        let pages = app.topic("pages", key: String.self, value: Int.self)
        let views = app.table("views", key: String.self, default: 0).tumbling(.seconds(60))
        let (seen, closed) = (Watched(0), Watched<[Int]>([]))
        views.onClose { _, _, count in closed.update { $0.append(count) } }
        app.agent("count", pages) { stream in
            for try await (page, number) in stream.items() {
                if number == 2 { try await gate.wait() }
                views[page] += number
                seen.update { $0 += 1 }
            }
        }
        try await rig.run(app) {
            for number in 1...2 {
                try await pages.send(number, key: "a", timestamp: Timestamp(milliseconds: 61_000))
            }
            try await gate.waitForArrivals(1)
            clock.advance(by: .seconds(120))
            try await app.commit()
            gate.open()
            try await seen.wait { $0 == 2 }
            try await app.commit()
            #expect(closed.value == [])
            clock.advance(by: .seconds(60))
            try await app.commit()
            #expect(closed.value == [3])
        }
        #expect(rig.errors.value == [])
    }

    @Test(
        "windows that make no sense are mistakes",
        arguments: [
            Window.tumbling(.zero), .tumbling(.microseconds(1_500)), .hopping(.seconds(1), step: .seconds(2)),
            .tumbling(.seconds(1), expires: .seconds(1), grace: .seconds(2)),
            .tumbling(.seconds(1), grace: .seconds(-1)), .session(gap: .zero), .sliding(difference: .seconds(-1)),
            .sliding(before: .zero, after: .zero), .session(gap: .seconds(1)), .sliding(difference: .seconds(1)),
        ]
    )
    func mistakes(_ window: Window) async throws {
        let app = TableRig().app()
        _ = app.table("t", key: String.self, default: 0).windowed(window)
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
    }
}
