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
    private let known = Mutex<[TopicPartition: RecordMetadata]>([:])

    /// The position behind the last message, per changelog partition.
    ///
    /// Complete once ``CommitParticipant/store()`` is called, not before.
    var positions: [TopicPartition: Int64] { known.withLock { $0.mapValues { $0.offset + 1 } } }

    /// Where in its changelog partition the last message is.
    func last(in partition: TopicPartition) -> RecordMetadata? { known.withLock { $0[partition] } }

    func note(_ metadata: RecordMetadata) {
        known.withLock { known in
            if let last = known[metadata.topicPartition], last.offset > metadata.offset { return }
            known[metadata.topicPartition] = metadata
        }
    }
}
