// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization
import Testing

@testable import FaustCore

/// A watchdog over partitions that a test describes.
private struct Rig: Sendable {
    let statuses = Watched<[PartitionStatus]>([])
    let ends = Watched<[TopicPartition: Int64]?>([:])
    let done = Watched<[String]>([])
    let clock = TestClock()
    let watchdog: Watchdog

    init() {
        let (statuses, ends, done) = (statuses, ends, done)
        watchdog = Watchdog(
            Watchdog.Subject(
                statuses: { statuses.value },
                ends: { _ in
                    guard let ends = ends.value else { throw FaustError(.transport, "no answer") }
                    return ends
                },
                fetchAnew: { partition in done.update { $0.append("fetch \(partition)") } },
                stop: { error in done.update { $0.append("stop \(error.isFatal)") } }
            ),
            limits: Watchdog.Limits(processing: .seconds(100), commit: .seconds(300)),
            clock: AppClock(clock),
            logger: .silent
        )
    }

    /// Describes the only partition.
    func set(
        position: Int64,
        committed: Int64? = nil,
        unfinished: Int64? = nil,
        isInHand: Bool = true,
        isPaused: Bool = false,
        isRecovering: Bool = false
    ) {
        statuses.update {
            $0 = [
                PartitionStatus(
                    id: zero,
                    position: position,
                    committed: committed,
                    isRecovering: isRecovering,
                    isDraining: false,
                    isPaused: isPaused,
                    streams: [.init(name: "agent", unfinished: unfinished, isInHand: isInHand)]
                )
            ]
        }
    }

    /// Looks after some time.
    func look(after time: Int64 = 0) async {
        clock.advance(by: .seconds(time))
        await watchdog.look()
    }

    var kinds: [Health.Problem.Kind] { watchdog.health.problems.map(\.kind) }
}

@Suite("Watchdog")
struct WatchdogTests {
    @Test func aPartitionWithoutMoreMessagesIsHealthy() async {
        let rig = Rig()
        rig.set(position: 5, committed: 5)
        rig.ends.update { $0 = [zero: 5] }
        await rig.look()
        await rig.look(after: 10_000)
        #expect(rig.watchdog.health == Health(status: .healthy, problems: []))
        #expect(rig.done.value == [])
    }

    @Test(
        "a partition of which nothing was read yet is healthy until messages come that are not brought",
        arguments: [0, 7]
    )
    func nothingRead(end: Int64) async {
        let rig = Rig()
        rig.set(position: -1)
        rig.ends.update { $0 = [zero: end] }
        await rig.look()
        await rig.look(after: 10_000)
        #expect(rig.watchdog.health == Health(status: .healthy, problems: []))
        rig.ends.update { $0 = [zero: end + 1] }
        await rig.look()
        await rig.look(after: 100)
        #expect(rig.kinds == [.fetching])
    }

    @Test("a partition of which nothing has come since it went back to its last commit is fetched anew")
    func nothingReadAgain() async {
        let rig = Rig()
        rig.set(position: -1, committed: 5)
        rig.ends.update { $0 = [zero: 9] }
        await rig.look()
        await rig.look(after: 100)
        #expect(rig.kinds == [.fetching])
        #expect(rig.watchdog.health.problems.first?.message.contains("from 5 to 9") == true)
        await rig.look(after: 100)
        #expect(rig.done.value == ["fetch orders[0]"])
    }

    @Test func progressIsHealthyHoweverSlow() async {
        let rig = Rig()
        rig.ends.update { $0 = [zero: 1_000] }
        for offset in 0..<20 as Range<Int64> {
            rig.set(position: 20, committed: offset, unfinished: offset)
            await rig.look(after: 99)
            #expect(rig.watchdog.health.status == .healthy)
        }
    }

    @Test("a consumer that brings nothing is told to fetch anew, and at last the worker stops")
    func fetching() async {
        let rig = Rig()
        rig.set(position: 5, committed: 5)
        rig.ends.update { $0 = [zero: 9] }
        await rig.look()
        await rig.look(after: 99)
        #expect(rig.watchdog.health.status == .healthy)
        await rig.look(after: 1)
        #expect(rig.kinds == [.fetching])
        #expect(rig.watchdog.health.status == .degraded)
        #expect(rig.done.value == [])
        await rig.look(after: 100)
        #expect(rig.done.value == ["fetch orders[0]"])
        await rig.look(after: 50)
        #expect(rig.done.value == ["fetch orders[0]"])
        await rig.look(after: 50)
        #expect(rig.done.value == ["fetch orders[0]", "stop true"])
    }

    @Test func aConsumerThatGoesOnStartsOver() async {
        let rig = Rig()
        rig.set(position: 5, committed: 5)
        rig.ends.update { $0 = [zero: 9] }
        await rig.look()
        await rig.look(after: 150)
        rig.set(position: 6, committed: 6)
        await rig.look(after: 49)
        #expect(rig.watchdog.health.status == .healthy)
        await rig.look(after: 100)
        #expect(rig.kinds == [.fetching])
        #expect(rig.done.value == [])
    }

