// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

@testable import FaustCore

/// Two clocks that a test sets as it likes, and what a plan did with them.
private struct PlanRun<Plan: SchedulePlan> {
    var moment: Moment
    var plan: Plan
    /// When the body began, by both clocks.
    var begun: [Moment] = []
    var beats: [Beat] = []
    var missed = 0

    init(_ moment: Moment, _ make: (Moment) -> Plan) {
        self.moment = moment
        plan = make(moment)
    }

    /// Lets time pass on both clocks.
    mutating func pass(_ duration: Duration) {
        moment.elapsed += duration
        moment.wall += Int64(duration / .milliseconds(1))
    }

    /// Does what a runner does at this moment, with a body that takes a while.
    ///
    /// - Returns: How long the runner would sleep now.
    @discardableResult
    mutating func look(body: Duration = .zero) -> Duration {
        while true {
            if let pause = plan.pause(at: moment) { return pause }
            let beat = plan.begin(at: moment)
            begun.append(moment)
            beats.append(beat)
            missed += beat.missed
            pass(body)
            missed += plan.end(at: moment)
        }
    }

    /// Runs for a while, sleeping as the plan says.
    mutating func run(for duration: Duration, body: Duration = .zero) {
        let end = moment.elapsed + duration
        while moment.elapsed < end {
            let pause = look(body: body)
            pass(min(pause, end - moment.elapsed))
        }
        look(body: body)
    }
}

@Suite("Plans of timers") struct BeatPlanTests {
    private func start(_ interval: Duration) -> PlanRun<BeatPlan> {
        PlanRun(Moment(elapsed: .seconds(5), wall: 1_000)) { BeatPlan(every: interval, from: $0) }
    }

    @Test("beats are multiples of the interval after the start") func beats() {
        var run = start(.seconds(10))
        run.run(for: .seconds(35), body: .seconds(3))
        #expect(run.begun.map(\.elapsed) == [.seconds(15), .seconds(25), .seconds(35)])
        #expect(run.beats == Array(repeating: Beat(lateness: .zero, missed: 0), count: 3))
        #expect(run.missed == 0)
    }

    @Test("a late beat does not move those after it") func lateness() {
        var run = start(.seconds(10))
        run.pass(.seconds(13))
        #expect(run.look() == .seconds(7))
        #expect(run.beats == [Beat(lateness: .seconds(3), missed: 0)])
    }

    @Test("beats that were slept through come as one") func suspended() {
        var run = start(.seconds(10))
        run.pass(.seconds(95))
        #expect(run.look() == .seconds(5))
        #expect(run.beats == [Beat(lateness: .seconds(85), missed: 8)])
    }

    @Test("beats that pass while the body runs are left out, but not one that is due when it ends") func overlap() {
        var run = start(.seconds(10))
        run.pass(.seconds(10))
        #expect(run.look(body: .seconds(25)) == .seconds(5))
        #expect(run.missed == 2)
        run.pass(.seconds(5))
        #expect(run.plan.pause(at: run.moment) == nil)
        _ = run.plan.begin(at: run.moment)
        run.pass(.seconds(10))
        #expect(run.plan.end(at: run.moment) == 0)
        #expect(run.plan.pause(at: run.moment) == nil)
    }

    @Test("the time of day makes no difference") func wall() {
        var run = start(.seconds(10))
        run.moment.wall += 86_400_000
        #expect(run.look() == .seconds(10))
        run.moment.wall -= 900_000_000
        run.pass(.seconds(10))
        #expect(run.look() == .seconds(10))
        #expect(run.beats.count == 1)
    }

    @Test("very long and very short intervals are no reason to crash") func extremes() {
        var long = start(.seconds(Int64.max))
        #expect(long.look() == .seconds(86_400))
        var short = start(.nanoseconds(1))
        short.pass(.seconds(86_400))
        #expect(short.look() == .nanoseconds(1))
        #expect(short.missed == 86_400_000_000_000 - 1)
    }

    @Test("each beat runs or is missed, in any history", arguments: 0..<50) func accounts(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var run = start(.milliseconds(700))
        for _ in 0..<400 {
            run.pass(.milliseconds(Int.random(in: 0...(Bool.random(using: &random) ? 300 : 5_000), using: &random)))
            run.look(body: .milliseconds(Int.random(in: 0...900, using: &random)))
        }
        let passed = Int((run.moment.elapsed - .seconds(5)) / .milliseconds(700))
        #expect(run.begun.count + run.missed == passed)
    }
}

@Suite("Plans of crontabs") struct CronPlanTests {
    private func start(_ text: String, at time: String) throws -> PlanRun<CronPlan> {
        let wall = try CronTime.parse(time).milliseconds
        let expression = try CronExpression(text)
        return PlanRun(Moment(elapsed: .zero, wall: wall)) { CronPlan(expression, in: .gmt, from: $0) }
    }

    private func times<Plan>(_ run: PlanRun<Plan>) -> [String] {
        run.begun.map { CronTime.show(Timestamp(milliseconds: $0.wall), in: .gmt).replacing("+00:00", with: "") }
    }

