// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

/// Counts events by key in hopping windows.
struct HoppingBenchmark {
    let ratio: Int
    let inPanes: Bool
    let events: Int
    let keys: Int

    func run() async throws {
        let app = App("window-benchmark", broker: "memory://")
        let numbers = Schema(key: Serde<String>.string, value: Serde<Int>.json)
        let topic = app.topic("events", schema: numbers, partitions: 1)
        let table = makeTable(in: app)
        let (count, total, keys) = (CallCount(), events, keys)
        app.agent("count", topic) { stream in
            for try await (key, number) in stream.items() {
                if let table { table[key] += number }
                if count.add() == total { app.stop() }
            }
        }
        app.task {
            // A thousand events per second of the stream: ten per key in a step.
            for number in 0..<total {
                let time = Timestamp(milliseconds: 1_000_000 + Int64(number))
                try await topic.post(1, key: "key-\(number % keys)", timestamp: time)
            }
        }
        let start = cpuSeconds()
        try await app.run()
        let nanoseconds = (cpuSeconds() - start) * 1e9 / Double(total)
        let kind = ratio == 0 ? "no table" : "size/step \(ratio), \(inPanes ? "panes" : "entries")"
        print("\(kind): \(Int(nanoseconds)) ns CPU per event, of \(total) events with \(keys) keys")
    }

    private func makeTable(in app: App) -> WindowedTable<String, Int>? {
        guard ratio > 0 else { return nil }
        let step = Duration.seconds(10)
        let table = app.table("counts", key: String.self, default: 0)
        let size = step * ratio
        guard inPanes else { return table.hopping(size, step: step, expires: step) }
        return table.hopping(size, step: step, expires: step, combine: +)
    }
}

/// Counts from any thread.
final class CallCount: Sendable {
    private let value = Atomic<Int>(0)

    /// Adds one.
    ///
    /// - Returns: The count with it.
    func add() -> Int { value.add(1, ordering: .relaxed).newValue }
}

/// The CPU time of the process.
func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
