// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

/// Counts, dies or holds the result to what it must be.
struct SoakWorker {
    private let plan: SoakPlan
    private let expected: [Int]
    /// How many events each partition has.
    private let lengths: [Int]
    private let environment = ProcessInfo.processInfo.environment

    init(_ plan: SoakPlan) {
        self.plan = plan
        expected = plan.counts()
        var lengths = [Int](repeating: 0, count: Int(plan.partitions))
        for (key, count) in expected.enumerated() { lengths[Int(plan.partition(of: key))] += count }
        self.lengths = lengths
    }

    func run() async throws {
        let app = App("table-soak")
        let topic = SoakPlan.topic(of: app, plan.partitions)
        let counts = app.table("counts", key: Int.self, default: 0)
        let ledger = Ledger(environment["LEDGER"] ?? "/dev/null")
        let progress = SoakProgress(lengths, killAfter: environment["KILL_AFTER"].flatMap { Int($0) })
        let (plan, environment) = (plan, environment)
        counts.onRecover { partition in
            let total = (try? await Self.total(of: counts, plan, partition)) ?? -1
            ledger.write("recovered \(partition) \(total)")
        }
        app.agent("count", topic) { stream in
            for try await event in stream.events() {
                let (partition, offset) = (event.message.partition, event.message.offset)
                if progress.begins(partition) { ledger.write("first \(partition) \(offset)") }
                guard let key = event.key.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else { throw Skip() }
                counts[key] += 1
                if progress.note(partition, offset) { ledger.write("over \(partition)") }
            }
        }
        let expected = expected
        app.task {
            try await progress.waitForEnd(isOver: Ledger.partitionsOver(environment["LEDGER"] ?? "/dev/null"))
            _ = try await app.commit()
            ledger.write(try await Self.verdict(on: counts, expected, plan))
            app.stop()
        }
        try await app.run()
    }

    private static func total(of counts: Table<Int, Int>, _ plan: SoakPlan, _ partition: Int32) async throws -> Int {
        var total = 0
        for try await (key, count) in counts.items() where plan.partition(of: key) == partition { total += count }
        return total
    }

    /// Compares the table with the independent count.
    private static func verdict(on counts: Table<Int, Int>, _ expected: [Int], _ plan: SoakPlan) async throws -> String
    {
        var (found, missing) = (0, 0)
        var totals = [Int](repeating: 0, count: Int(plan.partitions))
        for try await (key, count) in counts.items() {
            found += 1
            if count < expected[key] { missing += expected[key] - count }
            totals[Int(plan.partition(of: key))] += count
        }
        missing += expected.count { $0 > 0 } - found
        let text = totals.map(String.init).joined(separator: ",")
        return "final missing=\(missing) keys=\(found) total=\(totals.reduce(0, +)) partitions=\(text)"
    }
}

/// How far the partitions are.
final class SoakProgress: Sendable {
    private struct State {
        var hasBegun: Set<Int32> = []
        var isOver: Set<Int32> = []
    }

    private let lengths: [Int]
    private let killAfter: Int?
    private let count = Atomic<Int>(0)
    private let state = Mutex(State())

    init(_ lengths: [Int], killAfter: Int?) {
        self.lengths = lengths
        self.killAfter = killAfter
    }

    /// Whether an event is the first one of a partition in this process.
    func begins(_ partition: Int32) -> Bool { state.withLock { $0.hasBegun.insert(partition).inserted } }

    /// Notes an event.
    ///
    /// - Returns: Whether it was the last one of its partition.
    func note(_ partition: Int32, _ offset: Int64) -> Bool {
        if count.add(1, ordering: .relaxed).newValue == killAfter { die() }
        guard offset == lengths[Int(partition)] - 1 else { return false }
        state.withLock { _ = $0.isOver.insert(partition) }
        return true
    }

    /// Waits until the last events of all partitions were processed and nothing has come for a while.
    ///
    /// - Parameter before: The partitions whose last event an earlier worker has processed; if that was not committed, it
    ///   comes again soon.
    /// - Throws: `CancellationError` when the task is cancelled.
    func waitForEnd(isOver before: Set<Int32>) async throws {
        var (last, silence) = (-1, 0)
        while silence < 50 {
            try await Task.sleep(for: .milliseconds(100))
            let now = count.load(ordering: .relaxed)
            let isAll = state.withLock { $0.isOver.union(before).count == lengths.count }
            silence = isAll && now == last ? silence + 1 : 0
            last = now
        }
    }

    /// Dies at some moment of the next commit interval, so that it meets all of what a worker does.
    private func die() {
        let thread = Thread {
            usleep(UInt32.random(in: 0..<600_000))
            kill(getpid(), SIGKILL)
        }
        thread.start()
    }
}

/// A file of lines that survives the death of its writer.
final class Ledger: Sendable {
    private let file: Int32

    init(_ path: String) {
        file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        precondition(file >= 0, "the ledger can't be opened")
    }

    /// The partitions whose last event was processed.
    static func partitionsOver(_ path: String) -> Set<Int32> {
        let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
        return Set(lines.filter { $0.hasPrefix("over ") }.compactMap { Int32($0.dropFirst(5)) })
    }

    func write(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        precondition(count == bytes.count, "the ledger can't be written")
    }
}