    @Test("it looks at the clock once a minute, and sleeps exactly to the time") func pauses() throws {
        var run = try start("0 20 * * *", at: "2026-11-21T19:58:30")
        #expect(run.look() == .seconds(60))
        run.pass(.seconds(60))
        #expect(run.look() == .seconds(30))
        run.pass(.seconds(30))
        #expect(run.look() == .seconds(60))
        #expect(times(run) == ["2026-11-21T20:00"])
        #expect(run.beats == [Beat(lateness: .zero, missed: 0)])
    }

    @Test("what has passed before the start does not run") func start() throws {
        var run = try start("0 20 * * *", at: "2026-11-21T20:00")
        run.run(for: .seconds(86_400))
        #expect(times(run) == ["2026-11-22T20:00"])
    }

    @Test("a clock set ahead, or a long sleep, runs once for all that was passed") func ahead() throws {
        var run = try start("0 * * * *", at: "2026-11-21T10:30")
        run.moment.wall += 5 * 3_600_000
        run.look()
        #expect(times(run) == ["2026-11-21T15:30"])
        #expect(run.beats == [Beat(lateness: .seconds(4 * 3_600 + 1_800), missed: 4)])
        run.pass(.seconds(9 * 3_600))
        run.look()
        #expect(times(run) == ["2026-11-21T15:30", "2026-11-22T00:30"])
        #expect(run.missed == 12)
    }

    @Test("a time that is due at the very moment is one with those that were passed") func aheadExactly() throws {
        var run = try start("* * * * *", at: "2026-11-21T10:00:30")
        run.moment.wall += 270_000
        #expect(run.look() == .seconds(60))
        #expect(times(run) == ["2026-11-21T10:05"])
        #expect(run.beats == [Beat(lateness: .seconds(240), missed: 4)])
    }

    @Test("a clock set back runs nothing twice") func back() throws {
        var run = try start("0 20 * * *", at: "2026-11-21T19:59")
        run.run(for: .seconds(120))
        run.moment.wall -= 2 * 3_600_000
        run.run(for: .seconds(12 * 3_600))
        #expect(times(run) == ["2026-11-21T20:00"])
        run.run(for: .seconds(14 * 3_600))
        #expect(times(run) == ["2026-11-21T20:00", "2026-11-22T20:00"])
        #expect(run.missed == 0)
    }

    @Test("a clock set back before the time waits for it") func backBefore() throws {
        var run = try start("0 20 * * *", at: "2026-11-21T19:59")
        run.moment.wall -= 3_600_000
        run.run(for: .seconds(2 * 3_600))
        #expect(times(run) == ["2026-11-21T20:00"])
        #expect(run.begun.first?.elapsed == .seconds(3_660))
    }

    @Test("a clock that was far ahead is forgotten when it is put right") func corrected() throws {
        var run = try start("0 20 * * *", at: "2035-01-01T19:59")
        run.run(for: .seconds(120))
        run.moment.wall = try CronTime.parse("2026-11-21T19:00").milliseconds
        run.run(for: .seconds(3_700))
        #expect(times(run) == ["2035-01-01T20:00", "2026-11-21T20:00"])
    }

    @Test("what is due while the body runs is left out, but not what is due when it ends") func overlap() throws {
        var run = try start("* * * * *", at: "2026-11-21T10:00:30")
        run.pass(.seconds(30))
        run.look(body: .seconds(150))
        #expect(times(run) == ["2026-11-21T10:01"])
        #expect(run.missed == 2)
        run.pass(.seconds(30))
        #expect(run.plan.pause(at: run.moment) == nil)
        _ = run.plan.begin(at: run.moment)
        run.pass(.seconds(60))
        #expect(run.plan.end(at: run.moment) == 0)
        #expect(run.plan.pause(at: run.moment) == nil)
    }

    @Test("a jump over years counts so many times only, and goes on from there") func years() throws {
        var run = try start("* * * * *", at: "1970-01-01T00:00")
        run.moment.wall = try CronTime.parse("2026-11-21T10:00:30").milliseconds
        #expect(run.look() == .seconds(30))
        #expect(run.begun.count == 1)
        #expect(run.missed == Schedule.countedMisses)
    }

    @Test("each time runs or is missed once, though the clock is set", arguments: 0..<50) func accounts(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        var run = try start("*/7 * * * *", at: "2026-11-21T10:00")
        let first = run.moment.wall
        var furthest = first
        for _ in 0..<300 {
            run.pass(.seconds(Int.random(in: 0...400, using: &random)))
            // Set anew, but never so far back as to be taken for a correction.
            if Int.random(in: 0..<10, using: &random) == 0 {
                let jump = Int64.random(in: -5_000_000...9_000_000, using: &random)
                run.moment.wall = max(run.moment.wall + jump, furthest - CronPlan.correction)
            }
            furthest = max(furthest, run.moment.wall)
            run.look(body: .seconds(Int.random(in: 0...200, using: &random)))
            furthest = max(furthest, run.moment.wall)
        }
        let expression = try CronExpression("*/7 * * * *")
        var named = 0
        var time = Timestamp(milliseconds: first)
        while let next = expression.next(after: time, in: .gmt), next.milliseconds <= furthest {
            named += 1
            time = next
        }
        #expect(run.begun.count + run.missed == named)
        #expect(run.begun.count > 50)
    }
}
