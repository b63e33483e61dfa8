// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What time a change of a windowed table, or a question to it, is about.
@usableFromInline
enum WindowRelativity: Sendable {
    case stream
    case now
    case time(Timestamp)

    /// The time.
    ///
    /// - Parameters:
    ///   - scope: What the code that asks has in hand.
    ///   - clock: The app's clock.
    /// - Returns: `nil` when it is that of an event and there is none.
    func time(in scope: EventScope?, _ clock: AppClock) -> Timestamp? {
        switch self {
        case .time(let time): time
        case .now: Timestamp(milliseconds: clock.now())
        case .stream: scope?.timestampMilliseconds.map { Timestamp(milliseconds: $0) }
        }
    }
}
