// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Logging
import Synchronization

/// A producer that is as simple as can be, so that the tests of the consumer rest on librdkafka alone.
final class TestProducer: Sendable {
    private typealias Completion = @Sendable (Int64, rd_kafka_resp_err_t) -> Void

    private struct State {
        var number: UInt = 0
        var completions: [UInt: Completion] = [:]
    }

    /// Shared with the handlers, which are made before the producer.
    private final class Ledger: Sendable {
        let state = Mutex(State())

        func settle(_ event: OpaquePointer) {
            while let message = rd_kafka_event_message_next(event) {
                let number = UInt(bitPattern: message.pointee._private)
                let completion = state.withLock { $0.completions.removeValue(forKey: number) }
                completion?(message.pointee.offset, message.pointee.err)
            }
        }
    }

    private let client: KafkaClient
    private let ledger: Ledger

    init(_ cluster: MockCluster, overrides: [String: String] = [:]) throws {
        let ledger = Ledger()
        var handlers = KafkaEventHandlers()
        handlers.event = { event, type in
            if type == RD_KAFKA_EVENT_DR { ledger.settle(event) }
            return false
        }
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        self.ledger = ledger
        client = try KafkaClient(
            .producer,
            .producer(ProducerConfiguration(logger: logger), cluster.settings(), overrides: overrides),
            events: RD_KAFKA_EVENT_DR,
            handlers: handlers,
            logger: logger
        )
    }

    /// Sends messages and waits until they are there.
    ///
    /// - Returns: Their offsets.
    @discardableResult
    func send(_ messages: [OutgoingMessage]) async throws -> [Int64] {
        try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
            let results = AsyncThrowingStream<(Int, Int64), any Error>.makeStream()
            for (index, message) in messages.enumerated() {
                try begin(message) { offset, error in
                    if error == RD_KAFKA_RESP_ERR_NO_ERROR {
                        results.continuation.yield((index, offset))
                    } else {
                        results.continuation.finish(throwing: KafkaError.make(error, "sending"))
                    }
                }
            }
            var offsets = [Int64](repeating: -1, count: messages.count)
            var missing = messages.count
            if missing == 0 { return [] }
            for try await (index, offset) in results.stream {
                offsets[index] = offset
                missing -= 1
                if missing == 0 { break }
            }
            return offsets
        }
    }

    /// Sends texts to a partition.
    @discardableResult
    func send(_ texts: [String], to partition: TopicPartition) async throws -> [Int64] {
        try await send(texts.map { OutgoingMessage(to: partition, key: nil, value: Bytes($0)) })
    }

    /// Fills partitions with the texts `"0"`, `"1"`, … of a range.
    func fill(_ partitions: [TopicPartition], _ values: Range<Int>) async throws {
        for partition in partitions { try await send(values.map { "\($0)" }, to: partition) }
    }

    func close() async {
        _ = try? await client.blocking { (handle) throws(FaustError) in rd_kafka_flush(handle, 10_000) }
        await client.close()
    }

    private func begin(_ message: OutgoingMessage, _ completion: @escaping Completion) throws {
        let number = ledger.state.withLock { state in
            state.number += 1
            state.completions[state.number] = completion
            return state.number
        }
        try client.withHandle { (handle) throws(FaustError) in
            let error = Self.produce(handle, message, number)
            guard let error else { return }
            defer { rd_kafka_error_destroy(error) }
            throw KafkaError.make(rd_kafka_error_code(error), "sending")
        }
    }

    private static func produce(_ handle: OpaquePointer, _ message: OutgoingMessage, _ number: UInt) -> OpaquePointer? {
        let headers = rd_kafka_headers_new(message.headers.fields.count)
        for field in message.headers.fields {
            if let value = field.value {
                _ = value.withUnsafeBytes {
                    rd_kafka_header_add(headers, field.name, -1, $0.baseAddress, $0.count)
                }
            } else {
                rd_kafka_header_add(headers, field.name, -1, nil, 0)
            }
        }
        var arguments = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 7)
        arguments[0].vtype = RD_KAFKA_VTYPE_PARTITION
        arguments[0].u.i32 = message.topicPartition.partition
        arguments[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS
        arguments[1].u.i = RD_KAFKA_MSG_F_COPY
        arguments[2].vtype = RD_KAFKA_VTYPE_OPAQUE
        arguments[2].u.ptr = UnsafeMutableRawPointer(bitPattern: number)
        arguments[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP
        arguments[3].u.i64 = message.timestampMilliseconds ?? 0
        arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS
        arguments[4].u.headers = headers
        arguments[5].vtype = RD_KAFKA_VTYPE_KEY
        arguments[6].vtype = RD_KAFKA_VTYPE_VALUE
        return withBytes(message.key) { key in
            withBytes(message.value) { value in
                message.topicPartition.topic.withCString { topic in
                    arguments[5].u.mem.ptr = UnsafeMutableRawPointer(mutating: key.baseAddress)
                    arguments[5].u.mem.size = key.count
                    arguments[6].u.mem.ptr = UnsafeMutableRawPointer(mutating: value.baseAddress)
                    arguments[6].u.mem.size = value.count
                    var name = rd_kafka_vu_t()
                    name.vtype = RD_KAFKA_VTYPE_TOPIC
                    name.u.cstr = topic
                    return rd_kafka_produceva(handle, [name] + arguments, arguments.count + 1)
                }
            }
        }
    }

    /// The bytes, whose address is null when there are none and something when they are empty.
    private static func withBytes<Result>(_ bytes: Bytes?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let bytes else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return bytes.withUnsafeBytes(body)
    }
}
#endif
