// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Testing

@Suite struct KafkaConfigurationTests {
    /// Makes a client, for which librdkafka checks that the properties fit together, and ends it.
    ///
    /// - Returns: What librdkafka finds wrong; `nil` for nothing.
    private func fault(_ kind: rd_kafka_type_t, _ properties: KafkaProperties) throws -> String? {
        let pointer = try KafkaConfiguration(properties).take()
        // That nobody listens at the port is no news.
        rd_kafka_conf_set_log_cb(pointer, nil)
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(kind, pointer, &text, 512) else {
            rd_kafka_conf_destroy(pointer)
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        rd_kafka_destroy(client)
        return nil
    }

    /// A broker at a port of this machine where nobody listens.
    private func localSettings() -> Settings {
        var settings = kafkaSettings()
        settings.broker = "kafka://127.0.0.1:1"
        return settings
    }

    @Test("clients can be made with the default settings")
    func defaults() throws {
        let settings = localSettings()
        #expect(try fault(RD_KAFKA_CONSUMER, .consumer(reading(), settings)) == nil)
        #expect(try fault(RD_KAFKA_CONSUMER, .consumer(reading(group: nil), settings)) == nil)
        #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing(), settings)) == nil)
        #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing("orders-0"), settings)) == nil)
        #expect(try fault(RD_KAFKA_PRODUCER, .admin(settings)) == nil)
    }

    @Test("clients can be made with any acknowledgement and compression")
    func choices() throws {
        var settings = localSettings()
        for acks in Acks.allCases {
            settings.producerAcks = acks
            #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing(), settings)) == nil)
            #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing("orders-0"), settings)) == nil)
        }
        for compression in CompressionType.allCases {
            settings.producerCompressionType = compression
            #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing(), settings)) == nil)
        }
        for reset in OffsetReset.allCases {
            var configuration = reading()
            configuration.offsetReset = reset
            #expect(try fault(RD_KAFKA_CONSUMER, .consumer(configuration, settings)) == nil)
        }
    }

    @Test("clients can be made with every mechanism to log in", arguments: BrokerCredentials.Mechanism.allCases)
    func mechanisms(mechanism: BrokerCredentials.Mechanism) throws {
        var settings = localSettings()
        settings.brokerCredentials = BrokerCredentials(username: "me", password: "word", mechanism: mechanism)
        #expect(try fault(RD_KAFKA_CONSUMER, .consumer(reading(), settings)) == nil)
        #expect(try fault(RD_KAFKA_PRODUCER, .producer(writing(), settings)) == nil)
    }

    @Test("a shorter transaction can be had by an override")
    func shortTransaction() throws {
        let overrides = ["transaction.timeout.ms": "5000"]
        #expect(
            try fault(RD_KAFKA_PRODUCER, .producer(writing("orders-0"), localSettings(), overrides: overrides)) == nil
        )
    }

    @Test("librdkafka has every value as the table says", arguments: KafkaPropertiesTests.consumerRows)
    func consumerValues(row: KafkaPropertiesTests.Row) throws {
        guard let value = row.value else { return }
        let configuration = try KafkaConfiguration(.consumer(reading(), row.settings()))
        // librdkafka has an older name for `earliest`, and reports that one.
        #expect(configuration.value(of: row.property) == (value == "earliest" ? "smallest" : value))
    }

    @Test("librdkafka has every number of a producer as the table says", arguments: KafkaPropertiesTests.producerRows)
    func producerValues(row: KafkaPropertiesTests.Row) throws {
        guard let value = row.value else { return }
        let configuration = try KafkaConfiguration(.producer(writing(), row.settings()))
        let taken = configuration.value(of: row.property)
        #expect(taken == value || (taken.flatMap(Double.init) == Double(value) && Double(value) != nil))
    }

    @Test("the last of several names of a property counts")
    func aliases() throws {
        let overrides = ["queue.buffering.max.ms": "7"]
        let configuration = try KafkaConfiguration(.producer(writing(), kafkaSettings(), overrides: overrides))
        #expect(configuration.value(of: "linger.ms") == "7")
    }

