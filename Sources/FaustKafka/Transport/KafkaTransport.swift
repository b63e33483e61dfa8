// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
public import FaustCore
public import Logging
import Synchronization

/// An Apache Kafka cluster, or a broker that speaks its protocol.
///
/// Consumers and producers have clients of librdkafka of their own; this object has one for topics, offsets and groups.
public final class KafkaTransport: Transport {
    /// `kafka://` with the hosts, without user and password.
    public let description: String

    private let settings: Settings
    private let logger: Logger
    private let hosts: String
    private let shared = Mutex<KafkaAdmin?>(nil)
    /// How long ``start()`` tries to reach the cluster.
    private let startTimeout: Duration

    /// A cluster that is not connected yet.
    ///
    /// - Parameters:
    ///   - settings: Where the brokers are, how to log in, and how clients behave.
    ///   - logger: For lines of librdkafka and of the driver.
    ///   - startTimeout: How long ``start()`` tries to reach the cluster.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a broker's URL that is none of Kafka, and
    ///   for settings that librdkafka refuses.
    public init(_ settings: Settings, logger: Logger, startTimeout: Duration = .seconds(30)) throws(FaustError) {
        let brokers = try BrokerList(settings.broker)
        self.settings = settings
        self.logger = logger
        self.startTimeout = startTimeout
        hosts = brokers.hosts.map(\.description).joined(separator: ", ")
        description = "kafka://" + brokers.hosts.map(\.description).joined(separator: ";")
        // What is wrong with the settings is known before anything runs.
        _ = try KafkaConfiguration(.admin(settings))
    }

    /// Connects to the cluster.
    ///
    /// - Throws: ``FaustError`` with the hosts when none of them answers within 30 seconds, or refuses the login.
    public func start() async throws {
        var handlers = KafkaEventHandlers()
        let lastError = LastError()
        handlers.failed = { lastError.note($0) }
        let admin = try KafkaAdmin(settings, handlers: handlers, logger: logger)
        do throws(FaustError) {
            _ = try await admin.metadata(within: startTimeout)
        } catch {
            await admin.close()
            throw Self.unreachable(hosts, error, because: lastError.error)
        }
        shared.withLock { $0 = admin }
        logger.info(
            "Connected to Kafka",
            metadata: ["brokers": "\(hosts)", "librdkafka": "\(LibrdkafkaVersion.linkedText)"]
        )
    }

    private static func unreachable(_ hosts: String, _ error: FaustError, because last: FaustError?) -> FaustError {
        var message = "the Kafka cluster at \(hosts) can't be used. "
        message +=
            "Check that a broker listens there, that this machine may connect to it and to the addresses that it "
        message += "advertises, and that the settings ask for the security (TLS, SASL) that the port has"
        return FaustError(
            .transport,
            message,
            cause: last ?? error,
            isRetriable: last?.isRetriable ?? error.isRetriable,
            isFatal: last?.isFatal ?? false
        )
    }

    /// Closes the client for topics, offsets and groups; consumers and producers are closed by then.
    public func stop() async {
        let admin = shared.withLock { shared in
            defer { shared = nil }
            return shared
        }
        await admin?.close()
    }

    /// The client for topics, offsets and groups.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/lifecycle`` before ``start()`` and after ``stop()``.
    package func admin() throws(FaustError) -> KafkaAdmin {
        guard let admin = shared.withLock({ $0 }) else {
            throw FaustError(.lifecycle, "the transport \(description) is not started")
        }
        return admin
    }

    // MARK: Topics, offsets and groups

    /// Creates topics and waits until they can be used; see ``Transport/createTopics(_:)``.
    public func createTopics(_ declarations: [TopicDeclaration]) async throws {
        try await admin().createTopics(declarations)
    }

    /// Deletes topics and waits until they are gone; see ``Transport/deleteTopics(_:)``.
    public func deleteTopics(_ names: [String]) async throws {
        try await admin().deleteTopics(names)
    }

    /// Asks the cluster for topics; the configuration is what was set on the topics themselves.
    public func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        try await admin().topics(names)
    }

    /// Asks the leaders of the partitions; see ``Transport/offsets(of:)``.
    public func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await admin().offsets(of: partitions)
    }

    /// Asks the leaders of the partitions; see ``Transport/offsets(of:from:)``.
    public func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        try await admin().offsets(of: partitions, from: timestampMilliseconds)
    }

    /// Asks the group's coordinator; see ``Transport/committedOffsets(group:partitions:)``.
    public func committedOffsets(
        group: String,
        partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        try await admin().committedOffsets(group: group, partitions: partitions)
    }

    /// Asks the group's coordinator; the assignments are those of lead topics.
    ///
    /// See ``Transport/groupMembers(_:)``.
    public func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        try await admin().groupMembers(group)
    }

    // MARK: Clients

    /// Makes a consumer, which connects in the background.
    public func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        var handlers = KafkaEventHandlers()
        handlers.tokens = settings.brokerTokenProvider
        return try KafkaConsumer(
            configuration,
            properties: .consumer(configuration, settings),
            handlers: handlers
        )
    }

    /// Makes a producer, which connects in the background.
    public func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try KafkaProducer(configuration, settings)
    }
}

/// The last error that a client reported, which says more than that a request timed out.
private final class LastError: Sendable {
    private let last = Mutex<FaustError?>(nil)

    var error: FaustError? { last.withLock { $0 } }

    func note(_ error: FaustError) {
        last.withLock { last in
            // That all brokers are down is the consequence of what was said of them before.
            if last == nil || !error.message.contains("_ALL_BROKERS_DOWN") { last = error }
        }
    }
}
#endif
