// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustKafka
import Logging
import Synchronization
import Testing

@Suite struct KafkaPropertiesTests {
    /// What a change of the settings has to become.
    struct Row: Sendable, CustomTestStringConvertible {
        let property: String
        let value: String?
        let change: @Sendable (inout Settings) -> Void

        init(_ property: String, _ value: String?, _ change: @escaping @Sendable (inout Settings) -> Void = { _ in }) {
            self.property = property
            self.value = value
            self.change = change
        }

        var testDescription: String { "\(property) is \(value ?? "left to librdkafka")" }

        func settings() -> Settings {
            var settings = kafkaSettings()
            change(&settings)
            return settings
        }
    }

    static let consumerRows = [
        Row("metadata.broker.list", "a:9092"),
        Row("metadata.broker.list", "b:9093,c:9092") { $0.brokerConsumer = "kafka://b:9093;c" },
        Row("metadata.broker.list", "[::1]:9092") { $0.broker = "kafka://[::1]" },
        Row("metadata.broker.list", "a:9092") { $0.brokerProducer = "kafka://elsewhere" },
        Row("client.id", "reader"),
        Row("group.id", "orders-group"),
        Row("enable.auto.commit", "false"),
        Row("enable.auto.offset.store", "false"),
        Row("enable.partition.eof", "true"),
        Row("partition.assignment.strategy", "cooperative-sticky"),
        Row("isolation.level", "read_committed"),
        Row("auto.offset.reset", "earliest"),
        Row("session.timeout.ms", "60000"),
        Row("session.timeout.ms", "20500") { $0.brokerSessionTimeout = .milliseconds(20_500) },
        Row("heartbeat.interval.ms", "3000"),
        Row("heartbeat.interval.ms", "250") { $0.brokerHeartbeatInterval = .milliseconds(250) },
        Row("max.poll.interval.ms", "1000000"),
        Row("max.poll.interval.ms", "120000") { $0.brokerMaxPollInterval = .seconds(120) },
        Row("socket.timeout.ms", "90000"),
        Row("socket.timeout.ms", "70000") { $0.brokerRequestTimeout = .seconds(70) },
        Row("fetch.message.max.bytes", "1048576"),
        Row("fetch.message.max.bytes", "4096") { $0.consumerMaxFetchSize = 4_096 },
        Row("check.crcs", "true"),
        Row("check.crcs", "false") { $0.brokerCheckCRCs = false },
        Row("topic.metadata.refresh.interval.ms", "300000"),
        Row("topic.metadata.refresh.interval.ms", "1") { $0.consumerMetadataMaxAge = .zero },
        Row("connections.max.idle.ms", "540000"),
        Row("connections.max.idle.ms", "2147483647") { $0.consumerConnectionsMaxIdle = .seconds(Int64.max) },
        Row("connections.max.idle.ms", "2") { $0.consumerConnectionsMaxIdle = .microseconds(1_001) },
        Row("group.instance.id", nil),
        Row("group.instance.id", "worker-1") { $0.consumerGroupInstanceID = "worker-1" },
        Row("security.protocol", nil),
        Row("sasl.mechanism", nil),
        Row("security.protocol", "sasl_ssl") { $0.broker = "kafka://me:word@a" },
        Row("sasl.mechanism", "PLAIN") { $0.broker = "kafka://me:word@a" },
        Row("sasl.username", "me") { $0.broker = "kafka://me:word@a" },
        Row("sasl.password", "word") { $0.broker = "kafka://me:word@a" },
        Row("metadata.broker.list", "a:9092") { $0.broker = "kafka://me:word@a" },
        Row("sasl.mechanism", "SCRAM-SHA-256") { $0.brokerCredentials = scram },
        Row("security.protocol", "sasl_plaintext") { $0.brokerCredentials = scram },
        Row("sasl.username", "setting") {
            $0.broker = "kafka://me:word@a"
            $0.brokerCredentials = scram
        },
    ]

