// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Logging
import Synchronization

/// Reads the topic of replies to this worker: outside of the group, on a thread of its own.
final class ReplyReader: Sendable {
    private let consumer: any TransportConsumer
    private let queue: any TransportQueue
    private let isStopped = Atomic(false)
    /// Reads the queue in a test, by this number; there is no thread then.
    private let hosted: (host: any WorkerHost, number: Int)?

    /// Starts to read.
    ///
    /// - Parameters:
    ///   - transport: The broker.
    ///   - starts: The partitions of the topic, usually one, and the offsets to start at.
    ///   - configuration: How the consumer behaves.
    ///   - take: Takes the messages, on the thread of the reader.
    /// - Throws: ``FaustError`` when there can be no consumer.
    init(
        _ transport: any Transport,
        from starts: [(partition: TopicPartition, offset: Int64)],
        _ configuration: ConsumerConfiguration,
        take: @escaping @Sendable (MessageBatch) -> Void
    ) throws {
        consumer = try transport.makeConsumer(configuration)
        let queue = consumer.makeQueue()
        self.queue = queue
        if let host = Hosting.host {
            let poll = HostedQueue(poll: { queue.poll(limit: $0, timeout: .zero) }, deliver: take, settle: {})
            hosted = (host, host.adopt(poll))
        } else {
            hosted = nil
        }
        for start in starts { consumer.read(start.partition, from: start.offset, into: queue, epoch: 0) }
        if hosted != nil { return }
        let thread = Thread { [self] in
            while !isStopped.load(ordering: .acquiring) {
                for batch in queue.poll(limit: 10_000, timeout: .seconds(1)) { take(batch) }
            }
        }
        thread.name = "faust-replies"
        thread.start()
    }

    /// Ends the thread and closes the consumer.
    func stop() async {
        isStopped.store(true, ordering: .releasing)
        if let hosted { hosted.host.dismiss(hosted.number) }
        queue.wake()
        await consumer.close()
    }
}
