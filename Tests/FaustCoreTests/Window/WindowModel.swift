// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What windows must have, by brute force: the list of all events, from which everything is worked out anew each time.
///
/// It shares no code with what it is the model of: times are plain numbers, windows are found by trying.
struct WindowModel {
    enum Kind: CustomStringConvertible {
        case hopping(size: Int64, step: Int64)
        case session(gap: Int64)
        case sliding(before: Int64, after: Int64, followers: Bool)

        var description: String {
            switch self {
            case .hopping(let size, let step): "hopping \(size)/\(step)"
            case .session(let gap): "session \(gap)"
            case .sliding(let before, let after, let followers): "sliding \(before)+\(after) \(followers)"
            }
        }
    }

    struct Event {
        let id: Int
        let key: String
        let time: Int64
        /// The time of the stream when the event had come.
        let streamTime: Int64
    }

    struct Content: Hashable, Comparable, CustomStringConvertible {
        let key: String
        let start: Int64
        let end: Int64
        let ids: [Int]

        static func < (left: Content, right: Content) -> Bool {
            (left.key, left.start, left.end) < (right.key, right.start, right.end)
        }
        var description: String { "\(key)[\(start),\(end)):\(ids)" }
    }

    let kind: Kind
    let grace: Int64
    let expires: Int64?
    private(set) var events: [Event] = []
    private(set) var streamTime: Int64?
    /// How long nothing has come.
    private var silence: Int64 = 0

    init(_ kind: Kind, grace: Int64, expires: Int64?) {
        (self.kind, self.grace, self.expires) = (kind, grace, expires)
    }

    mutating func add(_ id: Int, _ key: String, at time: Int64) {
        let latest = max(streamTime ?? time, time)
        (streamTime, silence) = (latest, 0)
        events.append(Event(id: id, key: key, time: time, streamTime: latest))
    }

    /// Nothing comes for a while, and then there is a commit: after five seconds the time of the stream goes on.
    mutating func wait(_ milliseconds: Int64) {
        silence += milliseconds
        guard let time = streamTime, silence >= 5_000 else { return }
        (streamTime, silence) = (time + silence, 0)
    }

    /// All windows that have events.
    func contents() -> [Content] {
        let byKey = Dictionary(grouping: events, by: \.key)
        return byKey.flatMap { key, events in contents(key, events) }.sorted()
    }

    private func contents(_ key: String, _ events: [Event]) -> [Content] {
        switch kind {
        case .session(let gap): sessions(events, gap).map { content(key, $0.start, $0.end, $0.events) }
        default: bounds(events).compactMap { self.content(key, $0.start, $0.end, events) }
        }
    }

    private func content(_ key: String, _ start: Int64, _ end: Int64, _ events: [(Event)]) -> Content {
        Content(key: key, start: start, end: end, ids: events.map(\.id).sorted())
    }

    private func content(_ key: String, _ start: Int64, _ end: Int64, _ events: [Event]) -> Content? {
        let counting = events.filter { start <= $0.time && $0.time < end && isOpen(end, for: $0) }
        return counting.isEmpty ? nil : Content(key: key, start: start, end: end, ids: counting.map(\.id).sorted())
    }

    private func isOpen(_ end: Int64, for event: Event) -> Bool { end + grace > event.streamTime }

    /// Where there may be windows.
    private func bounds(_ events: [Event]) -> [(start: Int64, end: Int64)] {
        var result: [(start: Int64, end: Int64)] = []
        switch kind {
        case .session: break
        case .hopping(let size, let step):
            guard let first = events.map(\.time).min(), let last = events.map(\.time).max() else { return [] }
            for start in first - size - 1...last where ((start % step) + step) % step == 0 {
                result.append((start, start + size))
            }
        case .sliding(let before, let after, let followers):
            for time in Set(events.map(\.time)) {
                let own = (start: time - before, end: time + after + 1)
                let isCounted = events.contains { $0.time == time && isOpen(own.end, for: $0) }
                if isCounted { result.append(own) }
                // An event that was late for all windows that its time may be in is none.
                let isThere = events.contains { $0.time == time && isOpen(time + before + after + 1, for: $0) }
                guard followers, isThere else { continue }
                let follower = (start: time + 1, end: time + 2 + before)
                if !result.contains(where: { $0 == follower }) { result.append(follower) }
            }
        }
        // The window around one event may be the one behind another.
        return Dictionary(result.map { ("\($0.start) \($0.end)", $0) }) { first, _ in first }.map(\.value)
    }

    private func sessions(_ events: [Event], _ gap: Int64) -> [(start: Int64, end: Int64, events: [Event])] {
        var sessions: [[Event]] = []
        func start(_ session: [Event]) -> Int64 { session.map(\.time).min() ?? 0 }
        func end(_ session: [Event]) -> Int64 { (session.map(\.time).max() ?? 0) + gap }
        for event in events {
            let near = sessions.indices.filter { index in
                isOpen(end(sessions[index]), for: event)
                    && event.time < end(sessions[index]) && start(sessions[index]) < event.time + gap
            }
            if near.isEmpty, !isOpen(event.time + gap, for: event) { continue }
            let joined = near.flatMap { sessions[$0] } + [event]
            for index in near.reversed() { sessions.remove(at: index) }
            sessions.append(joined)
        }
        return sessions.map { (start($0), end($0), $0) }
    }

    /// The windows whose final values are due.
    func closed(_ contents: [Content]) -> [Content] {
        guard let streamTime else { return [] }
        return contents.filter { $0.end + grace <= streamTime }
    }

    /// The windows that have not been removed.
    func kept(_ contents: [Content]) -> [Content] {
        guard let streamTime, let expires else { return contents }
        return contents.filter { $0.end + expires > streamTime }
    }

    /// What a window has that need not be one around an event.
    func value(of key: String, _ start: Int64, _ end: Int64) -> [Int]? {
        if let expires, let streamTime, end + expires <= streamTime { return nil }
        let value: Content? = content(key, start, end, events.filter { $0.key == key })
        return value?.ids
    }

    /// How many events were late for all windows.
    var late: Int {
        let counted = Set(contentsForLate().flatMap(\.ids))
        return events.filter { !counted.contains($0.id) }.count
    }

    private func contentsForLate() -> [Content] {
        guard case .sliding(let before, let after, _) = kind else { return contents() }
        // An event is taken as long as a window may come that has it.
        return events.filter { isOpen($0.time + before + after + 1, for: $0) }
            .map { Content(key: $0.key, start: 0, end: 0, ids: [$0.id]) }
    }
}
