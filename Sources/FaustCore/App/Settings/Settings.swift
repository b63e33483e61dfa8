// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Everything about an app that can be set without changing its program.
///
/// The names are Faust's in Swift's spelling. What the environment says beats what the program says, which beats the
/// default: see ``applyEnvironment(_:readFile:)``. The environment variable is named with each setting; durations in it
/// are numbers of seconds, or have a unit: `90`, `2.8`, `100ms`, `10s`, `5m`, `1h`, `1d`.
///
/// ```swift
/// var settings = Settings(name: "orders")
/// settings.topicPartitions = 4
/// settings.brokerCommitInterval = .seconds(1)
/// try settings.applyEnvironment(ProcessInfo.processInfo.environment)
/// ```
///
/// `Documentation/Settings.md` lists them all, with the settings of Faust that were left out and why.
public struct Settings: Sendable {
    // MARK: Common

    /// The name of the app, which ``id`` is made of.
    ///
    /// Letters, digits, `.`, `_` and `-`.
    public var name: String
    /// The version of the app, 1 or more: another version is another consumer group with other tables, internal topics
    /// and directories, which starts afresh.
    ///
    /// `APP_VERSION`.
    public var version = 1
    /// How ``id`` is made when ``version`` is above 1.
    ///
    /// `{id}` is the name and `{self.version}` the version. `APP_ID_FORMAT`.
    public var idFormat = "{id}-v{self.version}"
    /// What every environment variable starts with; a trailing `_` makes no difference.
    ///
    /// `APP_ENV_PREFIX`, which has no prefix itself.
    public var envPrefix: String?
    /// The directory of everything that the app keeps, relative to the working directory.
    ///
    /// `{conf.name}`, `{conf.id}` and `{conf.version}` may occur in it. `APP_DATADIR`.
    public var datadir = "{conf.name}-data"
    /// The directory of the tables; a relative one lies in ``appdir``.
    ///
    /// `APP_TABLEDIR`.
    public var tabledir = "tables"
    /// Turns on what helps in development: the statistics and graph pages of the web server.
    ///
    /// `APP_DEBUG`.
    public var debug = false
    /// The time zone of crontabs, as a name of the IANA time zone database.
    ///
    /// `TIMEZONE`.
    public var timezone = "UTC"
    /// The number of lanes: threads that each run the agents for their own share of the partitions.
    ///
    /// 1 or more. `APP_PARALLELISM`.
    public var parallelism = 1
    /// How long a worker that was asked to stop may take to finish and commit what it has begun.
    ///
    /// `APP_SHUTDOWN_TIMEOUT`.
    public var shutdownTimeout: Duration = .seconds(30)
    /// How often a message may take effect.
    ///
    /// `PROCESSING_GUARANTEE`.
    public var processingGuarantee: ProcessingGuarantee = .atLeastOnce
    /// Where tables are kept that name no store: `memory://`, `rocksdb://`.
    ///
    /// `APP_STORE`.
    public var store = "memory://"
    /// Where cached web responses are kept.
    ///
    /// `CACHE_URL`.
    public var cache = "memory://"

    // MARK: Agents

    /// How many times within ``agentRestartWindow`` an agent that fails is started again before the worker stops.
    ///
    /// 0 stops at the first failure. `AGENT_MAX_RESTARTS`.
    public var agentMaxRestarts = 100
    /// The time over which restarts are counted.
    ///
    /// `AGENT_RESTART_WINDOW`.
    public var agentRestartWindow: Duration = .seconds(60)
    /// The pause before the first restart; each further one in a row doubles it.
    ///
    /// `AGENT_RESTART_DELAY`.
    public var agentRestartDelay: Duration = .milliseconds(100)
    /// The longest pause before a restart.
    ///
    /// `AGENT_RESTART_MAX_DELAY`.
    public var agentRestartMaxDelay: Duration = .seconds(10)
    /// Whether the topic of replies is created before the first question.
    ///
    /// `APP_REPLY_CREATE_TOPIC`.
    public var replyCreateTopic = false
    /// How long replies are kept in their topic.
    ///
    /// `APP_REPLY_EXPIRES`.
    public var replyExpires: Duration = .seconds(86_400)
    /// What the names of reply topics start with.
    ///
    /// `APP_REPLY_TO_PREFIX`.
    public var replyToPrefix = "f-reply-"

    // MARK: Broker

