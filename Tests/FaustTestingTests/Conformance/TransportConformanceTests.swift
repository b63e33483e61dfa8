// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TransportConformanceTests {
    @Test("the embedded log in memory conforms", arguments: TransportConformance.checks)
    func memoryLogConforms(_ check: TransportConformance.Check) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.readUncommitted: "the log appends the messages of a transaction when it commits"]
        // On a busy machine hundreds of tests share two threads.
        configuration.patience = .seconds(60)
        try await TransportConformance(configuration: configuration) { LogTransport(storage: .memory) }.run(check)
    }

    #if RocksDB
    @Test("the embedded log on disk conforms", arguments: TransportConformance.checks)
    func diskLogConforms(_ check: TransportConformance.Check) async throws {
        let directory = "/tmp/faust-conformance-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.readUncommitted: "the log appends the messages of a transaction when it commits"]
        // On a busy machine hundreds of tests share two threads.
        configuration.patience = .seconds(60)
        try await TransportConformance(configuration: configuration) { LogTransport(directory: directory) }.run(check)
    }
    #endif

    @Test("a transport that breaks the contract is found out", arguments: Fault.allCases)
    func findsFaults(_ fault: Fault) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.readUncommitted: "the log appends the messages of a transaction when it commits"]
        // What a fault keeps from happening is waited for until then.
        configuration.patience = .seconds(1)
        let suite = TransportConformance(configuration: configuration) { FaultyTransport(fault) }
        let check = try #require(TransportConformance.checks.first { $0.name == fault.check })
        do {
            try await suite.run(check)
            Issue.record("'\(check)' did not notice")
        } catch {
            // What a fault keeps from happening is waited for in vain.
            #expect(error is ConformanceFailure || error is DeadlineExceeded || error is FaustError)
        }
    }

    @Test("check names are unique")
    func namesAreUnique() {
        #expect(Set(TransportConformance.checks.map(\.name)).count == TransportConformance.checks.count)
        #expect(TransportConformance.checks.count > 70)
    }

    @Test("what a transport lacks is skipped with the reason")
    func skips() async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.transactions: "for a reason"]
        let suite = TransportConformance(configuration: configuration) { LogTransport(storage: .memory) }
        for check in TransportConformance.checks where check.needs.contains(.transactions) {
            #expect(try await suite.run(check) == .skipped(reason: "for a reason"))
        }
    }
}
