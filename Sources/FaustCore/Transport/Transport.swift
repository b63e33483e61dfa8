// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Logging

/// A broker: the embedded log, Apache Kafka, or one of your own.
///
/// A transport is a value that several consumers and producers share. `TransportConformance` in `FaustTesting`
/// states its behaviour as tests that every transport passes unchanged.
///
/// Every error thrown is a ``FaustError``; `isRetriable` tells whether a later attempt may succeed.
public protocol Transport: Sendable {
    /// What the transport is, for the banner and logs, without secrets: `memory://`, `log:///var/lib/app`, `kafka://…`.
    var description: String { get }

    /// Opens what the transport needs. Called once, before anything else.
    ///
    /// - Throws: ``FaustError`` when the broker can't be reached or the files can't be opened.
    func start() async throws

    /// Closes everything. Called once, after all consumers and producers are closed; never throws away what was
    /// acknowledged.
    func stop() async

    /// Creates topics. A topic that exists already is left as it is, whatever its configuration.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/invalidTopic`` for a name or number it can't have.
    func createTopics(_ declarations: [TopicDeclaration]) async throws

    /// Deletes topics with their messages. A topic that does not exist is passed over.
    func deleteTopics(_ names: [String]) async throws

    /// What the broker knows of topics.
    ///
    /// - Parameter names: The topics asked for; `nil` asks for all.
    /// - Returns: The topics that exist, by name.
    /// - Throws: ``FaustError`` when the broker does not answer.
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata]

    /// The first offset that is still there and the offset that the next message will get, per partition.
    ///
    /// Unknown partitions are missing in the result.
    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>]

    /// The offset of the first message whose time is `timestampMilliseconds` or later, per partition; the end offset
    /// where there is none.
    func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64]

    /// What groups have committed.
    ///
    /// - Returns: The next offset to read per partition; partitions without a commit are missing.
    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64]

    /// Who is in a consumer group and has been given what.
    ///
    /// A transport that can't tell leaves it out: the default throws ``FaustError`` with code
    /// ``FaustError/Code/transport``.
    ///
    /// - Parameter group: The group; one that does not exist has no members.
    /// - Returns: The members. During a rebalance assignments may be missing.
    /// - Throws: ``FaustError`` when the broker does not answer or refuses.
    func groupMembers(_ group: String) async throws -> [GroupMemberDescription]

    /// Makes a consumer. It reads nothing until it subscribes or is told to read a partition.
    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer

    /// Makes a producer.
    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer
}

extension Transport {
    /// Throws ``FaustError``: the transport can't tell.
    public func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        throw FaustError(.transport, "the transport \(description) can't tell who is in a group")
    }
}

/// How a consumer behaves.
public struct ConsumerConfiguration: Sendable {
    /// The consumer group; `nil` for a consumer that only reads the partitions it is told to.
    public var group: String?
    /// How the consumer names itself to the broker.
    public var clientID: String = "faust"
    /// Where a group without a commit starts.
    public var offsetReset: OffsetReset = .earliest
    /// Whether messages of transactions that are open or aborted are left out.
    public var readCommitted: Bool = true
    /// Gets what the client counts, at the interval of ``Settings/brokerStatisticsInterval``.
    ///
    /// It is called on any thread and must be quick. Transports that have no connections report nothing.
    public var statistics: (@Sendable (BrokerStatistics) -> Void)?
    /// For lines about what the consumer does.
    public var logger: Logger

    /// How a consumer behaves.
    public init(group: String?, logger: Logger) {
        self.group = group
        self.logger = logger
    }
}

/// Where reading starts when there is no valid committed offset.
public enum OffsetReset: String, Sendable, CaseIterable {
    /// At the first message that is still there.
    case earliest
    /// Behind the last message.
    case latest
    /// Nowhere: the worker stops with an error.
    case none
}

/// How a producer behaves.
public struct ProducerConfiguration: Sendable {
    /// How the producer names itself to the broker.
    public var clientID: String = "faust"
    /// The identity under which transactions are fenced; `nil` for a producer without transactions.
    public var transactionalID: String?
    /// Gets what the client counts, at the interval of ``Settings/brokerStatisticsInterval``.
    ///
    /// It is called on any thread and must be quick. Transports that have no connections report nothing.
    public var statistics: (@Sendable (BrokerStatistics) -> Void)?
    /// For lines about what the producer does.
    public var logger: Logger

    /// How a producer behaves.
    public init(logger: Logger) {
        self.logger = logger
    }
}
