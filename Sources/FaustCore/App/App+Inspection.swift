// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What is known of an agent without running it.
public struct AgentDescription: Sendable {
    /// The name of the agent.
    public let name: String
    /// The topics that it reads, or the pattern of their names, or the channel.
    public let input: [String]
    /// Whether it reads a channel, which lives in the process only.
    public let readsChannel: Bool
    /// What it does, in a sentence; may be empty.
    public let help: String
}

/// What is known of a declared topic without asking the broker.
public struct TopicDescription: Sendable {
    /// The name of the topic.
    public let name: String
    /// The number of partitions that it is created with.
    public let partitions: Int
    /// What keys are written with, such as `text`.
    public let keySerde: String
    /// What values are written with, such as `json|gzip`.
    public let valueSerde: String
}

/// What is known of a table without running it.
public struct TableDescription: Sendable {
    /// The name of the table.
    public let name: String
    /// What it is for, in a sentence; may be empty.
    public let help: String
    /// The topic that it is recovered from.
    public let changelogTopic: String
}

extension App {
    /// The tables of the app, in the order of their names.
    public var tables: [TableDescription] {
        declarations.withLock { $0.tables }
            .map { TableDescription(name: $0.name, help: $0.help, changelogTopic: $0.changelogTopic) }
            .sorted { $0.name < $1.name }
    }

    /// The agents of the app, in the order of their names.
    public var agents: [AgentDescription] {
        declarations.withLock { $0.agents }
            .map { agent in
                AgentDescription(
                    name: agent.name,
                    input: agent.topics.map { $0.isPattern ? [$0.description] : $0.names } ?? [agent.inputName],
                    readsChannel: agent.topics == nil,
                    help: agent.help
                )
            }
            .sorted { $0.name < $1.name }
    }

    /// The names of the topics that the app has declared, in order.
    public var topicNames: [String] {
        declarations.withLock { $0.topics.keys.sorted() }
    }

    /// The topics that the app has declared, in the order of their names.
    public var declaredTopics: [TopicDescription] {
        let settings = settings
        let declarations = declarations.withLock { $0 }
        return declarations.topics.sorted { $0.key < $1.key }
            .map { name, topic in
                TopicDescription(
                    name: name,
                    partitions: Int(declarations.creation(of: name, settings).partitions),
                    keySerde: topic.keySerde,
                    valueSerde: topic.valueSerde
                )
            }
    }

    /// Sends bytes to a topic by its name, which need not be declared (Faust's `app.send`).
    ///
    /// - Parameters:
    ///   - topic: The name of the topic; it is created with the app's defaults if it does not exist.
    ///   - key: The bytes of the key, which decides the partition; `nil` is null.
    ///   - value: The bytes of the value; `nil` is null.
    ///   - partition: The partition, if the key is not to decide.
    ///   - timestamp: The time of the message; `nil` is the time of the append.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: ``FaustError`` when the broker does not take it or the app does not run.
    @discardableResult
    public func send(
        to topic: String,
        key: Bytes?,
        value: Bytes?,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        try await producer()
            .send(
                MessageDraft(
                    topic: topic,
                    partition: partition,
                    key: key,
                    value: value,
                    timestampMilliseconds: timestamp?.milliseconds,
                    headers: headers
                )
            )
    }

    /// Has a closure told how far the recoveries of tables are, ten times per second and table, in place of lines in the
    /// log; for the command line.
    package func onRecoveryProgress(_ sink: @escaping @Sendable (RecoveryReport) -> Void) {
        declarations.withLock { $0.recoverySink = sink }
    }
}
