// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Logging
import Synchronization

/// What the one task does that calls the listener.
extension KafkaMembership {
    /// Starts the task that calls the listener; called again, it does nothing.
    func startTask() {
        state.withLock { state in
            guard state.task == nil else { return }
            // Not a child of the caller's task: the membership outlasts `subscribe` and ends in `close`, which awaits it.
            state.task = Task { await self.run() }
        }
    }

    private func run() async {
        for await job in jobs {
            switch job {
            case .assign(let leads): await assign(leads)
            case .revoke(let leads, let lost): await revoke(leads, lost: lost)
            case .fail(let error): await tell(error)
            case .resubscribe(let sets, let listener, let continuation):
                await resubscribe(sets, listener)
                continuation.resume()
            case .leave(let continuation):
                await giveUpAll()
                continuation.resume()
            }
        }
    }

    private func assign(_ leads: [TopicPartition]) async {
        let (listener, given) = state.withLock { state in
            state.isLeaving ? (nil, []) : (state.listener, state.assignment.assign(leads))
        }
        logger.info("Group assigned", metadata: ["group": "\(group)", "partitions": "\(Self.condensed(given))"])
        // An empty assignment is news, too: there are more members than partitions.
        if !given.isEmpty { await listener?.assigned(given) }
        await acknowledge { rd_kafka_incremental_assign($0, $1) }
    }

    private func revoke(_ leads: [TopicPartition], lost: Bool) async {
        let (listener, taken) = state.withLock { state in (state.listener, state.assignment.partitions(of: leads)) }
        if !taken.isEmpty {
            let isLost = lost || self.isLost
            logger.info(
                isLost ? "Group lost" : "Group revokes",
                metadata: ["group": "\(group)", "partitions": "\(Self.condensed(taken))"]
            )
            if isLost {
                take(leads, taken)
                await listener?.lost(taken)
            } else {
                await listener?.revoked(taken)
                take(leads, taken)
            }
        }
        await acknowledge { rd_kafka_incremental_unassign($0, $1) }
    }

    private func take(_ leads: [TopicPartition], _ partitions: [TopicPartition]) {
        state.withLock { state in
            state.assignment.revoke(leads)
            for partition in partitions { state.commits[partition] = nil }
        }
        onStop(partitions)
    }

    private func tell(_ error: FaustError) async {
        let listener = state.withLock { state -> (any RebalanceListener)? in
            if state.isLeaving { return nil }
            if state.listener == nil { state.earlyFailures.append(error) }
            return state.listener
        }
        await listener?.failed(error)
    }

    private func resubscribe(_ sets: [CopartitionedSet], _ listener: any RebalanceListener) async {
        let (listener, lapsing) = state.withLock { state in
            // The listener of the first call stays.
            let listener = state.listener ?? listener
            return (listener, state.assignment.lapsing(with: sets))
        }
        if !lapsing.isEmpty {
            await listener.revoked(lapsing)
            onStop(lapsing)
        }
        let (given, failures) = state.withLock { state in
            state.listener = listener
            for partition in lapsing { state.commits[partition] = nil }
            defer { state.earlyFailures = [] }
            return (state.assignment.resubscribe(sets), state.earlyFailures)
        }
        if !given.isEmpty { await listener.assigned(given) }
        for failure in failures { await listener.failed(failure) }
    }

    private func giveUpAll() async {
        let (listener, held, leads) = state.withLock { state in
            state.isLeaving = true
            return (state.listener, state.assignment.held.sorted(), state.assignment.heldLeads)
        }
        guard !held.isEmpty else { return }
        await listener?.revoked(held)
        take(leads, held)
    }

    /// Lets the group go on: the list is empty because this client fetches nothing.
    private func acknowledge(
        _ call:
            @escaping @Sendable (OpaquePointer, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> OpaquePointer?
    ) async {
        guard let client = state.withLock({ $0.client }) else { return }
        do {
            try await client.blocking { (handle) throws(FaustError) in
                let list = KafkaPartitionList([TopicPartition]())
                if let failure = KafkaError.take(call(handle, list.pointer), "answering a rebalance") {
                    throw failure.error
                }
            }
        } catch {
            logger.debug("A rebalance was not answered", metadata: ["error": "\(error)"])
        }
    }

    /// Partitions as `orders[0-3,5] clicks[1]`.
    static func condensed(_ partitions: [TopicPartition]) -> String {
        let topics = Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }
        return
            topics.map { topic, members in
                var ranges: [ClosedRange<Int32>] = []
                for number in members.map(\.partition).sorted() {
                    if let last = ranges.last, last.upperBound + 1 == number {
                        ranges[ranges.count - 1] = last.lowerBound...number
                    } else {
                        ranges.append(number...number)
                    }
                }
                let texts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
                return "\(topic)[\(texts.joined(separator: ","))]"
            }
            .joined(separator: " ")
    }
}
#endif
