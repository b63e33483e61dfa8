// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Logging
import Testing

@Suite("The plan for a cluster") struct PlanCommandTests {
    private func app(_ configure: (inout Settings) -> Void = { _ in }) -> App {
        var settings = Settings(name: "shop")
        configure(&settings)
        return App(settings: settings) { _, _ in throw FaustError(.transport, "the plan asks no broker") }
    }

    private func declare(in app: App) {
        let orders = app.topic(
            "orders",
            key: String.self,
            value: Int.self,
            partitions: 4,
            configuration: TopicConfiguration(isCompacting: true, replicas: 3)
        )
        _ = app.topic("audit", value: Int.self, partitions: 2)
        app.agent("spending", each: orders) { _ in }
        app.agent("all", each: app.topics(matching: "shop-.*", key: String.self, value: Int.self)) { _ in }
    }

    @Test("topics come with what they are created with and who reads them") func topics() {
        let app = app()
        declare(in: app)
        #expect(
            PlanCommand.topics(of: app.deploymentPlan).rows == [
                ["audit", "2", "1", "", ""], ["orders", "4", "3", "cleanup.policy=compact", "@spending"],
                ["/shop-.*/", "", "", "", "@all"],
            ]
        )
    }

    @Test("permissions are for topics, the group and, under exactly-once, transactions") func permissions() {
        let app = app { $0.processingGuarantee = .exactlyOnce }
        declare(in: app)
        #expect(
            PlanCommand.permissions(of: app.deploymentPlan).rows == [
                ["topic", "audit", "Describe Write DescribeConfigs Create", "written"],
                [
                    "topic", "orders", "Read Describe Write DescribeConfigs Create",
                    "read by spending, written by senders",
                ],
                ["topic", "shop-…", "Read Describe", "read by the pattern shop-.*"],
                ["group", "shop", "Read Describe", "membership and commits"],
                ["transactional-id", "shop-…", "Write Describe", "exactly-once"],
            ]
        )
    }

    @Test("an app that may not create topics needs no permission for it") func mayNotCreate() {
        let app = app { $0.topicAllowDeclare = false }
        declare(in: app)
        #expect(!app.deploymentPlan.permissions.contains { $0.operations.contains("Create") })
    }

    @Test("the commands are those of Kafka's tools, quoted for the shell") func commands() {
        let app = app()
        declare(in: app)
        let lines = KafkaCommands(app.deploymentPlan, principal: "User:it's", bootstrapServer: "kafka:9092").lines
        #expect(lines.count == 6)
        #expect(
            lines[1] == "kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic orders "
                + "--partitions 4 --replication-factor 3 --config cleanup.policy=compact"
        )
        #expect(
            lines[5] == "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:it'\\''s' "
                + "--group shop --resource-pattern-type literal --operation Read --operation Describe"
        )
    }

    @Test(
        "the permission of a pattern is for how all its names begin",
        arguments: [("shop-.*", "shop-"), ("orders?-x", "order"), ("a|b", "*"), (".*", "*"), ("plain", "plain")]
    )
    func prefixes(pattern: String, name: String) {
        let app = app()
        app.agent("all", each: app.topics(matching: pattern, key: String.self, value: Int.self)) { _ in }
        #expect(app.deploymentPlan.permissions.first?.name == name)
    }
}
