// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The partitions of a table while a worker runs, whatever the table's types.
@usableFromInline
final class TableLife: Sendable {
    /// Which partition the code that asks has events of in hand.
    @usableFromInline
    struct Spot {
        /// The table's `TablePartitions`.
        @usableFromInline let partitions: any AnyObject & Sendable
        @usableFromInline let number: Int
        @usableFromInline let scope: EventScope
    }

    private struct Current {
        let partitions: any AnyObject & Sendable
        let count: Int32
    }

    private let state = Mutex<Current?>(nil)

    init() {}

    /// What ``set(_:count:)`` was given; `nil` while no worker runs.
    var partitions: (any AnyObject & Sendable)? { state.withLock { $0?.partitions } }

    /// The number of partitions; `nil` while no worker runs.
    var count: Int32? { state.withLock { $0?.count } }

    /// Takes the partitions of a worker, or forgets them.
    func set(_ partitions: (any AnyObject & Sendable)?, count: Int32) {
        state.withLock { $0 = partitions.map { Current(partitions: $0, count: count) } }
    }

    /// The partition that all events in hand come from.
    ///
    /// - Returns: `nil` when there is none, or not only one, or no worker.
    @usableFromInline
    func spot() -> Spot? {
        guard let scope = EventScope.current, let current = state.withLock({ $0 }),
            let number = scope.partitionNumber(of: current.count), number < current.count
        else { return nil }
        return Spot(partitions: current.partitions, number: Int(number), scope: scope)
    }
}
