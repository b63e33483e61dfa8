// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Windows against brute force")
struct WindowModelTests {
    enum Sort: CaseIterable { case tumbling, hopping, panes, session, slidingDifference, slidingAround }

    /// A random case.
    private struct Case {
        let model: WindowModel
        let window: Window
        let combine: (@Sendable ([Int], [Int]) -> [Int])?

        init(_ sort: Sort, _ random: inout SeededRandom) {
            let grace = Bool.random(using: &random) ? 0 : Int64.random(in: 1...30, using: &random)
            let expires =
                Int.random(in: 0..<3, using: &random) == 0 ? nil : grace + Int64.random(in: 0...80, using: &random)
            let length = Int64.random(in: 1...40, using: &random)
            let step = sort == .tumbling ? length : Int64.random(in: 1...length, using: &random)
            let (keep, late) = (expires.map { Duration.milliseconds($0) }, Duration.milliseconds(grace))
            let kind: WindowModel.Kind
            switch sort {
            case .tumbling, .hopping, .panes:
                kind = .hopping(size: length, step: step)
                window = .hopping(.milliseconds(length), step: .milliseconds(step), expires: keep, grace: late)
            case .session:
                kind = .session(gap: length)
                window = .session(gap: .milliseconds(length), expires: keep, grace: late)
            case .slidingDifference:
                kind = .sliding(before: length, after: 0, followers: true)
                window = .sliding(difference: .milliseconds(length), expires: keep, grace: late)
            case .slidingAround:
                let after = Int64.random(in: 0...20, using: &random)
                kind = .sliding(before: length, after: after, followers: false)
                window = .sliding(
                    before: .milliseconds(length),
                    after: .milliseconds(after),
                    expires: keep,
                    grace: late
                )
            }
            model = WindowModel(kind, grace: grace, expires: expires)
            if sort == .tumbling || sort == .hopping { combine = nil } else { combine = { $0 + $1 } }
        }
    }

    @Test(
        "events out of order, late and with pauses, crashes and aborts give what brute force gives",
        arguments: Sort.allCases
    )
    func randomStreams(_ sort: Sort) async throws {
        var late = 0
        for seed in 0..<400 {
            var random = SeededRandom(seed: UInt64(seed))
            let isRight = try await run(Case(sort, &random), &random, "\(sort), seed \(seed)", &late)
            guard isRight else { return }
        }
        #expect(late > 400)
    }

