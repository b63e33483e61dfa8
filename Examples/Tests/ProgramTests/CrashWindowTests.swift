// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// A worker that keeps windows is killed with SIGKILL, in the middle of its events and in the middle of closing windows.
@Suite(.timeLimit(.minutes(10))) struct CrashWindowTests {
    private struct Visit {
        let page: String
        let time: Int
        /// The time of the stream when it had come.
        let latest: Int
    }

    private static let grace = 20
    private static let count = 6_000

    /// Visits out of order, now and then too late; the last one closes all windows of the others.
    private static let visits: [Visit] = {
        var (state, time, latest) = (UInt64(42), 100_000, 0)
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var visits = (0..<count)
            .map { _ in
                time += random(4)
                let at = random(5) == 0 ? time - random(80) : time
                latest = max(latest, at)
                return Visit(page: "p\(random(5))", time: at, latest: latest)
            }
        visits.append(Visit(page: "end", time: 900_000, latest: 900_000))
        return visits
    }()

    @Test(
        "each window's final value counts once under exactly-once, and at least once otherwise",
        arguments: ["exactly_once", "at_least_once"],
        ["memory://", "rocksdb://"]
    )
    func killAgainAndAgain(guarantee: String, store: String) async throws {
        let folder = try TemporaryFolder()
        let send = try Program("CrashWindows", ["send", "visits", "-", "-q", "-D", folder.url.path])
        try send.feed(Self.visits.map { "{\"page\": \"\($0.page)\", \"time\": \($0.time)}\n" }.joined())
        #expect(await send.exitStatus() == 0)
        let ledger = folder.url.appending(path: "ledger")
        let environment = [
            "LEDGER": ledger.path, "PROCESSING_GUARANTEE": guarantee, "APP_STORE": store,
            "BROKER_COMMIT_INTERVAL": "0.02",
        ]
        let deaths = [
            ["KILL_AFTER": "700"], ["KILL_IN_CLOSE": "150"], ["KILL_AFTER": "1500"], ["KILL_IN_CLOSE": "1"],
            ["KILL_IN_CLOSE": "900"],
        ]
        for death in deaths {
            let worker = try start(folder, environment.merging(death) { $1 })
            #expect(await worker.exitStatus() == 128 + SIGKILL)
        }
        let expected = Self.expected
        let worker = try start(folder, environment)
        // The file says when the work is done; the time limit of the suite ends the wait if it never is.
        try await Program.wait { Set(try Self.results(ledger).map(\.window)).count >= expected.count }
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 0)

        let results = try Self.results(ledger)
        let counts = Dictionary(grouping: results, by: \.window).mapValues { $0.map(\.count) }
        if guarantee == "exactly_once" {
            #expect(counts == expected.mapValues { [$0] })
        } else {
            #expect(Set(counts.keys) == Set(expected.keys))
            for (window, count) in expected { #expect((counts[window]?.max() ?? 0) >= count, "\(window)") }
        }
        print("\(guarantee), \(store): \(expected.count) windows, \(results.count - expected.count) repeats")
    }

    private func start(_ folder: TemporaryFolder, _ environment: [String: String]) throws -> Program {
        try Program("CrashWindows", ["worker", "-q", "-D", folder.url.path], environment: environment)
    }

    /// What is in the topic of results; the agent that reads it may have read some of it twice.
    private static func results(_ ledger: URL) throws -> [(window: String, count: Int)] {
        guard FileManager.default.fileExists(atPath: ledger.path) else { return [] }
        var byOffset: [Substring: (window: String, count: Int)] = [:]
        // A line may be under way.
        let text = String(decoding: try Data(contentsOf: ledger), as: UTF8.self)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ")
            // The windows of the last visit close with the clock, if the worker runs for some seconds more.
            guard words.count == 6, words[2] != "end", let count = Int(words[5]) else { continue }
            byOffset[words[0]] = (words[1...4].joined(separator: " "), count)
        }
        return Array(byOffset.values)
    }

    // MARK: What is to be expected, worked out from the list of all visits

    private static let expected: [String: Int] = {
        var counts: [String: Int] = [:]
        for (page, visits) in Dictionary(grouping: visits.dropLast(), by: \.page) {
            for (size, step, kind) in [(50, 50, "tumbling"), (60, 20, "panes")] {
                for visit in visits {
                    for start in stride(from: visit.time / step * step - size + step, through: visit.time, by: step)
                    where start + size + grace > visit.latest {
                        counts["\(kind) \(page) \(start) \(start + size)", default: 0] += 1
                    }
                }
            }
            for (start, end, count) in sessions(visits) { counts["session \(page) \(start) \(end)"] = count }
            for (start, end, count) in sliding(visits) { counts["sliding \(page) \(start) \(end)"] = count }
        }
        return counts
    }()

    private static func sessions(_ visits: [Visit]) -> [(Int, Int, Int)] {
        var sessions: [(start: Int, end: Int, count: Int)] = []
        for visit in visits {
            let isNear = { (session: (start: Int, end: Int, count: Int)) in
                session.end + grace > visit.latest && visit.time < session.end && session.start < visit.time + 15
            }
            let near = sessions.filter(isNear)
            if near.isEmpty, visit.time + 15 + grace <= visit.latest { continue }
            sessions.removeAll(where: isNear)
            sessions.append(
                (
                    near.map(\.start).reduce(visit.time, min), near.map(\.end).reduce(visit.time + 15, max),
                    near.map(\.count).reduce(1, +)
                )
            )
        }
        return sessions
    }

    private static func sliding(_ visits: [Visit]) -> [(Int, Int, Int)] {
        var windows: [(Int, Int, Int)] = []
        var starts: Set<Int> = []
        for visit in visits {
            if visit.time + 1 + grace > visit.latest { starts.insert(visit.time - 10) }
            if visit.time + 11 + grace > visit.latest { starts.insert(visit.time + 1) }
        }
        for start in starts {
            let end = start + 11
            let count = visits.filter { start <= $0.time && $0.time < end && end + grace > $0.latest }.count
            if count > 0 { windows.append((start, end, count)) }
        }
        return windows
    }
}
