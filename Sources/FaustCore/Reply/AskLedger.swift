// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// The requests that wait for replies: which are under way, which wait for their turn, and when each has waited enough.
///
/// A pure value: whoever holds it calls what it returns.
struct AskLedger: Sendable {
    /// How far a request has got.
    enum Stage: Sendable {
        /// Others are to be answered first.
        case queued
        /// Its turn has come.
        case started
        /// It was handed over to the broker.
        case sent
    }

    /// A request.
    struct Entry: Sendable {
        let request: AskRequest
        /// When it has waited long enough, by the app's clock.
        let deadline: Duration
        var stage = Stage.queued
        /// Is called once, with the reply or with why there is none.
        let settle: Settle
    }

    typealias Settle = @Sendable (Result<Bytes, any Error>) -> Void

    /// The greatest number of requests under way.
    let limit: Int
    private(set) var entries: [UInt64: Entry] = [:]
    private var queue = Deque<UInt64>()
    private var underWay = 0
    /// A binary heap with the earliest deadline first; it may still have requests that are settled.
    private(set) var deadlines: [(time: Duration, id: UInt64)] = []

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { entries.isEmpty }

    /// When the next request has waited enough.
    var nextDeadline: Duration? { deadlines.first?.time }

    /// Adds a request.
    ///
    /// - Returns: Whether it is its turn; else a later ``remove(_:)`` says so.
    mutating func add(_ entry: Entry, id: UInt64) -> Bool {
        entries[id] = entry
        push(entry.deadline, id)
        guard underWay < limit else {
            queue.append(id)
            return false
        }
        start(id)
        return true
    }

    /// Notes that a request was handed over.
    mutating func noteSent(_ id: UInt64) {
        entries[id]?.stage = .sent
    }

    /// Takes a request out.
    ///
    /// - Returns: The request, if it was there, and the one whose turn has come by that.
    mutating func remove(_ id: UInt64) -> (entry: Entry?, next: (id: UInt64, request: AskRequest)?) {
        guard let entry = entries.removeValue(forKey: id) else { return (nil, nil) }
        compact()
        guard entry.stage != .queued else { return (entry, nil) }
        underWay -= 1
        while let next = queue.popFirst() {
            guard let waiting = entries[next] else { continue }
            start(next)
            return (entry, (next, waiting.request))
        }
        return (entry, nil)
    }

    /// The requests that have waited enough; take them out with ``remove(_:)``.
    mutating func takeDue(at now: Duration) -> [UInt64] {
        var due: [UInt64] = []
        // Those that are settled go, too, so that nobody wakes up for them.
        while let first = deadlines.first, first.time <= now || entries[first.id] == nil {
            if entries[first.id] != nil { due.append(first.id) }
            popDeadline()
        }
        return due
    }

    private mutating func start(_ id: UInt64) {
        underWay += 1
        entries[id]?.stage = .started
    }

    // MARK: The heap

    private mutating func push(_ time: Duration, _ id: UInt64) {
        deadlines.append((time, id))
        var child = deadlines.count - 1
        while child > 0, deadlines[child].time < deadlines[(child - 1) / 2].time {
            deadlines.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func popDeadline() {
        deadlines.swapAt(0, deadlines.count - 1)
        deadlines.removeLast()
        sink(from: 0)
    }

    private mutating func sink(from start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < deadlines.count else { return }
            if child + 1 < deadlines.count, deadlines[child + 1].time < deadlines[child].time { child += 1 }
            guard deadlines[child].time < deadlines[parent].time else { return }
            deadlines.swapAt(parent, child)
            parent = child
        }
    }

    /// Throws the settled requests out of heap and queue when most of what is in them is settled: so their size follows
    /// that of the requests that wait, whatever the deadlines are.
    private mutating func compact() {
        if deadlines.count > 64, deadlines.count > 2 * entries.count {
            deadlines.removeAll { entries[$0.id] == nil }
            for parent in stride(from: deadlines.count / 2, through: 0, by: -1) { sink(from: parent) }
        }
        if queue.count > 64, queue.count > 2 * entries.count { queue.removeAll { entries[$0] == nil } }
    }
}

/// What an agent is asked.
struct AskRequest: Sendable {
    /// The name of the agent.
    let agent: String
    /// The message without the address to reply to.
    let draft: MessageDraft
    /// How the agent learns where to reply.
    var usesHeaders = true
    /// How long the asker waits.
    let patience: Duration

    /// The message with the address.
    func addressed(_ address: ReplyAddress) throws -> MessageDraft {
        var draft = draft
        if usesHeaders {
            address.add(to: &draft.headers)
        } else {
            draft.value = try RequestEnvelope(value: draft.value ?? "null", address: address).encoded()
        }
        return draft
    }
}
