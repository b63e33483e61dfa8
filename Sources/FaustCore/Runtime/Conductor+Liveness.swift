// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension Conductor {
    /// How far the partitions are.
    func statuses() -> [PartitionStatus] {
        let (assigned, draining, paused) = state.withLock { ($0.assigned.values, $0.draining, $0.paused) }
        return assigned.map { partition in
            PartitionStatus(
                id: partition.id,
                position: partition.delivered,
                committed: partition.lastCommitted,
                isRecovering: partition.isRecovering,
                isDraining: draining.contains(partition.id),
                isPaused: paused.contains(partition.id),
                streams: partition.buffers.map { $0.status(of: partition.id) }
            )
        }
    }

    /// Fetches a partition anew from where it is, if nothing of it is in flight.
    ///
    /// Nothing is processed twice, not even what is not committed yet: under exactly-once its output would be there twice.
    func fetchAnew(_ id: TopicPartition) {
        changeTurn.withLock { _ in
            let old = state.withLock { $0.draining.contains(id) ? nil : $0.assigned[id] }
            guard let old, !old.isRecovering, old.retire() else { return }
            let start = old.delivered
            let new = state.withLock { state in
                state.paused.remove(id)
                let new = state.assign(id, lane: old.lane, groups: old.groups, committed: old.lastCommitted)
                // At once: a commit that came in between would leave the partition out, but not its output.
                if start >= 0 { new.goOn(at: start) }
                return new
            }
            restart(new, from: start < 0 ? old.lastCommitted : start)
            resume(id)
        }
        regulate(id)
    }

    /// Has a partition fetched, unless it is being given up.
    func resume(_ id: TopicPartition) {
        state.withLock { if !$0.draining.contains(id) { consumer.resume([id]) } }
    }
}