    /// The broker: `log://` (the embedded log in the data directory), `log:///a/directory`, `memory://`, or
    /// `kafka://host:9092`; several hosts are separated by `;` or `,`.
    ///
    /// `BROKER_URL`.
    public var broker = "log://"
    /// How to log in to the broker.
    ///
    /// `BROKER_CREDENTIALS`.
    public var brokerCredentials: BrokerCredentials?
    /// Fetches the tokens that log in to the broker, with SASL's mechanism OAUTHBEARER over TLS; Kafka only.
    ///
    /// Each client of the broker (a worker has about four) asks for a token when it is made, and again when about 80 % of a
    /// token's lifetime are over; the calls may overlap. A failure is logged and the function called again, after 0.1 to
    /// 10 seconds, while the old token goes on being used; so errors that it throws must not show secrets. It is cancelled
    /// when its client is closed, and may take as long as the old token is valid. ``brokerCredentials`` must not be set. Where the
    /// connection is not encrypted, set `security.protocol` in ``kafkaProperties``.
    ///
    /// No environment variable, because it is code.
    public var brokerTokenProvider: BrokerTokenProvider?
    /// Whether the checksums of what Kafka sends are verified.
    ///
    /// `BROKER_CHECK_CRCS`.
    public var brokerCheckCRCs = true
    /// How the app names itself to the broker; members of the group add `@` and ``canonicalURL``.
    ///
    /// `BROKER_CLIENT_ID`.
    public var brokerClientID = "swift-faust"
    /// After how many finished messages offsets are committed, if the interval has not passed before.
    ///
    /// 1 or more. Faust's default is 10,000, which keeps its workers busy for a second; here that would be sixty commits a
    /// second, each of which writes the changed keys of the tables. `BROKER_COMMIT_EVERY`.
    public var brokerCommitEvery = 30_000
    /// After how long without a commit, although messages arrive, a warning is logged.
    ///
    /// `BROKER_COMMIT_LIVELOCK_SOFT_TIMEOUT`.
    public var brokerCommitLivelockSoftTimeout: Duration = .seconds(300)
    /// How often a member tells its group that it is alive.
    ///
    /// `BROKER_HEARTBEAT_INTERVAL`.
    public var brokerHeartbeatInterval: Duration = .seconds(3)
    /// After how long without fetching a member loses its partitions.
    ///
    /// `BROKER_MAX_POLL_INTERVAL`.
    public var brokerMaxPollInterval: Duration = .seconds(1_000)
    /// The greatest number of messages taken at once; `nil` leaves it to the engine.
    ///
    /// `BROKER_MAX_POLL_RECORDS`.
    public var brokerMaxPollRecords: Int?
    /// How long a group waits for its members to come back when partitions are handed out anew.
    ///
    /// `BROKER_REBALANCE_TIMEOUT`.
    public var brokerRebalanceTimeout: Duration = .seconds(60)
    /// How long a request to the broker may take; not shorter than ``brokerSessionTimeout``.
    ///
    /// `BROKER_REQUEST_TIMEOUT`.
    public var brokerRequestTimeout: Duration = .seconds(90)
    /// After how long without a sign of life a member is dropped from its group.
    ///
    /// `BROKER_SESSION_TIMEOUT`.
    public var brokerSessionTimeout: Duration = .seconds(60)
    /// How often the client of Kafka reports what ``Monitor/brokerStatistics`` shows; zero, the default, never.
    ///
    /// At most a day. `BROKER_STATISTICS_INTERVAL`.
    public var brokerStatisticsInterval: Duration = .zero
    /// Properties of librdkafka, the client of Kafka, by its own names; they beat what the other settings say.
    ///
    /// `["ssl.ca.location": "/etc/ca.pem", "producer.linger.ms": "5"]`: one that begins with `consumer.`, `producer.` or
    /// `admin.` is only for clients that read, write, or look after topics. As text: `name=value;name=value`, with `\;`
    /// for a `;` in a value. Values are never shown. `KAFKA_PROPERTIES`.
    public var kafkaProperties: BrokerProperties = [:]
    /// Whether the embedded log writes what it acknowledges through to the disk (fsync).
    ///
    /// Without it nothing is lost when the process is killed; with it nothing is lost when the power fails either.
    /// `LOG_FSYNC`.
    public var logFsync = false

    // MARK: Consumer

