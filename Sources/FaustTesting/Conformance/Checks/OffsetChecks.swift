// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation

/// What the transport tells of offsets.
enum OffsetChecks {
    static let all: [TransportConformance.Definition] = [
        .init("the offsets of an empty partition are 0..<0", startsAtZero),
        .init("the end offset is the one that the next message gets", tellsEnds),
        .init("unknown partitions have no offsets", leavesOutUnknownPartitions),
        .init("an offset is found by timestamp", needs: [.timestampLookup, .timestamps], findsByTimestamp),
        .init("the first message that is new enough counts", needs: [.timestampLookup, .timestamps], findsFirst),
        .init("a group without commits has no committed offsets", needs: [.groups], hasNoCommits),
    ]

    static func startsAtZero(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let partitions = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
        let offsets = try await rig.transport.offsets(of: partitions)
        try rig.expectEqual(offsets, [partitions[0]: 0..<0, partitions[1]: 0..<0], "the offsets")
    }

    static func tellsEnds(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let (left, right) = (TopicPartition(topic, 0), TopicPartition(topic, 1))
        let producer = try rig.makeProducer()
        for round: Int64 in 0..<10 {
            let metadata = try await producer.send((0..<3).map { _ in OutgoingMessage(to: left, key: nil, value: "x") })
            try rig.expectEqual(metadata.map(\.offset), [round * 3, round * 3 + 1, round * 3 + 2], "the offsets sent")
            let offsets = try await rig.transport.offsets(of: [left, right])
            try rig.expectEqual(offsets, [left: 0..<(round * 3 + 3), right: 0..<0], "the offsets")
        }
    }

    static func leavesOutUnknownPartitions(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 1)
        let known = TopicPartition(topic, 0)
        let partitions = [TopicPartition(topic, 1), known, TopicPartition(rig.name("never-created"), 0)]
        let offsets = try await rig.transport.offsets(of: partitions)
        try rig.expectEqual(Set(offsets.keys), [known], "the partitions with offsets")
        let none = try await rig.transport.offsets(of: [])
        try rig.expect(none.isEmpty, "asking for no partition gave \(none)")
    }

    static func findsByTimestamp(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let (partition, empty) = (TopicPartition(topic, 0), TopicPartition(topic, 1))
        let start = Int64(Date().timeIntervalSince1970 * 1_000) - 100_000
        let producer = try rig.makeProducer()
        try await producer.send(
            (0..<100)
                .map {
                    OutgoingMessage(to: partition, key: nil, value: "v", timestampMilliseconds: start + $0 * 100)
                }
        )
        let expected: [(time: Int64, offset: Int64)] = [
            (start - 1, 0), (start, 0), (start + 1, 1), (start + 100, 1), (start + 4_950, 50), (start + 9_900, 99),
            (start + 9_901, 100), (start + 90_000, 100),
        ]
        for (time, offset) in expected {
            let found = try await rig.transport.offsets(of: [partition, empty], from: time)
            try rig.expectEqual(found, [partition: offset, empty: 0], "offsets from \(time - start) ms on")
        }
    }

    static func findsFirst(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let start = Int64(Date().timeIntervalSince1970 * 1_000) - 100_000
        let producer = try rig.makeProducer()
        // Each in a call of its own, so that a transport that keeps batches keeps several.
        for late: Int64 in [100, 500, 200, 400, 600, 300] {
            try await producer.send([
                OutgoingMessage(to: partition, key: nil, value: "v", timestampMilliseconds: start + late)
            ])
        }
        for (late, offset): (Int64, Int64) in [(0, 0), (150, 1), (450, 1), (550, 4), (601, 6)] {
            let found = try await rig.transport.offsets(of: [partition], from: start + late)
            try rig.expectEqual(found[partition], offset, "the first offset from \(late) ms on")
        }
    }

    static func hasNoCommits(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let offsets = try await rig.transport.committedOffsets(group: rig.name("group"), partitions: [partition])
        try rig.expect(offsets.isEmpty, "a group that never committed has \(offsets)")
    }
}
