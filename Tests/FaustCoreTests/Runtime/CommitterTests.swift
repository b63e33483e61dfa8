// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization
import Testing

@testable import FaustCore

/// A committer over a conductor whose events a test finishes by hand.
struct CommitterRig: Sendable {
    let rig: ConductorRig
    let fake: FakeProducer
    let producer: Producer
    let committer: Committer
    let clock = TestClock()
    let catalog = TopicCatalog.test(FakeTransport(["out": 1]))

    init(
        consumer: FakeConsumer = FakeConsumer(),
        producer fake: FakeProducer = FakeProducer(),
        commitEvery: Int = 1_000,
        hasConductor: Bool = true,
        participants: [any CommitParticipant] = [],
        failed: @escaping @Sendable (FaustError) -> Void = { _ in }
    ) async throws {
        let rig = ConductorRig(consumer: consumer, participants: participants)
        self.rig = rig
        self.fake = fake
        try await catalog.declare([TopicDeclaration(name: "out", partitions: 1)])
        producer = Producer.test(fake, catalog: catalog, monitor: rig.monitor)
        let clock = clock
        committer = Committer(
            conductor: { hasConductor ? rig.conductor : nil },
            consumer: consumer,
            producer: producer,
            options: Committer.Options(interval: .seconds(3), commitEvery: commitEvery),
            monitor: rig.monitor,
            logger: .silent,
            failed: failed,
            sleep: { try await clock.sleep(for: $0) }
        )
        await rig.conductor.assigned([zero, one])
    }

    /// Delivers messages and finishes them.
    func process(_ offsets: Range<Int64>, _ partition: TopicPartition = zero) {
        rig.deliver(offsets, partition)
        var cursor = rig.cursor()
        while cursor.takeNow() != nil {}
    }

    var commits: [[TopicPartition: Int64]] {
        rig.consumer.calls.value.compactMap { if case .commit(let offsets) = $0 { offsets } else { nil } }
    }

    /// Runs the committer while `body` runs.
    func run(_ body: @Sendable () async throws -> Void) async throws {
        async let running: Void = committer.run()
        do {
            try await body()
        } catch {
            committer.stop()
            await running
            throw error
        }
        committer.stop()
        await running
    }
}

private let failure = FaustError(.transport, "refused")

extension Committer.Outcome {
    var offsets: [TopicPartition: Int64]? {
        if case .committed(let offsets) = self { offsets } else { nil }
    }

    var error: FaustError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

@Suite("Committer")
struct CommitterTests {
    @Test func itCommitsEveryInterval() async throws {
        let rig = try await CommitterRig()
        try await rig.run {
            rig.process(0..<5)
            try await rig.clock.waitForSleepers(1)
            #expect(rig.commits == [])
            rig.clock.advance(by: .seconds(3))
            try await rig.rig.consumer.calls.wait { $0.contains(.commit([zero: 5])) }
            try await rig.clock.waitForSleepers(1)
            rig.process(5..<6)
            rig.clock.advance(by: .seconds(3))
            try await rig.rig.consumer.calls.wait { $0.contains(.commit([zero: 6])) }
        }
        #expect(rig.commits == [[zero: 5], [zero: 6]])
        #expect(rig.rig.monitor.commits.value == 2)
    }

    @Test func itCommitsAfterANumberOfEvents() async throws {
        let rig = try await CommitterRig(commitEvery: 10)
        try await rig.run {
            try await rig.clock.waitForSleepers(1)
            rig.process(0..<10)
            rig.committer.count(9)
            #expect(rig.commits == [])
            rig.committer.count(1)
            try await rig.rig.consumer.calls.wait { $0.contains(.commit([zero: 10])) }
        }
        #expect(rig.commits == [[zero: 10]])
    }

    @Test func itCommitsWhenAskedTo() async throws {
        let rig = try await CommitterRig()
        try await rig.run {
            #expect(await rig.committer.commit().offsets == [:])
            rig.process(0..<2)
            rig.process(7..<9, one)
            #expect(await rig.committer.commit().offsets == [zero: 2, one: 9])
            #expect(await rig.committer.commit().offsets == [:])
        }
        #expect(rig.commits == [[zero: 2, one: 9]])
    }

    @Test func stoppingCommitsForALastTime() async throws {
        let rig = try await CommitterRig()
        try await rig.run { rig.process(0..<3) }
        #expect(rig.commits == [[zero: 3]])
        let outcome = await rig.committer.commit()
        #expect(outcome.error?.code == .closed)
    }

