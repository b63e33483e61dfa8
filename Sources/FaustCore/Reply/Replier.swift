// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Sends the replies of this worker's agents.
///
/// A reply belongs to the event that it answers: the event's commit waits for it, and under exactly-once both take
/// effect together. A topic that does not exist is created, as the asker itself would do: Faust for Python makes it only
/// after it has sent its first request.
final class Replier: Sendable {
    private let transport: any Transport
    private let producer: Producer
    private let settings: Settings
    private let logger: Logger
    /// Topics that exist.
    private let topics = Mutex<Set<String>>([])
    /// Each asker has a topic of its own, so that there are ever more of them.
    private static let topicLimit = 10_000
    /// What an envelope adds to a value, at most, apart from key and id.
    private static let overhead = 1_000

    init(transport: any Transport, producer: Producer, settings: Settings, logger: Logger) {
        self.transport = transport
        self.producer = producer
        self.logger = logger
        self.settings = settings
    }

    /// Sends the result for a request.
    ///
    /// - Parameters:
    ///   - value: The JSON text of the result.
    ///   - request: The request.
    ///   - address: Where the reply goes.
    ///   - agent: The name of the agent.
    /// - Throws: ``FaustError`` when the broker can't be asked for the topic.
    func reply(_ value: Bytes, to request: Message, at address: ReplyAddress, agent: String) async throws {
        let (key, maxSize) = (request.key, settings.producerMaxRequestSize)
        guard value.count + (key?.count ?? 0) + address.correlationID.utf8.count + Self.overhead <= maxSize else {
            let size = FaustError(
                .messageTooLarge,
                "the reply has \(value.count) bytes; with the setting producer_max_request_size it may have \(maxSize)"
            )
            let failure = ReplyFailure(size, agent: agent, isRetriable: false)
            return try await send(try failure.encoded(), Self.failed, to: address, key: nil, isOutside: false)
        }
        try await send(value, Headers(), to: address, key: key, isOutside: false)
    }

    /// Tells those who have sent requests that there will be no reply.
    ///
    /// - Parameters:
    ///   - messages: The messages that an agent has failed on; those that nobody asks for a reply to are passed over.
    ///   - error: Why.
    ///   - agent: The name of the agent.
    ///   - isRetried: Whether the agent goes on with the same messages: then the reply does not wait for a transaction,
    ///     since that is taken back.
    func fail(_ messages: [Message], _ error: any Error, agent: String, isRetried: Bool) async {
        for message in messages {
            guard let address = ReplyAddress(of: message) else { continue }
            do {
                let failure = ReplyFailure(error, agent: agent, isRetriable: isRetried)
                try await send(try failure.encoded(), Self.failed, to: address, key: nil, isOutside: isRetried)
            } catch {
                // Whoever asks learns of it by the deadline.
                logger.warning(
                    "A failure can't be reported to the asker",
                    metadata: ["agent": "\(agent)", "topic": "\(address.topic)", "error": "\(error)"]
                )
            }
        }
    }

    private static let failed: Headers = [ReplyWords.error: "1"]

    private func send(
        _ value: Bytes,
        _ headers: Headers,
        to address: ReplyAddress,
        key: Bytes?,
        isOutside: Bool
    ) async throws {
        guard try await prepare(address.topic) else {
            logger.warning(
                "A reply is left out, since its topic does not exist and can't be created",
                metadata: ["topic": "\(address.topic)"]
            )
            return
        }
        let reply = ReplyEnvelope(key: key, value: value, correlationID: address.correlationID)
        let message = OutgoingMessage(
            to: TopicPartition(address.topic, 0),
            key: nil,
            value: try reply.encoded(),
            headers: headers
        )
        let completion: Producer.Completion = { [self] outcome in
            // The topic may have been deleted. The commit fails; the next attempt finds out.
            if case .failure = outcome { topics.withLock { _ = $0.remove(address.topic) } }
        }
        if isOutside {
            try producer.sendOutside(message, completion: completion)
        } else {
            try await producer.post(message, completion: completion)
        }
    }

    /// Sees to it that a topic of replies exists.
    private func prepare(_ topic: String) async throws -> Bool {
        if topics.withLock({ $0.contains(topic) }) { return true }
        let declaration = TopicDeclaration.replies(topic, settings)
        guard declaration.fault == nil else { return false }
        if try await transport.topics([topic])[topic] == nil {
            guard settings.topicAllowDeclare else { return false }
            try await transport.createTopics([declaration])
        }
        topics.withLock { topics in
            if topics.count >= Self.topicLimit { topics.removeAll() }
            topics.insert(topic)
        }
        return true
    }
}

extension TopicDeclaration {
    /// A topic of replies (AG20).
    static func replies(_ name: String, _ settings: Settings) -> TopicDeclaration {
        TopicDeclaration(
            name: name,
            partitions: 1,
            replicas: Int16(clamping: settings.topicReplicationFactor),
            configuration: TopicConfiguration(retention: settings.replyExpires, isDeleting: true).brokerConfiguration
        )
    }
}
