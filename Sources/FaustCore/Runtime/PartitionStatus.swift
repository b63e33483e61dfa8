// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How far a partition is, for the ``Watchdog``.
struct PartitionStatus: Sendable, Equatable {
    /// How far a stream is in it.
    struct Stream: Sendable, Equatable {
        /// The name of the agent or topic.
        let name: String
        /// The lowest offset that is not finished; `nil` when there is none.
        let unfinished: Int64?
        /// Whether a body has had the message of that offset.
        let isInHand: Bool
    }

    let id: TopicPartition
    /// The position after the last batch that all streams were given; -1 before the first.
    let position: Int64
    /// The last offset that the broker has confirmed; `nil` without one.
    let committed: Int64?
    /// Whether its state is not ready.
    let isRecovering: Bool
    /// Whether it is being given up.
    let isDraining: Bool
    /// Whether it is not fetched because a stream has as much as it may have.
    let isPaused: Bool
    let streams: [Stream]

    /// The stream that is furthest behind.
    var slowest: Stream? {
        streams.filter { $0.unfinished != nil }.min { ($0.unfinished ?? 0) < ($1.unfinished ?? 0) }
    }

    /// Where reading is, or where it went on after the last commit; `nil` when it has brought nothing since the start.
    var reached: Int64? { position >= 0 ? position : committed }

    /// The position up to which everything is finished; -1 when nothing was delivered.
    var finished: Int64 { min(position, slowest?.unfinished ?? position) }
}
