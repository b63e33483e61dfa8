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
        /// Windows around each event, from `before` it to `after` it, both included.
        ///
        /// With `followers`, each event also has a window that starts right behind it, if another event is in it.
        case sliding(before: Int64, after: Int64, followers: Bool)
    }

    let kind: Kind
    /// How long the entries of a window are kept behind its end; `nil` keeps them for good.
    public let expires: Duration?
    /// How long a window takes events behind its end.
    public let grace: Duration
    /// ``grace``, rounded down.
    let graceMilliseconds: Int64
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
    /// A session starts with its first event and ends `gap` behind its last one. Once it has closed, nothing joins it.
    ///
    /// - Parameters:
    ///   - gap: How long a key must be silent for its window to end, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows; a mistake in the numbers is thrown when the app starts.
    public static func session(gap: Duration, expires: Duration? = nil, grace: Duration = .zero) -> Window {
        let count = gap.wholeMilliseconds
        let fault = count == nil ? "the gap of sessions is whole milliseconds, 1 or more" : nil
        return Window(.session(gap: count ?? 1), expires, grace, fault)
    }

    /// Sliding windows as Kafka Streams has them (KIP-450): two events of a key are in a common window exactly when their
    /// times differ by no more than `difference`.
    ///
    /// Each event at a time *t* has the window from *t* - `difference` to *t*, both included, and the one from *t* + 1 ms
    /// to *t* + 1 ms + `difference` if another event is in it. That is every different set of events that a frame which
    /// slides over the time line shows. (Events with the same time share their windows. Kafka's windows stop at 1970,
    /// these go on to before it.)
    ///
    /// - Parameters:
    ///   - difference: The greatest difference of times, in whole milliseconds.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows; a mistake in the numbers is thrown when the app starts.
    public static func sliding(
        difference: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero
    ) -> Window {
        let count = difference.wholeMilliseconds
        let fault = count == nil ? "the difference of sliding windows is whole milliseconds, 1 or more" : nil
        return Window(.sliding(before: count ?? 1, after: 0, followers: true), expires, grace, fault)
    }

    /// A window around each event, Faust's `SlidingWindow(before, after)`: from `before` it to `after` it, both included.
    ///
    /// In Faust only events with the very same time share such a window (WN6). Here it has what its range says: all
    /// events of the key in it.
    ///
    /// - Parameters:
    ///   - before: How much of the time before an event is in its window, in whole milliseconds; may be none.
    ///   - after: How much of the time behind it is, in whole milliseconds; may be none.
    ///   - expires: How long entries are kept behind a window's end; `nil` keeps them for good.
    ///   - grace: How long a window takes late events behind its end.
    /// - Returns: The windows; a mistake in the numbers is thrown when the app starts.
    public static func sliding(
        before: Duration,
        after: Duration,
        expires: Duration? = nil,
        grace: Duration = .zero
    ) -> Window {
        let counts = [before, after].map { $0 == .zero ? 0 : $0.wholeMilliseconds }
        let fault =
            counts.contains(nil) || counts == [0, 0]
            ? "what sliding windows have before and after an event is whole milliseconds, not both none" : nil
        let kind = Kind.sliding(before: (counts[0] ?? 0), after: (counts[1] ?? 0), followers: false)
        return Window(kind, expires, grace, fault)
    }

    private init(_ kind: Kind, _ expires: Duration?, _ grace: Duration, _ fault: String?) {
        self.kind = kind
        self.expires = expires
        self.grace = grace
        graceMilliseconds = grace.boundedMilliseconds
        var fault = fault
        if grace < .zero || (expires ?? .zero) < .zero {
            fault = "expiry and grace of windows are not negative"
        } else if let expires, expires < grace {
            fault = "entries of windows can't expire before their grace is over: make expires at least as long as grace"
        }
        self.fault = fault
    }
}
