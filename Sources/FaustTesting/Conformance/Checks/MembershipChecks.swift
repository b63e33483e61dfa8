// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Joining and leaving groups: who is given what.
enum MembershipChecks {
    static let all: [TransportConformance.Definition] = [
        .init("a single member is given all partitions", needs: [.groups], givesAll),
        .init("a group without a commit starts at the first message", needs: [.groups], startsAtEarliest),
        .init("a group that resets to the latest leaves out what is there", needs: [.groups], startsAtLatest),
        .init("a group that must not reset fails without a commit", needs: [.groups], failsWithoutReset),
        .init("two members share the partitions evenly", needs: [.groups], shares),
        .init("members beyond the number of partitions wait", needs: [.groups], keepsSpareMembers),
        .init("the same partitions of a co-partitioned set stay together", needs: [.groups], copartitions),
        .init("several sets are shared independently", needs: [.groups], sharesSeveralSets),
        .init("each group reads everything", needs: [.groups], separatesGroups),
        .init(
            "a member that subscribes anew keeps what stays and is given what is new",
            needs: [.groups],
            resubscribes
        ),
        .init("a set that gets another topic is given up first", needs: [.groups], widensSet),
        .init("a consumer without a group can't subscribe", needs: [.groups], demandsGroup),
        .init(
            "the group tells its members and what they read",
            needs: [.groups, .groupDescription],
            describes
        ),
    ]