    @Test("commits do not overlap; whoever asks during one gets the next")
    func singleFlight() async throws {
        let gate = Gate()
        let running = Counter()
        let consumer = FakeConsumer { offsets in
            let count = running.add(1)
            try await gate.wait()
            running.add(-1)
            #expect(count == 1)
            return CommitResult(committed: offsets)
        }
        let rig = try await CommitterRig(consumer: consumer)
        try await rig.run {
            rig.process(0..<3)
            async let first = rig.committer.commit()
            try await gate.waitForArrivals(1)
            rig.process(3..<5)
            async let second = rig.committer.commit()
            gate.open()
            #expect(await first.offsets == [zero: 3])
            #expect(await second.offsets == [zero: 5])
        }
        #expect(rig.commits == [[zero: 3], [zero: 5]])
    }

    @Test func sendsAreSettledBeforeTheCommit() async throws {
        let producer = FakeProducer { _ in nil }
        let rig = try await CommitterRig(producer: producer)
        let settled = Mutex(false)
        try await rig.run {
            rig.process(0..<3)
            try await rig.producer.post(MessageDraft(topic: "out", key: nil, value: "x")) { _ in
                settled.withLock { $0 = true }
                #expect(rig.commits == [])
            }
            #expect(await rig.committer.commit().offsets == [zero: 3])
        }
        #expect(settled.withLock { $0 })
    }

    @Test("a lost message fails the commit and takes every partition back to its last commit")
    func failedSend() async throws {
        let isBroken = Mutex(false)
        let producer = FakeProducer { message in
            isBroken.withLock { $0 } ? .failure(failure) : .success(FakeProducer.metadata(message))
        }
        let rig = try await CommitterRig(producer: producer)
        try await rig.run {
            rig.process(0..<3)
            _ = await rig.committer.commit()
            isBroken.withLock { $0 = true }
            rig.process(3..<6)
            rig.process(0..<4, one)
            try await rig.producer.post(MessageDraft(topic: "out", key: nil, value: "x"))
            isBroken.withLock { $0 = false }
            #expect(await rig.committer.commit().error?.code == .transport)
            #expect(
                rig.rig.consumer.calls.value.suffix(2) == [
                    .seek(zero, 3, epoch: 3), .seek(one, nil, epoch: 4),
                ]
            )
            #expect(await rig.committer.commit().offsets == [:])
            rig.process(3..<6)
            #expect(await rig.committer.commit().offsets == [zero: 6])
        }
        #expect(rig.commits == [[zero: 3], [zero: 6]])
        #expect(rig.rig.monitor.commitErrors.value == 1)
    }

    @Test func aCommitThatFailsIsTriedAgain() async throws {
        let failures = Mutex(1)
        let consumer = FakeConsumer { offsets in
            let fails = failures.withLock { failures in
                defer { failures -= 1 }
                return failures > 0
            }
            if fails { throw failure }
            return CommitResult(committed: offsets)
        }
        let rig = try await CommitterRig(consumer: consumer)
        try await rig.run {
            rig.process(0..<3)
            #expect(await rig.committer.commit().error?.code == .transport)
            #expect(await rig.committer.commit().offsets == [zero: 3])
        }
        #expect(rig.commits == [[zero: 3], [zero: 3]])
    }

    @Test("only what the broker has confirmed counts as committed")
    func partialFailure() async throws {
        let isFirst = Mutex(true)
        let consumer = FakeConsumer { offsets in
            let refuses = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard refuses, let offset = offsets[one] else { return CommitResult(committed: offsets) }
            return CommitResult(committed: [one: offset], failures: [zero: failure])
        }
        let rig = try await CommitterRig(consumer: consumer)
        try await rig.run {
            rig.process(0..<3)
            rig.process(0..<4, one)
            #expect(await rig.committer.commit().offsets == [one: 4])
            #expect(await rig.committer.commit().offsets == [zero: 3])
        }
        #expect(rig.commits == [[zero: 3, one: 4], [zero: 3]])
        #expect(rig.rig.monitor.commitErrors.value == 1)
    }

    @Test func aClientHasNothingToCommit() async throws {
        let rig = try await CommitterRig(hasConductor: false)
        #expect(await rig.committer.commit().error?.code == .lifecycle)
    }

    @Test("a committer without an interval commits again and again, however early the timer fires")
    func noInterval() async throws {
        let consumer = FakeConsumer()
        let rig = ConductorRig(consumer: consumer)
        await rig.conductor.assigned([zero])
        let ticks = Watched(0)
        let committer = Committer(
            conductor: { rig.conductor },
            consumer: consumer,
            producer: .test(FakeProducer()),
            options: Committer.Options(interval: .zero, commitEvery: 1_000),
            monitor: rig.monitor,
            logger: .silent,
            sleep: { _ in ticks.update { $0 += 1 } }
        )
        async let running: Void = committer.run()
        try await ticks.wait { $0 >= 1_000 }
        committer.stop()
        await running
    }
}
