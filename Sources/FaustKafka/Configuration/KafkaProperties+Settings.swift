// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

/// What settings become.
///
/// Some have no counterpart. The engine itself looks after `brokerMaxPollRecords`, all that begins with `brokerCommit`,
/// and `producerPartitioner`. `brokerRebalanceTimeout` has none because librdkafka gives the group
/// `max.poll.interval.ms` in its place.
extension KafkaProperties {
    /// The properties of a consumer.
    ///
    /// Offsets are committed by the engine alone, and the group hands out partitions with `cooperative-sticky`, so that
    /// those that stay are not taken away for the while (KIP-429). A consumer without a group gets the app's id as
    /// `group.id`, since librdkafka assigns no partitions without any; it joins no group unless it subscribes.
    ///
    /// - Parameters:
    ///   - configuration: Group, client id, where to start, and whether open and aborted transactions are left out.
    ///   - settings: The settings of the app; the broker is ``FaustCore/Settings/brokerConsumer``.
    ///   - overrides: Values by librdkafka's names, which beat all others, ``FaustCore/Settings/kafkaProperties`` too.
    /// - Returns: The properties; librdkafka has not seen them yet.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for settings that can't be used, and for a
    ///   broker that is not Kafka.
    package static func consumer(
        _ configuration: ConsumerConfiguration,
        _ settings: Settings,
        overrides: [String: String] = [:]
    ) throws(FaustError) -> KafkaProperties {
        let overrides = settings.kafkaOverrides(for: "consumer").merging(overrides) { $1 }
        let broker = (setting: "brokerConsumer", list: settings.brokerConsumer)
        var result = try connection(broker, configuration.clientID, settings)
        result.fix("enable.auto.commit", "false")
        result.fix("enable.auto.offset.store", "false")
        result.fix("partition.assignment.strategy", "cooperative-sticky")
        result.fix("enable.partition.eof", "true")
        result.fix("isolation.level", configuration.readCommitted ? "read_committed" : "read_uncommitted")
        result.set("group.id", configuration.group ?? settings.id, from: "name")
        if let instance = settings.consumerGroupInstanceID, configuration.group != nil {
            result.set("group.instance.id", instance, from: "consumerGroupInstanceID")
        }
        result.setTimesOfGroup(settings)
        let reset = configuration.offsetReset == .none ? "error" : configuration.offsetReset.rawValue
        result.set("auto.offset.reset", reset, from: "consumerAutoOffsetReset")
        result.set("fetch.message.max.bytes", "\(settings.consumerMaxFetchSize)", from: "consumerMaxFetchSize")
        result.set("check.crcs", "\(settings.brokerCheckCRCs)", from: "brokerCheckCRCs")
        result.setMetadataAge(settings.consumerMetadataMaxAge, from: "consumerMetadataMaxAge")
        result.setIdleTime(settings.consumerConnectionsMaxIdle, from: "consumerConnectionsMaxIdle")
        result.set(
            "socket.timeout.ms",
            milliseconds(settings.brokerRequestTimeout),
            from: "brokerRequestTimeout"
        )
        result.override(with: overrides)
        return result
    }

