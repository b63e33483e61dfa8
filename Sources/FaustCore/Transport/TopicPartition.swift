// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// One partition of one topic.
public struct TopicPartition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name of the topic.
    public let topic: String
    /// The number of the partition, from 0 on.
    public let partition: Int32

    /// One partition of one topic.
    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// The order of topic names, then of partition numbers.
    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    /// Topic and partition as logs print them: `orders[3]`.
    public var description: String { "\(topic)[\(partition)]" }
}
