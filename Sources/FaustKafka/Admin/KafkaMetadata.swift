// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore

/// What the cluster says of its topics.
struct KafkaMetadata: Sendable {
    /// A topic.
    struct Topic: Sendable {
        /// The number of partitions.
        let partitions: Int32
        /// Whether each partition has a leader, so that it can be written and read.
        let hasLeaders: Bool
    }

    /// The topics that exist, by name.
    let topics: [String: Topic]
    /// The number of brokers.
    let brokers: Int

    /// Asks the cluster for all its topics; blocks.
    ///
    /// Asking for some by name would let brokers create those that are missing, and the list is short.
    init(_ handle: OpaquePointer, timeout: Duration) throws(FaustError) {
        var pointer: UnsafePointer<rd_kafka_metadata>?
        let milliseconds = Int32(clamping: timeout.components.seconds * 1_000)
        let code = rd_kafka_metadata(handle, 1, nil, &pointer, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = pointer?.pointee else {
            throw KafkaError.make(code, "asking the cluster for its topics")
        }
        defer { rd_kafka_metadata_destroy(pointer) }
        var topics: [String: Topic] = [:]
        for index in 0..<Int(metadata.topic_cnt) {
            let topic = metadata.topics[index]
            guard let name = topic.topic, topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART else { continue }
            let hasLeaders = (0..<Int(topic.partition_cnt)).allSatisfy { topic.partitions[$0].leader >= 0 }
            topics[String(cString: name)] = Topic(partitions: topic.partition_cnt, hasLeaders: hasLeaders)
        }
        self.topics = topics
        brokers = Int(metadata.broker_cnt)
    }

    /// The partitions out of a list that exist.
    func known(_ partitions: [TopicPartition]) -> [TopicPartition] {
        partitions.filter { partition in
            partition.partition >= 0 && partition.partition < (topics[partition.topic]?.partitions ?? 0)
        }
    }
}
#endif
