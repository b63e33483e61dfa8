// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// A worker is killed with SIGKILL, again and again, in the middle of its messages.
///
/// The number of messages is set by the environment variable `CRASH_MESSAGES`.
@Suite(.timeLimit(.minutes(10))) struct CrashTests {
    /// What a worker has processed, in the order of time.
    private struct Ledger {
        /// The offsets of each partition in the order in which they were processed.
        var offsets: [Int64: [Int64]] = [:]

        init(_ url: URL) throws {
            let data = try Data(contentsOf: url)
            let numbers = stride(from: 0, to: data.count - 7, by: 8)
                .map { start in
                    data[start..<start + 8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
                }
            for index in stride(from: 0, to: numbers.count - 1, by: 2) {
                offsets[numbers[index], default: []].append(numbers[index + 1])
            }
        }

        var count: Int { offsets.values.reduce(0) { $0 + $1.count } }
        var distinct: Int { offsets.values.reduce(0) { $0 + Set($1).count } }
    }

    @Test("nothing is lost, and only what was not committed is repeated") func killAgainAndAgain() async throws {
        let total = ProcessInfo.processInfo.environment["CRASH_MESSAGES"].flatMap { Int($0) } ?? 100_000
        let kills = 5
        let folder = try TemporaryFolder()
        let send = try Program("CrashLedger", ["send", "numbers", "-", "-q", "-D", folder.url.path])
        try send.feed((0..<total).map { "\($0)\n" }.joined())
        #expect(await send.exitStatus() == 0)

        for run in 0..<kills {
            // The worker kills itself after so many events, in the middle of its work; a different number each time.
            let events = (1 + run * 2 % kills) * (total / 33)
            let environment = ["KILL_AFTER": "\(events)", "BROKER_COMMIT_INTERVAL": "0.01"]
            let worker = try startWorker(folder, environment)
            #expect(await worker.exitStatus() == 128 + SIGKILL)
            #expect(try Ledger(ledger(in: folder)).distinct < total)
        }
        let worker = try startWorker(folder)
        // The file says when the work is done; the time limit of the suite ends the wait if it never is.
        try await Program.wait { try Ledger(ledger(in: folder)).distinct >= total }
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 0)
        try check(try Ledger(ledger(in: folder)), total: total, kills: kills)
    }

    private func startWorker(_ folder: TemporaryFolder, _ environment: [String: String] = [:]) throws -> Program {
        try Program(
            "CrashLedger",
            ["worker", "-q", "-D", folder.url.path],
            environment: environment.merging(["LEDGER": ledger(in: folder).path]) { $1 }
        )
    }

    private func ledger(in folder: TemporaryFolder) -> URL { folder.url.appending(path: "ledger") }

    private func check(_ ledger: Ledger, total: Int, kills: Int) throws {
        #expect(ledger.distinct == total)
        var steps = 0
        for (partition, offsets) in ledger.offsets.sorted(by: { $0.key < $1.key }) {
            var (next, jumps) = (Int64(0), 0)
            for offset in offsets {
                // Either the next one, or a step back to the last commit after a restart; never a gap.
                if offset != next {
                    #expect(offset < next, "a gap in partition \(partition) before offset \(offset)")
                    jumps += 1
                }
                next = offset + 1
            }
            #expect(Int(next) == Set(offsets).count)
            #expect(jumps <= kills)
            steps += jumps
        }
        print("\(total) messages, \(kills) kills: \(ledger.count - total) processed twice, in \(steps) stretches")
    }
}
