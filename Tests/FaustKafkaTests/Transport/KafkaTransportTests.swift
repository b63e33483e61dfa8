// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import FaustKafka
import Logging
import Testing

@Suite(.timeLimit(.minutes(5))) struct KafkaTransportTests {
    private let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }

    /// A transport on a mock cluster, started.
    private func started(_ cluster: MockCluster) async throws -> KafkaTransport {
        var settings = cluster.settings()
        // The mock cluster does not answer what it does not know.
        settings.brokerHeartbeatInterval = .milliseconds(100)
        settings.brokerSessionTimeout = .seconds(1)
        settings.brokerRequestTimeout = .seconds(1)
        let transport = try KafkaTransport(settings, logger: quiet)
        try await transport.start()
        return transport
    }

    @Test("topics and their partitions are listed")
    func listing() async throws {
        let cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 3)
        try cluster.makeTopic("payments", partitions: 1)
        let transport = try await started(cluster)
        #expect(try await transport.topics(nil).mapValues(\.partitions) == ["orders": 3, "payments": 1])
        #expect(try await transport.topics(["orders", "none"]).mapValues(\.partitions) == ["orders": 3])
        #expect(try await transport.topics([]).isEmpty)
        #expect(try await transport.topics(["none"]).isEmpty)
        #expect(try await transport.topics(nil).count == 2)
        await transport.stop()
    }

    @Test("offsets are those of the partitions that exist")
    func offsets() async throws {
        let cluster = try MockCluster(brokers: 2)
        try cluster.makeTopic("orders", partitions: 4)
        let transport = try await started(cluster)
        let producer = try transport.makeProducer(ProducerConfiguration(logger: quiet))
        let messages = (0..<10)
            .map { OutgoingMessage(to: TopicPartition("orders", Int32($0 % 3)), key: nil, value: "v") }
        _ = await producer.deliver(messages)
        await producer.close()
        let asked = (0..<5).map { TopicPartition("orders", Int32($0)) } + [TopicPartition("none", 0)]
        let offsets = try await transport.offsets(of: asked)
        #expect(offsets == [asked[0]: 0..<4, asked[1]: 0..<3, asked[2]: 0..<3, asked[3]: 0..<0])
        #expect(try await transport.offsets(of: []).isEmpty)
        await transport.stop()
    }

    @Test("declarations that no cluster takes are refused before it is asked")
    func invalidTopics() async throws {
        let cluster = try MockCluster()
        let transport = try await started(cluster)
        for declaration in [TopicDeclaration(name: "a b", partitions: 1), TopicDeclaration(name: "a", partitions: 0)] {
            let error = await #expect(throws: FaustError.self) { try await transport.createTopics([declaration]) }
            #expect(error?.code == .invalidTopic)
        }
        await transport.stop()
    }

    @Test("topics that exist are left as they are, without asking the cluster to create them")
    func existingTopics() async throws {
        let cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 3)
        let transport = try await started(cluster)
        // The mock cluster can't create topics: the call would fail if it tried.
        try await transport.createTopics([TopicDeclaration(name: "orders", partitions: 9)])
        try await transport.deleteTopics(["none"])
        #expect(try await transport.topics(nil).mapValues(\.partitions) == ["orders": 3])
        await transport.stop()
    }

    @Test("a cluster that can't be reached is named, with what to do")
    func unreachable() async throws {
        var settings = kafkaSettings()
        settings.broker = "kafka://me:hunter2@127.0.0.1:1"
        settings.kafkaProperties = ["security.protocol": "sasl_plaintext"]
        let recorder = LogRecorder()
        let transport = try KafkaTransport(settings, logger: recorder.logger(), startTimeout: .seconds(1))
        let error = await #expect(throws: FaustError.self) { try await transport.start() }
        #expect(error?.code == .transport && error?.isRetriable == true)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("127.0.0.1:1") && text.contains("Check that a broker listens"))
        #expect(!text.contains("hunter2"))
        #expect(recorder.lines.allSatisfy { !$0.text.contains("hunter2") })
        let other = await #expect(throws: FaustError.self) { _ = try await transport.topics(nil) }
        #expect(other?.code == .lifecycle)
        await transport.stop()
    }

    @Test("the description has hosts and no secrets")
    func description() throws {
        var settings = kafkaSettings()
        settings.broker = "kafka://me:hunter2@a;b:9093"
        let transport = try KafkaTransport(settings, logger: quiet)
        #expect(transport.description == "kafka://a:9092;b:9093")
    }

    @Test("settings that librdkafka refuses are refused before anything runs")
    func refusedSettings() throws {
        var settings = kafkaSettings()
        settings.kafkaProperties = ["no.such.property": "1"]
        let error = #expect(throws: FaustError.self) { _ = try KafkaTransport(settings, logger: quiet) }
        #expect(error?.code == .configuration && error?.message.contains("no.such.property") == true)
    }

    @Test("properties of a role are only for its clients, and beat those for all")
    func roles() throws {
        var settings = kafkaSettings()
        settings.kafkaProperties = [
            "linger.ms": "3", "producer.linger.ms": "7", "consumer.fetch.wait.max.ms": "9", "client.rack": "r1",
        ]
        let producer = try KafkaProperties.producer(writing(), settings)
        #expect(producer["linger.ms"] == "7" && producer["client.rack"] == "r1" && producer["fetch.wait.max.ms"] == nil)
        let consumer = try KafkaProperties.consumer(reading(), settings)
        #expect(consumer["linger.ms"] == "3" && consumer["fetch.wait.max.ms"] == "9")
        #expect(try KafkaProperties.admin(settings)["fetch.wait.max.ms"] == nil)
    }
}
#endif
