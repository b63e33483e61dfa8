// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Settings {
    /// Every setting that can be set by text, in the order of the documentation.
    ///
    /// Two can't: the name, which is the program's, and ``producerPartitioner``, which is code.
    public static let descriptions: [SettingDescription] =
        common + agents + brokers + consumer + serialization
        + producer + streams + tables + topics + web

    private static let common = Rows("Common")
        .rows {
            $0.add(
                "version",
                \.version,
                .integer(1...Int.max),
                "APP_VERSION",
                help: "Version of the app; part of its id."
            )
            $0.add(
                "id_format",
                \.idFormat,
                .template(["id", "self.version", "version"]),
                "APP_ID_FORMAT",
                help: "How the id is made when the version is above 1."
            )
            $0.add(
                "env_prefix",
                \.envPrefix,
                SettingForm.text.optional,
                "APP_ENV_PREFIX",
                help: "What every other environment variable starts with."
            )
            $0.add(
                "datadir",
                \.datadir,
                .template(["conf.name", "conf.id", "conf.version"]),
                "APP_DATADIR",
                help: "Directory of everything that the app keeps."
            )
            $0.add(
                "tabledir",
                \.tabledir,
                .text,
                "APP_TABLEDIR",
                help: "Directory of the tables, in that of the version."
            )
            $0.add("debug", \.debug, .boolean, "APP_DEBUG", help: "Turns on what helps in development.")
            $0.add("timezone", \.timezone, .text, "TIMEZONE", help: "Time zone of crontabs.")
            $0.add(
                "parallelism",
                \.parallelism,
                .integer(1...1_024),
                "APP_PARALLELISM",
                help: "Number of lanes (threads)."
            )
            $0.add(
                "shutdown_timeout",
                \.shutdownTimeout,
                .seconds,
                "APP_SHUTDOWN_TIMEOUT",
                help: "How long a worker may take to finish what it has begun."
            )
            $0.add(
                "processing_guarantee",
                \.processingGuarantee,
                .choice(),
                "PROCESSING_GUARANTEE",
                help: "How often a message may take effect."
            )
            $0.add("store", \.store, .url(), "APP_STORE", help: "Where tables are kept that name no store.")
            $0.add("cache", \.cache, .url(), "CACHE_URL", help: "Where cached web responses are kept.")
        }

    private static let agents = Rows("Agents")
        .rows {
            $0.add(
                "agent_max_restarts",
                \.agentMaxRestarts,
                .integer(0...Int.max),
                "AGENT_MAX_RESTARTS",
                help: "Restarts of a failing agent within the window before the worker stops."
            )
            $0.add(
                "agent_restart_window",
                \.agentRestartWindow,
                .seconds,
                "AGENT_RESTART_WINDOW",
                help: "Time over which restarts are counted."
            )
            $0.add(
                "agent_restart_delay",
                \.agentRestartDelay,
                .seconds,
                "AGENT_RESTART_DELAY",
                help: "Pause before the first restart; doubles with each further one."
            )
            $0.add(
                "agent_restart_max_delay",
                \.agentRestartMaxDelay,
                .seconds,
                "AGENT_RESTART_MAX_DELAY",
                help: "Longest pause before a restart."
            )
            $0.add(
                "reply_create_topic",
                \.replyCreateTopic,
                .boolean,
                "APP_REPLY_CREATE_TOPIC",
                aliases: ["create_reply_topic"],
                help: "Whether the topic of replies is created before the first question."
            )
            $0.add(
                "reply_expires",
                \.replyExpires,
                .seconds,
                "APP_REPLY_EXPIRES",
                help: "How long replies are kept in their topic."
            )
            $0.add(
                "reply_to",
                \.replyTo,
                .text,
                nil,
                default: "reply_to_prefix and 32 random digits",
                help: "Topic of replies to this worker."
            )
            $0.add(
                "reply_to_prefix",
                \.replyToPrefix,
                .text,
                "APP_REPLY_TO_PREFIX",
                help: "Start of the reply topics' names."
            )
        }

    private static let brokers = Rows("Broker")
        .rows {
            $0.add("broker", \.broker, .brokers, "BROKER_URL", help: "The broker: embedded log, memory or Kafka.")
            $0.add(
                "broker_consumer",
                \.brokerConsumer,
                .brokers,
                "BROKER_CONSUMER_URL",
                default: "broker",
                help: "The broker to read from."
            )
            $0.add(
                "broker_producer",
                \.brokerProducer,
                .brokers,
                "BROKER_PRODUCER_URL",
                default: "broker",
                help: "The broker to send to."
            )
            $0.add(
                "broker_credentials",
                \.brokerCredentials,
                SettingForm.credentials.optional,
                "BROKER_CREDENTIALS",
                help: "How to log in to the broker."
            )
            $0.add(
                "broker_check_crcs",
                \.brokerCheckCRCs,
                .boolean,
                "BROKER_CHECK_CRCS",
                help: "Whether checksums are verified."
            )
            $0.add(
                "broker_client_id",
                \.brokerClientID,
                .text,
                "BROKER_CLIENT_ID",
                aliases: ["client_id"],
                help: "How the app names itself to the broker."
            )
            $0.add(
                "broker_commit_every",
                \.brokerCommitEvery,
                .integer(1...Int.max),
                "BROKER_COMMIT_EVERY",
                help: "Finished messages after which offsets are committed."
            )
            $0.add(
                "broker_commit_interval",
                \.brokerCommitInterval,
                .seconds,
                "BROKER_COMMIT_INTERVAL",
                aliases: ["commit_interval"],
                help: "How often offsets are committed."
            )
            $0.add(
                "broker_commit_livelock_soft_timeout",
                \.brokerCommitLivelockSoftTimeout,
                .seconds,
                "BROKER_COMMIT_LIVELOCK_SOFT_TIMEOUT",
                help: "Time without a commit after which a warning is logged."
            )
            $0.add(
                "broker_heartbeat_interval",
                \.brokerHeartbeatInterval,
                .seconds,
                "BROKER_HEARTBEAT_INTERVAL",
                help: "How often a member says that it is alive."
            )
            $0.add(
                "broker_max_poll_interval",
                \.brokerMaxPollInterval,
                .seconds,
                "BROKER_MAX_POLL_INTERVAL",
                help: "Time without fetching after which a member loses its partitions."
            )
            $0.add(
                "broker_max_poll_records",
                \.brokerMaxPollRecords,
                SettingForm.integer(1...Int.max).optional,
                "BROKER_MAX_POLL_RECORDS",
                help: "Greatest number of messages taken at once."
            )
            $0.add(
                "broker_rebalance_timeout",
                \.brokerRebalanceTimeout,
                .seconds,
                "BROKER_REBALANCE_TIMEOUT",
                help: "How long a group waits for its members in a rebalance."
            )
            $0.add(
                "broker_request_timeout",
                \.brokerRequestTimeout,
                .seconds,
                "BROKER_REQUEST_TIMEOUT",
                help: "How long a request may take; at least broker_session_timeout."
            )
            $0.add(
                "broker_session_timeout",
                \.brokerSessionTimeout,
                .seconds,
                "BROKER_SESSION_TIMEOUT",
                help: "Time without a sign of life after which a member is dropped."
            )
            $0.add(
                "log_fsync",
                \.logFsync,
                .boolean,
                "LOG_FSYNC",
                help: "Whether the embedded log writes through to the disk before it acknowledges."
            )
        }

    private static let consumer = Rows("Consumer")
        .rows {
            $0.add(
                "consumer_max_fetch_size",
                \.consumerMaxFetchSize,
                .integer(1...Int(Int32.max), unit: "bytes"),
                "CONSUMER_MAX_FETCH_SIZE",
                help: "Greatest number of bytes fetched per partition and request."
            )
            $0.add(
                "consumer_auto_offset_reset",
                \.consumerAutoOffsetReset,
                .choice(),
                "CONSUMER_AUTO_OFFSET_RESET",
                help: "Where a group starts that has committed nothing."
            )
            $0.add(
                "consumer_group_instance_id",
                \.consumerGroupInstanceID,
                SettingForm.text.optional,
                "CONSUMER_GROUP_INSTANCE_ID",
                help: "Name that keeps a worker's partitions for it over a restart."
            )
            $0.add(
                "consumer_metadata_max_age_ms",
                \.consumerMetadataMaxAge,
                .milliseconds,
                "CONSUMER_METADATA_MAX_AGE_MS",
                help: "Age at which topics and partitions are looked up anew."
            )
            $0.add(
                "consumer_connections_max_idle_ms",
                \.consumerConnectionsMaxIdle,
                .milliseconds,
                "CONSUMER_CONNECTIONS_MAX_IDLE_MS",
                help: "Time after which an idle connection is closed."
            )
        }

    private static let serialization = Rows("Serialization")
        .rows {
            $0.add(
                "key_serializer",
                \.keySerializer,
                SettingForm.text.optional,
                "APP_KEY_SERIALIZER",
                default: "the type's own",
                help: "What keys are written with: a chain such as raw or json|gzip."
            )
            $0.add(
                "value_serializer",
                \.valueSerializer,
                SettingForm.text.optional,
                "APP_VALUE_SERIALIZER",
                default: "the type's own",
                help: "What values are written with: a chain such as json|gzip."
            )
        }

    private static let producer = Rows("Producer")
        .rows {
            $0.add(
                "producer_acks",
                \.producerAcks,
                .choice(aliases: ["all": .all]),
                "PRODUCER_ACKS",
                help: "Who has to have a message before it counts as sent."
            )
            $0.add(
                "producer_compression_type",
                \.producerCompressionType,
                SettingForm.choice().optional,
                "PRODUCER_COMPRESSION_TYPE",
                help: "How Kafka's batches are compressed."
            )
            $0.add(
                "producer_linger",
                \.producerLinger,
                .seconds,
                "PRODUCER_LINGER",
                help: "How long to wait for more messages before a batch goes out."
            )
            $0.add(
                "producer_max_batch_size",
                \.producerMaxBatchSize,
                .integer(1...Int(Int32.max), unit: "bytes"),
                "PRODUCER_MAX_BATCH_SIZE",
                help: "Size at which a partition's batch goes out."
            )
            $0.add(
                "producer_max_request_size",
                \.producerMaxRequestSize,
                .integer(1...Int(Int32.max), unit: "bytes"),
                "PRODUCER_MAX_REQUEST_SIZE",
                help: "Greatest size of a request."
            )
            $0.add(
                "producer_request_timeout",
                \.producerRequestTimeout,
                .seconds,
                "PRODUCER_REQUEST_TIMEOUT",
                help: "For how long a message is tried to be sent before it fails."
            )
            $0.add(
                "producer_metadata_max_age_ms",
                \.producerMetadataMaxAge,
                .milliseconds,
                "PRODUCER_METADATA_MAX_AGE_MS",
                help: "Age at which topics and partitions are looked up anew."
            )
            $0.add(
                "producer_connections_max_idle_ms",
                \.producerConnectionsMaxIdle,
                .milliseconds,
                "PRODUCER_CONNECTIONS_MAX_IDLE_MS",
                help: "Time after which an idle connection is closed."
            )
        }

    private static let streams = Rows("Streams")
        .rows {
            $0.add(
                "stream_buffer_maxsize",
                \.streamBufferMaxsize,
                .integer(1...Int(Int32.max), unit: "messages"),
                "STREAM_BUFFER_MAXSIZE",
                help: "Greatest number of messages that wait for a stream."
            )
            $0.add(
                "stream_processing_timeout",
                \.streamProcessingTimeout,
                .seconds,
                "STREAM_PROCESSING_TIMEOUT",
                help: "Time without progress after which a warning is logged."
            )
            $0.add(
                "stream_recovery_delay",
                \.streamRecoveryDelay,
                .seconds,
                "STREAM_RECOVERY_DELAY",
                help: "How long to wait before tables are recovered."
            )
            $0.add(
                "stream_wait_empty",
                \.streamWaitEmpty,
                .boolean,
                "STREAM_WAIT_EMPTY",
                help: "Whether messages are finished before their partition is given away."
            )
        }

    private static let tables = Rows("Tables")
        .rows {
            $0.add(
                "recovery_consistency_check",
                \.recoveryConsistencyCheck,
                .boolean,
                "RECOVERY_CONSISTENCY_CHECK",
                help: "Whether a table's store that is ahead of its changelog is reported."
            )
            $0.add(
                "table_cleanup_interval",
                \.tableCleanupInterval,
                .seconds,
                "TABLE_CLEANUP_INTERVAL",
                help: "How often windows are searched for expired ones."
            )
            $0.add(
                "table_standby_replicas",
                \.tableStandbyReplicas,
                .integer(0...Int(Int16.max)),
                "TABLE_STANDBY_REPLICAS",
                aliases: ["num_standby_replicas"],
                help: "Other workers that keep a copy of each table partition."
            )
        }

    private static let topics = Rows("Topics")
        .rows {
            $0.add(
                "topic_allow_declare",
                \.topicAllowDeclare,
                .boolean,
                "TOPIC_ALLOW_DECLARE",
                help: "Whether the app may create topics."
            )
            $0.add(
                "topic_partitions",
                \.topicPartitions,
                .integer(1...100_000),
                "TOPIC_PARTITIONS",
                aliases: ["default_partitions"],
                help: "Partitions of topics that do not say."
            )
            $0.add(
                "topic_replication_factor",
                \.topicReplicationFactor,
                .integer(1...Int(Int16.max)),
                "TOPIC_REPLICATION_FACTOR",
                aliases: ["replication_factor"],
                help: "Copies that a cluster keeps of topics that do not say."
            )
        }

    private static let web = Rows("Web server")
        .rows {
            $0.add(
                "web_enabled",
                \.webEnabled,
                .boolean,
                "APP_WEB_ENABLED",
                help: "Whether the worker serves web pages."
            )
            $0.add("web_bind", \.webBind, .text, "WEB_BIND", help: "Address that the web server listens at.")
            $0.add(
                "web_port",
                \.webPort,
                .integer(1...65_535),
                "WEB_PORT",
                help: "Port that the web server listens at."
            )
            $0.add(
                "web_host",
                \.webHost,
                .text,
                "WEB_HOST",
                "NODE_HOSTNAME",
                help: "Host name by which other workers reach this one."
            )
            $0.add(
                "web_transport",
                \.webTransport,
                .url(["tcp", "unix"]),
                "WEB_TRANSPORT",
                help: "What the web server listens on."
            )
            $0.add(
                "canonical_url",
                \.canonicalURL,
                .url(["http", "https"]),
                "NODE_CANONICAL_URL",
                default: "http://{web_host}:{web_port}",
                help: "URL by which other workers reach this one."
            )
            $0.add(
                "web_stats_enabled",
                \.webStatsEnabled,
                .boolean,
                "APP_WEB_STATS_ENABLED",
                default: "debug",
                help: "Whether the page of statistics is served."
            )
            $0.add(
                "web_graph_enabled",
                \.webGraphEnabled,
                .boolean,
                "APP_WEB_GRAPH_ENABLED",
                default: "debug",
                help: "Whether the page of the app's graph is served."
            )
            $0.add(
                "web_router_enabled",
                \.webRouterEnabled,
                .boolean,
                "APP_WEB_ROUTER_ENABLED",
                help: "Whether requests for a key are passed on to its owner."
            )
            $0.add(
                "web_tables_enabled",
                \.webTablesEnabled,
                .boolean,
                "APP_WEB_TABLES_ENABLED",
                help: "Whether the pages of the tables are served."
            )
            $0.add(
                "web_metrics_enabled",
                \.webMetricsEnabled,
                .boolean,
                "APP_WEB_METRICS_ENABLED",
                help: "Whether the page of performance figures is served."
            )
        }
}

/// Collects the rows of a group.
private struct Rows {
    private let group: String
    private var descriptions: [SettingDescription] = []

    init(_ group: String) {
        self.group = group
    }

    func rows(_ build: (inout Rows) -> Void) -> [SettingDescription] {
        var copy = self
        build(&copy)
        return copy.descriptions
    }

    mutating func add<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ form: SettingForm<Value>,
        _ environment: String?...,
        aliases: [String] = [],
        default defaultText: String? = nil,
        help: String
    ) {
        descriptions.append(
            SettingDescription(
                name,
                path,
                form,
                group: group,
                environment: environment.compactMap(\.self),
                aliases: aliases,
                defaultText: defaultText,
                help: help
            )
        )
    }
}
