// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A stretch of time, with its start and without its end, exact to the millisecond.
///
/// (Faust's ranges end 0.1 s before the next one starts, so that events in between belong to none: WN2.)
public struct WindowRange: Sendable, Hashable {
    /// The first time in the range.
    public let start: Timestamp
    /// The first time behind the range.
    public let end: Timestamp

    /// The range from one time on and before another one.
    public init(from start: Timestamp, before end: Timestamp) {
        self.start = start
        self.end = end
    }

    init(_ start: Int64, _ end: Int64) {
        self.init(from: Timestamp(milliseconds: start), before: Timestamp(milliseconds: end))
    }

    /// How long the range is.
    public var duration: Duration {
        let (count, isBeyond) = end.milliseconds.subtractingReportingOverflow(start.milliseconds)
        return .milliseconds(isBeyond ? .max : count)
    }

    /// Whether a time is in the range.
    public func contains(_ time: Timestamp) -> Bool {
        start <= time && time < end
    }

    /// Whether some time is in both ranges.
    public func overlaps(_ other: WindowRange) -> Bool {
        start < other.end && other.start < end
    }

    /// The shortest range that has all times of both.
    public func union(_ other: WindowRange) -> WindowRange {
        WindowRange(from: min(start, other.start), before: max(end, other.end))
    }
}

extension WindowRange: CustomStringConvertible {
    /// Start and end in seconds, as changelogs have them: `[60.0, 120.0]`.
    public var description: String {
        "[\(Self.seconds(start.milliseconds)), \(Self.seconds(end.milliseconds))]"
    }

    /// Milliseconds as the text of a floating-point number of seconds, exact: `60.0`, `0.25`, `-1.5`.
    static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        var fraction = String(magnitude % 1_000)
        fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
        while fraction.count > 1, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(milliseconds < 0 ? "-" : "")\(magnitude / 1_000).\(fraction)"
    }
}
