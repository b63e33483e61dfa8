// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Takes the changelog messages of a commit.
struct ChangelogWriter: Sendable {
    private let producer: Producer

    init(_ producer: Producer) {
        self.producer = producer
    }

    /// Sends messages, in order per partition, without waiting.
    ///
    /// A message that does not arrive fails the commit, and ``CommitParticipant/rollBack(_:)`` follows.
    ///
    /// - Parameter messages: Messages whose partitions are chosen already; best thousands at a time.
    /// - Returns: Where they end up.
    func send(_ messages: [OutgoingMessage]) -> ChangelogReceipt {
        let receipt = ChangelogReceipt()
        producer.sendChangelog(messages, receipt)
        return receipt
    }
}

/// Up to where the messages of one ``ChangelogWriter/send(_:)`` are in the log.
final class ChangelogReceipt: Sendable {
    private struct Known {
        /// That of the partition that was heard of first, mostly the only one.
        var first: RecordMetadata?
        var others: [TopicPartition: RecordMetadata] = [:]

        subscript(partition: TopicPartition) -> RecordMetadata? {
            if let first, first.topicPartition == partition { return first }
            return others[partition]
        }
    }

    private let known = Mutex(Known())

    /// The position behind the last message, per changelog partition.
    ///
    /// Complete once ``CommitParticipant/store()`` is called, not before.
    var positions: [TopicPartition: Int64] {
        let known = known.withLock { $0 }
        var positions = known.others.mapValues { $0.offset + 1 }
        if let first = known.first { positions[first.topicPartition] = first.offset + 1 }
        return positions
    }

    /// Where in its changelog partition the last message is.
    func last(in partition: TopicPartition) -> RecordMetadata? { known.withLock { $0[partition] } }

    func note(_ metadata: RecordMetadata) {
        known.withLock { known in
            guard let first = known.first else {
                known.first = metadata
                return
            }
            if first.topicPartition == metadata.topicPartition {
                if first.offset <= metadata.offset { known.first = metadata }
            } else if (known.others[metadata.topicPartition]?.offset ?? .min) <= metadata.offset {
                known.others[metadata.topicPartition] = metadata
            }
        }
    }
}
