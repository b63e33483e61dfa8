// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Transactions: all or nothing, together with offsets, and only by the youngest holder of the identity.
enum TransactionChecks {
    private typealias Definition = TransportConformance.Definition

    static let all: [TransportConformance.Definition] = [
        Definition("a transaction is seen when it is committed, not before", needs: [.transactions], showsCommitted),
        Definition("a transaction that is aborted is never seen", needs: [.transactions], hidesAborted),
        Definition("the position moves past aborted messages", needs: [.transactions], movesPastAborted),
        Definition(
            "readers of uncommitted messages see open transactions",
            needs: [.transactions, .readUncommitted],
            showsOpen
        ),
        Definition("the outcomes are known when the transaction is committed", needs: [.transactions], tellsOutcomes),
        Definition("transactions follow each other", needs: [.transactions], followEachOther),
        Definition("offsets take effect with the transaction", needs: [.transactions, .groups], commitsOffsets),
        Definition("offsets of an aborted transaction are not there", needs: [.transactions, .groups], dropsOffsets),
        Definition("offsets need membership", needs: [.transactions, .groups], checksMembership),
        Definition("the younger of two producers with one identity wins", needs: [.transactions], fences),
        Definition("a transaction needs an identity", needs: [.transactions], demandsIdentity),
        Definition("closing a producer ends its transaction unseen", needs: [.transactions], abortsOnClose),
    ]

    private static func messages(_ partitions: TopicPartition..., value: Bytes, count: Int = 3) -> [OutgoingMessage] {
        (0..<count).flatMap { _ in partitions.map { OutgoingMessage(to: $0, key: nil, value: value) } }
    }

    /// Two partitions that transactions write to, and one that they don't, which shows that reading goes on.
    private struct Scene {
        let left: TopicPartition
        let right: TopicPartition
        let witness: TopicPartition
        let reader: ConformanceReader
        let producer: ConformanceProducer

        init(_ rig: ConformanceRig) async throws {
            let topic = try await rig.makeTopic(partitions: 3)
            (left, right, witness) = (TopicPartition(topic, 0), TopicPartition(topic, 1), TopicPartition(topic, 2))
            reader = try rig.makeReader()
            for partition in [left, right, witness] { reader.read(partition) }
            producer = try rig.makeProducer(transactionalID: rig.name("transactions"))
        }

        /// What arrives until a message that is sent to the witness now does.
        func readPastWitness(_ rig: ConformanceRig) async throws -> Received {
            let witness = witness
            try await rig.fill(witness, 0..<1)
            return try await reader.collect("the witness") { !$0.offsets(witness).isEmpty }
        }
    }