    static func givesAll(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 5)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let member = try await rig.join(group, as: "a")
        let all = Set((0..<5).map { TopicPartition(topic, $0) })
        try await group.waitForOwners(rig, "all partitions") { $0.partitions(of: "a") == all }
        for partition in all { try await rig.fill(partition, 0..<10) }
        let received = try await member.reader.collect(count: 50)
        for partition in all { try rig.expectEqual(received.offsets(partition), Array(0..<10), "offsets") }
    }

    static func startsAtEarliest(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic()
        try await rig.fill(TopicPartition(topic, 0), 0..<10)
        let member = try await rig.join(
            ConformanceGroup(name: rig.name("group"), topic: topic),
            as: "a",
            configure: {
                $0.offsetReset = .earliest
            }
        )
        let received = try await member.reader.collect(count: 10)
        try rig.expectEqual(received.offsets(TopicPartition(topic, 0)), Array(0..<10), "the offsets")
    }

    static func startsAtLatest(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        let member = try await rig.join(group, as: "a", configure: { $0.offsetReset = .latest })
        try await group.waitForOwners(rig, "the partition") { $0.owners == [partition: "a"] }
        // The end is looked up some time after the assignment: send until something arrives.
        let queue = member.reader.queue
        let deadline = ContinuousClock.now + rig.patience
        var received = Received()
        while received.messages.isEmpty {
            try rig.expect(.now < deadline, "nothing arrived")
            try await rig.fill(partition, 10..<11)
            received.append(try await onBlockingThread { queue.poll(limit: 10, timeout: .milliseconds(50)) })
        }
        let first = try rig.require(received.offsets(partition).first, "the first message")
        try rig.expect(first >= 10, "offset \(first) was there before")
    }

    static func failsWithoutReset(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<10)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        let member = try await rig.join(group, as: "a", configure: { $0.offsetReset = .none })
        try await withDeadline(rig.patience, "the failure of the member") {
            try await member.state.wait { state in
                state.events.contains { if case .failed = $0 { true } else { false } }
            }
        }
        let queue = member.reader.queue
        let batches = try await onBlockingThread { queue.poll(limit: 10, timeout: .zero) }
        try rig.expect(batches.allSatisfy { $0.count == 0 }, "messages came without a position to start at")
    }

    static func shares(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 6)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let members = [try await rig.join(group, as: "a"), try await rig.join(group, as: "b")]
        try await group.waitForOwners(rig, "three partitions each") { ledger in
            ledger.partitions(of: "a").count == 3 && ledger.partitions(of: "b").count == 3
        }
        for partition: Int32 in 0..<6 { try await rig.fill(TopicPartition(topic, partition), 0..<10) }
        for member in members {
            // What was assigned and taken away again may have been read too: only what is owned counts.
            let owned = member.partitions
            let received = try await member.reader.collect("the messages of \(owned)") { received in
                owned.allSatisfy { received.offsets($0).last == 9 }
            }
            for partition in owned {
                try rig.expectEqual(received.offsets(partition), Array(0..<10), "offsets of \(partition)")
            }
        }
    }

    static func keepsSpareMembers(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        var members: [String: ConformanceMember] = [:]
        for name in ["a", "b", "c", "d"] { members[name] = try await rig.join(group, as: name) }
        let ledger = try await group.waitForOwners(rig, "two owners") { Set($0.owners.values).count == 2 }
        let busy = Set(ledger.owners.values)
        // The owners leave: the spare members take over.
        for name in busy.sorted() { await members[name]?.close() }
        try await group.waitForOwners(rig, "two new owners") { ledger in
            ledger.owners.count == 2 && Set(ledger.owners.values) == Set(["a", "b", "c", "d"]).subtracting(busy)
        }
    }

    static func copartitions(_ rig: ConformanceRig) async throws {
        let topics = [
            try await rig.makeTopic("left", partitions: 5), try await rig.makeTopic("middle", partitions: 5),
            try await rig.makeTopic("right", partitions: 5),
        ]
        let group = ConformanceGroup(name: rig.name("group"), sets: [CopartitionedSet(topics)])
        let names = ["a", "b", "c"]
        for name in names { _ = try await rig.join(group, as: name) }
        let ledger = try await group.waitForOwners(rig, "partitions for everybody") { ledger in
            ledger.owners.count == 15 && names.allSatisfy { ledger.partitions(of: $0).count >= 3 }
        }
        for number: Int32 in 0..<5 {
            let owners = Set(topics.map { ledger.owners[TopicPartition($0, number)] })
            try rig.expectEqual(owners.count, 1, "the number of owners of partition \(number) of the set")
        }
    }

    static func sharesSeveralSets(_ rig: ConformanceRig) async throws {
        let pair = [
            try await rig.makeTopic("orders", partitions: 4), try await rig.makeTopic("customers", partitions: 4),
        ]
        let single = try await rig.makeTopic("clicks", partitions: 2)
        let sets = [CopartitionedSet(pair), CopartitionedSet([single])]
        let group = ConformanceGroup(name: rig.name("group"), sets: sets)
        for name in ["a", "b"] { _ = try await rig.join(group, as: name) }
        let ledger = try await group.waitForOwners(rig, "partitions for both") { ledger in
            ledger.owners.count == 10 && ["a", "b"].allSatisfy { ledger.partitions(of: $0).count >= 4 }
        }
        for number: Int32 in 0..<4 {
            let owners = Set(pair.map { ledger.owners[TopicPartition($0, number)] })
            try rig.expectEqual(owners.count, 1, "the number of owners of partition \(number) of the pair")
        }
    }

    static func separatesGroups(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        for partition: Int32 in 0..<2 { try await rig.fill(TopicPartition(topic, partition), 0..<10) }
        for name in ["first", "second"] {
            let group = ConformanceGroup(name: rig.name(name), topic: topic)
            let member = try await rig.join(group, as: "only")
            let received = try await member.reader.collect(count: 20)
            try rig.expectEqual(received.messages.count, 20, "messages of the \(name) group")
        }
    }

    static func resubscribes(_ rig: ConformanceRig) async throws {
        let kept = try await rig.makeTopic("kept", partitions: 3)
        let dropped = try await rig.makeTopic("dropped", partitions: 2)
        let group = ConformanceGroup(name: rig.name("group"), sets: [[kept], [dropped]].map { CopartitionedSet($0) })
        let members = [try await rig.join(group, as: "a"), try await rig.join(group, as: "b")]
        try await group.waitForOwners(rig, "partitions for both") { ledger in
            ledger.owners.count == 5 && ["a", "b"].allSatisfy { ledger.partitions(of: $0).count >= 2 }
        }
        let before = members.map { member in member.partitions.filter { $0.topic == kept } }
        let late = try await rig.makeTopic("late", partitions: 2)
        for member in members {
            try await member.reader.consumer.subscribe([[kept], [late]].map { CopartitionedSet($0) }, listener: member)
        }
        try await group.waitForOwners(rig, "the partitions of the new topic") { ledger in
            Set(ledger.owners.keys.map(\.topic)) == [kept, late] && ledger.owners.count == 5
        }
        for partition: Int32 in 0..<2 { try await rig.fill(TopicPartition(late, partition), 0..<5) }
        for (member, before) in zip(members, before) {
            try rig.expect(member.partitions.isSuperset(of: before), "\(member.name) has lost what could stay")
            let owned = member.partitions.filter { $0.topic == late }
            _ = try await member.reader.collect("the messages of \(owned)") { received in
                owned.allSatisfy { received.offsets($0).last == 4 }
            }
        }
    }

    static func widensSet(_ rig: ConformanceRig) async throws {
        // The new topic comes first in the set, so that its lead is another one, too.
        let orders = try await rig.makeTopic("orders", partitions: 3)
        let group = ConformanceGroup(name: rig.name("group"), topic: orders)
        let member = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "all partitions") { $0.owners.count == 3 }
        let customers = try await rig.makeTopic("customers", partitions: 3)
        try await member.reader.consumer.subscribe([CopartitionedSet([orders, customers])], listener: member)
        try await group.waitForOwners(rig, "the partitions of both topics") { $0.owners.count == 6 }
        let expected = Set((0..<3).map { TopicPartition(orders, $0) })
        try rig.expectEqual(member.revocations, expected, "what was given up on the way")
    }

    static func demandsGroup(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic()
        let reader = try rig.makeReader(group: nil)
        let group = ConformanceGroup(name: "none", topic: topic)
        let member = ConformanceMember(name: "a", group: group, reader: reader, onRevoke: { _, _ in })
        try await rig.expectError(from: "subscribing without a group") {
            try await reader.consumer.subscribe(group.sets, listener: member)
        }
    }

    static func describes(_ rig: ConformanceRig) async throws {
        let topics = [
            try await rig.makeTopic("orders", partitions: 5), try await rig.makeTopic("customers", partitions: 5),
        ]
        let group = ConformanceGroup(name: rig.name("group"), sets: [CopartitionedSet(topics)])
        try rig.expectEqual(try await rig.transport.groupMembers(group.name), [], "the members of no group")
        let names = ["a", "b"]
        var members: [ConformanceMember] = []
        for name in names {
            members.append(try await rig.join(group, as: name, configure: { $0.clientID = "client@http://\(name)" }))
        }
        try await group.waitForOwners(rig, "partitions for both") { ledger in
            ledger.owners.count == 10 && names.allSatisfy { ledger.partitions(of: $0).count >= 4 }
        }
        // The broker may learn of the end of a rebalance a little later than the members.
        let deadline = ContinuousClock.now + rig.patience
        while true {
            let told = try await rig.transport.groupMembers(group.name).map { $0.expanded(with: group.sets) }
            let owned = Dictionary(told.map { ($0.url, Set($0.assignment)) }) { $0.union($1) }
            let expected: [String?: Set<TopicPartition>] = Dictionary(
                uniqueKeysWithValues: members.map { ("http://\($0.name)", $0.partitions) }
            )
            if owned == expected, Set(told.map(\.memberID)).count == 2 { break }
            try rig.expect(.now < deadline, "the group tells \(told), while the members have \(expected)")
            await Task.yield()
        }
        await members[0].close()
        try await group.waitForOwners(rig, "all for the one that stays") { $0.partitions(of: "b").count == 10 }
        let rest = try await rig.transport.groupMembers(group.name)
        try rig.expectEqual(rest.map(\.url), ["http://b"], "who is left in the group")
    }
}
