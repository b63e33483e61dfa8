// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Room for the messages that one call takes out of librdkafka, and what makes batches of them.
///
/// The messages are librdkafka's: each is a piece of a network buffer with an operation around it. They are copied into
/// one arena per batch and given back at once, so that what waits in the streams holds neither.
///
/// It is `@unchecked Sendable` because of its pointers. It is safe: the memory belongs to this value alone, which can't
/// be copied, and is used only in its mutating methods.
struct MessageBuffer: ~Copyable, @unchecked Sendable {
    /// An error that came between the messages of a partition.
    struct Failure {
        let code: rd_kafka_resp_err_t
        let text: String
        let offset: Int64?
    }

    /// What one call has taken out.
    struct Content {
        var batches: [MessageBatch] = []
        var failures: [Failure] = []
        /// The number of messages, events and errors; as many as were asked for means that more may wait.
        var taken = 0
    }

    /// What the messages of a buffer belong to.
    struct Origin {
        let partition: TopicPartition
        let epoch: UInt64
        /// The position after what was handed out so far under this epoch; `nil` when nothing was.
        var position: Int64?
    }

    /// The greatest number of messages that one call takes out.
    static let capacity = 4_096
    /// Where a batch is cut, so that positions in its arena fit into an `Int32` whatever the size of its last message.
    private static let batchByteCount = 1 << 28

    private let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    /// The headers of each message of the run at hand, which belong to the message; `nil` for none.
    ///
    /// librdkafka parses them when it is asked, which costs as much as all the rest of a message without any: so it is
    /// asked once.
    private let headers: UnsafeMutablePointer<OpaquePointer?>

    init() {
        messages = .allocate(capacity: Self.capacity)
        messages.initialize(repeating: nil, count: Self.capacity)
        headers = .allocate(capacity: Self.capacity)
        headers.initialize(repeating: nil, count: Self.capacity)
    }

    deinit {
        messages.deallocate()
        headers.deallocate()
    }

    /// Takes what waits in a queue of one partition, without waiting.
    ///
    /// - Parameters:
    ///   - queue: librdkafka's queue, which only this partition feeds.
    ///   - limit: The greatest number of messages.
    ///   - origin: What the messages belong to; its position moves on.
    /// - Returns: The batches, the errors between them, and how much was taken.
    mutating func take(from queue: PartitionQueue, limit: Int, _ origin: inout Origin) -> Content {
        var content = Content()
        let count = rd_kafka_consume_batch_queue(queue.pointer, 0, messages, min(limit, Self.capacity))
        guard count > 0 else { return content }
        content.taken = count
        var start = 0
        while start < count {
            let (end, byteCount) = extent(from: start, to: count)
            if end > start { content.batches.append(copy(start..<end, byteCount, &origin)) }
            start = end
            // What is no message ends the run.
            if start < count, let message = messages[start], message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                report(message, &origin, &content)
                rd_kafka_message_destroy(message)
                start += 1
            }
        }
        return content
    }

    /// Where the run of messages ends that a batch can hold, and how many bytes it has.
    private func extent(from start: Int, to count: Int) -> (end: Int, byteCount: Int) {
        var byteCount = 0
        var index = start
        while index < count, let message = messages[index], message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers[index] = Self.headers(message)
            let size = message.pointee.len + message.pointee.key_len + Self.byteCount(headers[index])
            if index > start, byteCount + size > Self.batchByteCount { break }
            byteCount += size
            index += 1
        }
        return (index, byteCount)
    }

    /// Copies a run of messages into an arena and gives them back to librdkafka.
    private func copy(_ range: Range<Int>, _ byteCount: Int, _ origin: inout Origin) -> MessageBatch {
        var entries = ContiguousArray<MessageBatch.Entry>()
        entries.reserveCapacity(range.count)
        let storage = ByteStorage(count: byteCount) { arena in
            var writer = ArenaWriter(arena)
            for index in range {
                guard let message = messages[index] else { continue }
                entries.append(writer.write(message, headers[index]))
                rd_kafka_message_destroy(message)
            }
            return writer.count
        }
        let next = (entries.last?.offset ?? -1) + 1
        origin.position = next
        return MessageBatch(
            topicPartition: origin.partition,
            epoch: origin.epoch,
            nextOffset: next,
            storage: storage,
            entries: entries
        )
    }

    /// Takes in what is no message: the end of the partition, whose offset tells how far holes and control records
    /// reach, or an error.
    private func report(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>,
        _ origin: inout Origin,
        _ content: inout Content
    ) {
        let offset = message.pointee.offset
        guard message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF else {
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) } ?? ""
            content.failures.append(
                Failure(code: message.pointee.err, text: text, offset: offset >= 0 ? offset : nil)
            )
            return
        }
        guard offset >= 0, origin.position.map({ offset > $0 }) ?? true else { return }
        origin.position = offset
        content.batches.append(
            MessageBatch(
                topicPartition: origin.partition,
                epoch: origin.epoch,
                nextOffset: offset,
                storage: Bytes.empty.storage,
                entries: []
            )
        )
    }

    private static func headers(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> OpaquePointer? {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return headers
    }

    /// How many bytes headers take in an arena.
    private static func byteCount(_ headers: OpaquePointer?) -> Int {
        guard let headers else { return 0 }
        var count = 0
        forEachHeader(headers) { name, _, size in count += 8 + strlen(name) + size }
        return count
    }

    /// Calls `body` with name, value (`nil` for null) and size of the value of each header.
    static func forEachHeader(
        _ headers: OpaquePointer,
        _ body: (UnsafePointer<CChar>, UnsafeRawPointer?, Int) -> Void
    ) {
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            if let name { body(name, value, value == nil ? 0 : size) }
            index += 1
        }
    }
}

