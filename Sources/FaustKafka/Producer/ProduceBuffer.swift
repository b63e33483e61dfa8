// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore

/// Hands the messages of a call to librdkafka, and keeps what that needs from call to call.
///
/// Messages of one partition that have neither headers nor a timestamp go over together (`rd_kafka_produce_batch`), the
/// others one by one. `rd_kafka_produce_batch` can take several partitions at once, too, but then leaks the messages of
/// a partition that does not exist (2.0.2).
struct ProduceBuffer {
    /// What has become of messages that were handed over.
    struct Outcome {
        /// What librdkafka refused.
        var failures: [(index: Int, error: rd_kafka_resp_err_t)] = []
        /// What did not fit in, in order.
        var leftover: [Int] = []
    }

    /// The messages of one partition.
    private struct Group {
        let topicPartition: TopicPartition
        var indices: [Int]
    }

    private var topics: [String: OpaquePointer] = [:]
    private var groups: [Group] = []
    /// Where the group of a partition, by its number, was found last.
    private var hints = [Int](repeating: 0, count: 64)
    private var plain: [rd_kafka_message_t] = []
    private var arguments = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 8)

    /// Hands messages over, in order per partition.
    ///
    /// - Parameters:
    ///   - context: The call that they belong to.
    ///   - indices: Which messages of it.
    ///   - handle: The producer.
    /// - Returns: What failed and what did not fit; librdkafka reports on the others.
    mutating func produce(_ context: ProduceContext, _ indices: [Int], _ handle: OpaquePointer) -> Outcome {
        var outcome = Outcome()
        collect(context, indices)
        defer { groups.removeAll(keepingCapacity: true) }
        for (number, group) in groups.enumerated() {
            guard let topic = topic(group.topicPartition.topic, handle) else {
                outcome.failures += group.indices.map { ($0, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) }
                continue
            }
            guard group.topicPartition.partition >= 0 else {
                outcome.failures += group.indices.map { ($0, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) }
                continue
            }
            let done = produce(context, group, topic, handle, &outcome)
            if done < group.indices.count {
                outcome.leftover = Array(group.indices[done...]) + groups[(number + 1)...].flatMap(\.indices)
                break
            }
        }
        return outcome
    }

    /// Destroys what has to go before the producer.
    mutating func destroyTopics() {
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        topics = [:]
    }

    // MARK: Groups

    private mutating func collect(_ context: ProduceContext, _ indices: [Int]) {
        for index in indices {
            let target = context.messages[index].topicPartition
            let hint = Int(truncatingIfNeeded: target.partition) & 63
            if hints[hint] < groups.count, groups[hints[hint]].topicPartition == target {
                groups[hints[hint]].indices.append(index)
                continue
            }
            if let found = groups.firstIndex(where: { $0.topicPartition == target }) {
                hints[hint] = found
                groups[found].indices.append(index)
            } else {
                hints[hint] = groups.count
                groups.append(Group(topicPartition: target, indices: [index]))
            }
        }
    }

    /// - Returns: How many messages of the group were dealt with before librdkafka was full.
    private mutating func produce(
        _ context: ProduceContext,
        _ group: Group,
        _ topic: OpaquePointer,
        _ handle: OpaquePointer,
        _ outcome: inout Outcome
    ) -> Int {
        var position = 0
        while position < group.indices.count {
            let start = position
            while position < group.indices.count, Self.isPlain(context.messages[group.indices[position]]) {
                position += 1
            }
            if position > start {
                let run = group.indices[start..<position]
                let done = producePlain(context, run, group.topicPartition.partition, topic, &outcome)
                if done < run.count { return start + done }
                continue
            }
            let index = group.indices[position]
            let error = produceRich(context, index, topic, handle)
            if error == RD_KAFKA_RESP_ERR__QUEUE_FULL { return position }
            if error != RD_KAFKA_RESP_ERR_NO_ERROR { outcome.failures.append((index, error)) }
            position += 1
        }
        return position
    }

    private static func isPlain(_ message: OutgoingMessage) -> Bool {
        message.timestampMilliseconds == nil && message.headers.isEmpty
    }

    private mutating func topic(_ name: String, _ handle: OpaquePointer) -> OpaquePointer? {
        if let topic = topics[name] { return topic }
        guard !name.utf8.contains(0), let topic = rd_kafka_topic_new(handle, name, nil) else { return nil }
        topics[name] = topic
        return topic
    }

    // MARK: librdkafka

    /// - Returns: How many messages of the run were dealt with before librdkafka was full.
    private mutating func producePlain(
        _ context: ProduceContext,
        _ run: ArraySlice<Int>,
        _ partition: Int32,
        _ topic: OpaquePointer,
        _ outcome: inout Outcome
    ) -> Int {
        plain.removeAll(keepingCapacity: true)
        for index in run {
            let message = context.messages[index]
            var raw = rd_kafka_message_t()
            (raw.payload, raw.len) = Self.pointer(message.value)
            (raw.key, raw.key_len) = Self.pointer(message.key)
            raw._private = context.slot(index)
            plain.append(raw)
        }
        // Without a flag, librdkafka copies the keys and reads the values where they are until it reports on them.
        let count = rd_kafka_produce_batch(topic, partition, 0, &plain, Int32(plain.count))
        guard count < plain.count else { return plain.count }
        for (position, index) in run.enumerated() {
            let error = plain[position].err
            // Nothing behind the first that does not fit is taken, so that the order is kept.
            if error == RD_KAFKA_RESP_ERR__QUEUE_FULL { return position }
            if error != RD_KAFKA_RESP_ERR_NO_ERROR { outcome.failures.append((index, error)) }
        }
        return plain.count
    }

    /// Hands over a message with headers or a time of its own.
    private mutating func produceRich(
        _ context: ProduceContext,
        _ index: Int,
        _ topic: OpaquePointer,
        _ handle: OpaquePointer
    ) -> rd_kafka_resp_err_t {
        let message = context.messages[index]
        var headers: OpaquePointer?
        if !message.headers.isEmpty {
            headers = Self.makeHeaders(message.headers)
        }
        let count = setArguments(message, topic, context.slot(index), headers)
        guard let failure = rd_kafka_produceva(handle, &arguments, count) else {
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
        // Headers of a message that was refused still belong to the caller.
        if let headers { rd_kafka_headers_destroy(headers) }
        defer { rd_kafka_error_destroy(failure) }
        return rd_kafka_error_code(failure)
    }

    /// - Returns: The number of arguments.
    private mutating func setArguments(
        _ message: OutgoingMessage,
        _ topic: OpaquePointer,
        _ slot: UnsafeMutableRawPointer,
        _ headers: OpaquePointer?
    ) -> Int {
        arguments[0].vtype = RD_KAFKA_VTYPE_RKT
        arguments[0].u.rkt = topic
        arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION
        arguments[1].u.i32 = message.topicPartition.partition
        arguments[2].vtype = RD_KAFKA_VTYPE_VALUE
        (arguments[2].u.mem.ptr, arguments[2].u.mem.size) = Self.pointer(message.value)
        arguments[3].vtype = RD_KAFKA_VTYPE_KEY
        (arguments[3].u.mem.ptr, arguments[3].u.mem.size) = Self.pointer(message.key)
        arguments[4].vtype = RD_KAFKA_VTYPE_OPAQUE
        arguments[4].u.ptr = slot
        arguments[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP
        // 0 asks librdkafka for the time of the call.
        arguments[5].u.i64 = message.timestampMilliseconds ?? 0
        guard let headers else { return 6 }
        arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS
        arguments[6].u.headers = headers
        return 7
    }

    private static func makeHeaders(_ headers: Headers) -> OpaquePointer? {
        let result = rd_kafka_headers_new(headers.count)
        for field in headers.fields {
            // The length goes along, so that a name may contain any byte; librdkafka copies both.
            field.name.withCString { name in
                let (value, count) = pointer(field.value)
                rd_kafka_header_add(result, name, field.name.utf8.count, value, count)
            }
        }
        return result
    }

    /// Where bytes are, as long as somebody holds them; null for null.
    private static func pointer(_ bytes: Bytes?) -> (UnsafeMutableRawPointer?, Int) {
        guard let bytes else { return (nil, 0) }
        // librdkafka takes a pointer to bytes that it could change, and does not without RD_KAFKA_MSG_F_FREE.
        return (UnsafeMutableRawPointer(mutating: bytes.storage.baseAddress + bytes.start), bytes.count)
    }
}
#endif
