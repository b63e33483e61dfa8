// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ReadingTests {
    @Test("keys, values, headers and times arrive as they were sent, nulls and empty ones told apart")
    func carriesContents() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let headers = Headers([
                .init("trace", "abc"), .init("empty", .empty), .init("null", nil), .init("trace", "def"),
            ])
            try await rig.producer.send([
                OutgoingMessage(to: partition, key: "k", value: "v", timestampMilliseconds: 1_234, headers: headers),
                OutgoingMessage(to: partition, key: nil, value: nil, timestampMilliseconds: 5_678),
                OutgoingMessage(to: partition, key: .empty, value: .empty, timestampMilliseconds: 9),
            ])
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 7)
            let batches = try await collect(queue, "three messages") { $0.messageCount >= 3 }
            let messages = batches.flatMap { batch in batch.entries.indices.map { batch[$0] } }
            #expect(messages.map(\.offset) == [0, 1, 2])
            #expect(messages.map(\.key) == ["k", nil, .empty])
            #expect(messages.map(\.value) == ["v", nil, .empty])
            #expect(messages.map(\.timestampMilliseconds) == [1_234, 5_678, 9])
            #expect(messages.map(\.headers) == [headers, Headers(), Headers()])
            #expect(batches.allSatisfy { $0.epoch == 7 && $0.topicPartition == partition })
        }
    }

    @Test("the end of an empty or finished partition is told once, by a batch without messages")
    func tellsTheEnd() async throws {
        try await ConsumerRig.run { rig in
            let partitions = try rig.makeTopic(partitions: 2)
            try await rig.producer.send(["0", "1"], to: partitions[1])
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            for partition in partitions { consumer.read(partition, from: nil, into: queue, epoch: 1) }
            let batches = try await collect(queue, "both ends") { batches in
                batches.contains { $0.topicPartition == partitions[0] }
                    && batches.contains { $0.topicPartition == partitions[1] }
            }
            let ofEmpty = batches.filter { $0.topicPartition == partitions[0] }
            #expect(ofEmpty.map(\.nextOffset) == [0])
            #expect(ofEmpty.map(\.count) == [0])
            #expect(batches.filter { $0.topicPartition == partitions[1] }.last?.nextOffset == 2)
        }
    }

    /// Seeks over and over while messages keep coming.
    ///
    /// Each batch must belong to the epoch that it carries: the first one of an epoch starts at its position, and the
    /// others follow without a gap.
    @Test("of thousands of seeks under load none lets an older message through or leaves a gap")
    func seeksWithoutStaleMessages() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let count: Int64 = 20_000
            try await rig.producer.fill([partition], 0..<Int(count))
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            var random = SplitMix(seed: 42)
            var positions: [UInt64: Int64] = [1: 0]
            var batches: [MessageBatch] = []
            for epoch: UInt64 in 2...3_000 {
                // The same place, a little forward or back, or anywhere.
                let last = batches.last?.nextOffset ?? 0
                let target: Int64 =
                    switch random.next() % 4 {
                    case 0: last
                    case 1: max(0, last - Int64(random.next() % 50))
                    case 2: min(count - 1, last + Int64(random.next() % 50))
                    default: Int64(random.next() % UInt64(count))
                    }
                positions[epoch] = target
                consumer.seek(partition, to: target, epoch: epoch)
                // Mostly a glance, so that seeks meet every stage of a fetch; now and then until something comes.
                let waits = random.next() % 8 == 0
                batches += try await onBlockingThread {
                    queue.poll(limit: 300, timeout: waits ? .milliseconds(100) : .zero)
                }
            }
            batches += try await collect(queue, "the end under the last epoch") { later in
                later.last.map { $0.epoch == 3_000 && $0.nextOffset == count } ?? false
            }
            try check(batches, positions)
            #expect(Set(batches.map(\.epoch)).count > 100, "hardly any epoch delivered anything")
        }
    }

    private func check(_ batches: [MessageBatch], _ positions: [UInt64: Int64]) throws {
        var next: [UInt64: Int64] = positions
        var epoch: UInt64 = 0
        for batch in batches {
            try #require(batch.epoch >= epoch, "epoch \(batch.epoch) came back")
            epoch = batch.epoch
            for entry in batch.entries {
                try #require(entry.offset == next[epoch], "epoch \(epoch) began at \(positions[epoch] ?? -1)")
                next[epoch] = entry.offset + 1
            }
        }
    }

    @Test("reading is stopped and taken up again many times in a row without a stale message")
    func stopsAndReads() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<2_000)
            let consumer = try rig.makeConsumer()
            let queues = [consumer.makeQueue(), consumer.makeQueue()]
            var random = SplitMix(seed: 7)
            var positions: [UInt64: Int64] = [:]
            var batches: [MessageBatch] = []
            for epoch: UInt64 in 1...300 {
                let queue = queues[Int(epoch % 2)]
                let target = Int64(random.next() % 1_999)
                positions[epoch] = target
                consumer.read(partition, from: target, into: queue, epoch: epoch)
                if random.next() % 3 == 0 {
                    batches += try await onBlockingThread { queue.poll(limit: 100, timeout: .milliseconds(50)) }
                }
                if random.next() % 2 == 0 { consumer.stopReading(partition) }
            }
            consumer.read(partition, from: 5, into: queues[0], epoch: 1_000)
            positions[1_000] = 5
            batches += try await collect(queues[0], "the end") { later in
                later.last.map { $0.epoch == 1_000 && $0.nextOffset == 2_000 } ?? false
            }
            try check(batches, positions)
        }
    }

    @Test("seeking right after reading was begun goes to the place sought, even before the partition's leader is known")
    func seeksEarly() async throws {
        try await ConsumerRig.run { rig in
            let partitions = try rig.makeTopic(partitions: 3)
            try await rig.producer.fill(partitions, 0..<100)
            rig.cluster.takeDown(broker: 1)
            let consumer = try rig.makeConsumer(group: "early")
            let queue = consumer.makeQueue()
            for partition in partitions {
                consumer.read(partition, from: nil, into: queue, epoch: 1)
                consumer.seek(partition, to: 60, epoch: 2)
            }
            rig.cluster.bringUp(broker: 1)
            let batches = try await collect(queue, "all ends") { batches in
                partitions.allSatisfy { partition in
                    batches.contains { $0.topicPartition == partition && $0.epoch == 2 && $0.nextOffset == 100 }
                }
            }
            for partition in partitions {
                #expect(batches.offsets(partition, epoch: 2) == Array(60..<100))
                #expect(batches.offsets(partition, epoch: 1).isEmpty)
            }
        }
    }

    @Test("what was fetched ahead survives a pause")
    func pausesWithoutLoss() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<5_000)
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            var batches: [MessageBatch] = []
            while batches.messageCount < 4_000 {
                batches += try await collect(queue, limit: 50, "some") { !$0.isEmpty }
                consumer.pause([partition])
                let during = try await onBlockingThread { queue.poll(limit: 50, timeout: .milliseconds(1)) }
                #expect(during.isEmpty)
                consumer.resume([partition])
            }
            batches += try await collect(queue, "the rest") { $0.last?.nextOffset == 5_000 }
            #expect(batches.offsets(partition) == Array(0..<5_000))
        }
    }

    @Test("a broker that goes down and comes back is read on without a gap")
    func survivesOutage() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<100)
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            var batches = try await collect(queue, "the first half") { $0.messageCount == 100 }
            rig.cluster.takeDown(broker: 1)
            batches += try await onBlockingThread { queue.poll(limit: 10, timeout: .milliseconds(300)) }
            rig.cluster.bringUp(broker: 1)
            try await rig.producer.fill([partition], 100..<200)
            batches += try await collect(queue, "the second half") { $0.messageCount >= 100 }
            #expect(batches.offsets(partition) == Array(0..<200))
        }
    }

    @Test("errors of fetches, moved leaders and slow brokers are ridden out")
    func survivesFetchErrors() async throws {
        try await ConsumerRig.run(brokers: 2) { rig in
            let partition = try rig.makeTopic()[0]
            rig.cluster.setLeader(partition, broker: 1)
            try await rig.producer.fill([partition], 0..<50)
            let consumer = try rig.makeConsumer()
            let queue = consumer.makeQueue()
            rig.cluster.fail(
                .fetch,
                with: [
                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN,
                    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                ]
            )
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            var batches = try await collect(queue, "the first messages") { $0.messageCount == 50 }
            rig.cluster.setLeader(partition, broker: 2)
            rig.cluster.delay(broker: 2, milliseconds: 200)
            try await rig.producer.fill([partition], 50..<100)
            batches += try await collect(queue, "the messages of the new leader") { $0.messageCount >= 50 }
            #expect(batches.offsets(partition) == Array(0..<100))
        }
    }

    @Test("without a group and without a reset, reading from nowhere is an error that is logged")
    func needsPosition() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let consumer = try rig.makeConsumer { $0.offsetReset = .none }
            let queue = consumer.makeQueue()
            consumer.read(partition, from: nil, into: queue, epoch: 1)
            let batches = try await onBlockingThread { queue.poll(limit: 10, timeout: .milliseconds(300)) }
            #expect(batches.isEmpty)
            let errors = rig.recorder.lines.filter { $0.level == .error }.map { "\($0.metadata)" }
            #expect(errors.contains { $0.contains("offsetReset is none") })
        }
    }
}

/// A small generator of random numbers that gives the same ones every time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
#endif
