// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Committing offsets of a group.
enum CommitChecks {
    static let all: [TransportConformance.Definition] = [
        .init("a commit is confirmed and can be looked up", needs: [.groups], confirms),
        .init("a new member goes on where the group has committed", needs: [.groups], goesOn),
        .init("groups commit independently of each other", needs: [.groups], separates),
        .init("a member can't commit what belongs to another", needs: [.groups], refusesForeignPartitions),
        .init("a member can't commit what it had to give away", needs: [.groups], refusesFormerOwners),
        .init("seeking to no position goes back to the commit", needs: [.groups], seeksToCommit),
        .init("a consumer without a group can't commit", needs: [.groups], demandsGroup),
        .init("a consumer that is closed can't commit", needs: [.groups], refusesAfterClose),
    ]

    static func confirms(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 3)
        let partitions = (0..<3).map { TopicPartition(topic, $0) }
        for partition in partitions { try await rig.fill(partition, 0..<10) }
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let member = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "all partitions") { $0.owners.count == 3 }
        try await rig.commit([partitions[0]: 4, partitions[2]: 10], of: member.reader.consumer)
        let first = try await rig.transport.committedOffsets(group: group.name, partitions: partitions)
        try rig.expectEqual(first, [partitions[0]: 4, partitions[2]: 10], "the committed offsets")
        try await rig.commit([partitions[0]: 5, partitions[1]: 1], of: member.reader.consumer)
        let second = try await rig.transport.committedOffsets(group: group.name, partitions: Array(partitions[0...1]))
        try rig.expectEqual(second, [partitions[0]: 5, partitions[1]: 1], "the committed offsets asked for")
        try await rig.commit([:], of: member.reader.consumer)
    }

    static func goesOn(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<50)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        for position: Int64 in [20, 50] {
            let member = try await rig.join(group, as: "until \(position)")
            try await group.waitForOwners(rig, "the partition") { $0.owners.count == 1 }
            try await rig.commit([partition: position], of: member.reader.consumer)
            await member.close()
        }
        try await rig.fill(partition, 50..<60)
        let member = try await rig.join(group, as: "last")
        let received = try await member.reader.collect(count: 10)
        try rig.expectEqual(received.offsets(partition), Array(50..<60), "the offsets")
    }

    static func separates(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let groups = ["first", "second"].map { ConformanceGroup(name: rig.name($0), topic: partition.topic) }
        for (index, group) in groups.enumerated() {
            let member = try await rig.join(group, as: "a")
            try await group.waitForOwners(rig, "the partition") { $0.owners.count == 1 }
            try await rig.commit([partition: Int64(index) + 3], of: member.reader.consumer)
        }
        for (index, group) in groups.enumerated() {
            let committed = try await rig.transport.committedOffsets(group: group.name, partitions: [partition])
            try rig.expectEqual(committed, [partition: Int64(index) + 3], "the commit of \(group.name)")
        }
    }

    static func refusesForeignPartitions(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let all = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
        for partition in all { try await rig.fill(partition, 0..<10) }
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let first = try await rig.join(group, as: "a")
        let second = try await rig.join(group, as: "b")
        try await group.waitForOwners(rig, "one partition each") { ledger in
            ledger.partitions(of: "a").count == 1 && ledger.partitions(of: "b").count == 1
        }
        let own = try rig.require(first.partitions.first, "the partition of the first member")
        let foreign = try rig.require(second.partitions.first, "the partition of the second member")
        let result = try await first.reader.consumer.commit([own: 5, foreign: 6])
        try rig.expectEqual(result.committed, [own: 5], "what the commit confirmed")
        try rig.expectEqual(Set(result.failures.keys), [foreign], "what the commit refused")
        try await expectRefusal(rig, of: [foreign: 6], by: first.reader.consumer)
        let committed = try await rig.transport.committedOffsets(group: group.name, partitions: all)
        try rig.expectEqual(committed, [own: 5], "the committed offsets")
    }

    static func refusesFormerOwners(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let first = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "both partitions") { $0.partitions(of: "a").count == 2 }
        let second = try await rig.join(group, as: "b")
        try await group.waitForOwners(rig, "one partition each") { $0.partitions(of: "b").count == 1 }
        let moved = try rig.require(second.partitions.first, "the partition that moved")
        try await rig.commit([moved: 3], of: second.reader.consumer)
        try await expectRefusal(rig, of: [moved: 9], by: first.reader.consumer)
        let committed = try await rig.transport.committedOffsets(group: group.name, partitions: [moved])
        try rig.expectEqual(committed, [moved: 3], "the committed offset")
    }

    /// A commit of nothing but foreign partitions may throw or report each of them as failed.
    private static func expectRefusal(
        _ rig: ConformanceRig,
        of offsets: [TopicPartition: Int64],
        by consumer: any TransportConsumer
    ) async throws {
        do {
            let result = try await consumer.commit(offsets)
            try rig.expectEqual(result.committed, [:], "what a commit of foreign partitions confirmed")
            try rig.expectEqual(Set(result.failures.keys), Set(offsets.keys), "what it refused")
        } catch let error as FaustError {
            try rig.expect(error.code == .group || error.code == .fenced, "the commit was refused with \(error)")
        }
    }

    static func seeksToCommit(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<20)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        let member = try await rig.join(group, as: "a")
        _ = try await member.reader.collect(count: 20)
        try await rig.commit([partition: 12], of: member.reader.consumer)
        member.reader.consumer.seek(partition, to: nil, epoch: 1_000)
        let received = try await member.reader.collect(count: 8)
        try rig.expectEqual(received.offsets(partition, epoch: 1_000), Array(12..<20), "the offsets")
    }

    static func demandsGroup(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<1)
        let reader = try rig.makeReader(group: nil)
        reader.read(partition)
        _ = try await reader.collect(count: 1)
        try await rig.expectError(from: "a commit without a group") {
            _ = try await reader.consumer.commit([partition: 1])
        }
    }

    static func refusesAfterClose(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        let member = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "the partition") { $0.owners.count == 1 }
        await member.close()
        try await rig.expectError(.closed, .group, .fenced, from: "a commit after close") {
            _ = try await member.reader.consumer.commit([partition: 1])
        }
        let committed = try await rig.transport.committedOffsets(group: group.name, partitions: [partition])
        try rig.expectEqual(committed, [:], "the committed offsets")
    }
}
