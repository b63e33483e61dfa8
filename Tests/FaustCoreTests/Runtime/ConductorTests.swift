// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization
import Testing

@testable import FaustCore

/// A conductor of one lane over buffers that a test iterates by hand.
struct ConductorRig: Sendable {
    let consumer: FakeConsumer
    let buffers: [StreamBuffer]
    let conductor: Conductor
    let clock = TestClock()
    /// What the hooks were told, in order.
    let told = Watched<[String]>([])
    let monitor = Monitor()

    /// A conductor of agents that read one topic, each by a number of streams.
    init(
        agents: Int = 1,
        concurrency: Int = 1,
        maxsize: Int = 4_096,
        consumer: FakeConsumer = FakeConsumer(),
        participants: [any CommitParticipant] = [],
        commit: @escaping @Sendable () async -> Void = {}
    ) {
        self.consumer = consumer
        let groups = (0..<agents)
            .map { _ in
                StreamGroup((0..<concurrency).map { _ in StreamBuffer(name: "agent", maxsize: maxsize) })
            }
        buffers = groups.flatMap(\.buffers)
        let (told, clock) = (told, clock)
        conductor = Conductor(
            consumer: consumer,
            queues: [FakeQueue()],
            routes: ["orders": [groups]],
            participants: Participants(participants),
            hooks: Conductor.Hooks(
                assigned: { partitions in told.update { $0.append("assigned \(partitions)") } },
                revoked: { partitions in told.update { $0.append("revoked \(partitions)") } },
                commit: { _ in
                    told.update { $0.append("commit") }
                    await commit()
                },
                failed: { error in told.update { $0.append("failed \(error.code)") } }
            ),
            monitor: monitor,
            logger: .silent,
            drainTimeout: .seconds(10),
            sleep: { try await clock.sleep(for: $0) }
        )
    }

    /// Delivers under the epoch in force, or another one.
    func deliver(_ offsets: Range<Int64>, _ partition: TopicPartition = zero, epoch: UInt64? = nil, next: Int64? = nil)
    {
        let epoch = epoch ?? consumer.epoch(of: partition) ?? 0
        conductor.deliver(.test(partition, offsets, epoch: epoch, next: next) { "k\($0)" })
    }

    func cursor(_ index: Int = 0) -> StreamCursor {
        StreamCursor(StreamSource(buffer: buffers[index], context: .test()))
    }
}

