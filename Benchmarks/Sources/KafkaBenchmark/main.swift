// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// Reads a topic of orders from Kafka and does one of the jobs that Benchmarks/peers has for C (without the parsing) and for
// Faust on Python; scripts/bench-kafka runs them all against one broker.
//
//     KafkaBenchmark filter BROKER TOPIC COUNT             parses each order and picks one in a hundred
//     KafkaBenchmark count BROKER TOPIC COUNT [STORE]      counts orders by key in a table with a changelog
//     KafkaBenchmark tumbling BROKER TOPIC COUNT [STORE]   counts them by key and minute
//     KafkaBenchmark recover BROKER TOPIC COUNT [STORE]    brings the table of an app that is called TOPIC to the end of its
//                                                          changelog, TOPIC-counts-changelog, which has COUNT records

@Record
struct Order {
    var accountID: String
    var productID: String
    var amount: Int
    var price: Double
}

func usage() -> (cpuSeconds: Double, peakMegabytes: Double) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return (seconds(usage.ru_utime) + seconds(usage.ru_stime), Double(usage.ru_maxrss) / 1024)
}

struct Measure {
    /// When the process was started, as whoever started it says.
    let started = ProcessInfo.processInfo.environment["BENCH_STARTED"].flatMap(Double.init) ?? now()
    private var firstWall = 0.0
    private var firstCPU = 0.0

    static func now() -> Double { Date().timeIntervalSince1970 }

    mutating func first() {
        firstWall = Self.now()
        firstCPU = usage().cpuSeconds
    }

    func end(_ job: String, _ events: Int) {
        let (cpu, peak) = usage()
        let times = [cpu, firstCPU, Self.now() - firstWall, firstWall - started].map { String(format: "%.3f", $0) }
        print(
            "result program=swift-\(job) events=\(events) cpu=\(times[0]) cpu_first=\(times[1])",
            "seconds=\(times[2]) first=\(times[3]) rss_mb=\(String(format: "%.1f", peak))"
        )
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 5, let count = Int(arguments[4]) else {
    print("KafkaBenchmark filter|count|tumbling|recover BROKER TOPIC COUNT [STORE] (see scripts/bench-kafka)")
    // scripts/bench runs every benchmark; without a broker there is nothing to measure here.
    exit(arguments.count == 1 ? 0 : 64)
}
let job = arguments[1]
let directory = NSTemporaryDirectory() + "kafka-benchmark-\(UUID().uuidString)"
let measure = Mutex(Measure())

let name = job == "recover" ? arguments[3] : "kafka-benchmark-\(UInt64.random(in: 0...UInt64.max))"
let app = App(name, broker: arguments[2]) {
    // tansu lets the first member of a group wait for half of it.
    $0.brokerSessionTimeout = .seconds(6)
    $0.brokerHeartbeatInterval = .seconds(2)
    $0.datadir = directory
    $0.store = arguments.count > 5 ? arguments[5] : "memory://"
}
let orders = app.topic(arguments[3], key: String.self, value: Order.self)

/// Counts what has been processed; the first and the last event are points of the measurement.
@Sendable func note(_ events: inout Int) {
    events += 1
    if events == 1 { measure.withLock { $0.first() } }
    if events == count { app.stop() }
}

switch job {
case "filter":
    app.agent("pick", orders) { stream in
        var matches = 0
        for try await _ in stream.filter({ $0.amount == 100 }) {
            matches += 1
            if matches == 1 { measure.withLock { $0.first() } }
            // Every hundredth order has this amount, so the last of them stands for the end of the topic.
            if matches == count / 100 { app.stop() }
        }
    }
case "count":
    let counts = app.table("counts", key: String.self, default: 0)
    app.agent("tally", orders) { stream in
        var events = 0
        for try await (key, _) in stream.items() {
            counts[key] += 1
            note(&events)
        }
    }
case "tumbling":
    let counts = app.table("counts", key: String.self, default: 0).tumbling(.seconds(60), expires: .seconds(3_600))
    app.agent("tally", orders) { stream in
        var events = 0
        for try await (key, _) in stream.items() {
            counts[key] += 1
            note(&events)
        }
    }
case "recover":
    let counts = app.table("counts", key: String.self, default: 0)
    let missing = Mutex(4)
    app.agent("tally", orders) { stream in
        for try await (key, _) in stream.items() { counts[key] += 1 }
    }
    app.onPartitionsAssigned { _ in measure.withLock { $0.first() } }
    counts.onRecover { _ in
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        guard isLast else { return }
        measure.withLock { $0.end("recover", count) }
        app.stop()
    }
default:
    print("KafkaBenchmark: no job \(job)")
    exit(64)
}

try await app.run()
// With the commit and the close: all of what the job costs.
if job != "recover" { measure.withLock { $0.end(job, count) } }
try? FileManager.default.removeItem(atPath: directory)
