// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging

extension LogEngine {
    /// Deletes the oldest batches of a topic that are older than `retention.ms`, or beyond `retention.bytes`.
    ///
    /// Whole batches go: one is kept as long as its latest message is to be kept.
    func enforceRetention(of topic: Topic) throws(FaustError) {
        let oldest = topic.policy.retentionMilliseconds.map { configuration.currentTimeMilliseconds() - $0 }
        for log in topic.partitions {
            try enforceRetention(of: log, oldest: oldest, maxBytes: topic.policy.retentionBytes)
        }
    }

    private func enforceRetention(of log: PartitionLog, oldest: Int64?, maxBytes: Int64?) throws(FaustError) {
        let state = log.state
        var start = state.start
        var removed: Int64 = 0
        search: while start < state.end {
            let infos = try storage.index(log.id, from: start, count: 1000)
            // Where nothing is stored between start and end, compaction or damage has left a hole up to the end.
            if infos.isEmpty { break }
            for info in infos {
                let isOld = oldest.map { info.maxTimestamp < $0 } ?? false
                let isBeyond = maxBytes.map { state.byteCount - removed - info.byteCount >= $0 } ?? false
                guard (isOld || isBeyond) && info.nextOffset <= state.end else { break search }
                start = info.nextOffset
                removed += info.byteCount
            }
        }
        if start > state.start { try delete(before: start, byteCount: removed, of: log) }
    }

    private func delete(before start: Int64, byteCount: Int64, of log: PartitionLog) throws(FaustError) {
        try writer.executeBlocking { set in
            if log.isDeleted { return }
            set.add(.removeBatches(log.id, before: start))
            set.update(log) { state in
                state.start = max(state.start, start)
                state.byteCount = max(0, state.byteCount - byteCount)
                state.cleanedTo = max(state.cleanedTo, start)
                state.dirtyByteCount = min(state.dirtyByteCount, state.byteCount)
            }
        }
        logger.debug(
            "old messages were deleted",
            metadata: ["partition": "\(log.topicPartition)", "start": "\(start)", "bytes": "\(byteCount)"]
        )
    }
}
