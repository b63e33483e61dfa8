// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Logging
import Synchronization

/// A member of a consumer group, with a client of librdkafka that fetches nothing.
///
/// The client joins the group, sends heartbeats, learns what it is given and has to give up, and commits. Reading is done
/// by ``KafkaFetcher``, so that a rebalance does not disturb the partitions that stay. To librdkafka the member
/// therefore answers each rebalance with an empty list; what it owns is kept by librdkafka apart from what it reads.
///
/// The listener's calls come from one task, one at a time. While one is under way the group waits for this member,
/// the client's thread goes on asking for events, and librdkafka goes on sending heartbeats.
final class KafkaMembership: Sendable {
    /// What the task of the listener has to do.
    enum Job: Sendable {
        case assign([TopicPartition])
        case revoke([TopicPartition], lost: Bool)
        case fail(FaustError)
        case resubscribe([CopartitionedSet], any RebalanceListener, CheckedContinuation<Void, Never>)
        case leave(CheckedContinuation<Void, Never>)
    }

    struct State {
        var client: KafkaClient?
        var events: ConsumerEvents?
        var assignment = LeadAssignment()
        var listener: (any RebalanceListener)?
        var task: Task<Void, Never>?
        /// When each partition was last committed and where.
        var commits: [TopicPartition: (offset: Int64, time: ContinuousClock.Instant)] = [:]
        /// What failed before there was a listener.
        var earlyFailures: [FaustError] = []
        /// Nothing is given to the listener any more.
        var isLeaving = false
        /// Nothing can be committed any more.
        var hasLeft = false
        var closeWaiter: CheckedContinuation<Void, Never>?
        var closeDeadline: ContinuousClock.Instant?
        /// Whether the group has given the member its share, which may be empty, or never will.
        var isSettled = false
        var settleWaiter: CheckedContinuation<Void, Never>?
        var settleDeadline: ContinuousClock.Instant?
    }

    /// The group.
    let group: String
    let pending = PendingCommits()
    let joins = JoinWatch()
    let state = Mutex(State())
    let logger: Logger
    let onStop: @Sendable ([TopicPartition]) -> Void
    private let recommitInterval: Duration
    let jobs: AsyncStream<Job>
    private let job: AsyncStream<Job>.Continuation

    /// How long leaving the group may take before the member is left to its session's end.
    private static let leaveTimeout = Duration.seconds(10)
    /// How long a member that leaves while it joins waits for its first share; see ``waitUntilSettled()``.
    private static let settleTimeout = Duration.seconds(10)
    /// How long the cluster may take to tell of its topics.
    private static let metadataTimeout = Duration.seconds(30)

    /// Makes the client; it joins nothing yet.
    ///
    /// - Parameters:
    ///   - group: The group.
    ///   - properties: librdkafka's properties of a consumer.
    ///   - handlers: What to do with statistics and tokens.
    ///   - recommitInterval: After how long an offset that has not moved is committed again: Kafka forgets the
    ///     offsets of topics that the group does not subscribe to after a week, and followers are such topics.
    ///   - logger: For lines about what the member does.
    ///   - onStop: Is told of partitions that the member does not have any more.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``.
    init(
        group: String,
        _ properties: KafkaProperties,
        _ handlers: KafkaEventHandlers,
        recommitInterval: Duration,
        logger: Logger,
        onStop: @escaping @Sendable ([TopicPartition]) -> Void
    ) throws(FaustError) {
        self.group = group
        self.logger = logger
        self.onStop = onStop
        self.recommitInterval = recommitInterval
        (jobs, job) = AsyncStream.makeStream()
        var handlers = handlers
        let inner = handlers.failed
        // The client holds the membership, and with it `joins`, until it is destroyed.
        handlers.failed = { [self] error in
            inner(error)
            if error.isFatal { fail(error) }
        }
        handlers.tick = { [self] _ in tick() }
        handlers.ending = { [self] _ in end() }
        let client = try KafkaClient(
            .consumer,
            properties,
            events: RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT,
            handlers: handlers,
            logger: logger,
            prepare: joins.install(in:)
        )
        let events = try client.withHandle { (handle) throws(FaustError) in ConsumerEvents(handle) }
        state.withLock { state in
            state.client = client
            state.events = events
        }
    }

    // MARK: Joining and leaving

