// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The counts of a text's words, to be read when the program that has counted them has ended.
public final class WordTotals: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// No word is counted.
    public init() {}

    /// Notes how often a word occurs.
    public func note(_ count: Int, of word: String) {
        counts.withLock { $0[word] = count }
    }

    /// All counts.
    public var table: WordTable { WordTable(counts: counts.withLock { $0 }) }
}
