// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Logging
import Synchronization
import Testing

@Suite struct KafkaClientTests {
    private let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }

    @Test("a client reaches the cluster, and nothing can be called once it is closed")
    func lifecycle() async throws {
        let cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 3)
        let client = try KafkaClient(.producer, .admin(cluster.settings()), logger: quiet)
        let partitions = try await client.blocking { (handle) throws(FaustError) in
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let topic = rd_kafka_topic_new(handle, "orders", nil)
            defer { rd_kafka_topic_destroy(topic) }
            let error = rd_kafka_metadata(handle, 0, topic, &metadata, 10_000)
            guard let metadata, error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError.make(error, "listing") }
            defer { rd_kafka_metadata_destroy(metadata) }
            return metadata.pointee.topics[0].partition_cnt
        }
        #expect(partitions == 3)
        async let first: Void = client.close()
        async let second: Void = client.close()
        _ = await (first, second)
        await client.close()
        let error = #expect(throws: FaustError.self) { try client.withHandle { _ in } }
        #expect(error?.code == .closed)
        client.wake()
    }

    @Test("closing waits for the calls that are under way")
    func closeWaits() async throws {
        let cluster = try MockCluster()
        let client = try KafkaClient(.producer, .admin(cluster.settings()), logger: quiet)
        let hasLeft = Mutex(false)
        let (begins, began) = AsyncStream.makeStream(of: Void.self)
        async let call: Void = client.blocking { (handle) throws(FaustError) in
            cluster.takeDown(broker: 1)
            began.finish()
            // Blocks for as long as it is told, since nobody answers.
            var metadata: UnsafePointer<rd_kafka_metadata>?
            _ = rd_kafka_metadata(handle, 1, nil, &metadata, 300)
            if let metadata { rd_kafka_metadata_destroy(metadata) }
            hasLeft.withLock { $0 = true }
        }
        for await _ in begins {}
        await client.close()
        let wasWaitedFor = hasLeft.withLock { $0 }
        #expect(wasWaitedFor)
        try await call
    }

    @Test("librdkafka's lines come with level, facility and client")
    func logs() async throws {
        let recorder = LogRecorder()
        let failures = AsyncStream.makeStream(of: FaustError.self)
        var handlers = KafkaEventHandlers()
        handlers.failed = { failures.continuation.yield($0) }
        var settings = kafkaSettings()
        settings.broker = "kafka://127.0.0.1:1"
        let client = try KafkaClient(.producer, .admin(settings), handlers: handlers, logger: recorder.logger())
        var iterator = failures.stream.makeAsyncIterator()
        let error = await iterator.next()
        #expect(error?.code == .transport)
        #expect(error?.isRetriable == true && error?.isFatal == false)
        await client.close()
        let line = try #require(recorder.lines.first { $0.metadata["facility"] == "FAIL" })
        #expect(line.level == .error)
        #expect(line.source == "librdkafka")
        #expect(line.text.contains("127.0.0.1:1"))
        #expect(line.metadata["client"] == "\(client.name)")
    }

    @Test("debug lines of librdkafka show no secret")
    func secrets() async throws {
        let recorder = LogRecorder()
        let cluster = try MockCluster()
        var settings = cluster.settings()
        settings.brokerCredentials = BrokerCredentials(
            username: "me",
            password: "hunter2-word",
            mechanism: .scramSHA256
        )
        let properties = try KafkaProperties.admin(
            settings,
            overrides: ["debug": "all", "ssl.key.password": "open-sesame"]
        )
        let client = try KafkaClient(.producer, properties, logger: recorder.logger())
        await client.close()
        #expect(recorder.lines.contains { $0.metadata["facility"] == "CONF" })
        for line in recorder.lines {
            #expect(!line.text.contains("hunter2-word") && !line.text.contains("open-sesame"))
        }
    }

    @Test("secrets are taken out of any text")
    func redaction() throws {
        var properties = KafkaProperties()
        properties.override(with: ["sasl.password": "hunter2", "ssl.key.password": "hunter2-long", "client.id": "app"])
        let secrets = KafkaSecrets(properties)
        #expect(secrets.redact("app has hunter2-long, hunter2 and hunter") == "app has ***, *** and hunter")
    }

    @Test("statistics come when an interval is set")
    func statistics() async throws {
        let cluster = try MockCluster()
        let texts = AsyncStream.makeStream(of: String.self)
        var handlers = KafkaEventHandlers()
        handlers.statistics = { texts.continuation.yield($0) }
        let properties = try KafkaProperties.admin(cluster.settings(), overrides: ["statistics.interval.ms": "10"])
        let client = try KafkaClient(.producer, properties, handlers: handlers, logger: quiet)
        var iterator = texts.stream.makeAsyncIterator()
        #expect(await iterator.next()?.contains("\"client_id\"") == true)
        await client.close()
    }

    @Test("a client that can't be made says why")
    func refused() throws {
        let properties = try KafkaProperties.admin(
            kafkaSettings(),
            overrides: ["ssl.ca.location": "/nowhere/ca.pem", "security.protocol": "ssl"]
        )
        let error = #expect(throws: FaustError.self) { _ = try KafkaClient(.producer, properties, logger: quiet) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("ca.pem") == true || error?.message.contains("ssl.ca.location") == true)
    }
}
#endif
