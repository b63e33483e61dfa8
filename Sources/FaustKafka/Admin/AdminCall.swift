// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Foundation

/// One request of librdkafka's admin interface, on a thread that may block.
///
/// librdkafka answers into a queue that is made for the request.
struct AdminCall: ~Copyable {
    /// The client.
    let handle: OpaquePointer
    /// What is being done, for errors.
    let action: String
    /// Where librdkafka puts the answer.
    let queue: OpaquePointer
    /// How the request is made.
    let options: OpaquePointer

    /// Prepares a request.
    ///
    /// - Parameters:
    ///   - handle: The client, which outlives the call.
    ///   - operation: The kind of request.
    ///   - action: What is being done, for errors.
    ///   - timeout: How long librdkafka waits for the answer.
    init(_ handle: OpaquePointer, _ operation: rd_kafka_admin_op_t, _ action: String, timeout: Duration) {
        self.handle = handle
        self.action = action
        queue = rd_kafka_queue_new(handle)
        options = rd_kafka_AdminOptions_new(handle, operation)
        let milliseconds = Int32(clamping: timeout.components.seconds * 1_000)
        rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
        if operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_DELETETOPICS {
            // How long the controller waits until all brokers know.
            rd_kafka_AdminOptions_set_operation_timeout(options, min(milliseconds, 30_000), nil, 0)
        }
    }

    deinit {
        rd_kafka_AdminOptions_destroy(options)
        rd_kafka_queue_destroy(queue)
    }

    /// Waits for the answer.
    ///
    /// - Parameter body: Gets the event with the answer, which lives until the call returns.
    /// - Returns: What `body` returns.
    /// - Throws: ``FaustError`` when the request failed as a whole; what `body` throws.
    func answer<Value>(_ body: (OpaquePointer) throws(FaustError) -> Value) throws(FaustError) -> Value {
        // librdkafka's own timeout ends the wait, since it answers every request.
        while true {
            guard let event = rd_kafka_queue_poll(queue, 1_000) else { continue }
            defer { rd_kafka_event_destroy(event) }
            let code = rd_kafka_event_error(event)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError.make(
                    code,
                    action,
                    detail: rd_kafka_event_error_string(event).map { String(cString: $0) }
                )
            }
            return try body(event)
        }
    }
}
#endif