    @Test("an event that stays in hand is named, and nothing is done about it", arguments: [false, true])
    func processing(isPaused: Bool) async throws {
        let rig = Rig()
        rig.set(position: 50, committed: 7, unfinished: 7, isPaused: isPaused)
        rig.ends.update { $0 = [zero: 90] }
        await rig.look()
        for _ in 0..<9 { await rig.look(after: 100) }
        let problem = try #require(rig.watchdog.health.problems.first)
        #expect(problem.kind == .processing)
        #expect(problem.topicPartition == zero)
        #expect(problem.message.contains("agent has had offset 7 of orders[0] in hand for 900.0 seconds"))
        #expect(problem.message.contains("paused") == isPaused)
        #expect(rig.done.value == [])
    }

    @Test func messagesThatNobodyAsksForAreReported() async {
        let rig = Rig()
        rig.set(position: 50, committed: 7, unfinished: 7, isInHand: false)
        await rig.look()
        await rig.look(after: 100)
        #expect(rig.kinds == [.waiting])
        #expect(rig.done.value == [])
    }

    @Test("commits that do not come through are reported after their own limit")
    func committing() async {
        let rig = Rig()
        rig.ends.update { $0 = [zero: 1_000] }
        for offset in 1...3 as ClosedRange<Int64> {
            rig.set(position: 10 * offset, committed: 0)
            await rig.look(after: 99)
        }
        #expect(rig.watchdog.health.status == .healthy)
        for offset in 4...6 as ClosedRange<Int64> {
            rig.set(position: 10 * offset, committed: 0)
            await rig.look(after: 99)
        }
        #expect(rig.kinds == [.committing])
        rig.set(position: 60, committed: 60)
        rig.ends.update { $0 = [zero: 60] }
        await rig.look(after: 1)
        #expect(rig.watchdog.health.status == .healthy)
    }

    @Test func aBrokerThatDoesNotAnswerIsReportedAndWaitedFor() async {
        let rig = Rig()
        rig.set(position: 5, committed: 5)
        rig.ends.update { $0 = nil }
        for _ in 0..<20 { await rig.look(after: 100) }
        #expect(rig.kinds == [.broker])
        #expect(rig.done.value == [])
    }

    @Test func aPartitionThatRecoversIsLeftAlone() async {
        let rig = Rig()
        rig.set(position: -1, isRecovering: true)
        rig.ends.update { $0 = [zero: 100] }
        for _ in 0..<20 { await rig.look(after: 100) }
        #expect(rig.watchdog.health.status == .healthy)
    }

    @Test func itLooksAgainAndAgain() async throws {
        let rig = Rig()
        rig.set(position: 5, committed: 5)
        rig.ends.update { $0 = [zero: 9] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await rig.watchdog.run() }
            group.addTask { try await rig.clock.tick(by: .seconds(10)) }
            try await rig.done.wait { $0 == ["fetch orders[0]", "stop true"] }
            group.cancelAll()
        }
    }

    // MARK: What the conductor says and does

    @Test("the conductor says what is in hand, what waits and what is paused")
    func statuses() async {
        let rig = ConductorRig(maxsize: 10)
        await rig.conductor.assigned([zero])
        #expect(rig.conductor.statuses().first?.finished == -1)
        rig.deliver(0..<8)
        #expect(rig.conductor.statuses().first?.slowest == .init(name: "agent", unfinished: 0, isInHand: false))
        var cursor = rig.cursor()
        _ = cursor.takeNow()
        _ = cursor.takeNow()
        let status = rig.conductor.statuses().first
        #expect(status?.slowest == .init(name: "agent", unfinished: 1, isInHand: true))
        #expect(status?.isPaused == true)
        #expect(status?.finished == 1)
    }

    @Test("fetching anew goes on at the same place, and what is finished stays committable")
    func fetchAnew() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        rig.deliver(0..<3, next: 5)
        var cursor = rig.cursor()
        _ = cursor.takeNow()
        let calls = rig.consumer.calls.value.count
        rig.conductor.fetchAnew(zero)
        #expect(rig.consumer.calls.value.count == calls)
        while cursor.takeNow() != nil {}
        rig.conductor.fetchAnew(zero)
        #expect(rig.consumer.calls.value.dropFirst(calls) == [.seek(zero, 5, epoch: 2), .resume([zero])])
        #expect(rig.conductor.committable() == [zero: 5])
        rig.deliver(5..<6)
        #expect(cursor.takeNow()?.offset == 5)
    }

    /// The batch was on its way when the partition was fetched anew; it comes again.
    @Test("a batch that comes while its partition is fetched anew is not handed out twice")
    func fetchAnewBesideABatch() async {
        let rig = ConductorRig()
        await rig.conductor.assigned([zero])
        let old = rig.conductor.state.withLock { $0.assigned[zero] }
        rig.deliver(0..<3)
        var cursor = rig.cursor()
        while cursor.takeNow() != nil {}
        let committable = Watched<[TopicPartition: Int64]>([:])
        rig.consumer.onDirection.withLock { hook in
            hook = { [conductor = rig.conductor] in
                old?.deliver(.test(zero, 3..<6, epoch: 1) { "k\($0)" })
                // A commit at this moment has the output of what is finished, and needs its offset.
                committable.update { $0 = conductor.committable() }
            }
        }
        rig.conductor.fetchAnew(zero)
        #expect(committable.value == [zero: 3])
        #expect(cursor.takeNow() == nil)
        #expect(rig.consumer.calls.value.contains(.seek(zero, 3, epoch: 2)))
        rig.deliver(3..<6)
        #expect(cursor.takeNow()?.offset == 3)
    }
}