    private func run(
        _ test: Case,
        _ random: inout SeededRandom,
        _ name: String,
        _ late: inout Int
    ) async throws -> Bool {
        let rig = try WindowRig(test.window, keepsStore: Bool.random(using: &random), combine: test.combine)
        let keys = (0..<Int.random(in: 1...4, using: &random)).map { "k\($0)" }
        var (model, emitted, lost) = (test.model, [WindowModel.Content](), 0)
        var (time, id) = (Int64.random(in: -50...5_000, using: &random), 0)
        let pace = Int64.random(in: 0...8, using: &random)
        for _ in 0..<Int.random(in: 2...8, using: &random) {
            var events: [(id: Int, key: String, time: Int64)] = []
            for _ in 0..<Int.random(in: 0...25, using: &random) {
                time += Int64.random(in: 0...pace, using: &random)
                if Int.random(in: 0..<40, using: &random) == 0 { time += 100 }
                let lag = Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...70, using: &random) : 0
                events.append((id, keys.randomElement(using: &random) ?? "", time - lag))
                id += 1
            }
            let idle = Int.random(in: 0..<5, using: &random) == 0 ? Int64.random(in: 4_990...5_100, using: &random) : 0
            while true {
                // What a commit that fails has done is done again, as under exactly-once.
                let isDone = events.isEmpty || Bool.random(using: &random)
                let fate = isDone ? .done : WindowRig.Fate.allCases.randomElement(using: &random) ?? .done
                let (before, lateBefore) = (model, rig.keeper.lateCount)
                for event in events {
                    try rig.change(event.id, event.key, at: event.time)
                    model.add(event.id, event.key, at: event.time)
                }
                #expect(rig.keeper.lateCount - lateBefore == model.late - before.late, "\(name)")
                rig.clock.advance(by: .milliseconds(idle))
                model.wait(idle)
                if let result = try await rig.commit(fate) {
                    emitted += result
                    break
                }
                model = before
            }
            if let fault = try check(rig, model, emitted, &random) {
                Issue.record("\(name), \(model.kind), grace \(model.grace), expires \(model.expires ?? -1): \(fault)")
                return false
            }
            lost = model.late
        }
        late += lost
        return true
    }

    /// What is not as brute force has it.
    private func check(
        _ rig: WindowRig,
        _ model: WindowModel,
        _ emitted: [WindowModel.Content],
        _ random: inout SeededRandom
    ) throws -> String? {
        let all = model.contents()
        let (kept, closed) = (model.kept(all), model.closed(all))
        if rig.keeper.times.streamTime(of: 0)?.milliseconds != model.streamTime { return "stream time" }
        if emitted.sorted() != closed { return "closed \(emitted.sorted()), not \(closed)" }
        let contents = try rig.contents()
        if contents != kept { return "entries \(contents), not \(kept)" }
        for key in Set(kept.map(\.key)) {
            let windows = try rig.windows(of: key)
            if windows != kept.filter({ $0.key == key }) { return "windows of \(key): \(windows)" }
        }
        for content in kept.shuffled(using: &random).prefix(3) {
            let range = WindowRange(content.start, content.end)
            let value = try rig.keeper.method.value(of: content.key, in: range, rig.partition)?.sorted()
            if value != content.ids { return "value \(value ?? []) of \(content)" }
            let entries = try rig.contents(.window(range))
            var expected = kept.filter { ($0.start, $0.end) == (content.start, content.end) }
            if case .sliding = model.kind {
                // Whatever events a window is around: all keys have a value in it.
                expected = Set(model.events.map(\.key)).sorted()
                    .compactMap { key in
                        model.value(of: key, content.start, content.end)
                            .map { .init(key: key, start: content.start, end: content.end, ids: $0) }
                    }
            }
            if entries != expected { return "entries of \(range): \(entries), not \(expected)" }
        }
        return try checkTimes(rig, model, kept, &random)
    }

    private func checkTimes(
        _ rig: WindowRig,
        _ model: WindowModel,
        _ kept: [WindowModel.Content],
        _ random: inout SeededRandom
    ) throws -> String? {
        guard let event = model.events.randomElement(using: &random) else { return nil }
        let time = event.time + Int64.random(in: -3...3, using: &random)
        let at = Timestamp(milliseconds: time)
        let value = try rig.keeper.method.value(of: event.key, at: at, rig.partition)?.sorted()
        let all = try rig.contents(.time(at))
        switch model.kind {
        case .session:
            let around = kept.filter { $0.start <= time && time < $0.end }
            if all != around { return "sessions at \(time): \(all), not \(around)" }
            if let value, !around.contains(where: { $0.key == event.key && $0.ids == value }) {
                return "session at \(time)"
            }
            if value == nil, around.contains(where: { $0.key == event.key }) { return "no session at \(time)" }
        case .hopping(let size, let step):
            let start = time - ((time % step) + step) % step
            let model = model.value(of: event.key, start, start + size)
            if value != model { return "value at \(time): \(value ?? []), not \(model ?? [])" }
            if all.first(where: { $0.key == event.key })?.ids != model { return "entries at \(time)" }
        case .sliding(let before, let after, _):
            let model = model.value(of: event.key, time - before, time + after + 1)
            if value != model { return "value at \(time): \(value ?? []), not \(model ?? [])" }
            if all.first(where: { $0.key == event.key })?.ids != model { return "entries at \(time)" }
        }
        return nil
    }
}
