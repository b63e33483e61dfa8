// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How a topic is to be created.
///
/// It has an effect only when the topic does not exist yet: brokers' topics are never altered.
public struct TopicConfiguration: Sendable {
    /// How long messages are kept; `nil` leaves it to the broker.
    public var retention: Duration?
    /// How many bytes a partition keeps; `nil` leaves it to the broker.
    public var retentionBytes: Int64?
    /// Whether old messages of a key may be removed once there is a newer one (`cleanup.policy=compact`).
    public var isCompacting: Bool?
    /// Whether old messages are removed by time and size (`cleanup.policy=delete`).
    public var isDeleting: Bool?
    /// The number of copies that a cluster keeps; `nil` takes the setting ``Settings/topicReplicationFactor``.
    public var replicas: Int16?
    /// Further settings under Kafka's names; they win over those above.
    public var extra: [String: String]

    /// How a topic is to be created; everything that is not named is left to the broker.
    public init(
        retention: Duration? = nil,
        retentionBytes: Int64? = nil,
        isCompacting: Bool? = nil,
        isDeleting: Bool? = nil,
        replicas: Int16? = nil,
        extra: [String: String] = [:]
    ) {
        self.retention = retention
        self.retentionBytes = retentionBytes
        self.isCompacting = isCompacting
        self.isDeleting = isDeleting
        self.replicas = replicas
        self.extra = extra
    }

    /// The settings under the broker's names.
    var brokerConfiguration: [String: String] {
        var result: [String: String] = [:]
        if let retention {
            let (seconds, attoseconds) = retention.components
            result["retention.ms"] = "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)"
        }
        if let retentionBytes { result["retention.bytes"] = "\(retentionBytes)" }
        switch (isCompacting ?? false, isDeleting ?? false) {
        case (true, true): result["cleanup.policy"] = "compact,delete"
        case (true, false): result["cleanup.policy"] = "compact"
        case (false, true): result["cleanup.policy"] = "delete"
        case (false, false): break
        }
        return result.merging(extra) { $1 }
    }
}
