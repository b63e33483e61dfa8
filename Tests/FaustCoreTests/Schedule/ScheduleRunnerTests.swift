// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Foundation
import Synchronization
import Testing

@testable import FaustCore

private struct Broken: Error {}

/// A runner on a clock that a test moves.
private final class RunnerRig: Sendable {
    let clock = TestClock()
    let monitor = Monitor()
    let leadership = Leadership()
    let schedule: Schedule
    /// When the body has begun, since the start.
    let begun = Watched<[Duration]>([])
    private let policy: ScheduleErrorPolicy
    private let skew = Mutex<Int64>(0)

    init(onLeader: Bool = false, _ policy: ScheduleErrorPolicy = .skip) {
        schedule = Schedule(name: "beat", rule: "test", onLeader: onLeader)
        self.policy = policy
    }

    /// The clock of the app: half past one in the night of 21 November 2026 at its start.
    var appClock: AppClock {
        AppClock(clock) { [self] in
            1_795_224_600_000 + Int64(clock.now.offset / .milliseconds(1)) + skew.withLock { $0 }
        }
    }

    func setWall(by seconds: Int64) { skew.withLock { $0 += seconds * 1_000 } }

    /// Runs the steps of a test beside the runner, which is cancelled afterwards.
    func run(
        _ plan: some SchedulePlan,
        body: @escaping @Sendable (Int) async throws -> Void = { _ in },
        steps: @escaping @Sendable () async throws -> Void
    ) async throws {
        let runner = ScheduleRunner(
            schedule: schedule,
            clock: appClock,
            logger: .silent,
            monitor: monitor,
            leadership: leadership,
            maxLateness: .seconds(1),
            onError: policy,
            body: { [begun, clock] in
                let number = begun.update { begun in
                    begun.append(clock.now.offset)
                    return begun.count
                }
                try await body(number)
            }
        )
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { try await runner.run(plan) } catch is CancellationError {}
                return false
            }
            group.addTask {
                try await steps()
                return true
            }
            // The runner ends by itself only with an error, which is thrown here.
            #expect(try await group.next() == true)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Lets time pass when the runner sleeps, and waits until it sleeps again.
    func advance(_ duration: Duration, runs count: Int) async throws {
        try await clock.waitForSleepers(1)
        clock.advance(by: duration)
        try await begun.wait { $0.count >= count }
        try await clock.waitForSleepers(1)
    }
}

@Suite("Runs of timers and crontabs", .timeLimit(.minutes(5))) struct ScheduleRunnerTests {
    private let ten = BeatPlan(every: .seconds(10), from: Moment(elapsed: .zero, wall: 0))

    @Test("a timer runs at its beats and counts what it does") func beats() async throws {
        let rig = RunnerRig()
        try await rig.run(ten) {
            try await rig.advance(.seconds(10), runs: 1)
            try await rig.advance(.seconds(10), runs: 2)
            try await rig.advance(.seconds(75), runs: 3)
            try await rig.advance(.seconds(5), runs: 4)
        }
        #expect(rig.begun.value == [.seconds(10), .seconds(20), .seconds(95), .seconds(100)])
        #expect(rig.schedule.runs.value == 4)
        #expect(rig.schedule.late.value == 1)
        #expect(rig.schedule.missed.value == 6)
        #expect(rig.schedule.overlaps.value == 0)
        #expect(rig.monitor.scheduleRuns.value == 4)
        #expect(rig.monitor.scheduleMisses.value == 6)
    }

    @Test("runs do not overlap: what is due meanwhile is missed") func overlap() async throws {
        let rig = RunnerRig()
        try await rig.run(
            ten,
            body: { number in if number == 1 { rig.clock.advance(by: .seconds(25)) } },
            steps: {
                try await rig.advance(.seconds(10), runs: 1)
                try await rig.advance(.seconds(5), runs: 2)
            }
        )
        #expect(rig.begun.value == [.seconds(10), .seconds(40)])
        #expect(rig.schedule.overlaps.value == 1)
        #expect(rig.schedule.missed.value == 2)
        #expect(rig.schedule.late.value == 0)
    }

    @Test("an error is counted and the timer goes on") func skip() async throws {
        let rig = RunnerRig()
        try await rig.run(
            ten,
            body: { number in if number == 1 { throw Broken() } },
            steps: {
                try await rig.advance(.seconds(10), runs: 1)
                try await rig.advance(.seconds(10), runs: 2)
            }
        )
        #expect(rig.schedule.errors.value == 1)
        #expect(rig.schedule.runs.value == 2)
        #expect(rig.monitor.scheduleErrors.value == 1)
    }

    @Test("an error stops the worker if the policy says so") func stop() async throws {
        let rig = RunnerRig(.stop)
        let error = await #expect(throws: FaustError.self) {
            try await rig.run(
                ten,
                body: { _ in throw Broken() },
                steps: {
                    try await rig.clock.waitForSleepers(1)
                    rig.clock.advance(by: .seconds(10))
                    try await Gate().wait()
                }
            )
        }
        #expect(error?.code == .handler)
        #expect(error?.isFatal == true)
        #expect(error?.cause is Broken)
        #expect(rig.schedule.errors.value == 1)
    }

    @Test("a body that the shutdown cancels has not failed") func cancelled() async throws {
        let rig = RunnerRig(.stop)
        let gate = Gate()
        try await rig.run(
            ten,
            body: { _ in try await gate.wait() },
            steps: {
                try await rig.clock.waitForSleepers(1)
                rig.clock.advance(by: .seconds(10))
                try await gate.waitForArrivals(1)
            }
        )
        #expect(rig.schedule.errors.value == 0)
    }

    @Test("only the leader runs what is for the leader, and a run ends with the lead") func leader() async throws {
        let rig = RunnerRig(onLeader: true, .stop)
        let gate = Gate()
        let lead = TopicPartition("orders", 0)
        rig.leadership.follow(lead: "orders")
        try await rig.run(
            ten,
            body: { number in if number == 2 { try await gate.wait() } },
            steps: {
                try await rig.advance(.seconds(10), runs: 0)
                rig.leadership.assigned([lead])
                try await rig.advance(.seconds(10), runs: 1)
                rig.clock.advance(by: .seconds(10))
                try await gate.waitForArrivals(1)
                await rig.leadership.revoked([lead], patience: .seconds(1)) { _ in try await Gate().wait() }
                try await rig.advance(.seconds(10), runs: 2)
                rig.leadership.assigned([lead])
                try await rig.advance(.seconds(10), runs: 3)
            }
        )
        #expect(rig.begun.value == [.seconds(20), .seconds(30), .seconds(50)])
        #expect(rig.schedule.errors.value == 0)
        #expect(rig.schedule.missed.value == 0)
    }

    @Test("a crontab goes by the time of day, also when that is set") func crontab() async throws {
        let rig = RunnerRig()
        let plan = CronPlan(try CronExpression("0 * * * *"), in: .gmt, from: rig.appClock.moment)
        try await rig.run(plan) {
            // 01:30 to 02:00.
            try await rig.advance(.seconds(1_800), runs: 1)
            // Back to 01:00: the second 02:00 is none.
            rig.setWall(by: -3_600)
            try await rig.advance(.seconds(3_600), runs: 1)
            try await rig.advance(.seconds(3_600), runs: 2)
            // 03:00 to 06:00.
            rig.setWall(by: 3 * 3_600)
            try await rig.advance(.seconds(60), runs: 3)
        }
        #expect(rig.begun.value == [.seconds(1_800), .seconds(9_000), .seconds(9_060)])
        #expect(rig.schedule.missed.value == 2)
    }
}
