// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

@testable import FaustCore

/// A queue that a test puts batches into.
///
/// It is `@unchecked Sendable`: `batches` and `isWoken` are touched with `condition` locked only.
final class FakeQueue: TransportQueue, @unchecked Sendable {
    private let condition = NSCondition()
    private var batches: [MessageBatch] = []
    private var isWoken = false

    /// Adds a batch, which ends a poll that waits.
    func push(_ batch: MessageBatch) {
        condition.withLock {
            batches.append(batch)
            condition.broadcast()
        }
    }

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: timeout / .seconds(1))
            while batches.isEmpty, !isWoken {
                guard timeout > .zero, condition.wait(until: end) else { break }
            }
            isWoken = false
            defer { batches = [] }
            return batches
        }
    }

    func wake() {
        condition.withLock {
            isWoken = true
            condition.broadcast()
        }
    }
}
