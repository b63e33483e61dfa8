// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
package import FaustCore

/// A consumer whose membership of a group a transaction can be tied to (KIP-447).
package protocol KafkaGroupMember: TransportConsumer {
    /// Calls `body` with librdkafka's `rd_kafka_consumer_group_metadata_t` of the membership as it is now.
    ///
    /// - Parameter body: Must not let the pointer escape; the object is destroyed after the call. It may block: the
    ///   caller is on a thread that may.
    /// - Returns: What `body` returns.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/closed`` or ``FaustError/Code/group`` when there is no
    ///   membership; what `body` throws.
    func withGroupMetadata<Value>(_ body: (OpaquePointer) throws(FaustError) -> Value) throws(FaustError) -> Value
}
#endif
