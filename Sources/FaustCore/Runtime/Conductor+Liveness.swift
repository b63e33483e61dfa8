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
    func fetchAnew(_ id: TopicPartition) {
        let renewal = state.withLock { state -> (old: AssignedPartition, new: AssignedPartition)? in
            guard let old = state.assigned[id], !old.isRecovering, !state.draining.contains(id),
                old.buffers.allSatisfy({ $0.lowestUnfinished(id) == nil })
            else { return nil }
            state.paused.remove(id)
            return (old, state.assign(id, lane: old.lane, groups: old.groups, committed: old.lastCommitted))
        }
        guard let (old, new) = renewal else { return }
        // A batch may arrive at this very moment: what the streams have not finished of it comes again.
        let delivered = old.delivered
        let start = new.buffers.reduce(delivered) { start, buffer in
            min(start, buffer.attach(id, epoch: new.epoch) ?? start)
        }
        if start >= 0 { new.goOn(at: start) }
        consumer.seek(id, to: start < 0 ? nil : start, epoch: new.epoch)
        consumer.resume([id])
        regulate(id)
    }
}
