// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// How partitions move between the members of a group.
enum RebalanceChecks {
    static let all: [TransportConformance.Definition] = [
        .init("only the partitions that move are revoked when a member joins", needs: [.groups], movesFewOnJoin),
        .init("nothing is revoked from those who stay when a member leaves", needs: [.groups], movesFewOnLeave),
        .init("a partition is handed on only when its owner is done with it", needs: [.groups], waitsForOwner),
        .init("commits succeed while partitions are being revoked", needs: [.groups], commitsInsideRevoke),
        .init("leaving revokes all partitions first", needs: [.groups], revokesOnLeave),
        .init("partitions have one owner at all times while members come and go", needs: [.groups], survivesChurn),
        .init("partitions have one owner at all times while one member stays", needs: [.groups], survivesChurnByOne),
        .init("no message is lost or read twice when a partition moves", needs: [.groups], handsOnWithoutGap),
    ]

    static func movesFewOnJoin(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 6)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let first = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "all partitions") { $0.partitions(of: "a").count == 6 }
        _ = try await rig.join(group, as: "b")
        let ledger = try await group.waitForOwners(rig, "three partitions each") { ledger in
            ledger.partitions(of: "a").count == 3 && ledger.partitions(of: "b").count == 3
        }
        try rig.expectEqual(first.revocations, ledger.partitions(of: "b"), "what was revoked from the first member")
        let assignments = first.events.filter { if case .assigned(let some) = $0 { !some.isEmpty } else { false } }
        try rig.expectEqual(assignments.count, 1, "how often the first member was given partitions")
    }

    static func movesFewOnLeave(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 6)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        var members: [ConformanceMember] = []
        for name in ["a", "b", "c"] { members.append(try await rig.join(group, as: name)) }
        try await group.waitForOwners(rig, "two partitions each") { ledger in
            ["a", "b", "c"].allSatisfy { ledger.partitions(of: $0).count == 2 }
        }
        let before = members[1...].map(\.revocations)
        await members[0].close()
        try await group.waitForOwners(rig, "three partitions each") { ledger in
            ["b", "c"].allSatisfy { ledger.partitions(of: $0).count == 3 }
        }
        try rig.expectEqual(members[1...].map(\.revocations), before, "what was revoked from those who stayed")
    }

    static func waitsForOwner(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let gate = Gate()
        rig.atEnd { gate.open() }
        let first = try await rig.join(
            group,
            as: "a",
            onRevoke: { _, _ in
                // Ends without the gate only when the check is over.
                try? await gate.wait()
            }
        )
        try await group.waitForOwners(rig, "both partitions") { $0.partitions(of: "a").count == 2 }
        let second = Watched<ConformanceMember?>(nil)
        try await withThrowingTaskGroup { tasks in
            // Joining may wait until the partitions are free.
            tasks.addTask {
                let member = try await rig.join(group, as: "b")
                second.update { $0 = member }
            }
            try await withDeadline(rig.patience, "the revocation") { try await gate.waitForArrivals(1) }
            let moving = first.revocations
            try rig.expectEqual(moving.count, 1, "the number of partitions that move")
            try rig.expect(
                group.ledger.value.partitions(of: "b").isEmpty,
                "the partition was handed on before its owner was done"
            )
            gate.open()
            let ledger = try await group.waitForOwners(rig, "one partition each") { ledger in
                ledger.partitions(of: "a").count == 1 && ledger.partitions(of: "b").count == 1
            }
            try rig.expectEqual(ledger.partitions(of: "b"), moving, "what the second member got")
            try await tasks.waitForAll()
        }
    }

    static func commitsInsideRevoke(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 2)
        for partition: Int32 in 0..<2 { try await rig.fill(TopicPartition(topic, partition), 0..<10) }
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let results = Watched<[Result<[TopicPartition: Int64], any Error>]>([])
        _ = try await rig.join(
            group,
            as: "a",
            onRevoke: { member, partitions in
                let offsets = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(7)) })
                let result: Result<[TopicPartition: Int64], any Error>
                do {
                    try await rig.commit(offsets, of: member.reader.consumer)
                    result = .success(offsets)
                } catch {
                    result = .failure(error)
                }
                results.update { $0.append(result) }
            }
        )
        try await group.waitForOwners(rig, "both partitions") { $0.partitions(of: "a").count == 2 }
        let second = try await rig.join(group, as: "b")
        let ledger = try await group.waitForOwners(rig, "one partition each") { $0.partitions(of: "b").count == 1 }
        let moved = try rig.require(ledger.partitions(of: "b").first, "the partition that moved")
        let committed = try rig.require(results.value.first, "the result of the commit").get()
        try rig.expectEqual(committed, [moved: 7], "what the commit confirmed")
        let received = try await second.reader.collect(count: 3)
        try rig.expectEqual(received.offsets(moved), [7, 8, 9], "the offsets that the new owner read")
    }

    static func revokesOnLeave(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 3)
        let all = Set((0..<3).map { TopicPartition(topic, $0) })
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        let failures = Watched<[String]>([])
        let member = try await rig.join(
            group,
            as: "a",
            onRevoke: { member, partitions in
                do {
                    let offsets = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64($0.partition) + 1) })
                    try await rig.commit(offsets, of: member.reader.consumer)
                } catch {
                    failures.update { $0.append("\(error)") }
                }
            }
        )
        try await group.waitForOwners(rig, "all partitions") { $0.partitions(of: "a") == all }
        await member.close()
        try rig.expectEqual(member.revocations, all, "what was revoked when close returned")
        try rig.expectEqual(failures.value, [], "failures of the commit inside the revocation")
        let committed = try await rig.transport.committedOffsets(group: group.name, partitions: Array(all))
        let expected = Dictionary(uniqueKeysWithValues: all.map { ($0, Int64($0.partition) + 1) })
        try rig.expectEqual(committed, expected, "the committed offsets")
    }

    static func survivesChurn(_ rig: ConformanceRig) async throws {
        try await churn(rig, ["++", "+", "-+", "--+", "+++", "--", "-+-+", "--"], staying: 0)
    }

    static func survivesChurnByOne(_ rig: ConformanceRig) async throws {
        try await churn(rig, ["+", "++", "-+", "--+", "++", "--"], staying: 1)
    }

    /// Lets members come and go.
    ///
    /// - Parameters:
    ///   - rig: What the check is made of.
    ///   - rounds: Joins (+) and leaves of the oldest (-), several at a time.
    ///   - staying: How many of the oldest never leave.
    /// - Throws: ``ConformanceFailure``, and what the transport throws.
    private static func churn(_ rig: ConformanceRig, _ rounds: [String], staying: Int) async throws {
        let topic = try await rig.makeTopic(partitions: 8)
        let group = ConformanceGroup(name: rig.name("group"), topic: topic)
        var members: [(name: String, member: ConformanceMember)] = []
        for (round, step) in rounds.enumerated() {
            for (index, action) in step.enumerated() {
                if action == "+" {
                    let name = "member \(round).\(index)"
                    members.append((name, try await rig.join(group, as: name)))
                } else {
                    await members.remove(at: staying).member.close()
                }
            }
            let names = Set(members.map(\.name))
            try await group.waitForOwners(rig, "owners for all partitions in round \(round)") { ledger in
                ledger.owners.count == 8 && Set(ledger.owners.values) == names
            }
        }
        for (_, member) in members { await member.close() }
        try rig.expect(group.ledger.value.owners.isEmpty, "partitions are owned after everybody has left")
        try rig.expectEqual(group.ledger.value.faults, [], "what went wrong")
    }

    static func handsOnWithoutGap(_ rig: ConformanceRig) async throws {
        let partition = TopicPartition(try await rig.makeTopic(), 0)
        try await rig.fill(partition, 0..<300)
        let group = ConformanceGroup(name: rig.name("group"), topic: partition.topic)
        var offsets: [Int64] = []
        for round in 0..<3 {
            let position = Watched<Int64?>(nil)
            let member = try await rig.join(
                group,
                as: "member \(round)",
                onRevoke: { member, partitions in
                    guard partitions.contains(partition), let next = position.value else { return }
                    // A commit that fails shows as messages that are read twice.
                    _ = try? await member.reader.consumer.commit([partition: next])
                }
            )
            let received = try await member.reader.collect(count: 100, limit: 10)
            let own = Array(received.offsets(partition).prefix(100))
            offsets += own
            position.update { $0 = own.last.map { $0 + 1 } }
            await member.close()
        }
        try rig.expectEqual(offsets, Array(0..<300), "the offsets that the members read one after the other")
    }
}
