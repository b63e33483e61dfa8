// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// What joins cost: CPU time per event, of the whole process, and whether memory stays flat.
//
//     JoinBenchmark [none|streams|table] [EVENTS] [KEYS] [BROKER]
//
// `streams` joins two topics within 100 ms: each event of a topic has one partner, a millisecond of the stream's time apart
// from its neighbours. `table` joins the events of a topic with a table of KEYS entries. `none` reads the same two topics
// without joining them, so that the difference is what a join costs. Without arguments all three are run.
//
// The broker is the embedded log in memory, which keeps every message: to see that the join's memory stays flat, name a log on
// disk, such as log:///tmp/join, and give it a few million events, since it has its latest 64 MiB in memory.

let arguments = Array(CommandLine.arguments.dropFirst())
let events = arguments.count > 1 ? Int(arguments[1]) ?? 400_000 : 400_000
let keys = arguments.count > 2 ? Int(arguments[2]) ?? 1_000 : 1_000
let broker = arguments.count > 3 ? arguments[3] : "memory://"

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The resident memory now, in MiB; 0 where the system does not tell.
@Sendable nonisolated func residentMebibytes() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
}

/// Counts results from any thread, and notes the memory after each tenth of them.
final class Progress: Sendable {
    private let state = Mutex((count: 0, memory: [Int]()))
    private let total: Int

    init(total: Int) {
        self.total = total
    }

    var memory: [Int] { state.withLock { $0.memory } }

    /// Counts one result.
    ///
    /// - Returns: Whether it was the last.
    func add() -> Bool {
        state.withLock { state in
            state.count += 1
            if state.count % max(total / 10, 1) == 0 { state.memory.append(residentMebibytes()) }
            return state.count == total
        }
    }
}

/// A measurement of one kind.
struct JoinBenchmark {
    let kind: String
    let events: Int
    let keys: Int
    let broker: String

    /// Half of the events are on each side.
    private var pairs: Int { events / 2 }
    /// How many results there are.
    private var expected: Int { kind == "streams" ? pairs : kind == "table" ? events : 2 * pairs }

    func run() async throws {
        let app = App("join-benchmark-\(kind)", broker: broker)
        let numbers = Schema(key: Serde<String>.string, value: Serde<Int>.json)
        let (left, right) = (
            app.topic("\(kind)-left", schema: numbers, partitions: 1),
            app.topic("\(kind)-right", schema: numbers, partitions: 1)
        )
        let progress = Progress(total: expected)
        switch kind {
        case "streams": joinStreams(app, left, right, progress)
        case "table": joinTable(app, left, right, progress)
        default: readBoth(app, left, right, progress)
        }
        let start = cpuSeconds()
        try await app.run()
        let nanoseconds = Int((cpuSeconds() - start) * 1e9 / Double(events))
        print("\(kind): \(nanoseconds) ns CPU per event, of \(events) events with \(keys) keys;", terminator: " ")
        print("resident after each tenth, in MiB: \(progress.memory)")
    }

    private func readBoth(_ app: App, _ left: Topic<String, Int>, _ right: Topic<String, Int>, _ progress: Progress) {
        app.agent("left", left) { stream in for try await _ in stream where progress.add() { app.stop() } }
        app.agent("right", right) { stream in for try await _ in stream where progress.add() { app.stop() } }
        sendPairs(app, left, right)
    }

    private func joinStreams(_ app: App, _ left: Topic<String, Int>, _ right: Topic<String, Int>, _ progress: Progress)
    {
        app.agent("join", left.join(right, within: .milliseconds(100))) { stream in
            for try await (one, other) in stream {
                precondition(one == other, "a wrong partner")
                if progress.add() { app.stop() }
            }
        }
        sendPairs(app, left, right)
    }

    /// Sends both sides in turn, each pair in the same millisecond.
    private func sendPairs(_ app: App, _ left: Topic<String, Int>, _ right: Topic<String, Int>) {
        let (pairs, keys) = (pairs, keys)
        app.task {
            for number in 0..<pairs {
                let (key, time) = ("key-\(number % keys)", Timestamp(milliseconds: 1_000_000 + Int64(number)))
                try await left.post(number, key: key, timestamp: time)
                try await right.post(number, key: key, timestamp: time)
            }
        }
    }

    private func joinTable(_ app: App, _ left: Topic<String, Int>, _ right: Topic<String, Int>, _ progress: Progress) {
        let table = app.table("names", key: String.self, value: Int.self)
        let (events, keys) = (events, keys)
        let filled = Progress(total: keys)
        let gate = AsyncStream<Void>.makeStream()
        app.agent("fill", right) { stream in
            for try await (key, value) in stream.items() {
                table[key] = value
                if filled.add() { gate.continuation.finish() }
            }
        }
        app.agent("join", left) { stream in
            for try await (number, value) in stream.join(table) {
                precondition(number % keys == value, "a wrong entry")
                if progress.add() { app.stop() }
            }
        }
        app.task {
            for number in 0..<keys { try await right.post(number, key: "key-\(number)") }
            for await _ in gate.stream {}
            for number in 0..<events { try await left.post(number, key: "key-\(number % keys)") }
        }
    }
}

for kind in arguments.first.map({ [$0] }) ?? ["none", "streams", "table"] {
    guard ["none", "streams", "table"].contains(kind) else {
        print("JoinBenchmark [none|streams|table] [EVENTS] [KEYS] [BROKER]")
        exit(64)
    }
    try await JoinBenchmark(kind: kind, events: events, keys: keys, broker: broker).run()
}