    static let producerRows = [
        Row("metadata.broker.list", "b:9092") { $0.brokerProducer = "kafka://b" },
        Row("client.id", "writer"),
        Row("enable.idempotence", "true"),
        Row("enable.idempotence", "false") { $0.producerAcks = .leader },
        Row("transactional.id", nil),
        Row("acks", "-1"),
        Row("acks", "1") { $0.producerAcks = .leader },
        Row("acks", "0") { $0.producerAcks = .none },
        Row("compression.codec", "none"),
        Row("compression.codec", "gzip") { $0.producerCompressionType = .gzip },
        Row("compression.codec", "snappy") { $0.producerCompressionType = .snappy },
        Row("compression.codec", "lz4") { $0.producerCompressionType = .lz4 },
        Row("compression.codec", "zstd") { $0.producerCompressionType = .zstd },
        Row("linger.ms", "0"),
        Row("linger.ms", "5") { $0.producerLinger = .milliseconds(5) },
        Row("linger.ms", "1.050") { $0.producerLinger = .microseconds(1_050) },
        Row("linger.ms", "0.001") { $0.producerLinger = .nanoseconds(1) },
        Row("batch.size", "1000000"),
        Row("batch.size", "100000") { $0.producerMaxBatchSize = 100_000 },
        Row("message.max.bytes", "1000000"),
        Row("message.max.bytes", "5000000") { $0.producerMaxRequestSize = 5_000_000 },
        Row("message.timeout.ms", "1200000"),
        Row("message.timeout.ms", "1") { $0.producerRequestTimeout = .zero },
        Row("socket.timeout.ms", "90000"),
        Row("topic.metadata.refresh.interval.ms", "60000") { $0.producerMetadataMaxAge = .seconds(60) },
        Row("connections.max.idle.ms", "540000"),
        Row("group.id", nil),
        Row("sasl.mechanism", "SCRAM-SHA-512") {
            $0.brokerCredentials = BrokerCredentials(username: "me", password: "word", mechanism: .scramSHA512)
        },
    ]

    static let scram = BrokerCredentials(username: "setting", password: "word", mechanism: .scramSHA256)

    @Test("settings become a consumer's properties", arguments: consumerRows)
    func consumer(row: Row) throws {
        #expect(try KafkaProperties.consumer(reading(), row.settings())[row.property] == row.value)
    }

    @Test("settings become a producer's properties", arguments: producerRows)
    func producer(row: Row) throws {
        #expect(try KafkaProperties.producer(writing(), row.settings())[row.property] == row.value)
    }

