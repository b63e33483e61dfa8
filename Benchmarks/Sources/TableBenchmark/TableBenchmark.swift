// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustLog
import Foundation
import Logging
import Synchronization

/// Measures tables on the embedded log, on disk.
///
///     TableBenchmark count EVENTS KEYS STORE      counts events by key, with changelog and commits
///     TableBenchmark keys KEYS STORE              one event for each of very many keys, to see how much memory they take
///     TableBenchmark recover RECORDS STORE        brings a table to the end of a changelog: all of it, then nothing of it
///
/// STORE is `memory://` or `rocksdb://`, with options as Documentation/Tables.md has them.
@main
struct TableBenchmark {
    private static let partitions: Int32 = 4
    private static let batchCount = 1_000
    private static let name = "table-benchmark"

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.compactMap { Int($0) }
        let store = arguments.last { $0.contains("://") } ?? "rocksdb://"
        let directory = NSTemporaryDirectory() + "faust-table-benchmark-\(UUID().uuidString)"
        if arguments.first == "fill" { return try await fill(numbers, directory: CommandLine.arguments[2]) }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        switch arguments.first ?? "count" {
        case "count":
            let events = numbers.first ?? 1_000_000
            try await count(events, keys: numbers.dropFirst().first ?? 100_000, store, directory)
        case "keys":
            let keys = numbers.first ?? 10_000_000
            try await count(keys, keys: keys, store, directory)
        case "recover":
            try await recover(numbers.first ?? 1_000_000, store, directory)
        default:
            print("TableBenchmark count EVENTS KEYS STORE | keys KEYS STORE | recover RECORDS STORE")
            exit(64)
        }
    }

    private static func count(_ events: Int, keys: Int, _ store: String, _ directory: String) async throws {
        // By another process, so that its memory does not count.
        let filler = Process()
        filler.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        filler.arguments = ["fill", directory, "\(events)", "\(keys)"]
        try filler.run()
        filler.waitUntilExit()
        guard filler.terminationStatus == 0 else { fatalError("the topic of events was not filled") }
        let measure = Measure()
        let seen = try await run(directory, store, until: events)
        measure.end("count \(events) events by \(keys) keys, \(store)", events)
        guard seen == events else { fatalError("\(seen) of \(events) events") }
    }

    /// Writes the events of ``count(_:keys:_:_:)``.
    private static func fill(_ numbers: [Int], directory: String) async throws {
        let (events, keys) = (numbers[0], numbers[1])
        try await fill(directory, "events", events) { number in
            // Every key in turn, in an order that is none of the store's.
            let key = Bytes("key\(number * 7_919 % keys)")
            let partition = try Partitioner.murmur2.partition(forKey: key, topic: "events", partitions: partitions)
            return OutgoingMessage(to: TopicPartition("events", partition ?? 0), key: key, value: Bytes("1"))
        }
    }

    private static func recover(_ records: Int, _ store: String, _ directory: String) async throws {
        let changelog = "\(name)-counts-changelog"
        try await fill(directory, changelog, records) { number in
            let partition = TopicPartition(changelog, Int32(number % Int(partitions)))
            return OutgoingMessage(to: partition, key: Bytes("\"key\(number)\""), value: Bytes("\(number)"))
        }
        // One event per partition: the last one is processed when all partitions are ready.
        func start(_ what: String) async throws {
            try await fill(directory, "events", Int(partitions)) { number in
                OutgoingMessage(to: TopicPartition("events", Int32(number)), key: Bytes("a"), value: Bytes("1"))
            }
            let measure = Measure()
            _ = try await run(directory, store, until: Int(partitions)) { measure.end(what, records) }
        }
        try await start("recover \(records) records, \(store)")
        try await start("start again, \(store)")
    }

    /// Counts by key until so many events have been seen, then stops in order.
    private static func run(
        _ directory: String,
        _ store: String,
        until count: Int,
        whenSeen: @escaping @Sendable () -> Void = {}
    ) async throws -> Int {
        let app = App(name, broker: "log://\(directory)/log") {
            $0.datadir = directory
            $0.store = store
        }
        let events = app.topic("events", schema: Schema<String, Bytes>(key: .string, value: .raw))
        let counts = app.table("counts", key: String.self, default: 0)
        let seen = Atomic(0)
        app.agent("count", events) { stream in
            for try await (key, _) in stream.items() {
                counts[key] += 1
                if seen.add(1, ordering: .relaxed).newValue == count {
                    whenSeen()
                    app.stop()
                }
            }
        }
        try await app.run()
        return seen.load(ordering: .relaxed)
    }

    private static func fill(
        _ directory: String,
        _ topic: String,
        _ count: Int,
        _ message: (Int) throws -> OutgoingMessage
    ) async throws {
        let log = LogTransport(directory: "\(directory)/log")
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: topic, partitions: partitions)])
        let producer = try log.makeProducer(ProducerConfiguration(logger: Logger(label: name)))
        let settled = Atomic(0)
        for first in stride(from: 0, to: count, by: batchCount) {
            let batch = try (first..<min(first + batchCount, count)).map(message)
            producer.send(batch) { _, outcome in
                if case .success = outcome { settled.add(1, ordering: .relaxed) }
            }
            // What is not written yet stays in memory.
            if first % (batchCount * 100) == 0 { await producer.flush() }
        }
        await producer.flush()
        await producer.close()
        await log.stop()
        guard settled.load(ordering: .relaxed) == count else { fatalError("messages were refused") }
    }
}

/// CPU time and wall-clock time since it was made.
struct Measure: Sendable {
    private let cpu = processorSeconds()
    private let start = ContinuousClock.now

    func end(_ what: String, _ count: Int) {
        let (cpu, seconds) = (processorSeconds() - cpu, (ContinuousClock.now - start) / .seconds(1))
        let rates = [Double(count) / seconds, Double(count) / cpu].map { String(format: "%.0f", $0) }
        print(
            "\(what): \(String(format: "%.2f s, %.2f s CPU", seconds, cpu)), \(rates[0])/s, \(rates[1])/s of CPU,",
            "resident \(megabytes("VmRSS")) MB, at most \(megabytes("VmHWM")) MB"
        )
    }
}

/// What the process has used of all cores, in seconds.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What the system knows of the process's memory under a name of proc(5), in megabytes.
func megabytes(_ name: String) -> Int {
    let lines = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(separator: "\n") ?? []
    let fields = lines.first { $0.hasPrefix(name + ":") }?.split(whereSeparator: \.isWhitespace) ?? []
    return fields.dropFirst().first.flatMap { Int($0) }.map { $0 / 1_024 } ?? 0
}
