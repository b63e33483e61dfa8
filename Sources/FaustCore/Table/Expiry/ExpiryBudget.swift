// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How much of what has expired one commit removes from a partition: as much as makes no pause, but no less than comes anew,
/// so that it does not become more and more.
struct ExpiryBudget {
    /// How long it may take on the lane; what else the lane does meanwhile does not count.
    private static let time = Duration.milliseconds(10)

    private let due: Int
    private let limit: Int
    private var count = 0
    private var spent = Duration.zero

    /// - Parameters:
    ///   - due: How many entries are removed however long it takes.
    ///   - limit: How many are removed at most if there is time.
    init(due: Int, limit: Int) {
        (self.due, self.limit) = (due, limit)
    }

    /// Whether more may be removed.
    var isLeft: Bool { count < due || count < limit && spent < Self.time }

    /// Notes that entries were removed, and how long that has taken.
    mutating func spend(_ count: Int, _ duration: Duration) {
        self.count += count
        spent += duration
    }
}
