// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Knows how many partitions each topic has, and creates the topics that are missing.
final class TopicCatalog: Sendable {
    private let transport: any Transport
    private let allowsDeclaring: Bool
    private let creation: @Sendable (String) -> TopicDeclaration
    private let known = Mutex<[String: Int32]>([:])

    init(
        transport: any Transport,
        allowsDeclaring: Bool,
        creation: @escaping @Sendable (String) -> TopicDeclaration
    ) {
        self.transport = transport
        self.allowsDeclaring = allowsDeclaring
        self.creation = creation
    }

    /// The number of partitions of a topic that was looked up before.
    func knownPartitions(of topic: String) -> Int32? {
        known.withLock { $0[topic] }
    }

    /// The number of partitions of a topic, which is created as the app declares it if it does not exist.
    func partitions(of topic: String) async throws -> Int32 {
        if let partitions = knownPartitions(of: topic) { return partitions }
        guard let partitions = try await declare([creation(topic)])[topic] else {
            throw FaustError(.unknownPartition, "topic \(topic) does not exist and was not created")
        }
        return partitions
    }

    /// Asks the broker how many partitions the known topics have now.
    ///
    /// - Parameter all: Whether to ask for topics that were never looked up, too.
    /// - Returns: The number of partitions per topic that exists.
    /// - Throws: ``FaustError`` when the broker does not answer.
    func refresh(all: Bool) async throws -> [String: Int32] {
        let names = known.withLock { Array($0.keys) }
        if names.isEmpty && !all { return [:] }
        let found = try await transport.topics(all ? nil : names).mapValues(\.partitions)
        known.withLock { known in
            for name in names { known[name] = found[name] ?? known[name] }
        }
        return found
    }

    /// Creates the topics that are missing and learns how many partitions each has.
    ///
    /// - Returns: The number of partitions per topic.
    /// - Throws: ``FaustError`` when a topic is missing and may not be created.
    @discardableResult
    func declare(_ declarations: [TopicDeclaration]) async throws -> [String: Int32] {
        for declaration in declarations {
            if let fault = declaration.fault { throw FaustError(.invalidTopic, fault) }
        }
        let names = declarations.map(\.name)
        var found = try await transport.topics(names)
        let missing = declarations.filter { found[$0.name] == nil }
        if !missing.isEmpty {
            guard allowsDeclaring else {
                throw FaustError(
                    .configuration,
                    "topics do not exist and may not be created (topicAllowDeclare is false): "
                        + missing.map(\.name).sorted().joined(separator: ", ")
                )
            }
            try await transport.createTopics(missing)
            found.merge(try await transport.topics(missing.map(\.name))) { $1 }
        }
        let partitions = found.mapValues(\.partitions)
        known.withLock { $0.merge(partitions) { $1 } }
        return partitions
    }
}
