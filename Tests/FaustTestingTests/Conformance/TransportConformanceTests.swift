// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TransportConformanceTests {
    @Test("the embedded log in memory conforms", arguments: TransportConformance.checks)
    func memoryLogConforms(_ check: TransportConformance.Check) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.readUncommitted: "the log appends the messages of a transaction when it commits"]
        try await TransportConformance(configuration: configuration) { LogTransport(storage: .memory) }.run(check)
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
