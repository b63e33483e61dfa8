// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
package import CRdKafka
package import FaustCore

/// librdkafka's list of partitions, destroyed with this value.
package struct KafkaPartitionList: ~Copyable {
    /// librdkafka's object; lives as long as this value.
    package let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Takes a list over.
    package init(taking pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        self.pointer = pointer
    }

    /// Partitions with no offset.
    package init(_ partitions: some Collection<TopicPartition>) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for partition in partitions {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
        }
    }

    /// Partitions with offsets.
    package init(_ offsets: [TopicPartition: Int64]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for (partition, offset) in offsets {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition).pointee.offset = offset
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(pointer)
    }

    /// The number of partitions.
    package var count: Int { Int(pointer.pointee.cnt) }

    /// The partitions in the list's order, with offset and error.
    package var elements: [Element] { Self.elements(of: pointer) }

    /// One partition of a list.
    package struct Element: Sendable {
        /// The partition.
        package let topicPartition: TopicPartition
        /// The offset; negative numbers are librdkafka's special ones.
        package let offset: Int64
        /// What went wrong with the partition.
        package let error: rd_kafka_resp_err_t
    }

    /// The partitions of a list that belongs to somebody else.
    package static func elements(of list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Element] {
        (0..<Int(list.pointee.cnt))
            .map { index in
                let element = list.pointee.elems[index]
                return Element(
                    topicPartition: TopicPartition(String(cString: element.topic), element.partition),
                    offset: element.offset,
                    error: element.err
                )
            }
    }
}
#endif