    static func showsCommitted(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, scene.right, value: "committed"))
        for _ in 0..<3 {
            let before = try await scene.readPastWitness(rig)
            try rig.expectEqual(before.texts(scene.left) + before.texts(scene.right), [], "what was seen too early")
        }
        try await scene.producer.raw.commitTransaction(offsets: [:], of: nil)
        let received = try await scene.reader.collect(count: 6)
        let expected = Array(repeating: "committed" as String?, count: 3)
        try rig.expectEqual(received.texts(scene.left), expected, "what was seen in one partition")
        try rig.expectEqual(received.texts(scene.right), expected, "what was seen in the other")
    }

    static func hidesAborted(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, scene.right, value: "aborted"))
        try await scene.producer.raw.abortTransaction()
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, scene.right, value: "committed"))
        try await scene.producer.raw.commitTransaction(offsets: [:], of: nil)
        let received = try await scene.reader.collect(count: 6)
        let values = Set(received.messages.map(\.text))
        try rig.expectEqual(values, ["committed"], "the values seen")
        let late = try rig.makeReader()
        late.read(scene.left)
        let again = try await late.collect(count: 3)
        try rig.expectEqual(
            again.texts(scene.left),
            ["committed", "committed", "committed"],
            "what a late reader sees"
        )
    }

    static func movesPastAborted(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await rig.fill(scene.left, 0..<2)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "aborted"))
        try await scene.producer.raw.abortTransaction()
        let offsets = try await rig.transport.offsets(of: [scene.left])
        let end = try rig.require(offsets[scene.left], "the offsets").upperBound
        try rig.expect(end >= 2, "the end offset went back to \(end)")
        let left = scene.left
        let received = try await scene.reader.collect("the position \(end)") { $0.nextOffsets[left] == end }
        try rig.expectEqual(received.texts(left), ["0", "1"], "the values seen")
    }

    static func showsOpen(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        let uncommitted = try rig.makeReader { $0.readCommitted = false }
        uncommitted.read(scene.left)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "open"))
        let received = try await uncommitted.collect(count: 3)
        try rig.expectEqual(received.texts(scene.left), ["open", "open", "open"], "the values of the open transaction")
        try await scene.producer.raw.abortTransaction()
    }

    static func tellsOutcomes(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        let pending = scene.producer.begin(messages(scene.left, scene.right, value: "committed"))
        await scene.producer.raw.flush()
        try await scene.producer.raw.commitTransaction(offsets: [:], of: nil)
        let metadata = try await scene.producer.settle(pending, count: 6).map { try $0.get() }
        let received = try await scene.reader.collect(count: 6)
        for partition in [scene.left, scene.right] {
            let told = metadata.filter { $0.topicPartition == partition }.map(\.offset)
            try rig.expectEqual(received.offsets(partition), told, "the offsets told for \(partition)")
        }
    }

    static func followEachOther(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        var expected: [String?] = []
        for round in 0..<10 {
            try await scene.producer.raw.beginTransaction()
            await scene.producer.sendInTransaction(messages(scene.left, value: Bytes("\(round)"), count: 2))
            if round % 3 == 1 {
                try await scene.producer.raw.abortTransaction()
            } else {
                try await scene.producer.raw.commitTransaction(offsets: [:], of: nil)
                expected += ["\(round)", "\(round)"]
            }
        }
        let received = try await scene.reader.collect(count: expected.count)
        try rig.expectEqual(received.texts(scene.left), expected, "the values in order")
    }

    /// A member of a group that owns the only partition of a topic with ten messages.
    private static func makeMember(_ rig: ConformanceRig) async throws -> (ConformanceMember, TopicPartition, String) {
        let input = TopicPartition(try await rig.makeTopic("input"), 0)
        try await rig.fill(input, 0..<10)
        let group = ConformanceGroup(name: rig.name("group"), topic: input.topic)
        let member = try await rig.join(group, as: "a")
        try await group.waitForOwners(rig, "the partition") { $0.owners.count == 1 }
        return (member, input, group.name)
    }

    static func commitsOffsets(_ rig: ConformanceRig) async throws {
        let (member, input, group) = try await makeMember(rig)
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "result"))
        let before = try await rig.transport.committedOffsets(group: group, partitions: [input])
        try rig.expectEqual(before, [:], "the committed offsets before")
        try await scene.producer.raw.commitTransaction(offsets: [input: 6], of: member.reader.consumer)
        let after = try await rig.transport.committedOffsets(group: group, partitions: [input])
        try rig.expectEqual(after, [input: 6], "the committed offsets after")
        let received = try await scene.reader.collect(count: 3)
        try rig.expectEqual(received.texts(scene.left), ["result", "result", "result"], "the values")
        try await scene.producer.raw.beginTransaction()
        try await scene.producer.raw.commitTransaction(offsets: [input: 8], of: member.reader.consumer)
        let last = try await rig.transport.committedOffsets(group: group, partitions: [input])
        try rig.expectEqual(last, [input: 8], "the offsets of a transaction without messages")
    }

    static func dropsOffsets(_ rig: ConformanceRig) async throws {
        let (member, input, group) = try await makeMember(rig)
        try await rig.commit([input: 2], of: member.reader.consumer)
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "result"))
        try await scene.producer.raw.abortTransaction()
        let committed = try await rig.transport.committedOffsets(group: group, partitions: [input])
        try rig.expectEqual(committed, [input: 2], "the committed offsets")
    }

    static func checksMembership(_ rig: ConformanceRig) async throws {
        let (member, input, group) = try await makeMember(rig)
        let scene = try await Scene(rig)
        await member.close()
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "result"))
        try await rig.expectError(.group, .fenced, .closed, from: "offsets of a consumer that has left") {
            try await scene.producer.raw.commitTransaction(offsets: [input: 6], of: member.reader.consumer)
        }
        try await scene.producer.raw.abortTransaction()
        let received = try await scene.readPastWitness(rig)
        try rig.expectEqual(received.texts(scene.left), [], "what was seen of the transaction")
        let committed = try await rig.transport.committedOffsets(group: group, partitions: [input])
        try rig.expectEqual(committed, [:], "the committed offsets")
    }

    static func fences(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "older"))
        let younger = try rig.makeProducer(transactionalID: rig.name("transactions"))
        try await younger.raw.beginTransaction()
        await younger.sendInTransaction(messages(scene.left, value: "younger"))
        try await rig.expectError(.fenced, from: "the commit of the older producer") {
            try await scene.producer.raw.commitTransaction(offsets: [:], of: nil)
        }
        try await younger.raw.commitTransaction(offsets: [:], of: nil)
        try await rig.expectError(.fenced, from: "another transaction of the older producer") {
            try await scene.producer.raw.beginTransaction()
        }
        let received = try await scene.reader.collect(count: 3)
        try rig.expectEqual(received.texts(scene.left), ["younger", "younger", "younger"], "the values seen")
    }

    static func demandsIdentity(_ rig: ConformanceRig) async throws {
        let producer = try rig.makeProducer()
        try await rig.expectError(from: "a transaction without an identity") {
            try await producer.raw.beginTransaction()
        }
    }

    static func abortsOnClose(_ rig: ConformanceRig) async throws {
        let scene = try await Scene(rig)
        try await scene.producer.raw.beginTransaction()
        await scene.producer.sendInTransaction(messages(scene.left, value: "unfinished"))
        await scene.producer.close()
        let heir = try rig.makeProducer(transactionalID: rig.name("transactions"))
        try await heir.raw.beginTransaction()
        await heir.sendInTransaction(messages(scene.left, value: "finished"))
        try await heir.raw.commitTransaction(offsets: [:], of: nil)
        let received = try await scene.reader.collect(count: 3)
        try rig.expectEqual(received.texts(scene.left), ["finished", "finished", "finished"], "the values seen")
    }
}
