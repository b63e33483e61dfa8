// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How time is divided for a windowed table, and how long windows live.
///
/// **Late events.** Time is that of the stream: the greatest timestamp that a partition has seen. A window closes when
/// the stream's time reaches its end plus ``grace``; an event that belongs only to closed windows is late.
/// **Expiry.** The entries of a window are removed when the stream's time reaches its end plus ``expires``.
public struct Window: Sendable, Hashable {
    /// How time is divided.
    enum Kind: Sendable, Hashable {
        /// Windows of a size that start every `step`, at multiples of it since 1970.
        case hopping(size: Int64, step: Int64)
        /// Windows of activity: events of a key that are less than `gap` apart.
        case session(gap: Int64)
    }

    let kind: Kind
    /// How long the entries of a window are kept behind its end; `nil` keeps them for good.
    public let expires: Duration?
    /// How long a window takes events behind its end.
    public let grace: Duration
    /// What is wrong with the numbers; such a window can't be used.
    let fault: String?

    /// Windows of one size, one after the other.
    ///
    /// - Parameters:
    ///   - size: The size, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows; a mistake in the numbers is thrown when the app starts.
    public static func tumbling(_ size: Duration, expires: Duration? = nil, grace: Duration = .zero) -> Window {
        hopping(size, step: size, expires: expires, grace: grace)
    }

    /// Windows of one size that start every `step` and so overlap: an event belongs to several.
    ///
    /// They start at multiples of `step` since 1970. (So do Faust's when the size is a multiple of the step.)
    ///
    /// - Parameters:
    ///   - size: The size, in whole milliseconds.
    ///   - step: How far apart windows start, in whole milliseconds, no more than the size.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows; a mistake in the numbers is thrown when the app starts.
    public static func hopping(
        _ size: Duration,
        step: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero
    ) -> Window {
        let (sizeCount, stepCount) = (size.wholeMilliseconds, step.wholeMilliseconds)
        var fault: String?
        if sizeCount == nil || stepCount == nil {
            fault = "sizes and steps of windows are whole milliseconds, 1 or more, and less than a thousand years"
        } else if let sizeCount, let stepCount, stepCount > sizeCount {
            fault = "the step of hopping windows is no more than their size, or events would belong to none"
        }
        return Window(.hopping(size: sizeCount ?? 1, step: stepCount ?? 1), expires, grace, fault)
    }

    /// Windows of activity: a key's window grows with each event that comes less than `gap` before or after it, and two
    /// windows become one when an event lies between them.
    ///
    /// - Parameters:
    ///   - gap: How long a key must be silent for its window to end, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows.
    package static func session(gap: Duration, expires: Duration? = nil, grace: Duration = .zero) -> Window {
        let count = gap.wholeMilliseconds
        let fault = count == nil ? "the gap of sessions is whole milliseconds, 1 or more" : nil
        return Window(.session(gap: count ?? 1), expires, grace, fault)
    }

    private init(_ kind: Kind, _ expires: Duration?, _ grace: Duration, _ fault: String?) {
        self.kind = kind
        self.expires = expires
        self.grace = grace
        var fault = fault
        if grace < .zero || (expires ?? .zero) < .zero {
            fault = "expiry and grace of windows are not negative"
        } else if let expires, expires < grace {
            fault = "entries of windows can't expire before their grace is over: make expires at least as long as grace"
        }
        self.fault = fault
    }
}

extension Window {
    /// The windows of a fixed size that a time belongs to, the oldest first; for sessions, the one of a lone event.
    public func ranges(at time: Timestamp) -> [WindowRange] {
        let time = Self.bounded(time)
        switch kind {
        case .hopping(let size, let step):
            let newest = Self.floor(time, step)
            // The oldest start whose window still has the time in it.
            let oldest = Self.floor(time - size, step) + step
            return stride(from: oldest, through: newest, by: Int(step)).map { WindowRange($0, $0 + size) }
        case .session(let gap):
            return [WindowRange(time, time + gap)]
        }
    }

    /// The newest window that a time belongs to (Faust's `current`).
    public func current(at time: Timestamp) -> WindowRange {
        let time = Self.bounded(time)
        switch kind {
        case .hopping(let size, let step):
            let start = Self.floor(time, step)
            return WindowRange(start, start + size)
        case .session(let gap):
            return WindowRange(time, time + gap)
        }
    }

    /// The oldest window that a time belongs to (Faust's `earliest`).
    public func earliest(at time: Timestamp) -> WindowRange {
        let time = Self.bounded(time)
        switch kind {
        case .hopping(let size, let step):
            let start = Self.floor(time - size, step) + step
            return WindowRange(start, start + size)
        case .session(let gap):
            return WindowRange(time, time + gap)
        }
    }

    /// The newest window of some time before another one (Faust's `delta`).
    public func delta(at time: Timestamp, _ ago: Duration) -> WindowRange {
        current(at: Timestamp(milliseconds: Self.bounded(time) - ago.boundedMilliseconds))
    }

    /// Whether a window takes no more events at a time of the stream.
    public func isClosed(_ range: WindowRange, at streamTime: Timestamp) -> Bool {
        Self.bounded(range.end) + grace.boundedMilliseconds <= Self.bounded(streamTime)
    }

    /// Whether the entries of a window are to be removed at a time of the stream.
    public func isExpired(_ range: WindowRange, at streamTime: Timestamp) -> Bool {
        guard let expires else { return false }
        return Self.bounded(range.end) + expires.boundedMilliseconds <= Self.bounded(streamTime)
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
    private static func floor(_ time: Int64, _ step: Int64) -> Int64 {
        let remainder = time % step
        return time - (remainder < 0 ? remainder + step : remainder)
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
