// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite struct SettingsTests {
    private func message(of body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch let error as FaustError {
            #expect(error.code == .configuration)
            return error.message
        } catch {
            Issue.record("\(error) is no FaustError")
            return ""
        }
    }

    @Test("the defaults are valid, and are those of Faust where nothing speaks against it")
    func defaults() throws {
        let settings = Settings(name: "orders")
        try settings.validate()
        #expect(settings.brokerCommitEvery == 30_000)
        #expect(settings.brokerCommitInterval == .milliseconds(2_800))
        #expect(settings.brokerSessionTimeout == .seconds(60))
        #expect(settings.producerAcks == .all)
        #expect(settings.topicPartitions == 8)
        #expect(settings.streamBufferMaxsize == 4_096)
        #expect(settings.broker == "log://")
        #expect(settings.webBind == "127.0.0.1")
        #expect(settings.parallelism == 1)
    }

    @Test("the environment beats the program, which beats the default")
    func precedence() throws {
        var settings = Settings(name: "orders")
        settings.topicPartitions = 3
        settings.brokerCommitEvery = 5
        try settings.applyEnvironment(["TOPIC_PARTITIONS": "7"])
        #expect(settings.topicPartitions == 7)
        #expect(settings.brokerCommitEvery == 5)
        #expect(settings.topicReplicationFactor == 1)
    }

    @Test("a prefix is put before every variable", arguments: ["ORDERS", "ORDERS_", "ORDERS__"])
    func prefix(prefix: String) throws {
        let environment = ["ORDERS_TOPIC_PARTITIONS": "2", "TOPIC_PARTITIONS": "9", "BROKER_URL": "kafka://a"]
        var settings = Settings(name: "orders")
        settings.envPrefix = prefix
        try settings.applyEnvironment(environment)
        #expect(settings.topicPartitions == 2)
        #expect(settings.broker == "log://")

        var other = Settings(name: "orders")
        other.envPrefix = "UNUSED"
        try other.applyEnvironment(environment.merging(["APP_ENV_PREFIX": prefix]) { $1 })
        #expect(other.topicPartitions == 2)
        #expect(other.envPrefix == prefix)
    }

    @Test(
        "the words for yes and no are Faust's",
        arguments: [
            ("1", true), ("true", true), ("YES", true), ("On", true), ("", false), ("0", false), ("False", false),
            ("no", false), ("OFF", false),
        ]
    )
    func booleans(text: String, value: Bool) throws {
        var settings = Settings(name: "orders")
        settings.debug = !value
        try settings.applyEnvironment(["APP_DEBUG": text])
        #expect(settings.debug == value)
    }

    @Test(
        "durations are exact, in seconds or with a unit",
        arguments: [
            ("90", .seconds(90)), ("2.8", .milliseconds(2_800)), ("0", .zero), (".5", .milliseconds(500)),
            ("10s", .seconds(10)),
            ("5m", .seconds(300)), ("1.5h", .seconds(5_400)), ("1d", .seconds(86_400)), ("2w", .seconds(1_209_600)),
            ("100ms", .milliseconds(100)), ("100 ms", .milliseconds(100)), ("250us", .microseconds(250)),
            ("3S", .seconds(3)),
            ("0.000000000000000001", Duration(secondsComponent: 0, attosecondsComponent: 1)),
        ] as [(String, Duration)]
    )
    func durations(text: String, duration: Duration) throws {
        var settings = Settings(name: "orders")
        try settings.applyEnvironment(["BROKER_COMMIT_INTERVAL": text])
        #expect(settings.brokerCommitInterval == duration)
    }

    @Test("a setting in milliseconds takes its number as such")
    func milliseconds() throws {
        var settings = Settings(name: "orders")
        try settings.applyEnvironment(["CONSUMER_METADATA_MAX_AGE_MS": "1500", "PRODUCER_METADATA_MAX_AGE_MS": "2s"])
        #expect(settings.consumerMetadataMaxAge == .milliseconds(1_500))
        #expect(settings.producerMetadataMaxAge == .seconds(2))
    }

    @Test(
        "values that can't be used are refused, with the variable and the reason",
        arguments: [
            ("APP_DEBUG", "maybe", "must be one of 1, true"), ("TOPIC_PARTITIONS", "0", "1 to 100000"),
            ("TOPIC_PARTITIONS", "many", "not a whole number"), ("WEB_PORT", "65536", "1 to 65535"),
            ("WEB_PORT", "-1", "1 to 65535"), ("APP_VERSION", "0", "1 or more"),
            ("PRODUCER_ACKS", "2", "0, 1, -1, all"),
            ("PROCESSING_GUARANTEE", "twice", "at_least_once, exactly_once"), ("STREAM_BUFFER_MAXSIZE", "0", "1 to"),
            ("CONSUMER_AUTO_OFFSET_RESET", "first", "earliest, latest, none"), ("APP_STORE", "memory", "no URL"),
            ("WEB_TRANSPORT", "udp://", "tcp, unix"), ("APP_DATADIR", "{conf.home}", "{conf.home} is unknown"),
            ("APP_ID_FORMAT", "{name}", "{name} is unknown"), ("BROKER_URL", "kafka://a:0", "no port"),
            ("BROKER_COMMIT_INTERVAL", "-1", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "1y", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "1.2.3", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "s", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "99999999999999999999", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "999999999999999w", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "10/m", "number of seconds"),
            ("BROKER_COMMIT_INTERVAL", "٣", "number of seconds"),
        ]
    )
    func refused(variable: String, text: String, reason: String) {
        var settings = Settings(name: "orders")
        let message = message { try settings.applyEnvironment([variable: text, "BROKER_COMMIT_EVERY": "1"]) }
        #expect(message.contains(variable) && message.contains(reason), "\(message)")
        #expect(settings.brokerCommitEvery == 30_000, "nothing is taken over from an environment with a fault")
    }

    @Test("the largest duration that can be written does not overflow")
    func largestDuration() throws {
        var settings = Settings(name: "orders")
        try settings.applyEnvironment(["APP_REPLY_EXPIRES": "999999999999w"])
        #expect(settings.replyExpires == .seconds(604_800) * 999_999_999_999)
    }

    @Test("every fault of an environment is named")
    func allFaults() {
        var settings = Settings(name: "orders")
        let message = message { try settings.applyEnvironment(["WEB_PORT": "x", "APP_VERSION": "y"]) }
        #expect(message.contains("WEB_PORT") && message.contains("APP_VERSION"))
    }

    @Test("an empty variable is not set, except for a setting that is true or false")
    func emptyVariable() throws {
        var settings = Settings(name: "orders")
        settings.topicAllowDeclare = true
        try settings.applyEnvironment(["TOPIC_PARTITIONS": "", "BROKER_URL": "", "TOPIC_ALLOW_DECLARE": ""])
        #expect(settings.topicPartitions == 8)
        #expect(settings.broker == "log://")
        #expect(settings.topicAllowDeclare == false)
    }

    @Test("a version from the environment changes the id and the directories")
    func version() throws {
        var settings = Settings(name: "orders")
        #expect(settings.id == "orders")
        #expect(settings.appdir == "orders-data/v1")
        try settings.applyEnvironment(["APP_VERSION": "3"])
        #expect(settings.id == "orders-v3")
        #expect(settings.appdir == "orders-data/v3")
        #expect(settings.tableDirectory == "orders-data/v3/tables")
        #expect(settings.logDirectory == "orders-data/log")
        #expect(settings.appdir(ofVersion: 2) == "orders-data/v2")
        try settings.applyEnvironment(["APP_ID_FORMAT": "{self.version}.{id}.{version}"])
        #expect(settings.id == "3.orders.3")
    }

    @Test("directories follow their templates, and an absolute one stands for itself")
    func directories() {
        var settings = Settings(name: "orders")
        settings.version = 2
        settings.datadir = "/var/lib/{conf.name}/{conf.id}/{conf.version}"
        #expect(settings.dataDirectory == "/var/lib/orders/orders-v2/2")
        #expect(settings.tableDirectory == "/var/lib/orders/orders-v2/2/v2/tables")
        settings.tabledir = "/mnt/tables"
        #expect(settings.tableDirectory == "/mnt/tables")
    }

    @Test("settings that follow others do so until they are set")
    func followers() throws {
        var settings = Settings(name: "orders")
        try settings.applyEnvironment([
            "BROKER_URL": "kafka://a", "BROKER_PRODUCER_URL": "kafka://b", "APP_DEBUG": "1",
            "APP_WEB_GRAPH_ENABLED": "0",
            "NODE_HOSTNAME": "node7", "WEB_PORT": "8080",
        ])
        #expect(settings.brokerConsumer == "kafka://a")
        #expect(settings.brokerProducer == "kafka://b")
        #expect(settings.webStatsEnabled == true)
        #expect(settings.webGraphEnabled == false)
        #expect(settings.canonicalURL == "http://node7:8080")
        try settings.applyEnvironment(["WEB_HOST": "web", "NODE_HOSTNAME": "node8"])
        #expect(settings.webHost == "web")
        settings.canonicalURL = "https://orders.example"
        #expect(settings.canonicalURL == "https://orders.example")
    }

    @Test("each worker has a topic of replies of its own")
    func replyTopics() {
        var (first, second) = (Settings(name: "orders"), Settings(name: "orders"))
        #expect(first.replyTo.hasPrefix("f-reply-") && first.replyTo.count == 40)
        #expect(first.replyTo != second.replyTo)
        #expect(first.replyTo == first.replyTo)
        second.replyToPrefix = "replies-"
        #expect(second.replyTo.hasPrefix("replies-"))
        first.replyTo = "answers"
        #expect(first.replyTo == "answers")
    }

    @Test("settings that don't fit together are refused")
    func validation() {
        var settings = Settings(name: "orders")
        settings.brokerSessionTimeout = .seconds(91)
        #expect(message { try settings.validate() }.contains("brokerSessionTimeout (91s)"))
        settings.brokerSessionTimeout = .seconds(90)
        #expect(message { try settings.validate() } == "")
        settings.brokerHeartbeatInterval = .seconds(90)
        #expect(message { try settings.validate() }.contains("brokerHeartbeatInterval (90s)"))
        settings.brokerHeartbeatInterval = .seconds(3)
        settings.agentRestartDelay = .seconds(11)
        #expect(message { try settings.validate() }.contains("agentRestartDelay"))
        settings.topicPartitions = 0
        settings.brokerCommitInterval = .seconds(-1)
        let all = message { try settings.validate() }
        #expect(all.contains("topicPartitions is 0: must be 1") && all.contains("brokerCommitInterval is -1s"))
    }

    @Test("a name that no topic could start with is refused", arguments: ["", "my app", "a/b", "ä", ".."])
    func names(name: String) {
        #expect(message { try Settings(name: name).validate() }.contains("topic name"))
    }

    @Test("a setting can be set by Faust's name, by its own, and by an older one")
    func byName() throws {
        var settings = Settings(name: "orders")
        try settings.set("topic_partitions", to: "2")
        #expect(settings.topicPartitions == 2)
        try settings.set("topicPartitions", to: "3")
        #expect(settings.topicPartitions == 3)
        try settings.set("default_partitions", to: "4")
        #expect(settings.topicPartitions == 4)
        try settings.set("producer_acks", to: "all")
        #expect(settings.producerAcks == .all)
        #expect(message { try settings.set("topic_partition", to: "2") }.contains("no setting 'topic_partition'"))
        #expect(message { try settings.set("web_port", to: "0") }.contains("web_port '0': must be 1 to 65535"))
    }

    @available(*, deprecated)
    @Test("Faust's older names are the same settings")
    func aliases() {
        var settings = Settings(name: "orders")
        settings.clientID = "c"
        settings.commitInterval = .seconds(1)
        settings.createReplyTopic = true
        settings.numStandbyReplicas = 2
        settings.defaultPartitions = 3
        settings.replicationFactor = 4
        #expect(settings.brokerClientID == "c" && settings.clientID == "c")
        #expect(settings.brokerCommitInterval == .seconds(1) && settings.commitInterval == .seconds(1))
        #expect(settings.replyCreateTopic && settings.createReplyTopic)
        #expect(settings.tableStandbyReplicas == 2 && settings.numStandbyReplicas == 2)
        #expect(settings.topicPartitions == 3 && settings.defaultPartitions == 3)
        #expect(settings.topicReplicationFactor == 4 && settings.replicationFactor == 4)
    }
}
