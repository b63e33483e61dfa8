// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Reading partitions without a group: positions, seeking, pausing.
enum ReadingChecks {
    static let all: [TransportConformance.Definition] = [
        .init("reading starts exactly at the position asked for", startsAtPosition),
        .init("reading without a position starts at the first message", startsAtBeginning),
        .init("reading with reset to the latest leaves out what is there already", startsAtEnd),
        .init("a position that is gone is reset", resetsPosition),
        .init("what is appended while reading arrives", followsTheEnd),
        .init("batches say where they come from and where to go on", labelsBatches),
        .init("seeking goes on exactly at the new position under the new epoch", seeks),
        .init("of several seeks the last one counts", seeksRepeatedly),
        .init("seeking to no position goes back to where a fresh reader starts", seeksToStart),
        .init("a paused partition stands still and goes on without a gap", pauses),
        .init("a paused partition can be sought and resumed", seeksWhilePaused),
        .init("nothing that is sent after reading was stopped arrives", stopsReading),
        .init("reading can be taken up again after it was stopped", readsAgain),
        .init("consumers without a group read independently of each other", readsIndependently),
    ]

    static func startsAtPosition(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<100)
        for position: Int64 in [0, 1, 42, 99] {
            let reader = try rig.makeReader()
            reader.read(partition, from: position)
            let received = try await reader.collect(count: Int(100 - position))
            try rig.expectEqual(received.offsets(partition), Array(position..<100), "offsets read from \(position)")
            try rig.expectEqual(received.texts(partition).first, "\(position)", "the first value")
            await reader.close()
        }
    }

    static func startsAtBeginning(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let reader = try rig.makeReader { $0.offsetReset = .earliest }
        reader.read(partition, from: nil)
        let received = try await reader.collect(count: 10)
        try rig.expectEqual(received.offsets(partition), Array(0..<10), "the offsets")
    }

    static func startsAtEnd(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let reader = try rig.makeReader { $0.offsetReset = .latest }
        reader.read(partition, from: nil)
        // The transport looks up the end some time after the call: send until something arrives.
        let received = try await sendUntilReceived(rig, partition, reader)
        let first = try rig.require(received.offsets(partition).first, "the first message")
        try rig.expect(first >= 10, "offset \(first) was there before")
    }

    /// Sends messages one by one until the reader gets the first.
    private static func sendUntilReceived(
        _ rig: ConformanceRig,
        _ partition: TopicPartition,
        _ reader: ConformanceReader
    ) async throws -> Received {
        let producer = try rig.makeProducer()
        let deadline = ContinuousClock.now + rig.patience
        let queue = reader.queue
        var received = Received()
        while received.messages.isEmpty {
            try rig.expect(.now < deadline, "nothing arrived")
            try await producer.send([OutgoingMessage(to: partition, key: nil, value: "new")])
            received.append(try await onBlockingThread { queue.poll(limit: 10, timeout: .milliseconds(50)) })
        }
        return received
    }

    static func resetsPosition(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let reader = try rig.makeReader { $0.offsetReset = .earliest }
        reader.read(partition, from: 1_000)
        let received = try await reader.collect(count: 10)
        try rig.expectEqual(received.offsets(partition), Array(0..<10), "the offsets")
    }

    static func followsTheEnd(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let partitions = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
        let reader = try rig.makeReader()
        for partition in partitions { reader.read(partition) }
        let producer = try rig.makeProducer()
        async let received = reader.collect(count: 4_000, limit: 100)
        for call in 0..<40 {
            try await producer.send(
                (0..<100)
                    .map { OutgoingMessage(to: partitions[$0 % 2], key: nil, value: Bytes("\(call * 50 + $0 / 2)")) }
            )
        }
        for partition in partitions {
            try rig.expect(
                try await received.texts(partition) == (0..<2_000).map { "\($0)" },
                "\(partition) has gaps or is out of order"
            )
        }
    }

    static func labelsBatches(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        try await rig.fill(TopicPartition(topic, 0), 0..<20)
        try await rig.fill(TopicPartition(topic, 1), 0..<30)
        let reader = try rig.makeReader()
        reader.read(TopicPartition(topic, 0), epoch: 7)
        reader.read(TopicPartition(topic, 1), epoch: 9)
        let received = try await reader.collect("all batches") {
            $0.nextOffsets == [TopicPartition(topic, 0): 20, TopicPartition(topic, 1): 30]
        }
        for batch in received.batches {
            let epoch: UInt64 = batch.topicPartition.partition == 0 ? 7 : 9
            try rig.expectEqual(batch.epoch, epoch, "the epoch of \(batch.topicPartition)")
            for index in 0..<batch.count {
                try rig.expectEqual(batch[index].topicPartition, batch.topicPartition, "the partition of a message")
            }
        }
    }

    static func seeks(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<2_000)
        let reader = try rig.makeReader()
        reader.read(partition, from: 0, epoch: 1)
        _ = try await reader.collect(count: 1, limit: 10)
        for (epoch, position): (UInt64, Int64) in [(2, 1_500), (3, 5), (4, 1_999), (5, 0)] {
            reader.consumer.seek(partition, to: position, epoch: epoch)
            let received = try await reader.collect(limit: 50, "the end under epoch \(epoch)") {
                $0.offsets(partition, epoch: epoch).last == 1_999
            }
            let offsets = received.offsets(partition, epoch: epoch)
            try rig.expect(offsets == Array(position..<2_000), "epoch \(epoch) did not run from \(position) to the end")
        }
    }

    static func seeksRepeatedly(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<500)
        let reader = try rig.makeReader()
        reader.read(partition, from: 0, epoch: 1)
        for epoch: UInt64 in 2...50 { reader.consumer.seek(partition, to: Int64(epoch), epoch: epoch) }
        let received = try await reader.collect("the end under epoch 50") {
            $0.offsets(partition, epoch: 50).last == 499
        }
        try rig.expectEqual(received.offsets(partition, epoch: 50), Array(50..<500), "the offsets of the last epoch")
        for batch in received.batches {
            guard let first = batch.entries.first, batch.epoch > 1 else { continue }
            try rig.expect(first.offset >= Int64(batch.epoch), "epoch \(batch.epoch) holds offset \(first.offset)")
        }
    }

    static func seeksToStart(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<20)
        let reader = try rig.makeReader()
        reader.read(partition, from: 15, epoch: 1)
        _ = try await reader.collect(count: 5)
        reader.consumer.seek(partition, to: nil, epoch: 2)
        let received = try await reader.collect(count: 20)
        try rig.expectEqual(received.offsets(partition, epoch: 2), Array(0..<20), "the offsets")
    }

    static func pauses(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let (paused, witness) = (TopicPartition(topic, 0), TopicPartition(topic, 1))
        let reader = try rig.makeReader()
        reader.read(paused)
        reader.read(witness)
        try await rig.fill(paused, 0..<10)
        _ = try await reader.collect(count: 10)
        reader.consumer.pause([paused])
        try await rig.fill(paused, 10..<20)
        for round in 0..<5 {
            try await rig.fill(witness, round..<round + 1)
            let seen = try await reader.collect("the witness") { $0.offsets(witness).last == Int64(round) }
            try rig.expectEqual(seen.offsets(paused), [], "offsets of the paused partition")
        }
        reader.consumer.resume([paused])
        let received = try await reader.collect(count: 10)
        try rig.expectEqual(received.offsets(paused), Array(10..<20), "the offsets after the pause")
    }

    static func seeksWhilePaused(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<20)
        let reader = try rig.makeReader()
        reader.read(partition, epoch: 1)
        _ = try await reader.collect(count: 20)
        reader.consumer.pause([partition])
        reader.consumer.seek(partition, to: 4, epoch: 2)
        reader.consumer.resume([partition])
        let received = try await reader.collect(count: 16)
        try rig.expectEqual(received.offsets(partition), Array(4..<20), "the offsets")
    }

    static func stopsReading(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let (stopped, witness) = (TopicPartition(topic, 0), TopicPartition(topic, 1))
        let reader = try rig.makeReader()
        reader.read(stopped)
        reader.read(witness)
        try await rig.fill(stopped, 0..<5)
        _ = try await reader.collect(count: 5)
        reader.consumer.stopReading(stopped)
        try await rig.fill(stopped, 5..<10)
        for round in 0..<5 {
            try await rig.fill(witness, round..<round + 1)
            let seen = try await reader.collect("the witness") { $0.offsets(witness).last == Int64(round) }
            try rig.expectEqual(seen.offsets(stopped), [], "offsets that arrived after reading was stopped")
        }
    }

    static func readsAgain(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let reader = try rig.makeReader()
        for epoch: UInt64 in 1...5 {
            reader.read(partition, from: 3, epoch: epoch)
            let received = try await reader.collect("the end under epoch \(epoch)") {
                $0.offsets(partition, epoch: epoch).last == 9
            }
            try rig.expectEqual(received.offsets(partition, epoch: epoch), Array(3..<10), "the offsets")
            reader.consumer.stopReading(partition)
        }
    }

    static func readsIndependently(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let readers = [try rig.makeReader(), try rig.makeReader()]
        for (index, reader) in readers.enumerated() { reader.read(partition, from: Int64(index * 5)) }
        for (index, reader) in readers.enumerated() {
            let received = try await reader.collect(count: 10 - index * 5)
            try rig.expectEqual(received.offsets(partition), Array(Int64(index * 5)..<10), "offsets of reader \(index)")
        }
    }
}
