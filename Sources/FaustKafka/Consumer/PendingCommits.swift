// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Synchronization

/// Commits that wait for librdkafka's answer.
///
/// librdkafka is given a number instead of a pointer, so that an answer that comes too late meets nobody.
final class PendingCommits: Sendable {
    /// What librdkafka says of a commit.
    struct Answer: Sendable {
        /// Why nothing was committed; `nil` when each partition has a result of its own.
        var failure: rd_kafka_resp_err_t?
        var partitions: [KafkaPartitionList.Element]

        /// Whether nothing is wrong but that the members of the group are just being given their shares, or that the
        /// coordinator has just moved.
        ///
        /// A commit that crosses a JoinGroup, which ``JoinWatch`` makes unlikely, may arrive with the number of a
        /// generation that has just ended. When librdkafka takes the partitions for lost because of it, they are not the
        /// member's any more when the commit is tried again.
        var isPassing: Bool {
            let passing: Set<Int32> = [
                RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS.rawValue, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION.rawValue,
                RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS.rawValue,
                RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE.rawValue, RD_KAFKA_RESP_ERR_NOT_COORDINATOR.rawValue,
            ]
            if let failure { return passing.contains(failure.rawValue) }
            let failures = partitions.lazy.map(\.error).filter { $0 != RD_KAFKA_RESP_ERR_NO_ERROR }
            return failures.contains { passing.contains($0.rawValue) }
        }
    }

    private struct Pending {
        let continuation: CheckedContinuation<Answer, Never>
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var number: UInt = 0
        var pending: [UInt: Pending] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Waits for the answer to a commit.
    ///
    /// - Parameters:
    ///   - timeout: When to give up; the answer is then `RD_KAFKA_RESP_ERR__TIMED_OUT`.
    ///   - start: Hands the commit to librdkafka with the number; an error is the answer at once.
    /// - Returns: The answer.
    func answer(
        within timeout: Duration,
        _ start: (_ number: UInt) -> rd_kafka_resp_err_t
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> UInt? in
                if state.isClosed { return nil }
                state.number += 1
                state.pending[state.number] = Pending(continuation: continuation, deadline: .now + timeout)
                return state.number
            }
            guard let number else {
                return continuation.resume(returning: Answer(failure: RD_KAFKA_RESP_ERR__DESTROY, partitions: []))
            }
            let error = start(number)
            if error != RD_KAFKA_RESP_ERR_NO_ERROR { settle(number, Answer(failure: error, partitions: [])) }
        }
    }

    /// Takes the answer of an event in.
    func settle(_ event: OpaquePointer) {
        let number = UInt(bitPattern: rd_kafka_event_opaque(event))
        let error = rd_kafka_event_error(event)
        let partitions = rd_kafka_event_topic_partition_list(event).map { KafkaPartitionList.elements(of: $0) } ?? []
        let hasDetails = partitions.contains { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }
        let failure = error != RD_KAFKA_RESP_ERR_NO_ERROR && !hasDetails ? error : nil
        settle(number, Answer(failure: failure, partitions: partitions))
    }

    /// Gives up commits that take too long.
    func expire() {
        let now = ContinuousClock.now
        let late = state.withLock { state in state.pending.filter { $0.value.deadline <= now }.map(\.key) }
        for number in late { settle(number, Answer(failure: RD_KAFKA_RESP_ERR__TIMED_OUT, partitions: [])) }
    }

    /// Answers everything that waits, and everything from now on.
    func close() {
        let numbers = state.withLock { state in
            state.isClosed = true
            return Array(state.pending.keys)
        }
        for number in numbers { settle(number, Answer(failure: RD_KAFKA_RESP_ERR__DESTROY, partitions: [])) }
    }

    private func settle(_ number: UInt, _ answer: Answer) {
        state.withLock { $0.pending.removeValue(forKey: number) }?.continuation.resume(returning: answer)
    }
}
#endif
