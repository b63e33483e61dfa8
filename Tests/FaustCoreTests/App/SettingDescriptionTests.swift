// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite struct SettingDescriptionTests {
    static let documentation = URL(filePath: #filePath)
        .appending(path: "../../../../Documentation/Settings.md").standardized

    /// A value for each setting that is not its default, and how it is listed.
    private func example(_ row: SettingDescription) -> (text: String, listed: String) {
        switch row.name {
        case "id_format": return ("{id}.{version}", "{id}.{version}")
        case "processing_guarantee": return ("exactly_once", "exactly_once")
        case "consumer_auto_offset_reset": return ("latest", "latest")
        case "producer_acks": return ("1", "1")
        case "producer_compression_type": return ("zstd", "zstd")
        case "broker_credentials": return ("scram-sha-512://joe:secret", "scram-sha-512://joe:***")
        case "web_transport": return ("unix:///run/web", "unix:///run/web")
        case "canonical_url": return ("https://example", "https://example")
        case "store", "cache": return ("rocksdb://", "rocksdb://")
        default: break
        }
        if row.form == "true or false" {
            let listed = row.text(in: Settings(name: "app")) == "true" ? "false" : "true"
            return (listed, listed)
        }
        if row.form.hasPrefix("seconds") { return ("7.25", "7.25s") }
        if row.form.hasPrefix("milliseconds") { return ("7250", "7.25s") }
        if row.form.hasPrefix("URLs") { return ("kafka://joe:secret@a;b:1", "kafka://joe:***@a;b:1") }
        if row.form.hasPrefix("text") { return ("other", "other") }
        return ("77", "77")
    }

    @Test(
        "each setting is read from its variable, listed, and changes nothing else",
        arguments: Settings.descriptions.indices
    )
    func environment(index: Int) throws {
        let row = Settings.descriptions[index]
        let (text, listed) = example(row)
        let defaults = Settings(name: "app")
        var settings = defaults
        if let variable = row.environmentVariables.first, row.name != "env_prefix" {
            try settings.applyEnvironment([variable: text])
        } else {
            try settings.set(row.name, to: text)
        }
        #expect(row.text(in: settings) == listed)
        let followers = [
            "broker": ["broker_consumer", "broker_producer"], "debug": ["web_stats_enabled", "web_graph_enabled"],
            "web_host": ["canonical_url"], "web_port": ["canonical_url"], "reply_to_prefix": ["reply_to"],
            "processing_guarantee": ["broker_commit_interval"],
        ]
        for other in Settings.descriptions where other.name != row.name {
            let changed = other.text(in: settings) != other.text(in: defaults)
            #expect(changed == (followers[row.name]?.contains(other.name) ?? false), "\(row.name) and \(other.name)")
        }
    }

    @Test("names, variables and aliases belong to one setting each")
    func unique() {
        let names = Settings.descriptions.flatMap { [$0.name, $0.property] + $0.aliases }
        let counts = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }
        // A name of one word is spelled the same in Swift.
        #expect(counts.keys.allSatisfy { !$0.contains("_") && $0.lowercased() == $0 })
        let variables = Settings.descriptions.flatMap(\.environmentVariables)
        #expect(Set(variables).count == variables.count)
    }

    @Test("every property is described, and every description is of a property")
    func properties() {
        let stored = Mirror(reflecting: Settings(name: "app")).children.compactMap(\.label)
            .map {
                $0.hasSuffix("Override") ? String($0.dropLast("Override".count)) : $0
            }
        let described = Set(Settings.descriptions.map(\.property))
        #expect(Set(stored).subtracting(described) == ["name", "instance", "producerPartitioner"])
        #expect(described.subtracting(stored).isEmpty)
    }

    @Test("passwords appear neither in listings nor in errors")
    func secrets() {
        for name in ["broker", "broker_consumer", "broker_producer", "broker_credentials"] {
            var settings = Settings(name: "app")
            for text in ["kafka://joe:secret@host:bad", "nothing://joe:secret", ":secret", "kafka://joe:secret@"] {
                guard let error = #expect(throws: FaustError.self, performing: { try settings.set(name, to: text) })
                else {
                    continue
                }
                #expect(!"\(error)".contains("secret"), "\(name) \(text): \(error)")
            }
        }
        let credentials = BrokerCredentials(username: "joe", password: "secret")
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("secret") && !"\(credentials)".contains("secret"))
        #expect(!String(reflecting: credentials).contains("secret"))
    }

    @Test("properties of the broker's client are read from text, and their values are never shown")
    func brokerProperties() throws {
        var settings = Settings(name: "app")
        let texts: [(String, BrokerProperties)] = [
            ("linger.ms=5", ["linger.ms": "5"]),
            (" a = 1 ; b=2;; ", ["a": "1", "b": "2"]),
            (#"a=x\;y;b=\z;c=a=b"#, ["a": "x;y", "b": #"\z"#, "c": "a=b"]),
            ("a=", ["a": ""]),
        ]
        for (text, properties) in texts {
            try settings.set("kafka_properties", to: text)
            #expect(settings.kafkaProperties == properties, "\(text)")
        }
        for text in ["secret", "=secret", "a=secret;a=secret", "a=1;secret"] {
            let error = #expect(throws: FaustError.self) { try settings.set("kafkaProperties", to: text) }
            #expect(error.map { "\($0)" }?.contains("secret") == false)
        }
        settings.kafkaProperties = ["sasl.password": "secret"]
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(dumped.contains("sasl.password=***") && !dumped.contains("secret"))
        let row = try #require(Settings.descriptions.first { $0.name == "kafka_properties" })
        #expect(row.text(in: settings) == "sasl.password=***")
    }

    @Test("a secret can be kept in a file that a variable names")
    func secretFiles() throws {
        let files = ["/run/secrets/kafka": "scram-sha-256://joe:secret\n", "/run/other": "a=1"]
        let read = { (path: String) in
            guard let text = files[path] else { throw FaustError(.storage, "no such file") }
            return text
        }
        var settings = Settings(name: "app")
        try settings.applyEnvironment(
            ["BROKER_CREDENTIALS_FILE": "/run/secrets/kafka", "KAFKA_PROPERTIES_FILE": "/run/other"],
            readFile: read
        )
        let credentials = BrokerCredentials(username: "joe", password: "secret", mechanism: .scramSHA256)
        #expect(settings.brokerCredentials == credentials)
        #expect(settings.kafkaProperties == ["a": "1"])
        // The variable itself comes first.
        try settings.applyEnvironment(
            ["BROKER_CREDENTIALS_FILE": "/run/secrets/kafka", "BROKER_CREDENTIALS": "ann:word"],
            readFile: read
        )
        #expect(settings.brokerCredentials?.username == "ann")
        // With the app's prefix only the prefixed variable counts.
        try settings.applyEnvironment(
            ["APP_ENV_PREFIX": "ORDERS", "ORDERS_KAFKA_PROPERTIES_FILE": "/run/other", "KAFKA_PROPERTIES": "b=2"],
            readFile: read
        )
        #expect(settings.kafkaProperties == ["a": "1"])
        for readFile in [nil, read] {
            var settings = Settings(name: "app")
            let error = #expect(throws: FaustError.self) {
                try settings.applyEnvironment(["BROKER_CREDENTIALS_FILE": "/nowhere"], readFile: readFile)
            }
            #expect(error?.message.contains("BROKER_CREDENTIALS") == true)
            #expect(error?.message.contains("/nowhere") == true)
        }
    }

    static func documented(_ row: SettingDescription) -> String {
        let variables = row.environmentVariables.map { "`\($0)`" }.joined(separator: ", ")
        let cells = [
            "`\(row.name)`", "`\(row.property)`", variables.isEmpty ? "–" : variables, row.form, "`\(row.defaultText)`",
            row.help,
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    @Test("the documentation lists every setting as it is")
    func listed() throws {
        let text = try String(contentsOf: Self.documentation, encoding: .utf8)
        let lines = Set(text.split(separator: "\n").map(String.init))
        for row in Settings.descriptions {
            #expect(lines.contains(Self.documented(row)), "Documentation/Settings.md lacks: \(Self.documented(row))")
        }
    }

    @Test("the documentation accounts for every setting of Faust")
    func accounted() throws {
        let text = try String(contentsOf: Self.documentation, encoding: .utf8)
        for name in Self.settingsOfFaust {
            #expect(text.contains("| `\(name)` |"), "\(name)")
        }
        #expect(Self.settingsOfFaust.count == 114)
    }

    static let settingsOfFaust = """
        autodiscover datadir tabledir debug env_prefix id_format origin timezone version
        cython_optimizations blocking_timeout broker broker_credentials ssl_context logging_config
        loghandlers processing_guarantee store cache url agent_supervisor broker_consumer broker_producer
        broker_api_version broker_check_crcs broker_client_id broker_commit_every broker_commit_interval
        broker_commit_livelock_soft_timeout broker_heartbeat_interval broker_max_poll_interval
        broker_max_poll_records broker_rebalance_timeout broker_request_timeout broker_session_timeout
        consumer_api_version consumer_max_fetch_size consumer_auto_offset_reset consumer_group_instance_id
        consumer_metadata_max_age_ms consumer_connections_max_idle_ms ConsumerScheduler key_serializer
        value_serializer producer_acks producer_api_version producer_compression_type producer_linger
        producer_max_batch_size producer_max_request_size producer_partitioner producer_request_timeout
        producer_threaded producer_metadata_max_age_ms producer_connections_max_idle_ms producer_linger_ms
        recovery_consistency_check store_check_exists crash_app_on_aerospike_exception
        aerospike_retries_on_exception aerospike_sleep_seconds_between_retries_on_exception
        stream_buffer_maxsize stream_processing_timeout stream_publish_on_commit stream_recovery_delay
        stream_wait_empty stream_ack_cancelled_tasks stream_ack_exceptions reply_create_topic reply_expires
        reply_to reply_to_prefix table_cleanup_interval table_key_index_size table_standby_replicas
        topic_allow_declare topic_disable_leader topic_partitions topic_replication_factor web web_bind
        web_application_options web_cors_options web_enabled web_stats_enabled web_graph_enabled
        web_router_enabled web_tables_enabled web_metrics_enabled web_host web_in_thread web_port
        web_ssl_context web_transport canonical_url worker_redirect_stdouts worker_redirect_stdouts_level
        Agent Event Schema Stream Table SetTable GlobalTable SetGlobalTable TableManager Serializers Worker
        PartitionAssignor LeaderAssignor Router Topic HttpClient Monitor
        """
        .split { $0.isWhitespace }
}
