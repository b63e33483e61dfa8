// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What an app needs of a Kafka cluster: its topics and the permissions (ACLs) of its principal.
///
/// It is made of the declarations and the settings alone. Nothing is asked of the broker and nothing is changed.
public struct DeploymentPlan: Sendable {
    /// A topic.
    public struct Topic: Sendable, Hashable {
        /// The name, or the regular expression of the names for topics that are found by a pattern.
        public let name: String
        /// The number of partitions that it is created with; 0 for a pattern.
        public let partitions: Int
        /// The number of copies that it is created with; 0 for a pattern.
        public let replicas: Int
        /// The configuration that it is created with, under Kafka's names.
        public let configuration: [String: String]
        /// Whether the name is a regular expression; those topics are not created by the app.
        public let isPattern: Bool
        /// The agents that read it.
        public let readers: [String]
    }

    /// A permission.
    public struct Permission: Sendable, Hashable {
        /// What it is about.
        public enum Resource: String, Sendable {
            /// A topic.
            case topic
            /// A consumer group.
            case group
            /// An identity of transactions.
            case transactionalID = "transactional-id"
        }

        /// How a name is compared with a resource's, in the words of Kafka's tools.
        public enum Match: String, Sendable {
            /// The names are equal.
            case literal
            /// The resource's name begins with it.
            case prefixed
        }

        /// What the permission is about.
        public let resource: Resource
        /// The name of the resource, or its beginning.
        public let name: String
        /// How the name is compared.
        public let match: Match
        /// The operations that must be allowed, under Kafka's names.
        public let operations: [String]
        /// What they are for.
        public let reason: String
    }

    /// The topics, in the order of their names.
    public let topics: [Topic]
    /// The permissions, topics first.
    public let permissions: [Permission]
}

extension App {
    /// What the app needs of a Kafka cluster, for those who create topics and permissions before it runs.
    public var deploymentPlan: DeploymentPlan {
        let (settings, declarations) = (settings, declarations.withLock { $0 })
        let topics = declarations.plannedTopics(settings)
        let isExact = settings.processingGuarantee == .exactlyOnce
        var permissions = topics.map { $0.permission(mayCreate: settings.topicAllowDeclare) }
        if declarations.readsTopics {
            permissions.append(
                .init(
                    resource: .group,
                    name: id,
                    match: .literal,
                    operations: ["Read", "Describe"],
                    reason: "membership and commits"
                )
            )
        }
        if isExact {
            // Every worker has an identity of its own that begins with the group's name.
            permissions.append(
                .init(
                    resource: .transactionalID,
                    name: id + "-",
                    match: .prefixed,
                    operations: ["Write", "Describe"],
                    reason: "exactly-once"
                )
            )
        }
        return DeploymentPlan(topics: topics, permissions: permissions)
    }
}

extension Declarations {
    fileprivate func plannedTopics(_ settings: Settings) -> [DeploymentPlan.Topic] {
        let named = Set(topics.keys).union(topicsRead)
            .map { name in
                let creation = creation(of: name, settings)
                return DeploymentPlan.Topic(
                    name: name,
                    partitions: Int(creation.partitions),
                    replicas: Int(creation.replicas),
                    configuration: creation.configuration,
                    isPattern: false,
                    readers: agents.filter { $0.topics?.names.contains(name) ?? false }.map(\.name).sorted()
                )
            }
        let changelogs = tables.map { table in
            let creation = changelog(of: table, settings)
            return DeploymentPlan.Topic(
                name: creation.name,
                partitions: Int(creation.partitions),
                replicas: Int(creation.replicas),
                configuration: creation.configuration,
                isPattern: false,
                readers: ["table \(table.name)"]
            )
        }
        let patterns = Dictionary(grouping: agents.filter { $0.topics?.isPattern ?? false }, by: \.inputName)
            .map { pattern, readers in
                DeploymentPlan.Topic(
                    name: pattern,
                    partitions: 0,
                    replicas: 0,
                    configuration: [:],
                    isPattern: true,
                    readers: readers.map(\.name).sorted()
                )
            }
        return (named + changelogs + patterns).sorted { $0.name < $1.name }
    }
}

extension DeploymentPlan.Topic {
    /// What the principal must be allowed to do with the topic.
    ///
    /// Whether the app also sends to a topic that it reads is not known before it runs: agents are sent to by their
    /// topics, so that writing is asked for wherever the name is known.
    fileprivate func permission(mayCreate: Bool) -> DeploymentPlan.Permission {
        if isPattern {
            let prefix = Self.plainPrefix(of: name)
            return .init(
                resource: .topic,
                name: prefix.isEmpty ? "*" : prefix,
                match: prefix.isEmpty ? .literal : .prefixed,
                operations: ["Read", "Describe"],
                reason: "read by the pattern \(name)"
            )
        }
        var operations = readers.isEmpty ? ["Describe", "Write"] : ["Read", "Describe", "Write"]
        operations.append("DescribeConfigs")
        if mayCreate { operations.append("Create") }
        let reason = readers.isEmpty ? "written" : "read by \(readers.joined(separator: ", ")), written by senders"
        return .init(resource: .topic, name: name, match: .literal, operations: operations, reason: reason)
    }

    /// How every name that matches a regular expression begins, as Kafka's permissions know no regular expressions.
    private static func plainPrefix(of pattern: String) -> String {
        if pattern.contains("|") { return "" }
        var prefix = pattern.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        let mayBeMissing = pattern.dropFirst(prefix.count).first.map { "?*{".contains($0) } ?? false
        if mayBeMissing { prefix = prefix.dropLast() }
        return String(prefix)
    }
}
