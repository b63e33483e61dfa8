// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation
import Testing

/// Workers join, leave and are killed under load, again and again.
///
/// The number of rounds is set by the environment variable `CLUSTER_ROUNDS`; a round takes about half a minute.
@Suite(.needsBroker, .serialized, .timeLimit(.minutes(30)))
struct ClusterTests {
    @Test("nothing is lost, only what was not committed is repeated, and what stays goes on")
    func joinLeaveAndDie() async throws {
        let rounds = Broker.variable("CLUSTER_ROUNDS").flatMap { Int($0) } ?? 1
        let cluster = try await Cluster()
        do {
            try await run(cluster, rounds: rounds)
        } catch {
            await cluster.close()
            throw error
        }
        await cluster.close()
    }

    private func run(_ cluster: Cluster, rounds: Int) async throws {
        let load = cluster.load
        async let sending: Void = load.run()
        for _ in 0..<3 { try await cluster.join() }
        try await cluster.waitUntilAllGoOn()
        var windows: [(what: String, window: ClosedRange<Int64>)] = []
        for round in 1...rounds {
            windows.append(("join", try await window { try await cluster.join() }))
            windows.append(
                (
                    "leave",
                    try await window {
                        let leaver = try #require(cluster.running.first)
                        leaver.signal(SIGTERM)
                        #expect(try await leaver.exitStatus() == 0, "\(leaver.lastLines)")
                        try await cluster.waitUntilAllGoOn()
                    }
                )
            )
            windows.append(
                (
                    "kill",
                    try await window {
                        let victim = try #require(cluster.running.first)
                        victim.signal(SIGKILL)
                        #expect(try await victim.exitStatus() == 128 + SIGKILL)
                        try await cluster.waitUntilAllGoOn()
                    }
                )
            )
            windows.append(("replace", try await window { try await cluster.join() }))
            print("round \(round): worker \(cluster.workers.count - 1) is there")
        }
        load.end()
        try await sending
        let counts = cluster.counts()
        try await cluster.waitUntilAllIsProcessed(counts)
        for worker in cluster.running {
            worker.signal(SIGTERM)
            #expect(try await worker.exitStatus() == 0, "\(worker.lastLines)")
        }
        try await check(cluster, counts, windows, kills: rounds)
    }

    private func check(
        _ cluster: Cluster,
        _ counts: [ClusterEntry.Place: Int64],
        _ windows: [(what: String, window: ClosedRange<Int64>)],
        kills: Int
    ) async throws {
        for worker in cluster.workers { try worker.ledger.refresh() }
        let audit = ClusterAudit(cluster.workers.map(\.ledger), sent: counts)
        #expect(audit.lost().isEmpty)
        #expect(audit.repeatedAfterCommit().isEmpty)
        #expect(audit.separatedPairs().isEmpty)
        #expect(audit.sharedPartitions(session: ClusterProcess.session).isEmpty)
        let total = Int(counts.values.reduce(0, +))
        let copies = try await cluster.copies(total)
        #expect(copies.distinct == total)
        #expect(copies.all >= total)
        print(
            "\(total) messages, \(kills) kills: \(audit.repeated) processed twice, \(copies.all - total) copied twice"
        )
        for worker in cluster.workers {
            for line in worker.lines(with: "not committed") { print("worker \(worker.number): \(line)") }
        }
        for (what, window) in windows {
            let (pause, partitions) = audit.longestPause(in: window)
            let length = Duration.nanoseconds(window.upperBound - window.lowerBound)
            let repeated = audit.repeated(in: window)
            print(
                "\(what): \(length) long, \(repeated) repeated; \(partitions) partitions stayed, longest pause \(pause)"
            )
        }
    }

    private func window(_ body: () async throws -> Void) async throws -> ClosedRange<Int64> {
        let start = Cluster.now()
        try await body()
        return start...Cluster.now()
    }
}
#endif
