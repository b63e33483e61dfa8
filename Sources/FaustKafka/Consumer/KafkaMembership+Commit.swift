// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Synchronization

extension KafkaMembership {
    /// How long a commit may take: librdkafka waits for a coordinator that moves, and a group for its slowest member.
    private static let commitTimeout = Duration.seconds(30)
    private static let commitRetryDelay = Duration.milliseconds(50)

    /// Commits offsets.
    ///
    /// Kafka itself checks the membership, but not whose partitions they are; so that is checked here.
    func commit(_ offsets: [TopicPartition: Int64]) async throws(FaustError) -> CommitResult {
        let deadline = ContinuousClock.now + Self.commitTimeout
        while true {
            // Each time anew: what was lost in the meantime belongs to somebody else.
            let (failures, client, events) = try admit(offsets)
            let accepted = offsets.filter { failures[$0.key] == nil }
            guard !accepted.isEmpty else { return CommitResult(committed: [:], failures: failures) }
            let answer =
                joins.isJoining
                ? PendingCommits.Answer(failure: RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, partitions: [])
                : await send(accepted, client, events)
            guard answer.isPassing, ContinuousClock.now < deadline else { return try result(of: answer, failures) }
            // Ends by itself when all members know their shares. Not the caller's own task, which may be cancelled: that
            // would make this a loop without a pause.
            await Task.detached { try? await Task.sleep(for: Self.commitRetryDelay) }.value
        }
    }

    private func result(
        of answer: PendingCommits.Answer,
        _ failures: [TopicPartition: FaustError]
    ) throws(FaustError) -> CommitResult {
        if let code = answer.failure { throw Self.error(code) }
        var result = CommitResult(committed: [:], failures: failures)
        for element in answer.partitions {
            if element.error == RD_KAFKA_RESP_ERR_NO_ERROR {
                result.committed[element.topicPartition] = element.offset
            } else {
                let error = KafkaError.make(element.error, "committing", at: element.topicPartition)
                result.failures[element.topicPartition] = error
            }
        }
        note(result.committed)
        return result
    }

    /// Tells a transaction who the member is that has read what it commits.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/group`` for a partition that is not assigned to this member,
    ///   ``FaustError/Code/closed`` when it has left the group.
    func groupMetadata(for offsets: [TopicPartition: Int64]) async throws(FaustError) -> KafkaGroupMetadata {
        let (failures, client, _) = try admit(offsets)
        if let error = failures.min(by: { $0.key < $1.key })?.value { throw error }
        return try await client.blocking { (handle) throws(FaustError) in
            guard let metadata = rd_kafka_consumer_group_metadata(handle) else {
                throw FaustError(.group, "the worker is in no group")
            }
            return KafkaGroupMetadata(taking: metadata)
        }
    }

    /// What the member has committed of the partitions that it has; none that it has not committed itself.
    var committedOffsets: [TopicPartition: Int64] {
        state.withLock { $0.commits.mapValues(\.offset) }
    }

    /// Notes what a transaction has committed.
    func note(_ committed: [TopicPartition: Int64]) {
        let now = ContinuousClock.now
        state.withLock { state in
            for (partition, offset) in committed { state.commits[partition] = (offset, now) }
        }
    }

    /// Which offsets can't be committed by this member, and why.
    private func admit(
        _ offsets: [TopicPartition: Int64]
    ) throws(FaustError) -> ([TopicPartition: FaustError], KafkaClient, ConsumerEvents) {
        let (assignment, client, events, hasLeft) = state.withLock {
            ($0.assignment, $0.client, $0.events, $0.hasLeft)
        }
        guard !hasLeft, let client, let events else { throw FaustError(.closed, "the consumer is closed") }
        var failures: [TopicPartition: FaustError] = [:]
        for (partition, offset) in offsets {
            if offset < 0 {
                failures[partition] = FaustError(
                    .validation,
                    "an offset can't be negative",
                    topicPartition: partition,
                    offset: offset
                )
            } else if !assignment.mayCommit(partition) {
                failures[partition] = FaustError(
                    .group,
                    "the partition is not assigned to this member of the group '\(group)' (any more)",
                    topicPartition: partition,
                    offset: offset
                )
            }
        }
        return (failures, client, events)
    }

    private func send(
        _ offsets: [TopicPartition: Int64],
        _ client: KafkaClient,
        _ events: ConsumerEvents
    ) async -> PendingCommits.Answer {
        await pending.answer(within: Self.commitTimeout) { number in
            do {
                return try client.withHandle { (handle) throws(FaustError) in
                    let list = KafkaPartitionList(offsets)
                    return rd_kafka_commit_queue(
                        handle,
                        list.pointer,
                        events.queue,
                        nil,
                        UnsafeMutableRawPointer(bitPattern: number)
                    )
                }
            } catch {
                return RD_KAFKA_RESP_ERR__DESTROY
            }
        }
    }

    private static func error(_ code: rd_kafka_resp_err_t) -> FaustError {
        if code == RD_KAFKA_RESP_ERR__DESTROY { return FaustError(.closed, "the consumer is closed") }
        return KafkaError.make(code, "committing offsets")
    }
}
#endif
