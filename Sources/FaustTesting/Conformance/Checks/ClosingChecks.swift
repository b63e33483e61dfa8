// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Closing consumers.
enum ClosingChecks {
    static let all: [TransportConformance.Definition] = [
        .init("closing a consumer ends a poll that waits", endsPoll),
        .init("the queues of a closed consumer give nothing more", emptiesQueues),
        .init("a consumer that did nothing can be closed", closesUnused),
        .init("closing one consumer leaves the others alone", leavesOthers),
    ]

    static func endsPoll(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        for _ in 0..<20 {
            let reader = try rig.makeReader()
            reader.read(partition)
            let (queue, patience) = (reader.queue, rig.patience)
            // The close may come before or during the poll: both must end it.
            async let elapsed = onBlockingThread {
                ContinuousClock().measure { _ = queue.poll(limit: 1, timeout: patience) }
            }
            await reader.close()
            let time = try await elapsed
            try rig.expect(time < patience / 2, "the poll went on for \(time)")
        }
    }

    static func emptiesQueues(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<100)
        let reader = try rig.makeReader()
        reader.read(partition)
        _ = try await reader.collect(count: 1, limit: 1)
        await reader.close()
        let (queue, patience) = (reader.queue, rig.patience)
        for _ in 0..<3 {
            let (batches, elapsed) = try await onBlockingThread {
                var batches: [MessageBatch] = []
                let elapsed = ContinuousClock().measure { batches = queue.poll(limit: 10, timeout: patience) }
                return (batches, elapsed)
            }
            try rig.expect(batches.isEmpty, "a closed queue gave \(batches.count) batches")
            try rig.expect(elapsed < patience / 2, "a poll on a closed queue waited \(elapsed)")
        }
    }

    static func closesUnused(_ rig: ConformanceRig) async throws {
        await (try rig.makeReader()).close()
        await (try rig.makeReader(group: rig.name("group"))).close()
        await (try rig.makeProducer()).close()
        await (try rig.makeProducer(transactionalID: rig.name("transactions"))).close()
    }

    static func leavesOthers(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let (first, second) = (try rig.makeReader(), try rig.makeReader())
        first.read(partition)
        second.read(partition)
        try await rig.fill(partition, 0..<10)
        _ = try await first.collect(count: 10)
        await first.close()
        try await rig.fill(partition, 10..<20)
        let received = try await second.collect(count: 20)
        try rig.expectEqual(received.offsets(partition), Array(0..<20), "the offsets")
    }
}