/// Writes messages one after the other into the arena of a batch.
private struct ArenaWriter {
    private let base: UnsafeMutableRawPointer?
    /// The number of bytes written; the caller has counted before that all of them fit.
    private(set) var count = 0

    init(_ arena: UnsafeMutableBufferPointer<UInt8>) {
        base = UnsafeMutableRawPointer(arena.baseAddress)
    }

    mutating func write(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>,
        _ headers: OpaquePointer?
    ) -> MessageBatch.Entry {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let keyStart = count
        append(message.pointee.key, message.pointee.key_len)
        let valueStart = count
        append(message.pointee.payload, message.pointee.len)
        let headersStart = count
        if let headers { append(headers) }
        // The caller cuts batches long before a position could exceed an Int32.
        return MessageBatch.Entry(
            offset: message.pointee.offset,
            timestamp: rd_kafka_message_timestamp(message, &type),
            keyStart: Int32(truncatingIfNeeded: keyStart),
            keyCount: message.pointee.key == nil ? -1 : Int32(truncatingIfNeeded: message.pointee.key_len),
            valueStart: Int32(truncatingIfNeeded: valueStart),
            valueCount: message.pointee.payload == nil ? -1 : Int32(truncatingIfNeeded: message.pointee.len),
            headersStart: Int32(truncatingIfNeeded: headersStart),
            headersCount: Int32(truncatingIfNeeded: count - headersStart)
        )
    }

    private mutating func append(_ headers: OpaquePointer) {
        MessageBuffer.forEachHeader(headers) { name, value, size in
            let nameCount = strlen(name)
            append(length: UInt32(truncatingIfNeeded: nameCount))
            append(name, nameCount)
            append(length: value == nil ? UInt32(bitPattern: -1) : UInt32(truncatingIfNeeded: size))
            append(value, size)
        }
    }

    private mutating func append(_ bytes: UnsafeRawPointer?, _ size: Int) {
        guard let bytes, let base, size > 0 else { return }
        base.advanced(by: count).copyMemory(from: bytes, byteCount: size)
        count += size
    }

    private mutating func append(length: UInt32) {
        withUnsafeBytes(of: length.littleEndian) { append($0.baseAddress, $0.count) }
    }
}
#endif
