// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka

/// Who a member is to its group, as a transaction that commits the group's offsets has to tell (KIP-447).
///
/// It is `@unchecked Sendable` because of its pointer, which is set once, points to memory that nobody changes, and is
/// given back when nobody refers to this object any more.
package final class KafkaGroupMetadata: @unchecked Sendable {
    /// librdkafka's object; lives as long as this one.
    package let pointer: OpaquePointer

    init(taking pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        rd_kafka_consumer_group_metadata_destroy(pointer)
    }
}
#endif
