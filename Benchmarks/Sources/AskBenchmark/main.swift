// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// Requests to an agent of the same worker and their replies: rate, latency, and whether memory stays flat.
//
//     AskBenchmark [BROKER] [REQUESTS] [IN_FLIGHT] [WARM_UP]
//
// WARM_UP requests come before those that are measured: the log keeps its latest 64 MiB in memory, and only once these are
// full can memory stay flat.
//
// The broker is the embedded log in a folder of its own unless another one is named; memory:// keeps every message, so that
// its memory can't stay flat.

let arguments = CommandLine.arguments
let folder = FileManager.default.temporaryDirectory.appending(path: "ask-benchmark-\(UUID())")
let broker = arguments.count > 1 ? arguments[1] : "log://\(folder.path)"
let requests = arguments.count > 2 ? Int(arguments[2]) ?? 100_000 : 100_000
let warmUp = arguments.count > 4 ? Int(arguments[4]) ?? 600_000 : 600_000
let inFlight = arguments.count > 3 ? Int(arguments[3]) ?? 1_000 : 1_000

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

/// What the tasks that ask have measured.
struct Progress {
    var latencies: [Duration] = []
    /// Memory after each tenth.
    var memory: [Int] = []
}

let app = App("ask-benchmark", broker: broker)
let double = app.agent("double", each: Int.self) { $0 * 2 }
let progress = Mutex(Progress())
let next = Atomic<Int>(0)
let measured = Mutex<(cpu: Double, seconds: Double)>((0, 0))

/// Asks one after the other until `requests` are asked.
@Sendable nonisolated func askAll(_ requests: Int, measures: Bool) async throws {
    while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < requests else { return }
        let start = ContinuousClock.now
        let reply = try await double.ask(number)
        precondition(reply == number * 2, "a wrong reply")
        guard measures else { continue }
        let latency = ContinuousClock.now - start
        let count = progress.withLock { progress in
            progress.latencies.append(latency)
            return progress.latencies.count
        }
        if count % (requests / 10) == 0 {
            let memory = residentMebibytes()
            progress.withLock { $0.memory.append(memory) }
        }
    }
}

/// Asks with `inFlight` requests under way at any time.
@Sendable nonisolated func askAll(_ requests: Int, _ inFlight: Int, measures: Bool) async throws {
    next.store(0, ordering: .relaxed)
    try await withThrowingDiscardingTaskGroup { group in
        for _ in 0..<inFlight { group.addTask { try await askAll(requests, measures: measures) } }
    }
}

app.task {
    // The first request makes the topic of replies.
    _ = try await double.ask(0)
    try await askAll(warmUp, inFlight, measures: false)
    progress.withLock { $0.latencies.reserveCapacity(requests) }
    let (cpu, wall) = (cpuSeconds(), ContinuousClock.now)
    try await askAll(requests, inFlight, measures: true)
    let elapsed = ContinuousClock.now - wall
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    measured.withLock { $0 = (cpuSeconds() - cpu, seconds) }
    app.stop()
}
try await app.run()
try? FileManager.default.removeItem(at: folder)

let (cpu, seconds) = measured.withLock { $0 }
let (latencies, memory) = progress.withLock { ($0.latencies.sorted(), $0.memory) }
func milliseconds(_ percent: Int) -> Double {
    let latency = latencies[min(latencies.count * percent / 100, latencies.count - 1)].components
    return Double(latency.seconds) * 1e3 + Double(latency.attoseconds) / 1e15
}
let rate = Double(requests) / seconds
print(
    "\(broker): \(requests) requests, \(inFlight) in flight:",
    String(format: "%.0f requests/s,", rate),
    terminator: " "
)
print(
    String(
        format: "%.1f µs CPU each, p50 %.2f ms, p99 %.2f ms, longest %.2f ms",
        cpu * 1e6 / Double(requests),
        milliseconds(50),
        milliseconds(99),
        milliseconds(100)
    )
)
print("memory after each tenth, in MiB:", memory.map(String.init).joined(separator: " "))