@Suite("Conductor")
struct ConductorTests {
    @Test func assignedPartitionsAreReadFromTheGroupsCommit() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero, one])
        #expect(rig.consumer.calls.value == [.read(zero, nil, epoch: 1), .read(one, nil, epoch: 2)])
        #expect(rig.conductor.assignment == [zero, one])
        #expect(rig.told.value == ["assigned [orders[0], orders[1]]"])
    }

    @Test func everyAgentGetsEveryMessageAndTheSlowestDecidesTheCommit() async {
        let rig = ConductorRig(agents: 2)
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5, next: 9)
        var (first, second) = (rig.cursor(0), rig.cursor(1))
        while first.takeNow() != nil {}
        #expect(rig.conductor.committable() == [zero: 0])
        _ = second.takeNow()
        _ = second.takeNow()
        #expect(rig.conductor.committable() == [zero: 1])
        while second.takeNow() != nil {}
        #expect(rig.conductor.committable() == [zero: 9])
        rig.conductor.noteCommitted([zero: 9])
        #expect(rig.conductor.committable() == [:])
    }

    @Test func batchesOfAnOldEpochAreDropped() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5, epoch: 7)
        rig.deliver(0..<5, one)
        var cursor = rig.cursor()
        #expect(cursor.takeNow() == nil)
        #expect(rig.conductor.committable() == [:])
        #expect(rig.monitor.messagesReceived.value == 0)
    }

    // MARK: Rewinding

    @Test func aRewindGoesBackToTheLastCommitUnderANewEpoch() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5)
        var cursor = rig.cursor()
        for _ in 0..<3 { _ = cursor.takeNow() }
        rig.conductor.noteCommitted([zero: 2])
        rig.conductor.rewind([zero])
        #expect(rig.consumer.calls.value.last == .seek(zero, 2, epoch: 2))
        // Nothing of the old epoch is handed out or committed any more.
        #expect(cursor.takeNow() == nil)
        #expect(rig.conductor.committable() == [:])
        rig.deliver(5..<9, epoch: 1)
        #expect(cursor.takeNow() == nil)
        rig.deliver(2..<5)
        #expect(cursor.takeNow()?.offset == 2)
        #expect(rig.conductor.committable() == [:])
        #expect(cursor.takeNow()?.offset == 3)
        #expect(rig.conductor.committable() == [zero: 3])
    }

    @Test func aRewindWithoutACommitGoesBackToTheGroups() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.conductor.rewind([zero, one])
        #expect(rig.consumer.calls.value == [.read(zero, nil, epoch: 1), .seek(zero, nil, epoch: 2)])
    }

    @Test func aRewindResumesAPartitionThatWasFull() async {
        let rig = ConductorRig(maxsize: 10)
        await rig.conductor.assigned([zero])
        rig.deliver(0..<8)
        rig.conductor.rewind([zero])
        #expect(
            rig.consumer.calls.value.dropFirst() == [.pause([zero]), .seek(zero, nil, epoch: 2), .resume([zero])]
        )
    }

    @Test("a partition changes its epoch in turn: nobody changes it again before the consumer knows")
    func changesInTurn() async {
        let rig = ConductorRig()
        let (told, free) = (Counter(), Counter())
        rig.consumer.onDirection.withLock { hook in
            hook = { [conductor = rig.conductor] in
                told.add(1)
                if conductor.changeTurn.withLockIfAvailable({ _ in true }) ?? false { free.add(1) }
            }
        }
        await rig.conductor.assigned([zero])
        rig.conductor.rewind([zero])
        rig.deliver(0..<2)
        var cursor = rig.cursor()
        while cursor.takeNow() != nil {}
        rig.conductor.fetchAnew(zero)
        // The log has gone back.
        rig.deliver(0..<1)
        await rig.conductor.revoked([zero])
        #expect(told.add(0) == 5)
        #expect(free.add(0) == 0)
    }

    /// Its output would be committed, and its offset would not.
    @Test(
        "a barrier is not reached while a body that lags behind has its last event in hand",
        arguments: [false, true]
    )
    func barrier(finishes: Bool) async throws {
        let rig = ConductorRig(agents: 2)
        await rig.conductor.assigned([zero])
        rig.deliver(0..<2)
        var (ahead, behind) = (rig.cursor(0), rig.cursor(1))
        while ahead.takeNow() != nil {}
        rig.conductor.holdBack()
        #expect(behind.takeNow() == nil)
        async let isReached = rig.conductor.reachBarrier(patience: .seconds(1))
        try await rig.clock.waitForSleepers(1)
        #expect(behind.takeNow()?.offset == 0)
        #expect(behind.takeNow()?.offset == 1)
        rig.clock.advance(by: .seconds(1))
        // One event less than before: it is waited for once more.
        try await rig.clock.waitForSleepers(1)
        if finishes { #expect(behind.takeNow() == nil) } else { rig.clock.advance(by: .seconds(1)) }
        #expect(await isReached == finishes)
        #expect(rig.conductor.committable() == [zero: finishes ? 2 : 1])
    }

    // MARK: Back-pressure

    @Test("a partition is paused while any stream is above 80 %, until all are below 40 %")
    func pressure() async {
        let rig = ConductorRig(agents: 2, maxsize: 10)
        await rig.conductor.assigned([zero])
        rig.deliver(0..<7)
        #expect(rig.consumer.calls.value.count == 1)
        rig.deliver(7..<9)
        #expect(rig.consumer.calls.value.dropFirst() == [.pause([zero])])
        var (first, second) = (rig.cursor(0), rig.cursor(1))
        while first.takeNow() != nil {}
        #expect(rig.consumer.calls.value.count == 2)
        while second.takeNow() != nil {}
        #expect(rig.consumer.calls.value.dropFirst(2) == [.resume([zero])])
    }

    @Test("news of a stream that comes late does not stop a partition for good")
    func lateNews() async {
        let rig = ConductorRig(maxsize: 10)
        await rig.conductor.assigned([zero])
        // The stream is full and has room again before the conductor hears of the first.
        let late = Mutex<[@Sendable () -> Void]>([])
        let pressure = rig.buffers[0].currentPressure
        rig.buffers[0]
            .connect(
                StreamBuffer.Pressure(changed: { partition, buffer in
                    late.withLock { $0.append { pressure?.changed(partition, buffer) } }
                })
            )
        rig.deliver(0..<8)
        var cursor = rig.cursor()
        while cursor.takeNow() != nil {}
        let news = late.withLock { $0 }
        #expect(news.count == 2)
        for tell in news.reversed() { tell() }
        #expect(rig.consumer.calls.value == [.read(zero, nil, epoch: 1)])
    }

    // MARK: Revoking

    @Test func revokingDrainsThenCommitsThenForgets() async throws {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero, one])
        rig.deliver(0..<5)
        var cursor = rig.cursor()
        _ = cursor.takeNow()
        async let revoked: Void = rig.conductor.revoked([zero])
        try await rig.consumer.calls.wait { $0.last == .pause([zero]) }
        try await rig.clock.waitForSleepers(1)
        #expect(rig.told.value.count == 1)
        // The event in hand is finished; the four behind it are not handed out.
        #expect(cursor.takeNow() == nil)
        try await rig.told.wait { $0.contains("commit") }
        await revoked
        #expect(rig.told.value.dropFirst() == ["commit", "revoked [orders[0]]"])
        #expect(rig.consumer.calls.value.last == .stopReading(zero))
        #expect(rig.conductor.assignment == [one])
    }

    @Test func whatIsFinishedIsCommittableWhileRevoking() async throws {
        let committed = Collected<[TopicPartition: Int64]>()
        let box = Mutex<Conductor?>(nil)
        let rig = ConductorRig(commit: {
            if let offsets = box.withLock({ $0 })?.committable() { committed.add(offsets) }
        })
        box.withLock { $0 = rig.conductor }
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5)
        var cursor = rig.cursor()
        _ = cursor.takeNow()
        async let revoked: Void = rig.conductor.revoked([zero])
        try await rig.clock.waitForSleepers(1)
        try await rig.consumer.calls.wait { $0.contains(.pause([zero])) }
        #expect(cursor.takeNow() == nil)
        await revoked
        #expect(committed.values == [[zero: 1]])
        box.withLock { $0 = nil }
    }

    @Test func anEventThatTakesTooLongIsLeftToTheNextOwner() async throws {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5)
        var cursor = rig.cursor()
        let inHand = cursor.takeNow()
        async let revoked: Void = rig.conductor.revoked([zero])
        try await rig.clock.waitForSleepers(1)
        rig.clock.advance(by: .seconds(10))
        await revoked
        #expect(rig.told.value.dropFirst() == ["commit", "revoked [orders[0]]"])
        #expect(rig.conductor.assignment == [])
        if let inHand { rig.buffers[0].finish(inHand) }
        #expect(cursor.takeNow() == nil)
    }

    @Test("a partition that comes back starts afresh, whatever is still in hand of it")
    func reassignment() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5)
        var cursor = rig.cursor()
        let old = cursor.takeNow()
        await rig.conductor.lost([zero])
        await rig.conductor.assigned([zero])
        rig.deliver(0..<2)
        if let old { rig.buffers[0].finish(old) }
        #expect(rig.conductor.committable() == [zero: 0])
        let next = cursor.takeNow()
        #expect(next?.offset == 0)
        #expect(next?.batch.epoch == 2)
        #expect(rig.conductor.committable() == [zero: 0])
    }

    @Test func lostPartitionsAreForgottenWithoutACommit() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<5)
        await rig.conductor.lost([zero])
        #expect(rig.told.value.dropFirst() == ["revoked [orders[0]]"])
        #expect(rig.consumer.calls.value.last == .stopReading(zero))
        var cursor = rig.cursor()
        #expect(cursor.takeNow() == nil)
        #expect(rig.conductor.committable() == [:])
    }

    @Test("a partition that is being given up is neither fetched nor read again, but its output is not lost")
    func rewindWhileDraining() async throws {
        let rig = ConductorRig(maxsize: 10)
        await rig.conductor.assigned([zero])
        rig.deliver(0..<8)
        var cursor = rig.cursor()
        while cursor.takeNow() != nil {}
        await rig.conductor.drain([zero])
        #expect(rig.conductor.committable() == [zero: 8])
        let calls = rig.consumer.calls.value
        rig.conductor.rewind([zero])
        #expect(rig.consumer.calls.value == calls)
        #expect(rig.conductor.committable() == [:])
        rig.deliver(8..<9)
        #expect(rig.conductor.committable() == [:])
    }

    @Test func theEndOfTheMembershipIsPassedOn() async {
        let rig = ConductorRig()
        await rig.conductor.failed(FaustError(.fenced, "gone"))
        #expect(rig.told.value == ["failed fenced"])
    }
}
