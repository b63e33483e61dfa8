// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustTesting
import Testing

/// The suite that every transport passes, unchanged, against a real broker.
@Suite(.needsBroker, .timeLimit(.minutes(10)))
struct KafkaConformanceTests {
    @Test("a Kafka-compatible broker conforms", arguments: TransportConformance.checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.patience = .seconds(60)
        try await TransportConformance(configuration: configuration) { try Broker.transport() }.run(check)
    }
}
#endif
