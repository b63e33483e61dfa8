// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore

/// A member of a consumer group, as the broker describes it.
package struct KafkaGroupMemberDescription: Sendable, Hashable {
    /// The id that the broker gave it.
    package let memberID: String
    /// How it names itself.
    package let clientID: String
    /// The id of a static member (KIP-345).
    package let instanceID: String?
    /// The address that it connects from.
    package let host: String
    /// The partitions that it reads; of the topics that the group is subscribed to.
    package let assignment: [TopicPartition]
}

extension KafkaAdmin {
    /// Who is in a group and reads what.
    ///
    /// - Parameter group: The group; one that does not exist has no members.
    /// - Returns: The members, by id. During a rebalance the assignments may be missing.
    /// - Throws: ``FaustError`` when the broker does not answer or refuses.
    package func groupMembers(_ group: String) async throws(FaustError) -> [KafkaGroupMemberDescription] {
        let timeout = timeout
        return try await client.blocking { (handle) throws(FaustError) in
            try Self.describe(group, handle, timeout)
        }
    }

    private static func describe(
        _ group: String,
        _ handle: OpaquePointer,
        _ timeout: Duration
    ) throws(FaustError) -> [KafkaGroupMemberDescription] {
        let action = "describing the group \(group)"
        let call = AdminCall(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, action, timeout: timeout)
        group.withCString { name in
            // librdkafka copies the name.
            var names: [UnsafePointer<CChar>?] = [name]
            rd_kafka_DescribeConsumerGroups(handle, &names, 1, call.options, call.queue)
        }
        return try call.answer { (event) throws(FaustError) in
            var count = 0
            let result = rd_kafka_event_DescribeConsumerGroups_result(event)
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
            guard count > 0, let group = groups?[0] else { return [] }
            let error = rd_kafka_ConsumerGroupDescription_error(group)
            if let error, rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND { return [] }
            try check(error, action)
            return (0..<rd_kafka_ConsumerGroupDescription_member_count(group))
                .compactMap { rd_kafka_ConsumerGroupDescription_member(group, $0).map(member) }
                .sorted { $0.memberID < $1.memberID }
        }
    }

    private static func member(_ pointer: OpaquePointer) -> KafkaGroupMemberDescription {
        let text = { (text: UnsafePointer<CChar>?) in text.map { String(cString: $0) } }
        let assignment = rd_kafka_MemberDescription_assignment(pointer)
        let partitions = assignment.flatMap { rd_kafka_MemberAssignment_partitions($0) }
        return KafkaGroupMemberDescription(
            memberID: text(rd_kafka_MemberDescription_consumer_id(pointer)) ?? "",
            clientID: text(rd_kafka_MemberDescription_client_id(pointer)) ?? "",
            instanceID: text(rd_kafka_MemberDescription_group_instance_id(pointer)),
            host: text(rd_kafka_MemberDescription_host(pointer)) ?? "",
            assignment: partitions.map { KafkaPartitionList.elements(of: $0).map(\.topicPartition).sorted() } ?? []
        )
    }
}
#endif