    /// The greatest number of bytes fetched per partition and request.
    ///
    /// `CONSUMER_MAX_FETCH_SIZE`.
    public var consumerMaxFetchSize = 1_048_576
    /// Where a group starts that has committed nothing: `earliest`, `latest`, `none`.
    ///
    /// `CONSUMER_AUTO_OFFSET_RESET`.
    public var consumerAutoOffsetReset: OffsetReset = .earliest
    /// A name that keeps a worker's partitions for it over a restart.
    ///
    /// `CONSUMER_GROUP_INSTANCE_ID`.
    public var consumerGroupInstanceID: String?
    /// After how long topics and partitions are looked up anew.
    ///
    /// `CONSUMER_METADATA_MAX_AGE_MS`, in milliseconds.
    public var consumerMetadataMaxAge: Duration = .seconds(300)
    /// After how long an idle connection is closed.
    ///
    /// `CONSUMER_CONNECTIONS_MAX_IDLE_MS`, in milliseconds.
    public var consumerConnectionsMaxIdle: Duration = .seconds(540)

    // MARK: Serialization

    /// What keys are written with unless their topic says: a chain such as `json|gzip`.
    ///
    /// `nil` lets the type decide, as `Serde.keyDefault` says. `APP_KEY_SERIALIZER`.
    public var keySerializer: String?
    /// What values are written with unless their topic says: a chain such as `json|gzip`.
    ///
    /// `nil` lets the type decide, as `Serde.valueDefault` says. `APP_VALUE_SERIALIZER`.
    public var valueSerializer: String?

    // MARK: Producer

    /// Who has to have a message before it counts as sent.
    ///
    /// `PRODUCER_ACKS`: `0`, `1`, `-1` or `all`.
    public var producerAcks: Acks = .all
    /// How Kafka's batches are compressed: `gzip`, `snappy`, `lz4`, `zstd`; `nil` not at all.
    ///
    /// `PRODUCER_COMPRESSION_TYPE`.
    public var producerCompressionType: CompressionType?
    /// How long to wait for more messages before a batch goes out.
    ///
    /// `PRODUCER_LINGER`.
    public var producerLinger: Duration = .zero
    /// The number of bytes at which a partition's batch goes out.
    ///
    /// It is more than Faust's 16,384: librdkafka makes a request of each batch, has five of them under way at most, and
    /// its thread does not rest while others wait, as when a commit hands thousands of a table's changes over.
    /// `PRODUCER_MAX_BATCH_SIZE`.
    public var producerMaxBatchSize = 1_000_000
    /// The greatest number of bytes of a request.
    ///
    /// `PRODUCER_MAX_REQUEST_SIZE`.
    public var producerMaxRequestSize = 1_000_000
    /// Chooses the partition of messages that name none.
    ///
    /// No environment variable.
    public var producerPartitioner: Partitioner = .murmur2
    /// For how long a message is tried to be sent before it fails.
    ///
    /// `PRODUCER_REQUEST_TIMEOUT`.
    public var producerRequestTimeout: Duration = .seconds(1_200)
    /// After how long topics and partitions are looked up anew.
    ///
    /// `PRODUCER_METADATA_MAX_AGE_MS`, in milliseconds.
    public var producerMetadataMaxAge: Duration = .seconds(300)
    /// After how long an idle connection is closed.
    ///
    /// `PRODUCER_CONNECTIONS_MAX_IDLE_MS`, in milliseconds.
    public var producerConnectionsMaxIdle: Duration = .seconds(540)

    // MARK: Streams

    /// The greatest number of messages that wait for a stream; its partitions are paused at four fifths of it and
    /// resumed at two fifths.
    ///
    /// 1 or more. `STREAM_BUFFER_MAXSIZE`.
    public var streamBufferMaxsize = 4_096
    /// After how long without progress of a stream that has messages a warning is logged.
    ///
    /// `STREAM_PROCESSING_TIMEOUT`.
    public var streamProcessingTimeout: Duration = .seconds(300)
    /// Whether messages that are being processed are finished before their partition is given away; else only what is
    /// finished already is committed.
    ///
    /// `STREAM_WAIT_EMPTY`.
    public var streamWaitEmpty = true

    // MARK: Tables

    /// How many other workers keep a copy of each table partition; nothing reads it yet, and there are no copies.
    ///
    /// `TABLE_STANDBY_REPLICAS`.
    public var tableStandbyReplicas = 1

    // MARK: Topics

