// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Collects the counts of all lanes.
public final class WordTotals: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// No word is counted.
    public init() {}

    /// Adds the counts of a lane.
    public func add(_ other: [String: Int]) {
        counts.withLock { $0.merge(other, uniquingKeysWith: +) }
    }

    /// All counts.
    public var table: WordTable { WordTable(counts: counts.withLock { $0 }) }
}
