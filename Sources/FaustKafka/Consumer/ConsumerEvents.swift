// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore

/// What librdkafka tells a consumer: rebalances, results of commits, errors of no single partition.
///
/// They come in the consumer's own queue, which has to be asked at least every `max.poll.interval.ms`, or librdkafka
/// takes the consumer for dead. The client's thread does so in its tick, and is woken when something comes.
///
/// It is `@unchecked Sendable` because of its pointers. It is safe: they are set once, librdkafka's functions on queues
/// may be called from any thread, and ``close()`` is called when no other call can be under way: while the client ends.
final class ConsumerEvents: @unchecked Sendable {
    /// librdkafka's queue; lives as long as the client.
    let queue: OpaquePointer
    private let mainQueue: OpaquePointer

    /// The events of a client; `nil` when the client is no consumer.
    init?(_ handle: OpaquePointer) {
        guard let queue = rd_kafka_queue_get_consumer(handle), let mainQueue = rd_kafka_queue_get_main(handle) else {
            return nil
        }
        self.queue = queue
        self.mainQueue = mainQueue
        // The client's thread waits at the main queue. No Swift object crosses over: the pointer is that queue.
        rd_kafka_queue_cb_event_enable(
            queue,
            { _, mainQueue in if let mainQueue { rd_kafka_queue_yield(OpaquePointer(mainQueue)) } },
            UnsafeMutableRawPointer(mainQueue)
        )
    }

    /// Calls `body` with each event that waits; the event is destroyed after the call.
    func drain(_ body: (_ event: OpaquePointer, _ type: Int32) -> Void) {
        while let event = rd_kafka_queue_poll(queue, 0) {
            body(event, rd_kafka_event_type(event))
            rd_kafka_event_destroy(event)
        }
    }

    /// Gives the queues back, right before the client is destroyed.
    func close() {
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
        rd_kafka_queue_destroy(queue)
        rd_kafka_queue_destroy(mainQueue)
    }

    /// An error event as code, text and the partition that it is about.
    static func error(of event: OpaquePointer) -> (code: rd_kafka_resp_err_t, text: String, at: TopicPartition?) {
        let text = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        guard let place = rd_kafka_event_topic_partition(event) else {
            return (rd_kafka_event_error(event), text, nil)
        }
        defer { rd_kafka_topic_partition_destroy(place) }
        let partition = place.pointee.topic.map { TopicPartition(String(cString: $0), place.pointee.partition) }
        return (rd_kafka_event_error(event), text, partition)
    }
}
#endif