    /// The properties of a producer.
    ///
    /// It is idempotent (KIP-98): a message that is sent again after an error is in its partition once, and the order
    /// is kept. That needs the acknowledgement of all copies, so `producerAcks` other than `all` turns it off, except
    /// for a producer of transactions, which always waits for all copies. Its messages and requests may not take longer
    /// than the transaction: librdkafka's 60 seconds, or what the override of `transaction.timeout.ms` says.
    ///
    /// - Parameters:
    ///   - configuration: Client id and the identity of transactions.
    ///   - settings: The settings of the app; the broker is ``FaustCore/Settings/brokerProducer``.
    ///   - overrides: Values by librdkafka's names, which beat all others, ``FaustCore/Settings/kafkaProperties`` too.
    /// - Returns: The properties; librdkafka has not seen them yet.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for settings that can't be used, and for a
    ///   broker that is not Kafka.
    package static func producer(
        _ configuration: ProducerConfiguration,
        _ settings: Settings,
        overrides: [String: String] = [:]
    ) throws(FaustError) -> KafkaProperties {
        let overrides = settings.kafkaOverrides(for: "producer").merging(overrides) { $1 }
        let broker = (setting: "brokerProducer", list: settings.brokerProducer)
        var result = try connection(broker, configuration.clientID, settings)
        var longest = Duration.milliseconds(Int32.max)
        if let transactionalID = configuration.transactionalID {
            let text = overrides["transaction.timeout.ms"]
            longest = .milliseconds(text.flatMap { Int32($0) }.map { max($0, 1_000) } ?? 60_000)
            result.fix("transactional.id", transactionalID)
            result.fix("acks", Acks.all.rawValue)
            result.fix("enable.idempotence", "true")
        } else {
            result.setAcks(settings.producerAcks, overrides)
        }
        // A message for a topic that does not exist fails, soon, instead of creating it.
        result.fix("allow.auto.create.topics", "false")
        result.fix("topic.metadata.propagation.max.ms", "5000")
        result.setBatches(settings)
        result.set(
            "message.timeout.ms",
            milliseconds(min(settings.producerRequestTimeout, longest), atLeast: 1),
            from: "producerRequestTimeout"
        )
        result.setMetadataAge(settings.producerMetadataMaxAge, from: "producerMetadataMaxAge")
        result.setIdleTime(settings.producerConnectionsMaxIdle, from: "producerConnectionsMaxIdle")
        result.set(
            "socket.timeout.ms",
            milliseconds(min(settings.brokerRequestTimeout, longest)),
            from: "brokerRequestTimeout"
        )
        result.override(with: overrides)
        return result
    }

    /// The properties of the client that creates, lists and deletes topics.
    ///
    /// - Parameters:
    ///   - settings: The settings of the app; the broker is ``FaustCore/Settings/broker``.
    ///   - overrides: Values by librdkafka's names, which beat all others, ``FaustCore/Settings/kafkaProperties`` too.
    /// - Returns: The properties; librdkafka has not seen them yet.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for settings that can't be used, and for a
    ///   broker that is not Kafka.
    package static func admin(
        _ settings: Settings,
        overrides: [String: String] = [:]
    ) throws(FaustError) -> KafkaProperties {
        let overrides = settings.kafkaOverrides(for: "admin").merging(overrides) { $1 }
        let broker = (setting: "broker", list: settings.broker)
        var result = try connection(broker, settings.brokerClientID, settings)
        // The end of a partition is behind its last message, whatever becomes of the transaction.
        result.fix("isolation.level", "read_uncommitted")
        result.set(
            "socket.timeout.ms",
            milliseconds(settings.brokerRequestTimeout),
            from: "brokerRequestTimeout"
        )
        result.override(with: overrides)
        return result
    }
}

extension Settings {
    /// The properties that users set for clients of a role, which beat those for all clients.
    fileprivate func kafkaOverrides(for role: String) -> [String: String] {
        let roles = ["consumer", "producer", "admin"]
        var own: [String: String] = [:]
        var common: [String: String] = [:]
        for (name, value) in kafkaProperties.values {
            let prefix = name.prefix { $0 != "." }
            if prefix == role {
                own[String(name.dropFirst(role.count + 1))] = value
            } else if !roles.contains(String(prefix)) {
                common[name] = value
            }
        }
        return common.merging(own) { $1 }
    }
}

extension KafkaProperties {
    /// Where the brokers are, and how to log in.
    private static func connection(
        _ broker: (setting: String, list: String),
        _ clientID: String,
        _ settings: Settings
    ) throws(FaustError) -> KafkaProperties {
        try settings.validate()
        let brokers = try BrokerList(broker.list)
        guard brokers.scheme == "kafka" else {
            throw FaustError(
                .configuration,
                "the setting \(broker.setting) names a broker \(brokers.scheme)://, which is not Kafka: write kafka://host:9092"
            )
        }
        var result = KafkaProperties()
        let hosts = brokers.hosts.map(\.description).joined(separator: ",")
        result.set("metadata.broker.list", hosts, from: broker.setting)
        result.set("client.id", clientID, from: "brokerClientID")
        if let credentials = settings.brokerCredentials {
            result.setCredentials(credentials, from: "brokerCredentials")
        } else if let credentials = brokers.credentials {
            result.setCredentials(credentials, from: broker.setting)
        }
        return result
    }

