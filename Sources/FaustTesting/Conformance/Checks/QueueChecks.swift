// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// Polling queues: turns, limits, time and waking.
enum QueueChecks {
    static let all: [TransportConformance.Definition] = [
        .init("a poll without a wait returns at once", pollsWithoutWaiting),
        .init("a poll on an empty queue waits as long as it was told", waitsForTimeout),
        .init("a poll stops at the batch that reaches the limit", heedsLimit),
        .init("a full partition does not starve the others", takesTurns),
        .init("each queue gets the partitions that feed it", feedsOwnQueue),
        .init("a poll that waits returns when a message arrives", endsWhenMessagesArrive),
        .init("wake ends a poll, and no wake is lost", wakes),
        .init("waking one queue leaves the others alone", wakesOnlyOne),
    ]

    static func pollsWithoutWaiting(_ rig: ConformanceRig) async throws {
        let reader = try rig.makeReader()
        let elapsed = try await pollTime(reader.queue, timeout: .zero).elapsed
        try rig.expect(elapsed < rig.patience / 2, "an empty poll took \(elapsed)")
    }

    static func waitsForTimeout(_ rig: ConformanceRig) async throws {
        let reader = try rig.makeReader()
        reader.read(TopicPartition(try await rig.makeTopic(), 0))
        for _ in 0..<3 {
            let (batches, elapsed) = try await pollTime(reader.queue, timeout: .milliseconds(60))
            try rig.expect(batches.allSatisfy { $0.count == 0 }, "messages came out of nowhere")
            // A batch without messages, which only moves the position, may end a poll early.
            try rig.expect(!batches.isEmpty || elapsed >= .milliseconds(50), "the poll waited only \(elapsed)")
        }
    }

    private static func pollTime(
        _ queue: any TransportQueue,
        timeout: Duration
    ) async throws -> (batches: [MessageBatch], elapsed: Duration) {
        try await onBlockingThread {
            var batches: [MessageBatch] = []
            let elapsed = ContinuousClock().measure { batches = queue.poll(limit: 100, timeout: timeout) }
            return (batches, elapsed)
        }
    }

    static func heedsLimit(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 4)
        let reader = try rig.makeReader()
        for partition: Int32 in 0..<4 {
            // One call per message, so that a transport that keeps batches as they were sent keeps small ones.
            let producer = try rig.makeProducer()
            for index in 0..<25 {
                try await producer.send([
                    OutgoingMessage(to: TopicPartition(topic, partition), key: nil, value: Bytes("\(index)"))
                ])
            }
            reader.read(TopicPartition(topic, partition))
        }
        let received = try await reader.collect(count: 100, limit: 1)
        try rig.expectEqual(received.messages.count, 100, "messages in all")
    }

    static func takesTurns(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 3)
        let producer = try rig.makeProducer()
        let full = TopicPartition(topic, 1)
        for _ in 0..<20 {
            try await producer.send(
                (0..<1_000)
                    .map { _ in
                        OutgoingMessage(to: full, key: nil, value: "a value of some length, so that fetches fill up")
                    }
            )
        }
        let small = [TopicPartition(topic, 0), TopicPartition(topic, 2)]
        for partition in small { try await rig.fill(partition, 0..<5) }
        let reader = try rig.makeReader()
        reader.read(full)
        for partition in small { reader.read(partition) }
        let received = try await reader.collect(limit: 100, "everything") { $0.messages.count >= 20_010 }
        let lastOfFull = try rig.require(
            received.messages.lastIndex { $0.message.topicPartition == full },
            "the last message of the full partition"
        )
        for partition in small {
            let last = received.messages.lastIndex { $0.message.topicPartition == partition } ?? .max
            try rig.expect(last < lastOfFull, "\(partition) had to wait until the full partition was read")
        }
    }

    static func feedsOwnQueue(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let reader = try rig.makeReader()
        let second = reader.consumer.makeQueue()
        reader.read(TopicPartition(topic, 0))
        reader.consumer.read(TopicPartition(topic, 1), from: 0, into: second, epoch: 1)
        try await rig.fill(TopicPartition(topic, 0), 0..<10)
        try await rig.fill(TopicPartition(topic, 1), 0..<20)
        let first = try await reader.collect(count: 10)
        try rig.expectEqual(first.offsets(TopicPartition(topic, 0)), Array(0..<10), "offsets of the first queue")
        try rig.expectEqual(first.messages.count, 10, "messages of the first queue")
        let patience = rig.patience
        let other = try await onBlockingThread {
            var received = Received()
            let deadline = ContinuousClock.now + patience
            while received.messages.count < 20, .now < deadline {
                received.append(second.poll(limit: 5, timeout: .milliseconds(500)))
            }
            return received
        }
        try rig.expectEqual(other.offsets(TopicPartition(topic, 1)), Array(0..<20), "offsets of the second queue")
        try rig.expectEqual(other.messages.count, 20, "messages of the second queue")
    }

    static func endsWhenMessagesArrive(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let reader = try rig.makeReader()
        reader.read(partition)
        let producer = try rig.makeProducer()
        let (queue, patience) = (reader.queue, rig.patience)
        for round: Int64 in 0..<50 {
            // The thread may come before or after the message: both must end the poll.
            async let received = onBlockingThread {
                var received = Received()
                let start = ContinuousClock.now
                while received.messages.isEmpty, start.duration(to: .now) < patience {
                    received.append(queue.poll(limit: 10, timeout: patience))
                }
                return (received, start.duration(to: .now))
            }
            try await producer.send([OutgoingMessage(to: partition, key: nil, value: "x")])
            let (messages, elapsed) = try await received
            try rig.expectEqual(messages.offsets(partition), [round], "the offset that arrived")
            try rig.expect(elapsed < patience / 2, "the message lay there for \(elapsed)")
        }
    }

    static func wakes(_ rig: ConformanceRig) async throws {
        let reader = try rig.makeReader()
        let (queue, patience) = (reader.queue, rig.patience)
        for round in 0..<200 {
            // The wake may come before or during the poll: both must end it.
            async let elapsed = onBlockingThread {
                ContinuousClock().measure { _ = queue.poll(limit: 1, timeout: patience) }
            }
            if round % 3 == 0 { await Task.yield() }
            queue.wake()
            let time = try await elapsed
            try rig.expect(time < patience / 2, "the wake of round \(round) was lost: the poll took \(time)")
        }
    }

    static func wakesOnlyOne(_ rig: ConformanceRig) async throws {
        let reader = try rig.makeReader()
        let other = reader.consumer.makeQueue()
        reader.queue.wake()
        let elapsed = try await pollTime(other, timeout: .milliseconds(60)).elapsed
        try rig.expect(elapsed >= .milliseconds(50), "the other queue was woken after \(elapsed)")
        let patience = rig.patience
        let own = try await pollTime(reader.queue, timeout: patience).elapsed
        try rig.expect(own < patience / 2, "the queue was not woken")
    }
}
