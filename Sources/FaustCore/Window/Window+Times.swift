// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Window {
    /// The windows that a time belongs to, the oldest first; for sessions and sliding windows, the one that a lone event
    /// at that time has.
    public func ranges(at time: Timestamp) -> [WindowRange] {
        guard case .hopping(let size, let step) = kind else { return [current(at: time)] }
        let oldest = earliest(at: time).start.milliseconds
        let newest = Self.floor(Self.bounded(time), step)
        return stride(from: oldest, through: newest, by: Int(step)).map { WindowRange($0, $0 + size) }
    }

    /// The newest window that a time belongs to (Faust's `current`); for sessions and sliding windows, the one that a
    /// lone event at that time has.
    public func current(at time: Timestamp) -> WindowRange {
        let time = Self.bounded(time)
        switch kind {
        case .hopping(let size, let step):
            let start = Self.floor(time, step)
            return WindowRange(start, start + size)
        case .session(let gap): return WindowRange(time, time + gap)
        case .sliding(let before, let after, _): return WindowRange(time - before, time + after + 1)
        }
    }

    /// Whether a time belongs to one window.
    var isTumbling: Bool {
        guard case .hopping(let size, let step) = kind else { return false }
        return size == step
    }

    /// The oldest window that a time belongs to (Faust's `earliest`); for sessions and sliding windows, the one that a
    /// lone event at that time has.
    public func earliest(at time: Timestamp) -> WindowRange {
        guard case .hopping(let size, let step) = kind else { return current(at: time) }
        // The oldest start whose window still has the time in it.
        let start = Self.floor(Self.bounded(time) - size, step) + step
        return WindowRange(start, start + size)
    }

    /// The newest window of some time before another one (Faust's `delta`).
    public func delta(at time: Timestamp, _ ago: Duration) -> WindowRange {
        current(at: Self.time(time, before: ago))
    }

    /// The time that is some time before another one.
    static func time(_ time: Timestamp, before ago: Duration) -> Timestamp {
        Timestamp(milliseconds: bounded(time) - ago.boundedMilliseconds)
    }

    /// Whether a window takes no more events at a time of the stream.
    public func isClosed(_ range: WindowRange, at streamTime: Timestamp) -> Bool {
        Self.bounded(range.end) + graceMilliseconds <= Self.bounded(streamTime)
    }

    /// Whether the entries of a window are to be removed at a time of the stream.
    public func isExpired(_ range: WindowRange, at streamTime: Timestamp) -> Bool {
        guard let expires else { return false }
        return Self.bounded(range.end) + expires.boundedMilliseconds <= Self.bounded(streamTime)
    }

    /// The ends of the windows that closed after one time of the stream and no later than another one: the first that
    /// may be among them (`nil` for any), and the first one that is too late.
    func ends(ofClosedAfter closed: Int64, upTo time: Int64) -> (from: Int64?, before: Int64) {
        let first = closed == .min ? nil : Self.bounded(Timestamp(milliseconds: closed)) - graceMilliseconds + 1
        return (first, firstOpenEnd(at: time))
    }

    /// The least end that a window may have to be open at a time of the stream.
    func firstOpenEnd(at streamTime: Int64) -> Int64 {
        Self.bounded(Timestamp(milliseconds: streamTime)) - graceMilliseconds + 1
    }

    /// The least end that a window may have not to have expired; `nil` when windows are kept for good.
    func firstKeptEnd(at streamTime: Int64) -> Int64? {
        guard let expires else { return nil }
        return Self.bounded(Timestamp(milliseconds: streamTime)) - expires.boundedMilliseconds + 1
    }

    /// The session that an event at a time makes of a key's sessions: its own, joined with all that it touches.
    ///
    /// - Parameters:
    ///   - time: The time of the event.
    ///   - sessions: The key's sessions, none of which overlap each other.
    /// - Returns: The session of the event, and which of `sessions` it takes the place of, in their order.
    package func merge(
        _ time: Timestamp,
        into sessions: some Sequence<WindowRange>
    ) -> (session: WindowRange, absorbed: [WindowRange]) {
        let own = current(at: time)
        // Sessions are a gap apart, so that joining one brings no further one within reach.
        let absorbed = sessions.filter { $0.overlaps(own) }
        return (absorbed.reduce(own) { $0.union($1) }, absorbed)
    }

    /// Times come from the network: those that are far off any calendar are taken to be at its end, so that no sum of
    /// a time and a few durations is out of range.
    static func bounded(_ time: Timestamp) -> Int64 {
        min(max(time.milliseconds, -timeLimit), timeLimit)
    }

    private static let timeLimit: Int64 = 1 << 60

    /// The greatest multiple of `step` that is not greater than `time`.
    static func floor(_ time: Int64, _ step: Int64) -> Int64 {
        let remainder = time % step
        return time - (remainder < 0 ? remainder + step : remainder)
    }

    /// The least multiple of `step` that is not less than `time`.
    static func ceiling(_ time: Int64, _ step: Int64) -> Int64 {
        floor(time - 1, step) + step
    }
}

extension Duration {
    /// The duration in milliseconds if it is a whole number of them, 1 or more, and less than a thousand years.
    var wholeMilliseconds: Int64? {
        let (seconds, attoseconds) = components
        guard seconds < 32_000_000_000, attoseconds % 1_000_000_000_000_000 == 0 else { return nil }
        let count = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        return count >= 1 ? count : nil
    }

    /// The duration in milliseconds, rounded down, and no more than some tens of millions of years either way.
    var boundedMilliseconds: Int64 {
        let limit: Int64 = 1 << 50
        let seconds = min(max(components.seconds, -limit), limit)
        return seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
