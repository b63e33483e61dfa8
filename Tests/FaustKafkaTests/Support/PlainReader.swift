// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka

/// What a consumer made of librdkafka alone reads, to hold our own code to.
struct PlainMessage: Sendable, Equatable {
    var offset: Int64
    var key: [UInt8]?
    var value: [UInt8]?
    var timestampMilliseconds: Int64
    var headers: Headers

    var text: String? { value.map { String(decoding: $0, as: UTF8.self) } }
}

/// Reads a partition from its start to its end.
func readAll(_ partition: TopicPartition, of cluster: MockCluster) async throws -> [PlainMessage] {
    let hosts = cluster.hosts
    return try await KafkaThread.blocking {
        let configuration = KafkaConfiguration().take()
        rd_kafka_conf_set_log_cb(configuration, nil)
        for (name, value) in ["metadata.broker.list": hosts, "group.id": "plain", "enable.partition.eof": "true"] {
            rd_kafka_conf_set(configuration, name, value, nil, 0)
        }
        guard let handle = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, nil, 0) else {
            rd_kafka_conf_destroy(configuration)
            throw FaustError(.configuration, "no consumer")
        }
        defer { rd_kafka_destroy(handle) }
        let list = KafkaPartitionList([partition: Int64(RD_KAFKA_OFFSET_BEGINNING)])
        rd_kafka_assign(handle, list.pointer)
        var messages: [PlainMessage] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            guard let message = rd_kafka_consumer_poll(handle, 1_000) else { continue }
            defer { rd_kafka_message_destroy(message) }
            switch message.pointee.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR: messages.append(plain(message))
            case RD_KAFKA_RESP_ERR__PARTITION_EOF: return messages
            default: continue
            }
        }
        throw FaustError(.timeout, "the end of \(partition) was not reached")
    }
}

private func plain(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> PlainMessage {
    let bytes = { (start: UnsafeRawPointer?, count: Int) in
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }
    var headers = Headers()
    var list: OpaquePointer?
    if rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR {
        var (name, value, count): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
        var index = 0
        while rd_kafka_header_get_all(list, index, &name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR, let name {
            headers.append(String(cString: name), bytes(value, count).map { Bytes($0) })
            index += 1
        }
    }
    return PlainMessage(
        offset: message.pointee.offset,
        key: bytes(message.pointee.key, message.pointee.key_len),
        value: bytes(message.pointee.payload, message.pointee.len),
        timestampMilliseconds: rd_kafka_message_timestamp(message, nil),
        headers: headers
    )
}
#endif
