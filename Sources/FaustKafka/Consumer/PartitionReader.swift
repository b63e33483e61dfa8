// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Synchronization

/// librdkafka's queue of one partition.
///
/// It is `@unchecked Sendable` because of its pointer. It is safe: librdkafka's functions on queues may be called from
/// any thread, and a ``PartitionReader`` holds it under a lock, in which alone it is used and given back.
struct PartitionQueue: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// A partition that feeds a queue.
///
/// librdkafka puts what it fetches of the partition into a queue of the partition's own, which nothing else feeds and
/// which is not forwarded anywhere. So a partition is paused by not taking from its queue (librdkafka's own pause throws
/// away what was fetched), partitions take turns, and all messages of one call have one epoch.
///
/// **Epochs.** librdkafka counts a version up within the call that seeks or gives up the partition, and never hands out
/// again what it has fetched under an older one. The reader takes nothing between the change of its epoch and that
/// call: what it takes under an epoch was fetched from the position of that epoch.
///
/// **Locks.** librdkafka calls ``becameReady`` while it holds the lock of its queue. That takes the lock of the
/// ``KafkaQueue``'s monitor, under which nobody calls librdkafka. The lock of `source` is never taken there.
///
/// It is `@unchecked Sendable` because of the fields at the end. It is safe because these are only touched under the
/// lock of ``queue``'s monitor, in closures that the queue runs there.
final class PartitionReader: @unchecked Sendable {
    /// Where reading is to go on.
    struct Order: Equatable {
        /// Counts the orders.
        let generation: UInt64
        /// The offset; `nil` is where a fresh reader starts.
        let position: Int64?
    }

    private struct Source {
        /// librdkafka's queue of the partition while it is assigned.
        var queue: PartitionQueue?
        var origin: MessageBuffer.Origin
        var order: Order
        /// Whether librdkafka carries out the order.
        var isInPlace = false
    }

    /// The partition.
    let partition: TopicPartition
    /// The queue that it feeds.
    let queue: KafkaQueue
    /// Is told of errors that come between the messages.
    private let onFailure: @Sendable (PartitionReader, MessageBuffer.Failure) -> Void
    private let source: Mutex<Source>

    /// Whether fetching is held up; under the queue's lock.
    var isPaused = false
    /// Whether reading has ended; under the queue's lock.
    var isStopped = false
    /// Whether it waits in the queue's line or is being fetched; under the queue's lock.
    var isInLine = false
    /// Whether something has come, or may have, since it was last fetched; under the queue's lock.
    var hasNews = false

    init(
        _ partition: TopicPartition,
        queue: KafkaQueue,
        position: Int64?,
        epoch: UInt64,
        onFailure: @escaping @Sendable (PartitionReader, MessageBuffer.Failure) -> Void
    ) {
        self.partition = partition
        self.queue = queue
        self.onFailure = onFailure
        let origin = MessageBuffer.Origin(partition: partition, epoch: epoch)
        source = Mutex(Source(origin: origin, order: Order(generation: 1, position: position)))
    }

    /// Names another position and epoch; nothing is taken until ``arrived(_:)``.
    func move(to position: Int64?, epoch: UInt64) {
        source.withLock { source in
            source.order = Order(generation: source.order.generation + 1, position: position)
            source.origin = MessageBuffer.Origin(partition: partition, epoch: epoch)
            source.isInPlace = false
        }
    }

    /// What is to be carried out; `nil` when nothing is.
    var pendingOrder: Order? { source.withLock { $0.isInPlace ? nil : $0.order } }

    /// librdkafka carries out an order: what comes from now on belongs to it, unless there is a newer one.
    func arrived(_ order: Order) {
        let isCurrent = source.withLock { source in
            if source.order == order { source.isInPlace = true }
            return source.isInPlace
        }
        if isCurrent { queue.becameReady(self) }
    }

    /// Takes messages, without waiting.
    ///
    /// - Returns: The batches, and whether more may wait.
    func fetch(_ buffer: inout MessageBuffer, limit: Int) -> (batches: [MessageBatch], mayHaveMore: Bool) {
        let content = source.withLock { source in
            guard source.isInPlace, let queue = source.queue else { return MessageBuffer.Content() }
            return buffer.take(from: queue, limit: limit, &source.origin)
        }
        for failure in content.failures { onFailure(self, failure) }
        return (content.batches, content.taken >= limit)
    }

    /// Connects the reader to librdkafka's queue of the partition, before it is assigned.
    func attach(_ handle: OpaquePointer) {
        guard let messages = rd_kafka_queue_get_partition(handle, partition.topic, partition.partition) else { return }
        // Else what is fetched goes to the queue of the consumer.
        rd_kafka_queue_forward(messages, nil)
        // The pointer is given back by detach(), after which librdkafka does not call any more: it calls, and the call
        // is removed, under the lock of its queue.
        let pointer = Unmanaged.passRetained(self).toOpaque()
        rd_kafka_queue_cb_event_enable(
            messages,
            { _, pointer in
                guard let pointer else { return }
                let reader = Unmanaged<PartitionReader>.fromOpaque(pointer).takeUnretainedValue()
                reader.queue.becameReady(reader)
            },
            pointer
        )
        let queue = PartitionQueue(pointer: messages)
        source.withLock { $0.queue = queue }
    }

    /// Parts the reader from librdkafka's queue; must be called before the client ends.
    func detach() {
        let wasAttached = source.withLock { source in
            source.isInPlace = false
            guard let queue = source.queue else { return false }
            source.queue = nil
            rd_kafka_queue_cb_event_enable(queue.pointer, nil, nil)
            rd_kafka_queue_destroy(queue.pointer)
            return true
        }
        if wasAttached { Unmanaged.passUnretained(self).release() }
    }
}
#endif
