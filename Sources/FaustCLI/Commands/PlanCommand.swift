// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `plan`: lists the topics, their configuration and the permissions that the app needs of a Kafka cluster.
package struct PlanCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "List the topics and permissions that the app needs of a Kafka cluster, without asking it."
    )

    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions
    @Flag(help: "Print the commands of Kafka's own tools that create the topics and permissions.")
    package var commands = false
    @Option(help: "Who the permissions are for, such as User:orders.")
    package var principal = "User:faust"
    @Option(help: "The brokers that the commands name.")
    package var bootstrapServer = "localhost:9092"

    /// What the options are without any argument.
    package init() {}

    /// Prints the plan; the broker is not asked.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError`` when an option can't be followed.
    package func run(_ app: App) async throws {
        try global.apply(to: app, standardLevel: .warning)
        let plan = app.deploymentPlan
        if commands {
            let lines = KafkaCommands(plan, principal: principal, bootstrapServer: bootstrapServer).lines
            return StandardOutput.write(lines.map { $0 + "\n" }.joined())
        }
        StandardOutput.write(Self.topics(of: plan), json: global.json)
        StandardOutput.write(Self.permissions(of: plan), json: global.json)
    }

    /// The topics as a table.
    package static func topics(of plan: DeploymentPlan) -> TextTable {
        let rows = plan.topics.map { topic in
            let configuration = topic.configuration.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let number = { (count: Int) in topic.isPattern ? "" : "\(count)" }
            return [
                topic.isPattern ? "/\(topic.name)/" : topic.name, number(topic.partitions), number(topic.replicas),
                configuration.joined(separator: " "), topic.readers.map { "@\($0)" }.joined(separator: " "),
            ]
        }
        let headers = ["name", "partitions", "replicas", "configuration", "read by"]
        return TextTable(title: "Topics", headers: headers, rows: rows)
    }

    /// The permissions as a table.
    package static func permissions(of plan: DeploymentPlan) -> TextTable {
        let rows = plan.permissions.map { permission in
            [
                permission.resource.rawValue, permission.name + (permission.match == .prefixed ? "…" : ""),
                permission.operations.joined(separator: " "), permission.reason,
            ]
        }
        return TextTable(title: "Permissions", headers: ["resource", "name", "operations", "for"], rows: rows)
    }
}