    @Test(
        "a value that librdkafka can't use is refused by name, value and setting",
        arguments: [
            ("message.max.bytes", "500", "producerMaxRequestSize"),
            ("linger.ms", "2147483647", "producerLinger"),
            ("topic.metadata.refresh.interval.ms", "7200000", "producerMetadataMaxAge"),
        ]
    )
    func badSettings(property: String, value: String, setting: String) throws {
        var settings = kafkaSettings()
        switch setting {
        case "producerMaxRequestSize": settings.producerMaxRequestSize = 500
        case "producerLinger": settings.producerLinger = .seconds(Int64.max)
        default: settings.producerMetadataMaxAge = .seconds(7_200)
        }
        let error = try #require(throws: FaustError.self) { _ = try KafkaConfiguration(.producer(writing(), settings)) }
        #expect(error.code == .configuration)
        for part in [property, value, setting] { #expect(error.message.contains(part)) }
        #expect(!error.message.contains("\n"))
    }

    @Test(
        "an override that librdkafka can't use, or would misread, is refused by name and value",
        arguments: [
            ("session.timeout.ms", "0"), ("session.timeout.ms", "12abc"), ("session.timeout.ms", "4294967297"),
            ("session.timeout.ms", "010000"), ("session.timeout.ms", "99999999999999999999"),
            ("session.timeout.ms", "1\u{0}2"), ("linger.ms", "soon"), ("enable.partition.eof", "maybe"),
            ("security.protocol", "sasl_tls"), ("isolation.level", "snapshot"), ("stats_cb", "1"), ("acks", "some"),
        ]
    )
    func badOverrides(name: String, value: String) throws {
        var configuration = KafkaConfiguration()
        let error = fault(&configuration, KafkaProperty(name, value, .override))
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("'\(name)'") == true)
        #expect(error?.message.contains("'\(value)'") == true)
        #expect(error?.message.contains("override") == true)
    }

    @Test(
        "other spellings of a value are taken",
        arguments: [
            ("acks", "all", "-1"), ("enable.partition.eof", "1", "true"), ("linger.ms", "0.50", "0.5"),
            ("isolation.level", "READ_COMMITTED", "read_committed"), ("client.id", "12abc", "12abc"),
        ]
    )
    func spellings(name: String, value: String, taken: String) throws {
        var configuration = KafkaConfiguration()
        try configuration.set(KafkaProperty(name, value, .override))
        #expect(configuration.value(of: name) == taken)
    }

    @Test("an unknown property is refused by name, without its value, which may be a misplaced secret")
    func unknown() throws {
        var configuration = KafkaConfiguration()
        let error = fault(&configuration, KafkaProperty("sasl.pw", "hunter2", .override))
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("'sasl.pw'") == true)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
        #expect(configuration.value(of: "sasl.pw") == nil)
    }

    @Test("a secret that is refused is not shown")
    func refusedSecret() throws {
        var configuration = KafkaConfiguration()
        let error = fault(&configuration, KafkaProperty("sasl.password", "hunter2\u{0}", .override))
        #expect(error?.message.contains("'sasl.password'") == true)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }

    @Test("the version of librdkafka is known and new enough")
    func version() throws {
        try LibrdkafkaVersion.linked.check()
        #expect(LibrdkafkaVersion.linkedText.hasPrefix(LibrdkafkaVersion.linked.description.prefix { $0 != "-" }))
        #expect(LibrdkafkaVersion.minimum.description == "2.0.2")
        #expect(LibrdkafkaVersion(number: 0x020B_0001).description == "2.11.0-pre1")
        #expect(LibrdkafkaVersion(number: 0x020B_00FF) > .minimum)
        try LibrdkafkaVersion(number: 0x0200_02FF).check()
    }

    @Test("an older librdkafka is refused", arguments: [0x0200_0201 as UInt32, 0x0200_01FF, 0x0109_02FF])
    func oldVersion(number: UInt32) throws {
        let version = LibrdkafkaVersion(number: number)
        let error = try #require(throws: FaustError.self) { try version.check() }
        #expect(error.code == .configuration)
        #expect(error.message.contains("\(version)") && error.message.contains("2.0.2 or newer"))
    }

    private func fault(_ configuration: inout KafkaConfiguration, _ property: KafkaProperty) -> FaustError? {
        do throws(FaustError) {
            try configuration.set(property)
            return nil
        } catch {
            return error
        }
    }
}
#endif
