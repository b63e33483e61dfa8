// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

// Reads a topic of orders from Kafka, parses each and picks one in a hundred: the same job as Benchmarks/peers has for C
// (without the parsing) and for Faust on Python. scripts/bench-kafka runs them all against one broker.
//
//     KafkaBenchmark BROKER TOPIC COUNT

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

    func end(_ events: Int) {
        let (cpu, peak) = usage()
        let times = [cpu, firstCPU, Self.now() - firstWall, firstWall - started].map { String(format: "%.3f", $0) }
        print(
            "result program=swift-filter events=\(events) cpu=\(times[0]) cpu_first=\(times[1])",
            "seconds=\(times[2]) first=\(times[3]) rss_mb=\(String(format: "%.1f", peak))"
        )
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[3]) else {
    print("KafkaBenchmark BROKER TOPIC COUNT (see scripts/bench-kafka)")
    // scripts/bench runs every benchmark; without a broker there is nothing to measure here.
    exit(arguments.count == 1 ? 0 : 64)
}

let app = App("kafka-benchmark-\(UInt64.random(in: 0...UInt64.max))", broker: arguments[1]) {
    // tansu lets the first member of a group wait for half of it.
    $0.brokerSessionTimeout = .seconds(6)
    $0.brokerHeartbeatInterval = .seconds(2)
}
let orders = app.topic(arguments[2], key: String.self, value: Order.self)

app.agent("pick", orders) { stream in
    var measure = Measure()
    var matches = 0
    for try await _ in stream.filter({ $0.amount == 100 }) {
        matches += 1
        if matches == 1 { measure.first() }
        // Every hundredth order has this amount, so the last of them stands for the end of the topic.
        if matches == count / 100 {
            measure.end(count)
            app.stop()
        }
    }
}

try await app.run()
