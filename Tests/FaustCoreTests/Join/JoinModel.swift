// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

@testable import FaustCore

/// What a join of two streams puts out, by trying every pair.
struct JoinModel {
    let kind: JoinKind
    /// Milliseconds that the partner may be earlier and later than the left event, and that windows stay open.
    let before: Int64
    let after: Int64
    let grace: Int64

    /// What becomes of events that are processed in some order, each of which is known by its id.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - isJudging: Whether there are late events; else every pair within the window counts.
    /// - Returns: The results, and the ids of events that are late.
    func outcome(of events: [JoinInput], isJudging: Bool) -> (results: [String], late: [String]) {
        var (taken, late, results): ([JoinInput], [String], [String]) = ([], [], [])
        var matched = Set<String>()
        var (leftTime, rightTime): (Int64?, Int64?) = (nil, nil)
        var now = Int64.min
        for event in events {
            if event.side == .left {
                leftTime = max(leftTime ?? event.time, event.time)
            } else {
                rightTime = max(rightTime ?? event.time, event.time)
            }
            if isJudging, let leftTime, let rightTime { now = max(now, min(leftTime, rightTime)) }
            if end(event) < now {
                late.append(event.id)
                continue
            }
            for other in taken where other.side != event.side && other.key == event.key && end(other) >= now {
                let (left, right) = event.side == .left ? (event, other) : (other, event)
                guard right.time >= left.time - before, right.time <= left.time + after else { continue }
                results.append("\(left.id)+\(right.id)")
                matched.formUnion([left.id, right.id])
            }
            taken.append(event)
        }
        for event in taken where !matched.contains(event.id) {
            switch event.side {
            case .left: if kind != .inner { results.append("\(event.id)+-") }
            case .right: if kind == .outer { results.append("-+\(event.id)") }
            }
        }
        return (results, late)
    }

    /// The last time of the join at which an event gets partners.
    private func end(_ event: JoinInput) -> Int64 {
        event.time + (event.side == .left ? after : before) + grace
    }
}

extension JoinInput {
    /// A stream of events of both sides, out of order.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - keys: The number of keys.
    ///   - step: How much time passes from one to the next, at most.
    ///   - jitter: How much earlier than that each may be.
    ///   - random: What the stream depends on.
    /// - Returns: The events.
    static func random(
        _ count: Int,
        keys: Int,
        step: Int64,
        jitter: Int64,
        _ random: inout SeededRandom
    ) -> [JoinInput] {
        var time: Int64 = 1_000_000
        return (0..<count)
            .map { number in
                time += Int64.random(in: 0...step, using: &random)
                let side: JoinSide = Bool.random(using: &random) ? .left : .right
                let late = Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...jitter, using: &random) : 0
                return JoinInput(
                    side: side,
                    id: "\(side == .left ? "l" : "r")\(number)",
                    key: "k\(Int.random(in: 0..<keys, using: &random))",
                    time: time - late
                )
            }
    }
}
