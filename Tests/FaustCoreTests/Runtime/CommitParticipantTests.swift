// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

private let failure = FaustError(.storage, "disk full")
private let change = OutgoingMessage(to: TopicPartition("app-counts-changelog", 3), key: "a", value: "1")

/// Notes in the participant's list what producer and consumer do, too.
private struct Script: Sendable {
    let told = Watched<[String]>([])

    func consumer() -> FakeConsumer {
        FakeConsumer { [told] offsets in
            told.update { $0.append("offsets") }
            return CommitResult(committed: offsets)
        }
    }

    func producer(_ outcome: @escaping @Sendable (OutgoingMessage) -> FakeProducer.Outcome? = { _ in nil })
        -> FakeProducer
    {
        FakeProducer { [told] message in
            told.update { $0.append("send") }
            return outcome(message)
        }
    }
}

@Suite("CommitParticipant")
struct CommitParticipantTests {
    @Test("the store is written between the flush and the commit of the offsets, and knows the changelog's position")
    func order() async throws {
        let script = Script()
        let participant = FakeParticipant(told: script.told, changes: [change, change])
        let rig = try await CommitterRig(
            consumer: script.consumer(),
            producer: script.producer(),
            participants: [participant]
        )
        rig.process(0..<3)
        _ = await rig.committer.commitNow()
        #expect(script.told.value == ["prepare", "send", "send", "store", "offsets", "committed"])
        #expect(participant.stored.value == [change.topicPartition: 1])
    }

    @Test("a lost changelog message rolls the state back, and nothing is stored or committed")
    func lostChange() async throws {
        let script = Script()
        let participant = FakeParticipant(told: script.told, changes: [change])
        let rig = try await CommitterRig(
            consumer: script.consumer(),
            producer: script.producer { _ in .failure(failure) },
            participants: [participant]
        )
        rig.process(0..<3)
        let outcome = await rig.committer.commitNow()
        #expect(outcome.error?.code == .storage)
        #expect(script.told.value == ["prepare", "send", "roll back [orders[0], orders[1]]"])
        // The events come again, and no stream is held back any more.
        let epoch = try #require(rig.rig.consumer.epoch(of: zero))
        rig.rig.conductor.deliver(.test(zero, 0..<3, epoch: epoch))
        var cursor = rig.rig.cursor()
        #expect(cursor.takeNow()?.offset == 0)
    }

    @Test func aStoreThatFailsStopsTheWorkerBeforeTheOffsetsAreCommitted() async throws {
        let script = Script()
        let participant = FakeParticipant(told: script.told, store: { throw failure })
        let cause = Watched<FaustError?>(nil)
        let rig = try await CommitterRig(
            consumer: script.consumer(),
            participants: [participant],
            failed: { error in cause.update { $0 = error } }
        )
        rig.process(0..<3)
        _ = await rig.committer.commitNow()
        #expect(script.told.value == ["prepare", "store"])
        #expect(cause.value?.isFatal == true)
    }

    // MARK: Partitions

    @Test("a partition starts when its own state is ready, from the group's commit and under a new epoch")
    func recovery() async throws {
        let gates = [zero: Gate(), one: Gate()]
        let participant = FakeParticipant(recover: { try await gates[$0]?.wait() })
        let rig = ConductorRig(participants: [participant])
        await rig.conductor.assigned([zero, one])
        #expect(rig.told.value == ["assigned [orders[0], orders[1]]"])
        #expect(
            rig.consumer.calls.value == [
                .read(zero, nil, epoch: 1), .pause([zero]), .read(one, nil, epoch: 2), .pause([one]),
            ]
        )
        // What was fetched before the pause comes too early.
        rig.deliver(5..<7, one)
        #expect(rig.conductor.committable() == [:])
        gates[one]?.open()
        try await rig.consumer.calls.wait { $0.last == .resume([one]) }
        #expect(rig.consumer.calls.value.suffix(2) == [.seek(one, 5, epoch: 3), .resume([one])])
        rig.deliver(5..<7, one)
        #expect(rig.conductor.committable() == [one: 5])
        #expect(rig.conductor.ready == [one])
        gates[zero]?.open()
        try await rig.consumer.calls.wait { $0.last == .resume([zero]) }
        #expect(rig.consumer.calls.value.suffix(2) == [.seek(zero, nil, epoch: 4), .resume([zero])])
    }

    @Test func aRevokeInterruptsTheRecoveryAndWaitsForItsEnd() async throws {
        let gate = Gate()
        let participant = FakeParticipant(recover: { _ in try await gate.wait() })
        let rig = ConductorRig(participants: [participant])
        await rig.conductor.assigned([zero])
        try await gate.waitForArrivals(1)
        await rig.conductor.revoked([zero])
        #expect(participant.told.value == ["recover orders[0]", "interrupted orders[0]", "revoked [orders[0]]"])
        #expect(rig.told.value == ["assigned [orders[0]]", "commit", "revoked [orders[0]]"])
        #expect(rig.conductor.assignment == [])
        #expect(!rig.consumer.calls.value.contains(.resume([zero])))
    }

    @Test func aRecoveryThatFailsStopsTheWorker() async throws {
        let participant = FakeParticipant(recover: { _ in throw failure })
        let rig = ConductorRig(participants: [participant])
        await rig.conductor.assigned([zero])
        try await rig.told.wait { $0.contains("failed storage") }
        await rig.conductor.lost([zero])
        #expect(participant.told.value.last == "lost [orders[0]]")
    }

    @Test("partitions that recover are neither rolled back nor rewound")
    func rollBackDuringRecovery() async throws {
        let gate = Gate()
        let participant = FakeParticipant(recover: { if $0 == zero { try await gate.wait() } })
        let rig = ConductorRig(participants: [participant])
        await rig.conductor.assigned([zero, one])
        try await rig.consumer.calls.wait { $0.last == .resume([one]) }
        await rig.conductor.rollBack()
        #expect(participant.told.value.last == "roll back [orders[1]]")
        #expect(rig.consumer.epoch(of: zero) == 1)
        await rig.conductor.revoked([zero, one])
    }
}
