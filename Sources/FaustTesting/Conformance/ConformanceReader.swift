// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A consumer of a check with one queue, which checks every batch that comes out of it.
final class ConformanceReader: Sendable {
    let consumer: any TransportConsumer
    let queue: any TransportQueue
    private unowned let rig: ConformanceRig
    private let isClosed = Mutex(false)

    init(rig: ConformanceRig, consumer: any TransportConsumer) {
        self.rig = rig
        self.consumer = consumer
        queue = consumer.makeQueue()
    }

    /// Starts to read a partition into the queue.
    func read(_ partition: TopicPartition, from position: Int64? = 0, epoch: UInt64 = 1) {
        consumer.read(partition, from: position, into: queue, epoch: epoch)
    }

    /// Takes batches out of the queue until a condition holds.
    ///
    /// - Parameters:
    ///   - limit: What each poll asks for.
    ///   - what: What is waited for, for the message.
    ///   - condition: Is asked after each batch.
    /// - Returns: All that came out, up to the batch that made the condition hold; further batches of the same poll
    ///   are included.
    /// - Throws: ``DeadlineExceeded`` when it takes too long, ``ConformanceFailure`` when a batch is at fault.
    func collect(
        limit: Int = 500,
        _ what: String,
        until condition: @escaping @Sendable (Received) -> Bool
    ) async throws -> Received {
        let queue = queue
        let patience = rig.patience
        let received = try await onBlockingThread {
            var received = Received()
            let deadline = ContinuousClock.now + patience
            while !condition(received) {
                let now = ContinuousClock.now
                guard now < deadline else {
                    throw DeadlineExceeded(what: "\(what); got \(received)", limit: patience)
                }
                let timeout = min(.milliseconds(500), now.duration(to: deadline))
                received.append(queue.poll(limit: limit, timeout: timeout), limit: limit)
            }
            return received
        }
        try rig.expect(received.faults.isEmpty, received.faults.joined(separator: "; "))
        return received
    }

    /// Takes a number of messages, or more, out of the queue.
    func collect(count: Int, limit: Int = 500) async throws -> Received {
        try await collect(limit: limit, "\(count) messages") { $0.messages.count >= count }
    }

    /// Closes the consumer; does nothing when it is closed already.
    func close() async {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if !wasClosed { await consumer.close() }
    }
}

/// What came out of a queue, in order.
struct Received: Sendable, CustomStringConvertible {
    /// A message with what a check asks for.
    struct Item: Sendable {
        let message: Message
        let epoch: UInt64

        /// The value as text; `nil` is null.
        var text: String? { message.value.map { String($0) } }
    }

    private(set) var batches: [MessageBatch] = []
    private(set) var messages: [Item] = []
    /// What is wrong with the batches as such.
    private(set) var faults: [String] = []
    private var positions: [TopicPartition: (epoch: UInt64, next: Int64)] = [:]

    /// The position after what was received of each partition.
    var nextOffsets: [TopicPartition: Int64] { positions.mapValues(\.next) }

    /// The values of the messages of a partition as text, in order.
    func texts(_ partition: TopicPartition) -> [String?] {
        messages.filter { $0.message.topicPartition == partition }.map(\.text)
    }

    /// The offsets of the messages of a partition, in order.
    func offsets(_ partition: TopicPartition, epoch: UInt64? = nil) -> [Int64] {
        messages.filter { $0.message.topicPartition == partition && (epoch == nil || $0.epoch == epoch) }
            .map(\.message.offset)
    }

    /// Adds what a poll returned.
    mutating func append(_ batches: [MessageBatch], limit: Int = .max) {
        let withoutLast = batches.dropLast().reduce(0) { $0 + $1.count }
        if withoutLast >= limit { faults.append("a poll for \(limit) went on after \(withoutLast) messages") }
        for batch in batches {
            self.batches.append(batch)
            examine(batch)
            for index in 0..<batch.count { messages.append(Item(message: batch[index], epoch: batch.epoch)) }
        }
    }

    /// Offsets must ascend within an epoch, and epochs must not come back.
    private mutating func examine(_ batch: MessageBatch) {
        let partition = batch.topicPartition
        var next = Int64.min
        if let position = positions[partition] {
            if batch.epoch == position.epoch { next = position.next }
            if batch.epoch < position.epoch { faults.append("\(partition): epoch \(batch.epoch) came back") }
        }
        for entry in batch.entries {
            if entry.offset < next { faults.append("\(partition): offset \(entry.offset) where \(next) was next") }
            next = entry.offset + 1
        }
        if batch.nextOffset < next { faults.append("\(partition): nextOffset \(batch.nextOffset) below \(next)") }
        positions[partition] = (batch.epoch, batch.nextOffset)
    }

    var description: String {
        "\(messages.count) messages in \(batches.count) batches, positions \(nextOffsets)"
    }
}
