// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

/// A plan as commands of the tools that come with Apache Kafka.
package struct KafkaCommands {
    private let plan: DeploymentPlan
    private let principal: String
    private let bootstrapServer: String

    /// The commands of a plan.
    ///
    /// - Parameters:
    ///   - plan: What the app needs.
    ///   - principal: Who the permissions are for, such as `User:orders`.
    ///   - bootstrapServer: Some of the brokers, `host:port` with commas.
    package init(_ plan: DeploymentPlan, principal: String, bootstrapServer: String) {
        self.plan = plan
        self.principal = principal
        self.bootstrapServer = bootstrapServer
    }

    /// The commands, one a line, quoted for a POSIX shell.
    package var lines: [String] {
        plan.topics.filter { !$0.isPattern }.map(create) + plan.permissions.map(allow)
    }

    private func create(_ topic: DeploymentPlan.Topic) -> String {
        let configuration = topic.configuration.sorted { $0.key < $1.key }
            .flatMap { ["--config", Self.quoted("\($0.key)=\($0.value)")] }
        return
            ([
                "kafka-topics.sh", "--bootstrap-server", Self.quoted(bootstrapServer), "--create", "--if-not-exists",
                "--topic", Self.quoted(topic.name), "--partitions", "\(topic.partitions)", "--replication-factor",
                "\(topic.replicas)",
            ] + configuration)
            .joined(separator: " ")
    }

    private func allow(_ permission: DeploymentPlan.Permission) -> String {
        let operations = permission.operations.flatMap { ["--operation", $0] }
        return
            ([
                "kafka-acls.sh", "--bootstrap-server", Self.quoted(bootstrapServer), "--add", "--allow-principal",
                Self.quoted(principal), "--\(permission.resource.rawValue)", Self.quoted(permission.name),
                "--resource-pattern-type", permission.match.rawValue,
            ] + operations)
            .joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_.:,=/".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
