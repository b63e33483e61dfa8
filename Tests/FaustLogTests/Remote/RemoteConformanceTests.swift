// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RemoteConformanceTests {
    @Test("a log reached through the socket conforms", arguments: TransportConformance.checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = [.readUncommitted: "the log appends the messages of a transaction when it commits"]
        // On a busy machine hundreds of tests share two threads.
        configuration.patience = .seconds(60)
        try await TransportConformance(configuration: configuration) { try ServedLog() }.run(check)
    }
}
