// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How long nothing has come, by the app's clock; see ``Backlog`` for why nothing comes.
struct Silence: Sendable {
    /// From how long on time goes on with the clock, and a stream is not waited for.
    static let limit = Duration.seconds(5)

    /// When something came last.
    var start: Duration

    /// Whether the clock takes over.
    func isLong(at now: Duration) -> Bool { now - start >= Self.limit }

    /// Moves a time on by a silence that is long, which begins anew then; leaves it as it is otherwise.
    ///
    /// - Parameters:
    ///   - time: The time in milliseconds.
    ///   - now: What the app's clock shows.
    mutating func pass(_ time: inout Int64, at now: Duration) {
        guard isLong(at: now) else { return }
        time = Self.time(time, after: now - start)
        start = now
    }

    /// The time in milliseconds that is some while after another one, or the last there is.
    static func time(_ time: Int64, after duration: Duration) -> Int64 {
        let (later, isBeyond) = time.addingReportingOverflow(duration.boundedMilliseconds)
        return isBeyond ? .max : later
    }
}
