// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Synchronization
import Testing

/// The driver on the mock cluster, as far as that goes.
@Suite(.timeLimit(.minutes(5)))
struct MockConformanceTests {
    /// What the mock cluster of librdkafka lacks.
    private static let missing: [TransportConformance.Capability: String] = [
        .topicDeletion: "the mock cluster answers no admin requests",
        .groupDescription: "the mock cluster answers no admin requests",
        .timestampLookup: "the mock cluster finds no offsets by time",
        .transactions: "the mock cluster neither hides what was aborted nor fences",
        .readUncommitted: "the mock cluster knows no transactions",
        .timestamps: "the mock cluster tells one fixed time for every message that it takes",
        .messageSizeLimit: "the mock cluster takes messages of any size",
    ]

    /// Checks that the mock cluster itself does not pass; the broker of the integration tests does.
    private static let excluded: [String: String] = [
        "metadata tells partition, offset and timestamp": "its answers to sends carry one fixed time",
        "timestamps arrive as sent": "its answers to sends carry one fixed time",
        "a message without a timestamp gets the time of the append": "its answers to sends carry one fixed time",
        "a message for an unknown partition fails alone": "it does not refuse partitions that it does not have",
        "commits succeed while partitions are being revoked":
            "it refuses a SyncGroup that comes before the leader's, so that the member joins anew; meanwhile it refuses all "
            + "commits, and goes on without those who are still giving up partitions",
    ]

    private static let checks = TransportConformance.checks.filter { excluded[$0.name] == nil }

    @Test("the driver conforms on the mock cluster", arguments: checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        var configuration = TransportConformance.Configuration()
        configuration.missing = Self.missing
        configuration.patience = .seconds(40)
        try await TransportConformance(configuration: configuration) { try MockTransport() }.run(check)
    }
}

/// The driver with a mock cluster of its own; topics are made by the cluster, which answers no admin requests.
private final class MockTransport: Transport {
    private let cluster: MockCluster
    private let transport: KafkaTransport

    init() throws {
        cluster = try MockCluster()
        var settings = cluster.settings()
        // The mock cluster waits for almost a whole session at each rebalance.
        settings.kafkaProperties = [
            "session.timeout.ms": "2500", "heartbeat.interval.ms": "300", "fetch.wait.max.ms": "50",
        ]
        transport = try KafkaTransport(settings, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
    }

    var description: String { transport.description }

    func start() async throws { try await transport.start() }

    func stop() async { await transport.stop() }

    func createTopics(_ declarations: [TopicDeclaration]) async throws {
        let existing = try await transport.topics(nil)
        for declaration in declarations where existing[declaration.name] == nil {
            if let fault = declaration.fault { throw FaustError(.invalidTopic, fault) }
            try cluster.makeTopic(declaration.name, partitions: declaration.partitions)
        }
    }

    /// Fails at once: the mock cluster would not answer, and the cleaning up of checks would wait for it.
    func deleteTopics(_ names: [String]) async throws {
        throw FaustError(.transport, "the mock cluster deletes no topics")
    }

    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await transport.topics(names) }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await transport.offsets(of: partitions)
    }

    func offsets(of partitions: [TopicPartition], from timestampMilliseconds: Int64) async throws
        -> [TopicPartition: Int64]
    {
        try await transport.offsets(of: partitions, from: timestampMilliseconds)
    }

    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await transport.committedOffsets(group: group, partitions: partitions)
    }

    func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        try await transport.groupMembers(group)
    }

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try transport.makeConsumer(configuration)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try transport.makeProducer(configuration)
    }
}
#endif