    /// Joins the group, or changes what the member reads.
    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws(FaustError) {
        let client = try client()
        let topics = try await client.blocking { (handle) throws(FaustError) in
            try KafkaMetadata(handle, timeout: Self.metadataTimeout).topics
        }
        try LeadAssignment.check(sets, counts: topics.mapValues(\.partitions))
        startTask()
        // In the line of the listener's calls: partitions that lapse are finished and committed first.
        await withCheckedContinuation { job.yield(.resubscribe(sets, listener, $0)) }
        let leads = state.withLock { $0.assignment.leads }
        try await client.blocking { (handle) throws(FaustError) in
            let list = KafkaPartitionList(leads.map { TopicPartition($0, RD_KAFKA_PARTITION_UA) })
            let error = leads.isEmpty ? rd_kafka_unsubscribe(handle) : rd_kafka_subscribe(handle, list.pointer)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError.make(error, "subscribing") }
        }
    }

    /// Gives everything up, telling the listener, leaves the group and ends the client.
    func close() async {
        let (client, isJoined) = state.withLock { state in (state.client, state.task != nil) }
        let canEnd = isJoined ? await waitUntilSettled() : true
        if isJoined { await withCheckedContinuation { job.yield(.leave($0)) } }
        state.withLock { $0.hasLeft = true }
        await leave(client)
        job.finish()
        if canEnd {
            await client?.close()
        } else {
            logger.warning("A member left its group before it had joined it; its client is kept until the process ends")
            pending.close()
        }
        let task = state.withLock { state in
            state.client = nil
            defer { state.task = nil }
            return state.task
        }
        await task?.value
    }

    /// Waits, within a deadline, until the group has given the member its first share.
    ///
    /// librdkafka before 2.3 ends the process when a client is destroyed between its first answer from the group and its
    /// first share (librdkafka's issue 4312).
    ///
    /// - Returns: Whether the client can be destroyed.
    private func waitUntilSettled() async -> Bool {
        if LibrdkafkaVersion.linked >= LibrdkafkaVersion(number: 0x0203_00FF) { return true }
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.isSettled { return true }
                // What the group gives now is not wanted any more.
                state.isLeaving = true
                state.settleWaiter = continuation
                state.settleDeadline = .now + Self.settleTimeout
                return false
            }
            if isSettled { continuation.resume() }
        }
        return state.withLock { $0.isSettled }
    }

    private func settle(_ isSettled: Bool) {
        state.withLock { state in
            if isSettled { state.isSettled = true }
            defer { state.settleWaiter = nil }
            return state.settleWaiter
        }?
        .resume()
    }

    /// Leaves the group and waits, within a deadline, until the broker knows.
    private func leave(_ client: KafkaClient?) async {
        guard let client, let events = state.withLock({ $0.events }) else { return }
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.closeWaiter = continuation
                state.closeDeadline = .now + Self.leaveTimeout
            }
            do {
                try client.withHandle { (handle) throws(FaustError) in
                    let error = KafkaError.take(
                        rd_kafka_consumer_close_queue(handle, events.queue),
                        "leaving the group"
                    )
                    if let error { throw error.error }
                }
            } catch {
                // After a fatal error librdkafka has left by itself.
                logger.debug("The group was left without a word", metadata: ["error": "\(error)"])
                settleClose()
            }
        }
    }

    private func settleClose() {
        state.withLock { state in
            defer { state.closeWaiter = nil }
            return state.closeWaiter
        }?
        .resume()
    }

    /// Tells the listener of an error that no retry mends.
    func fail(_ error: FaustError) {
        job.yield(.fail(error))
    }

    func client() throws(FaustError) -> KafkaClient {
        guard let client = state.withLock({ $0.hasLeft ? nil : $0.client }) else {
            throw FaustError(.closed, "the consumer is closed")
        }
        return client
    }

    // MARK: On the client's thread

    private func tick() {
        let (events, isClosing) = state.withLock { ($0.events, $0.closeWaiter != nil) }
        guard let events else { return }
        events.drain { event, type in
            switch type {
            case RD_KAFKA_EVENT_REBALANCE: rebalance(event)
            case RD_KAFKA_EVENT_OFFSET_COMMIT: pending.settle(event)
            case RD_KAFKA_EVENT_ERROR: report(event)
            default: break
            }
        }
        pending.expire()
        if state.withLock({ $0.settleDeadline.map { $0 <= .now } ?? false }) { settle(false) }
        if isClosing { lookWhetherClosed() } else if !joins.isJoining { recommit(events) }
    }

    private func rebalance(_ event: OpaquePointer) {
        let partitions =
            rd_kafka_event_topic_partition_list(event).map { KafkaPartitionList.elements(of: $0) }?
            .map(\.topicPartition) ?? []
        switch rd_kafka_event_error(event) {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            settle(true)
            job.yield(.assign(partitions))
        default: job.yield(.revoke(partitions, lost: isLost))
        }
    }

    /// Whether what the member had was taken from it already.
    var isLost: Bool {
        let client = state.withLock { $0.client }
        // A client that ends has lost nothing yet.
        return (try? client?.withHandle { (handle) throws(FaustError) in rd_kafka_assignment_lost(handle) != 0 })
            ?? false
    }

    private func report(_ event: OpaquePointer) {
        let (code, text, partition) = ConsumerEvents.error(of: event)
        let error = KafkaError.make(code, "being in the group '\(group)'", detail: text, at: partition)
        guard error.isFatal else {
            let level: Logger.Level = error.isRetriable ? .warning : .error
            return logger.log(level: level, "the group is in trouble for now", metadata: ["error": "\(error)"])
        }
        logger.error("the group can't be joined", metadata: ["error": "\(error)"])
        // A member that the group refuses is not given anything.
        settle(true)
        fail(error)
    }

    private func lookWhetherClosed() {
        let (client, deadline) = state.withLock { ($0.client, $0.closeDeadline) }
        let isClosed = try? client?.withHandle { (handle) throws(FaustError) in rd_kafka_consumer_closed(handle) != 0 }
        if isClosed ?? true { return settleClose() }
        guard let deadline, deadline <= .now else { return }
        logger.warning("The broker did not confirm that the group was left; it will notice when the session ends")
        settleClose()
    }

    /// Commits offsets again that have not moved for long, so that Kafka does not forget them.
    private func recommit(_ events: ConsumerEvents) {
        let now = ContinuousClock.now
        let (client, idle) = state.withLock { state in
            let held = state.assignment.held
            let idle = state.commits.filter { held.contains($0.key) && $0.value.time + recommitInterval <= now }
            for partition in idle.keys { state.commits[partition]?.time = now }
            return (state.client, idle.mapValues(\.offset))
        }
        guard !idle.isEmpty else { return }
        // The answer, whose number nobody waits for, is passed over; the next interval comes.
        try? client?
            .withHandle { (handle) throws(FaustError) in
                let list = KafkaPartitionList(idle)
                _ = rd_kafka_commit_queue(handle, list.pointer, events.queue, nil, nil)
            }
    }

    private func end() {
        pending.close()
        settle(false)
        settleClose()
        let events = state.withLock { state in
            defer { state.events = nil }
            return state.events
        }
        events?.close()
    }
}
#endif