    /// How to log in.
    ///
    /// With `plain` the password itself is sent, so the connection is encrypted; the proofs of SCRAM do without. An
    /// override of `security.protocol` decides otherwise.
    private mutating func setCredentials(_ credentials: BrokerCredentials, from setting: String) {
        set("security.protocol", credentials.mechanism == .plain ? "sasl_ssl" : "sasl_plaintext", from: setting)
        set("sasl.mechanism", credentials.mechanism.rawValue.uppercased(), from: setting)
        set("sasl.username", credentials.username, from: setting)
        set("sasl.password", credentials.password, from: setting)
    }

    private mutating func setTimesOfGroup(_ settings: Settings) {
        set(
            "session.timeout.ms",
            Self.milliseconds(settings.brokerSessionTimeout),
            from: "brokerSessionTimeout"
        )
        set(
            "heartbeat.interval.ms",
            Self.milliseconds(settings.brokerHeartbeatInterval),
            from: "brokerHeartbeatInterval"
        )
        set(
            "max.poll.interval.ms",
            Self.milliseconds(settings.brokerMaxPollInterval),
            from: "brokerMaxPollInterval"
        )
    }

    /// Who has to have a message, and whether that suffices for idempotence.
    private mutating func setAcks(_ acks: Acks, _ overrides: [String: String]) {
        set("acks", acks.rawValue, from: "producerAcks")
        let effective = overrides["acks"] ?? overrides["request.required.acks"] ?? acks.rawValue
        if effective == "all" || effective == Acks.all.rawValue {
            fix("enable.idempotence", "true")
        } else {
            set("enable.idempotence", "false", from: "producerAcks")
        }
    }

    private mutating func setBatches(_ settings: Settings) {
        let compression = settings.producerCompressionType?.rawValue ?? "none"
        set("compression.codec", compression, from: "producerCompressionType")
        set("linger.ms", Self.fractionalMilliseconds(settings.producerLinger), from: "producerLinger")
        set("batch.size", "\(settings.producerMaxBatchSize)", from: "producerMaxBatchSize")
        set("message.max.bytes", "\(settings.producerMaxRequestSize)", from: "producerMaxRequestSize")
    }

    /// `metadata.max.age.ms`, which has the sense of the setting in Kafka's own clients, is something else in
    /// librdkafka: how long it relies on what it knows, three times the interval by default.
    private mutating func setMetadataAge(_ age: Duration, from setting: String) {
        set("topic.metadata.refresh.interval.ms", Self.milliseconds(age, atLeast: 1), from: setting)
    }

    private mutating func setIdleTime(_ time: Duration, from setting: String) {
        set("connections.max.idle.ms", Self.milliseconds(time, atLeast: 1), from: setting)
    }

    /// A duration as whole milliseconds, rounded up, from `minimum` (1 where 0 means never to librdkafka) to 24.8 days,
    /// the most that librdkafka can hold: a greater number would wrap around there.
    static func milliseconds(_ duration: Duration, atLeast minimum: Int64 = 0) -> String {
        guard duration < .milliseconds(Int32.max) else { return "\(Int32.max)" }
        guard duration > .zero else { return "\(minimum)" }
        let (seconds, attoseconds) = duration.components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let rounded = seconds * 1_000 + (attoseconds + perMillisecond - 1) / perMillisecond
        return "\(max(rounded, minimum))"
    }

    /// A duration as milliseconds with up to three decimals, rounded up, as librdkafka takes it for `linger.ms`.
    static func fractionalMilliseconds(_ duration: Duration) -> String {
        guard duration < .milliseconds(Int32.max) else { return "\(Int32.max)" }
        guard duration > .zero else { return "0" }
        let (seconds, attoseconds) = duration.components
        let perMicrosecond: Int64 = 1_000_000_000_000
        let microseconds = seconds * 1_000_000 + (attoseconds + perMicrosecond - 1) / perMicrosecond
        guard microseconds % 1_000 != 0 else { return "\(microseconds / 1_000)" }
        let decimals = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
    }
}