    /// Whether the app may create topics.
    ///
    /// `TOPIC_ALLOW_DECLARE`.
    public var topicAllowDeclare = true
    /// The number of partitions of topics that do not say.
    ///
    /// 1 or more. `TOPIC_PARTITIONS`.
    public var topicPartitions = 8
    /// The number of copies that a cluster keeps of topics that do not say.
    ///
    /// 1 or more. `TOPIC_REPLICATION_FACTOR`.
    public var topicReplicationFactor = 1

    // MARK: Web server

    /// Whether the worker serves web pages.
    ///
    /// `APP_WEB_ENABLED`.
    public var webEnabled = true
    /// The address that the web server listens at; `0.0.0.0` lets other machines in.
    ///
    /// `WEB_BIND`.
    public var webBind = "127.0.0.1"
    /// The port that the web server listens at, 1 to 65535.
    ///
    /// `WEB_PORT`.
    public var webPort = 6_066
    /// The host name by which other workers reach this one.
    ///
    /// `WEB_HOST`, else `NODE_HOSTNAME`.
    public var webHost = "localhost"
    /// What the web server listens on: `tcp://`, or `unix:///path` for a socket file.
    ///
    /// `WEB_TRANSPORT`.
    public var webTransport = "tcp://"
    /// Whether requests for a key are passed on to the worker that owns it.
    ///
    /// `APP_WEB_ROUTER_ENABLED`.
    public var webRouterEnabled = true
    /// Whether the pages of the tables are served.
    ///
    /// `APP_WEB_TABLES_ENABLED`.
    public var webTablesEnabled = true
    /// Whether the page of performance figures is served.
    ///
    /// `APP_WEB_METRICS_ENABLED`.
    public var webMetricsEnabled = false

    // MARK: Settings whose default is another setting

    private var brokerCommitIntervalOverride: Duration?
    private var brokerConsumerOverride: String?
    private var brokerProducerOverride: String?
    private var replyToOverride: String?
    private var webStatsEnabledOverride: Bool?
    private var webGraphEnabledOverride: Bool?
    private var canonicalURLOverride: String?
    /// Tells this worker from others of its group.
    let instance: String

    /// The settings of an app, all at their defaults.
    ///
    /// - Parameter name: The name of the app.
    public init(name: String) {
        self.name = name
        let random = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max))
        instance = hexadecimal(random.0) + hexadecimal(random.1)
    }

    /// How often offsets are committed; 2.8 s by default, and 0.1 s under exactly-once, where others see what a worker
    /// sends only when it commits.
    ///
    /// `BROKER_COMMIT_INTERVAL`.
    public var brokerCommitInterval: Duration {
        get { brokerCommitIntervalOverride ?? .milliseconds(processingGuarantee == .exactlyOnce ? 100 : 2_800) }
        set { brokerCommitIntervalOverride = newValue }
    }

    /// The broker to read from; ``broker`` by default.
    ///
    /// `BROKER_CONSUMER_URL`.
    public var brokerConsumer: String {
        get { brokerConsumerOverride ?? broker }
        set { brokerConsumerOverride = newValue }
    }

    /// The broker to send to; ``broker`` by default.
    ///
    /// `BROKER_PRODUCER_URL`.
    public var brokerProducer: String {
        get { brokerProducerOverride ?? broker }
        set { brokerProducerOverride = newValue }
    }

    /// The topic of replies to this worker; ``replyToPrefix`` and a random part by default.
    ///
    /// No environment variable, because two workers must not share it.
    public var replyTo: String {
        get { replyToOverride ?? replyToPrefix + instance }
        set { replyToOverride = newValue }
    }

    /// Whether the page of statistics is served; as ``debug`` by default.
    ///
    /// `APP_WEB_STATS_ENABLED`.
    public var webStatsEnabled: Bool {
        get { webStatsEnabledOverride ?? debug }
        set { webStatsEnabledOverride = newValue }
    }

    /// Whether the page of the app's graph is served; as ``debug`` by default.
    ///
    /// `APP_WEB_GRAPH_ENABLED`.
    public var webGraphEnabled: Bool {
        get { webGraphEnabledOverride ?? debug }
        set { webGraphEnabledOverride = newValue }
    }

    /// The URL by which other workers reach this one; made of ``webHost`` and ``webPort`` by default.
    ///
    /// `NODE_CANONICAL_URL`.
    public var canonicalURL: String {
        get { canonicalURLOverride ?? "http://\(webHost):\(webPort)" }
        set { canonicalURLOverride = newValue }
    }
}

private func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
