// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Logging
import Synchronization

/// Reads partitions of Apache Kafka, alone or as a member of a group.
///
/// It has two clients of librdkafka: ``KafkaFetcher``, which reads, and ``KafkaMembership``, which joins the group,
/// follows its assignments and commits.
package final class KafkaConsumer: TransportConsumer {
    private struct State {
        var queues: [KafkaQueue] = []
        var isClosed = false
        var closing: Task<Void, Never>?
    }

    /// The group, if there is one.
    package let group: String?
    private let fetcher: KafkaFetcher
    private let membership: KafkaMembership?
    private let state = Mutex(State())

    /// Makes a consumer; it connects in the background.
    ///
    /// - Parameters:
    ///   - configuration: How the consumer behaves.
    ///   - properties: librdkafka's properties, as ``KafkaProperties/consumer(_:_:overrides:)`` makes them of
    ///     `configuration`.
    ///   - handlers: What to do with errors, statistics and tokens of both clients; the other handlers are the
    ///     consumer's own.
    ///   - recommitInterval: After how long an offset that has not moved is committed again, so that Kafka does not
    ///     forget it; an hour by default.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for properties that librdkafka refuses.
    package init(
        _ configuration: ConsumerConfiguration,
        properties: KafkaProperties,
        handlers: KafkaEventHandlers = KafkaEventHandlers(),
        recommitInterval: Duration = .seconds(3_600)
    ) throws(FaustError) {
        // Here, because the two clients of a member share the properties.
        properties.warnOfRisks(configuration.logger)
        group = configuration.group
        let relay = MembershipRelay()
        var handlers = handlers
        if let report = configuration.statistics {
            handlers.report(statistics: { report(relay.completing($0)) }, configuration.logger)
        }
        fetcher = try KafkaFetcher(configuration, Self.tuned(properties), handlers) { relay.fail($0) }
        guard let group = configuration.group else {
            membership = nil
            return
        }
        let fetcher = fetcher
        do {
            membership = try KafkaMembership(
                group: group,
                properties,
                handlers,
                recommitInterval: recommitInterval,
                logger: configuration.logger
            ) {
                fetcher.stop($0)
            }
        } catch {
            // The initialiser can't wait for the end of the first client, whose thread ends it by itself.
            Task { await fetcher.close() }
            throw error
        }
        relay.connect(membership)
    }

    /// librdkafka's bounds on what it fetches ahead are per queue, and each partition has a queue of its own here.
    ///
    /// Where a full queue is looked at again soon (since 2.2), little needs to wait in it: what is read soon after it has
    /// come is still in the processor's caches, and takes memory that was just given back. Before, a full queue rests for
    /// a second, so that it has to hold what is read in that time.
    private static func tuned(_ properties: KafkaProperties) -> KafkaProperties {
        var properties = properties
        let backoff = "fetch.queue.backoff.ms"
        let isPatient = KafkaConfiguration().value(of: backoff) == nil
        for (name, value) in [
            (backoff, isPatient ? nil : "10"), ("queued.max.messages.kbytes", isPatient ? "16384" : "2048"),
        ] {
            if let value, properties[name] == nil { properties.fix(name, value) }
        }
        return properties
    }

    package func makeQueue() -> any TransportQueue {
        let queue = KafkaQueue()
        let isClosed = state.withLock { state in
            state.queues.append(queue)
            return state.isClosed
        }
        if isClosed { queue.close() }
        return queue
    }

    package func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        guard let membership else {
            throw FaustError(.configuration, "a consumer without a group can't subscribe: give it one")
        }
        if state.withLock({ $0.isClosed }) { throw FaustError(.closed, "the consumer is closed") }
        try await membership.subscribe(sets, listener: listener)
    }

    package func close() async {
        let task = state.withLock { state in
            if let task = state.closing { return task }
            state.isClosed = true
            // Not a child of the caller's task: whoever calls again waits for the same end, and a cancellation must not
            // leave half of it undone.
            let task = Task { [self] in
                await membership?.close()
                await fetcher.close()
                for queue in self.state.withLock({ $0.queues }) { queue.close() }
            }
            state.closing = task
            return task
        }
        await task.value
    }
}

// MARK: - Reading

extension KafkaConsumer {
    package func read(
        _ partition: TopicPartition,
        from position: Int64?,
        into queue: any TransportQueue,
        epoch: UInt64
    ) {
        guard let queue = queue as? KafkaQueue else {
            preconditionFailure("a consumer reads into queues that it has made itself")
        }
        fetcher.read(partition, from: position, into: queue, epoch: epoch)
    }

    package func stopReading(_ partition: TopicPartition) {
        fetcher.stop([partition])
    }

    package func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        fetcher.seek(partition, to: position, epoch: epoch)
    }

    package func pause(_ partitions: [TopicPartition]) {
        fetcher.set(partitions, paused: true)
    }

    package func resume(_ partitions: [TopicPartition]) {
        fetcher.set(partitions, paused: false)
    }
}

// MARK: - Commits

extension KafkaConsumer {
    package func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        try await requireGroup().commit(offsets)
    }

    /// Tells a transaction who the member is that has read what it commits.
    ///
    /// - Parameter offsets: What the transaction will commit.
    /// - Returns: What `rd_kafka_send_offsets_to_transaction` asks for.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/group`` for a partition that is not assigned to this member,
    ///   ``FaustError/Code/closed`` after ``close()``, ``FaustError/Code/configuration`` without a group.
    package func groupMetadata(for offsets: [TopicPartition: Int64]) async throws(FaustError) -> KafkaGroupMetadata {
        try await requireGroup().groupMetadata(for: offsets)
    }

    /// Notes what a transaction has committed, so that offsets that don't move are kept in memory by Kafka.
    package func noteCommitted(_ offsets: [TopicPartition: Int64]) {
        membership?.note(offsets)
    }

    private func requireGroup() throws(FaustError) -> KafkaMembership {
        guard let membership else {
            throw FaustError(.configuration, "a consumer without a group can't commit: give it one")
        }
        return membership
    }
}

/// Carries failures of the fetching client to the membership, which is made after it, and what the membership has committed
/// to the statistics of the fetching client, which commits nothing itself.
private final class MembershipRelay: Sendable {
    private struct State {
        weak var membership: KafkaMembership?
        /// What failed before there was a membership.
        var early: [FaustError] = []
        var isConnected = false
    }

    private let state = Mutex(State())

    func connect(_ membership: KafkaMembership?) {
        let early = state.withLock { state in
            state.membership = membership
            state.isConnected = true
            defer { state.early = [] }
            return state.early
        }
        for error in early { membership?.fail(error) }
    }

    /// The statistics with what the membership has committed.
    func completing(_ statistics: BrokerStatistics) -> BrokerStatistics {
        guard !statistics.partitions.isEmpty, let membership = state.withLock({ $0.membership }) else {
            return statistics
        }
        var statistics = statistics
        for (partition, offset) in membership.committedOffsets {
            statistics.partitions[partition]?.committedOffset = offset
        }
        return statistics
    }

    func fail(_ error: FaustError) {
        let membership = state.withLock { state in
            if !state.isConnected { state.early.append(error) }
            return state.membership
        }
        membership?.fail(error)
    }
}
#endif
