// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore

/// What a code of librdkafka means to the engine and to the user.
struct KafkaErrorKind {
    /// The kind of error.
    let code: FaustError.Code
    /// Whether the same call may succeed later.
    let isRetriable: Bool
    /// Whether nothing that the worker does can mend it.
    let isFatal: Bool
    /// What a person can do about it.
    let remedy: String?

    private init(_ code: FaustError.Code, retriable: Bool = false, fatal: Bool = false, _ remedy: String? = nil) {
        self.code = code
        self.isRetriable = retriable
        self.isFatal = fatal
        self.remedy = remedy
    }

    init(_ error: rd_kafka_resp_err_t) {
        self = Self.table[error.rawValue] ?? Self(.transport)
    }

    private static let table: [Int32: KafkaErrorKind] = {
        var table: [Int32: KafkaErrorKind] = [:]
        for (codes, kind) in rows {
            for code in codes { table[code.rawValue] = kind }
        }
        return table
    }()

    private static let rows: [([rd_kafka_resp_err_t], KafkaErrorKind)] = reachability + refusals + messages + groups

    /// The cluster is not there, or not yet able.
    private static let reachability: [([rd_kafka_resp_err_t], KafkaErrorKind)] = [
        (
            [
                RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
                RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
            ],
            Self(.transport, retriable: true, "Check that the broker runs and that host and port are right")
        ),
        (
            [
                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
                RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
                RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
                RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__IN_PROGRESS,
                RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, RD_KAFKA_RESP_ERR__RETRY, RD_KAFKA_RESP_ERR__INTR,
                RD_KAFKA_RESP_ERR__QUEUE_FULL,
            ],
            Self(.transport, retriable: true)
        ),
        (
            [RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND],
            Self(.transport, retriable: true, "Too few copies of the partition are in step (min.insync.replicas)")
        ),
        (
            [RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED],
            Self(.transport, retriable: true, "The cluster's quota for this client is used up")
        ),
        (
            [
                RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            ],
            Self(.timeout, retriable: true, "Check that the brokers can be reached and are not overloaded")
        ),
    ]

    /// The cluster, or librdkafka, does not want to.
    private static let refusals: [([rd_kafka_resp_err_t], KafkaErrorKind)] = [
        (
            [
                RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED,
            ],
            Self(.transport, fatal: true, "Grant the ACL to the user that the app logs in as")
        ),
        (
            [
                RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
                RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
            ],
            Self(.transport, fatal: true, "Check mechanism, user and password in the setting brokerCredentials")
        ),
        (
            [RD_KAFKA_RESP_ERR__SSL],
            Self(.transport, fatal: true, "Check the CA and the client certificate, and that the port speaks TLS")
        ),
        (
            [RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE],
            Self(.transport, fatal: true, "The broker is too old for it, or librdkafka for the broker")
        ),
        (
            [
                RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
                RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT,
                RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
            ],
            Self(.invalidTopic, "Mend the declaration of the topic")
        ),
        (
            [
                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            ],
            Self(.unknownPartition, "Create the topic, or declare it with app.topic so that the worker does")
        ),
        (
            [
                RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED,
            ],
            Self(.fenced, fatal: true, "Another instance has taken over the identity; run one worker per identity")
        ),
        (
            [
                RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
            ],
            Self(.closed)
        ),
        ([RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE], Self(.lifecycle)),
        (
            [
                RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__CONFLICT, RD_KAFKA_RESP_ERR__NOT_CONFIGURED,
                RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS,
            ],
            Self(.configuration)
        ),
        ([RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE], Self(.transport, fatal: true)),
    ]

    /// A message is not what it should be.
    private static let messages: [([rd_kafka_resp_err_t], KafkaErrorKind)] = [
        (
            [
                RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
                RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
            ],
            Self(
                .messageTooLarge,
                "Raise producerMaxRequestSize, and max.message.bytes of the topic, or send less at once"
            )
        ),
        (
            [
                RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR_INVALID_MSG,
                RD_KAFKA_RESP_ERR__UNDERFLOW,
            ],
            Self(.corruption)
        ),
    ]

    /// The membership of the group is in the way.
    private static let groups: [([rd_kafka_resp_err_t], KafkaErrorKind)] = [
        (
            [RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED],
            Self(.group, retriable: true)
        ),
        (
            [
                RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, RD_KAFKA_RESP_ERR__UNKNOWN_GROUP,
                RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP,
            ],
            Self(.group, "The worker's membership of the group has ended; it joins again")
        ),
        (
            [RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED],
            Self(.group, "Raise brokerMaxPollInterval, or let the agents do less per message")
        ),
        (
            [RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL],
            Self(
                .group,
                fatal: true,
                "Other members of the group use another way to share partitions: choose another app id, or stop them"
            )
        ),
        (
            [RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED],
            Self(.group, fatal: true)
        ),
        (
            [RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT],
            Self(
                .group,
                fatal: true,
                "Keep brokerSessionTimeout between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms"
            )
        ),
    ]
}
#endif
