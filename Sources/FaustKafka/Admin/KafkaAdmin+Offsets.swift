// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation

extension KafkaAdmin {
    /// See ``Transport/offsets(of:)``.
    package func offsets(of partitions: [TopicPartition]) async throws(FaustError) -> [TopicPartition: Range<Int64>] {
        let timeout = timeout
        guard !partitions.isEmpty else { return [:] }
        return try await client.blocking { (handle) throws(FaustError) in
            let known = try KafkaMetadata(handle, timeout: timeout).known(partitions)
            let first = try Self.list(known, Int64(RD_KAFKA_OFFSET_BEGINNING), handle, timeout)
            let end = try Self.list(known, Int64(RD_KAFKA_OFFSET_END), handle, timeout)
            var offsets: [TopicPartition: Range<Int64>] = [:]
            for (partition, end) in end {
                guard let first = first[partition] else { continue }
                offsets[partition] = min(first, end)..<end
            }
            return offsets
        }
    }

    /// See ``Transport/offsets(of:from:)``.
    package func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws(FaustError) -> [TopicPartition: Int64] {
        let timeout = timeout
        guard !partitions.isEmpty else { return [:] }
        return try await client.blocking { (handle) throws(FaustError) in
            let known = try KafkaMetadata(handle, timeout: timeout).known(partitions)
            // Negative times would ask for the ends.
            var offsets = try Self.list(known, max(timestampMilliseconds, 0), handle, timeout)
            let later = known.filter { offsets[$0] == nil }
            let ends = try Self.list(later, Int64(RD_KAFKA_OFFSET_END), handle, timeout)
            offsets.merge(ends) { $1 }
            return offsets
        }
    }

    /// Asks the leaders of partitions for offsets, all at once.
    ///
    /// - Parameters:
    ///   - partitions: The partitions; all must exist.
    ///   - time: A time in milliseconds since 1970, or `RD_KAFKA_OFFSET_BEGINNING` or `RD_KAFKA_OFFSET_END`, which the
    ///     request (ListOffsets) has in the place of a time, too.
    ///   - handle: The client.
    ///   - timeout: How long to wait for the answers.
    /// - Returns: The offsets; a partition without a message of that time or later is missing.
    /// - Throws: ``FaustError`` when a leader does not answer or refuses.
    private static func list(
        _ partitions: [TopicPartition],
        _ time: Int64,
        _ handle: OpaquePointer,
        _ timeout: Duration
    ) throws(FaustError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let query = Dictionary(partitions.map { ($0, time) }) { $1 }
        let list = KafkaPartitionList(query)
        let code = rd_kafka_offsets_for_times(
            handle,
            list.pointer,
            Int32(clamping: timeout.components.seconds * 1_000)
        )
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError.make(code, "asking for offsets") }
        var offsets: [TopicPartition: Int64] = [:]
        for element in list.elements {
            guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError.make(element.error, "asking for offsets", at: element.topicPartition)
            }
            if element.offset >= 0 { offsets[element.topicPartition] = element.offset }
        }
        return offsets
    }

    /// See ``Transport/committedOffsets(group:partitions:)``.
    ///
    /// While a transaction with offsets of the group is being ended, it waits for the outcome.
    package func committedOffsets(
        group: String,
        partitions: [TopicPartition]
    ) async throws(FaustError) -> [TopicPartition: Int64] {
        let timeout = timeout
        guard !partitions.isEmpty else { return [:] }
        return try await client.blocking { (handle) throws(FaustError) in
            let deadline = ContinuousClock.now + Self.propagationTimeout
            while true {
                do throws(FaustError) {
                    return try Self.committed(group, partitions, handle, timeout)
                } catch  where error.isRetriable && ContinuousClock.now < deadline {
                    Thread.sleep(forTimeInterval: 0.05)
                }
            }
        }
    }

    private static func committed(
        _ group: String,
        _ partitions: [TopicPartition],
        _ handle: OpaquePointer,
        _ timeout: Duration
    ) throws(FaustError) -> [TopicPartition: Int64] {
        let action = "asking for the offsets of the group \(group)"
        let call = AdminCall(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, action, timeout: timeout)
        if let failure = KafkaError.take(rd_kafka_AdminOptions_set_require_stable_offsets(call.options, 1), action) {
            throw failure.error
        }
        let list = KafkaPartitionList(partitions)
        var requests: [OpaquePointer?] = [rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer)]
        defer { rd_kafka_ListConsumerGroupOffsets_destroy_array(&requests, requests.count) }
        rd_kafka_ListConsumerGroupOffsets(handle, &requests, requests.count, call.options, call.queue)
        return try call.answer { (event) throws(FaustError) in
            var count = 0
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            var offsets: [TopicPartition: Int64] = [:]
            for index in 0..<count {
                guard let group = groups?[index] else { continue }
                try check(rd_kafka_group_result_error(group), action)
                guard let partitions = rd_kafka_group_result_partitions(group) else { continue }
                for element in KafkaPartitionList.elements(of: partitions) {
                    guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                        if element.error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { continue }
                        throw KafkaError.make(element.error, action, at: element.topicPartition)
                    }
                    if element.offset >= 0 { offsets[element.topicPartition] = element.offset }
                }
            }
            return offsets
        }
    }

    /// Throws an error that belongs to somebody else.
    static func check(_ error: OpaquePointer?, _ action: String) throws(FaustError) {
        guard let error, rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError.make(
            rd_kafka_error_code(error),
            action,
            detail: String(cString: rd_kafka_error_string(error))
        )
    }
}
#endif
