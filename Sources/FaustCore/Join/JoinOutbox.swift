// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// The events of one side of a partition that are on their way to the body without a partner.
struct JoinOutbox: Sendable {
    let side: JoinSide
    /// What the stream follows them under; 0 before the first.
    private(set) var epoch: UInt64 = 0
    private var nextOffset: Int64 = 0
    /// What the stream has.
    private(set) var sent = Deque<(offset: Int64, key: JoinKey)>()
    /// What waits until the time is stored at which it has closed.
    var ready: [(key: JoinKey, entry: JoinEntry)] = []

    init(_ side: JoinSide) {
        self.side = side
    }

    var count: Int { sent.count + ready.count }

    /// Notes how far the stream is.
    ///
    /// - Parameter progress: The first offset that is not finished; `nil` when the stream has lost them all.
    /// - Returns: What is finished.
    mutating func settle(_ progress: Int64?) -> [JoinKey] {
        guard let progress else {
            sent = []
            return []
        }
        var finished: [JoinKey] = []
        while let first = sent.first, first.offset < progress {
            finished.append(first.key)
            sent.removeFirst()
        }
        return finished
    }

    /// Begins anew.
    ///
    /// - Returns: What was sent before.
    mutating func begin(_ epoch: UInt64) -> [JoinKey] {
        defer { (self.epoch, nextOffset, sent) = (epoch, 0, []) }
        return sent.map(\.key)
    }

    /// Makes messages of what is ready.
    mutating func take(in partition: TopicPartition) -> [Message] {
        defer { ready = [] }
        return ready.map { key, entry in
            defer { nextOffset += 1 }
            sent.append((nextOffset, key))
            return entry.message(key, in: partition, offset: nextOffset, epoch: epoch)
        }
    }

    /// Lets go of what is ready.
    ///
    /// - Returns: What it was.
    mutating func drop() -> [JoinKey] {
        defer { ready = [] }
        return ready.map(\.key)
    }
}