    @Test("the admin client has a connection and nothing of consumers and producers")
    func admin() throws {
        var settings = kafkaSettings()
        settings.brokerConsumer = "kafka://elsewhere"
        settings.brokerClientID = "boss"
        let properties = try KafkaProperties.admin(settings)
        #expect(
            properties.description
                == "metadata.broker.list=a:9092 client.id=boss isolation.level=read_uncommitted socket.timeout.ms=90000"
        )
    }

    @Test("the configuration of a consumer decides on reset, isolation and group")
    func configurationOfConsumer() throws {
        var settings = kafkaSettings()
        settings.consumerGroupInstanceID = "worker-1"
        var configuration = reading(group: nil)
        configuration.readCommitted = false
        configuration.offsetReset = .none
        let properties = try KafkaProperties.consumer(configuration, settings)
        #expect(properties["isolation.level"] == "read_uncommitted")
        #expect(properties["auto.offset.reset"] == "error")
        #expect(properties["group.id"] == "orders")
        #expect(properties["group.instance.id"] == nil)
        configuration.offsetReset = .latest
        #expect(try KafkaProperties.consumer(configuration, settings)["auto.offset.reset"] == "latest")
    }

    @Test("transactions wait for all copies and bound the time of messages and requests")
    func transactions() throws {
        var settings = kafkaSettings()
        settings.producerAcks = .none
        let properties = try KafkaProperties.producer(writing("orders-0"), settings)
        #expect(properties["transactional.id"] == "orders-0")
        #expect(properties["acks"] == "-1")
        #expect(properties["enable.idempotence"] == "true")
        #expect(properties["message.timeout.ms"] == "60000")
        #expect(properties["socket.timeout.ms"] == "60000")
        let longer = ["transaction.timeout.ms": "80000"]
        let overridden = try KafkaProperties.producer(writing("orders-0"), settings, overrides: longer)
        #expect(overridden["message.timeout.ms"] == "80000")
        #expect(overridden["socket.timeout.ms"] == "80000")
    }

    @Test("what the user overrides comes last, whatever other names it has")
    func overrides() throws {
        let overrides = ["queue.buffering.max.ms": "7", "linger.ms": "9", "client.id": "mine", "debug": "broker"]
        let properties = try KafkaProperties.producer(writing(), kafkaSettings(), overrides: overrides)
        #expect(
            properties.properties.suffix(4).map(\.description) == [
                "client.id=mine", "debug=broker", "linger.ms=9", "queue.buffering.max.ms=7",
            ]
        )
        #expect(properties.properties.count { $0.name == "client.id" } == 1)
        #expect(properties.risks.isEmpty)
    }

    @Test(
        "fewer acknowledgements turn idempotence off, by whatever name",
        arguments: ["acks", "request.required.acks"]
    )
    func overriddenAcks(name: String) throws {
        let some = try KafkaProperties.producer(writing(), kafkaSettings(), overrides: [name: "1"])
        #expect(some["enable.idempotence"] == "false")
        let all = try KafkaProperties.producer(writing(), kafkaSettings(), overrides: [name: "all"])
        #expect(all["enable.idempotence"] == "true")
    }

    @Test("an override of what delivery rests on is told")
    func risks() throws {
        let overrides = ["enable.auto.commit": "true", "enable.partition.eof": "true", "fetch.wait.max.ms": "100"]
        let properties = try KafkaProperties.consumer(reading(), kafkaSettings(), overrides: overrides)
        #expect(properties["enable.auto.commit"] == "true")
        #expect(properties.risks.map(\.name) == ["enable.auto.commit"])
        let lines = WarningLines()
        properties.warnOfRisks(Logger(label: "test") { _ in lines })
        let warnings = lines.texts.all()
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("enable.auto.commit=true") == true)
    }

    @Test("another broker and settings that don't fit are refused by name")
    func refused() throws {
        var settings = kafkaSettings()
        settings.brokerProducer = "log://"
        let other = try #require(throws: FaustError.self) { try KafkaProperties.producer(writing(), settings) }
        #expect(other.code == .configuration)
        #expect(other.message.contains("brokerProducer") && other.message.contains("log://"))
        settings = kafkaSettings()
        settings.producerLinger = .seconds(-1)
        let negative = try #require(throws: FaustError.self) { try KafkaProperties.producer(writing(), settings) }
        #expect(negative.message.contains("producerLinger"))
    }

    @Test(
        "secrets are masked wherever properties are shown",
        arguments: [
            "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.config",
            "sasl.oauthbearer.client.secret", "SASL.Password", "sasl.passwrd",
        ]
    )
    func secrets(name: String) throws {
        var settings = kafkaSettings()
        settings.broker = "kafka://me:hunter2@a"
        var properties = try KafkaProperties.consumer(reading(), settings, overrides: [name: "hunter2"])
        properties.override(with: ["enable.auto.commit": "true"])
        var dumped = ""
        dump(properties, to: &dumped)
        let property = try #require(properties.properties.last { $0.name == name })
        dump(property, to: &dumped)
        for shown in [
            dumped, "\(properties)", String(reflecting: properties), "\(property)", String(reflecting: property),
        ] {
            #expect(!shown.contains("hunter2"))
            #expect(shown.contains("\(name)=***"))
        }
        #expect(properties[name] == "hunter2")
    }

    @Test("paths and plain values are shown")
    func shown() {
        #expect("\(KafkaProperty("ssl.key.location", "/k.pem", .override))" == "ssl.key.location=/k.pem")
        #expect("\(KafkaProperty("sasl.username", "me", .override))" == "sasl.username=me")
    }
}

/// Settings with a Kafka broker, otherwise at their defaults.
func kafkaSettings() -> Settings {
    var settings = Settings(name: "orders")
    settings.broker = "kafka://a"
    return settings
}

func reading(group: String? = "orders-group") -> ConsumerConfiguration {
    var configuration = ConsumerConfiguration(group: group, logger: Logger(label: "test"))
    configuration.clientID = "reader"
    return configuration
}

func writing(_ transactionalID: String? = nil) -> ProducerConfiguration {
    var configuration = ProducerConfiguration(logger: Logger(label: "test"))
    configuration.clientID = "writer"
    configuration.transactionalID = transactionalID
    return configuration
}

/// Keeps the texts of warnings.
private struct WarningLines: LogHandler {
    final class Texts: Sendable {
        private let texts = Mutex<[String]>([])

        func append(_ text: String) { texts.withLock { $0.append(text) } }
        func all() -> [String] { texts.withLock { $0 } }
    }

    let texts = Texts()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.level == .warning { texts.append("\(event.message)") }
    }
}
