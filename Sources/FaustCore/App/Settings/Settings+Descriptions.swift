// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Settings {
    /// Every setting that can be set by text, in the order of the documentation.
    ///
    /// Two can't: the name, which is the program's, and ``producerPartitioner``, which is code.
    public static let descriptions: [SettingDescription] =
        common + agents + brokers + consumer + serialization
        + producer + streams + tables + topics + web

    private static let common = SettingRows("Common")
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

    private static let agents = SettingRows("Agents")
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

    private static let brokers = SettingRows("Broker")
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
                "kafka_properties",
                \.kafkaProperties,
                .properties,
                "KAFKA_PROPERTIES",
                help: "Properties of librdkafka, which beat the other settings."
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
}
