// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Settings {
    static let consumer = SettingRows("Consumer")
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

    static let serialization = SettingRows("Serialization")
        .rows {
            $0.add(
                "key_serializer",
                \.keySerializer,
                SettingForm.text.optional,
                "APP_KEY_SERIALIZER",
                default: "the type's own",
                help: "What keys are written with: a form and codecs behind it."
            )
            $0.add(
                "value_serializer",
                \.valueSerializer,
                SettingForm.text.optional,
                "APP_VALUE_SERIALIZER",
                default: "the type's own",
                help: "What values are written with: a form and codecs behind it."
            )
        }

    static let producer = SettingRows("Producer")
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

    static let streams = SettingRows("Streams")
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
                "stream_wait_empty",
                \.streamWaitEmpty,
                .boolean,
                "STREAM_WAIT_EMPTY",
                help: "Whether messages are finished before their partition is given away."
            )
        }

    static let tables = SettingRows("Tables")
        .rows {
            $0.add(
                "table_standby_replicas",
                \.tableStandbyReplicas,
                .integer(0...Int(Int16.max)),
                "TABLE_STANDBY_REPLICAS",
                aliases: ["num_standby_replicas"],
                help: "Other workers that keep a copy of each table partition; not read yet."
            )
        }

    static let topics = SettingRows("Topics")
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

    static let web = SettingRows("Web server")
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
