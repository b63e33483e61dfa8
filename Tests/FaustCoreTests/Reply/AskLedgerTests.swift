// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite struct AskLedgerTests {
    private static let request = AskRequest(
        agent: "agent",
        draft: MessageDraft(topic: "topic", key: nil, value: nil),
        patience: .seconds(1)
    )

    private func entry(_ deadline: Duration) -> AskLedger.Entry {
        AskLedger.Entry(request: Self.request, deadline: deadline) { _ in }
    }

    /// The ledger against a list that does the same slowly.
    @Test("requests start in their turn and are due in time, whatever happens in between", arguments: 0..<50)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit = Int.random(in: 1...20, using: &random)
        var ledger = AskLedger(limit: limit)
        var waiting: [(id: UInt64, deadline: Duration, isStarted: Bool)] = []
        var now = Duration.zero
        func isStarted(_ id: UInt64) -> Bool { ledger.entries[id].map { $0.stage != .queued } ?? false }
        for id in 1...UInt64(400) {
            let deadline = now + .milliseconds(Int.random(in: 1...200, using: &random))
            let starts = waiting.count { $0.isStarted } < limit
            #expect(ledger.add(entry(deadline), id: id) == starts)
            waiting.append((id, deadline, starts))
            if Bool.random(using: &random), let index = waiting.indices.randomElement(using: &random) {
                remove(waiting[index].id, &ledger, &waiting)
            }
            now += .milliseconds(Int.random(in: 0...5, using: &random))
            let due = ledger.takeDue(at: now)
            #expect(Set(due) == Set(waiting.filter { $0.deadline <= now }.map(\.id)))
            for id in due { remove(id, &ledger, &waiting) }
            #expect(ledger.entries.count == waiting.count)
            #expect(waiting.allSatisfy { isStarted($0.id) == $0.isStarted })
            #expect(waiting.count { $0.isStarted } <= limit)
            #expect(ledger.deadlines.count <= max(64, 2 * waiting.count) + 1)
            if let next = waiting.map(\.deadline).min() { #expect(ledger.nextDeadline.map { $0 <= next } == true) }
        }
    }

    private func remove(
        _ id: UInt64,
        _ ledger: inout AskLedger,
        _ waiting: inout [(id: UInt64, deadline: Duration, isStarted: Bool)]
    ) {
        let index = waiting.firstIndex { $0.id == id }
        let removed = index.map { waiting.remove(at: $0) }
        let (entry, next) = ledger.remove(id)
        #expect((entry != nil) == (removed != nil))
        var expected: UInt64?
        if removed?.isStarted == true, let first = waiting.firstIndex(where: { !$0.isStarted }) {
            waiting[first].isStarted = true
            expected = waiting[first].id
        }
        #expect(next?.id == expected)
        #expect(ledger.remove(id).entry == nil)
    }
}
