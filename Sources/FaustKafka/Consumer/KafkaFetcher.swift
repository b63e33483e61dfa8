// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Logging
import Synchronization

/// Fetches partitions with a client of librdkafka that is in no group.
///
/// A consumer has two clients: this one, and ``KafkaMembership`` when there is a group. When a group is rebalanced,
/// librdkafka stops fetching all partitions of the member and throws away what it has fetched, until the partitions
/// that move are given up, which may take as long as finishing their events. A client that knows nothing of the
/// group goes on with those that stay.
///
/// What is to be read is noted by ``read(_:from:into:epoch:)`` and its like, which never block; the client's thread
/// brings librdkafka into line with it.
final class KafkaFetcher: Sendable {
    private struct State {
        var client: KafkaClient?
        var events: ConsumerEvents?
        /// What is to be read.
        var readers: [TopicPartition: PartitionReader] = [:]
        /// What librdkafka reads.
        var assigned: [TopicPartition: PartitionReader] = [:]
        /// Where the two may differ.
        var changed: Set<TopicPartition> = []
        /// What is to be tried again at the next tick.
        var postponed: Set<TopicPartition> = []
        var isClosed = false
    }

    /// What the client's thread has to do.
    private struct Work {
        var removals: [PartitionReader] = []
        var additions: [(reader: PartitionReader, order: PartitionReader.Order)] = []
        var moves: [(reader: PartitionReader, order: PartitionReader.Order)] = []
    }

    private let hasGroup: Bool
    private let offsetReset: OffsetReset
    private let logger: Logger
    private let onFailure: @Sendable (FaustError) -> Void
    private let state = Mutex(State())

    /// How long a seek may take: librdkafka carries it out at once.
    private static let seekTimeoutMilliseconds: Int32 = 2_000
    /// How long the group's coordinator may take to tell a commit, before it is asked again.
    private static let committedTimeoutMilliseconds: Int32 = 5_000

    /// Makes the client; it connects in the background.
    ///
    /// - Parameters:
    ///   - configuration: Whether there is a group, and where to start.
    ///   - properties: librdkafka's properties of a consumer.
    ///   - handlers: What to do with statistics and tokens.
    ///   - onFailure: Is told of what ends the reading of partitions for good.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``.
    init(
        _ configuration: ConsumerConfiguration,
        _ properties: KafkaProperties,
        _ handlers: KafkaEventHandlers,
        onFailure: @escaping @Sendable (FaustError) -> Void
    ) throws(FaustError) {
        hasGroup = configuration.group != nil
        offsetReset = configuration.offsetReset
        logger = configuration.logger
        self.onFailure = onFailure
        var handlers = handlers
        let inner = handlers.failed
        // The client holds the fetcher until it is closed.
        handlers.failed = { error in
            inner(error)
            // The client has logged it.
            if error.isFatal { onFailure(error) }
        }
        handlers.tick = { [self] _ in tick() }
        handlers.ending = { [self] _ in end() }
        let client = try KafkaClient(.consumer, properties, handlers: handlers, logger: configuration.logger)
        let events = try client.withHandle { (handle) throws(FaustError) in ConsumerEvents(handle) }
        state.withLock { state in
            state.client = client
            state.events = events
        }
    }

    // MARK: What is to be read

    /// Starts to read a partition, or goes on with it in another queue.
    func read(_ partition: TopicPartition, from position: Int64?, into queue: KafkaQueue, epoch: UInt64) {
        let reader = PartitionReader(partition, queue: queue, position: position, epoch: epoch) { [weak self] in
            self?.report($1, of: $0)
        }
        change { state in
            if let old = state.readers.updateValue(reader, forKey: partition) { Self.stop(old) }
            return [partition]
        }
    }

    /// Stops reading partitions.
    func stop(_ partitions: [TopicPartition]) {
        change { state in
            for partition in partitions {
                if let reader = state.readers.removeValue(forKey: partition) { Self.stop(reader) }
            }
            return partitions
        }
    }

    /// Goes on elsewhere.
    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        change { state in
            guard let reader = state.readers[partition] else { return [] }
            reader.move(to: position, epoch: epoch)
            return [partition]
        }
    }

    /// Holds partitions up, or lets them go on.
    func set(_ partitions: [TopicPartition], paused: Bool) {
        let readers = state.withLock { state in partitions.compactMap { state.readers[$0] } }
        for reader in readers {
            reader.queue.change(reader) { reader in
                reader.isPaused = paused
                // What came in the meantime was perhaps not put in the line.
                if !paused { reader.hasNews = true }
            }
        }
    }

    /// Stops reading everything and ends the client.
    func close() async {
        let client = state.withLock { state in
            state.isClosed = true
            for reader in state.readers.values { Self.stop(reader) }
            state.readers = [:]
            return state.client
        }
        await client?.close()
        state.withLock { $0.client = nil }
    }

    private func change(_ body: (inout State) -> [TopicPartition]) {
        let client = state.withLock { state in
            if state.isClosed { return nil as KafkaClient? }
            state.changed.formUnion(body(&state))
            return state.client
        }
        client?.wake()
    }

    private static func stop(_ reader: PartitionReader) {
        reader.queue.change(reader) { $0.isStopped = true }
    }

    // MARK: On the client's thread

    private func tick() {
        let (client, events) = state.withLock { state in
            state.changed.formUnion(state.postponed)
            state.postponed = []
            return (state.client, state.events)
        }
        events?
            .drain { event, type in
                guard type == RD_KAFKA_EVENT_ERROR else { return }
                let (code, text, partition) = ConsumerEvents.error(of: event)
                report(KafkaError.make(code, "reading", detail: text, at: partition))
            }
        // Once the client ends, everything is stopped anyhow.
        try? client?
            .withHandle { (handle) throws(FaustError) in
                while let work = takeWork() { carryOut(work, handle) }
            }
    }

    private func takeWork() -> Work? {
        state.withLock { state in
            if state.changed.isEmpty { return nil }
            var work = Work()
            for partition in state.changed {
                let wanted = state.readers[partition]
                if let current = state.assigned[partition], current !== wanted {
                    work.removals.append(current)
                    state.assigned[partition] = nil
                }
                guard let wanted, let order = wanted.pendingOrder else { continue }
                if state.assigned.updateValue(wanted, forKey: partition) == nil {
                    work.additions.append((wanted, order))
                } else {
                    work.moves.append((wanted, order))
                }
            }
            state.changed = []
            return work
        }
    }

    private func carryOut(_ work: Work, _ handle: OpaquePointer) {
        let misplaced = seek(work.moves, handle)
        unassign(work.removals.map(\.partition) + misplaced.map(\.reader.partition), handle)
        // Also those that are assigned anew: a partition that librdkafka does not know yet is another one then, with another
        // queue.
        for reader in work.removals + misplaced.map(\.reader) { reader.detach() }
        let additions = work.additions + misplaced
        for (reader, _) in additions { reader.attach(handle) }
        assign(additions, handle)
    }

    /// Has librdkafka seek.
    ///
    /// - Returns: What it can't seek, such as partitions that it has not started to fetch yet, and those that go back to
    ///   the group's commit: they are given up and assigned anew.
    private func seek(
        _ moves: [(reader: PartitionReader, order: PartitionReader.Order)],
        _ handle: OpaquePointer
    ) -> [(reader: PartitionReader, order: PartitionReader.Order)] {
        var targets: [TopicPartition: Int64] = [:]
        for (reader, order) in moves {
            guard let offset = startOffset(order), offset != Int64(RD_KAFKA_OFFSET_STORED) else { continue }
            targets[reader.partition] = offset
        }
        guard !targets.isEmpty else { return moves }
        let list = KafkaPartitionList(targets)
        let failure = rd_kafka_seek_partitions(handle, list.pointer, Self.seekTimeoutMilliseconds)
        if let failure { rd_kafka_error_destroy(failure) }
        let done = Set(
            list.elements.lazy.filter { $0.error == RD_KAFKA_RESP_ERR_NO_ERROR }.map(\.topicPartition)
        )
        for (reader, order) in moves where done.contains(reader.partition) { reader.arrived(order) }
        return moves.filter { !done.contains($0.reader.partition) }
    }

    private func unassign(_ partitions: [TopicPartition], _ handle: OpaquePointer) {
        guard !partitions.isEmpty else { return }
        let list = KafkaPartitionList(partitions)
        let failure = KafkaError.take(rd_kafka_incremental_unassign(handle, list.pointer), "giving partitions up")
        if let failure { report(failure.error) }
    }

    private func assign(
        _ additions: [(reader: PartitionReader, order: PartitionReader.Order)],
        _ handle: OpaquePointer
    ) {
        var offsets: [TopicPartition: Int64] = [:]
        let committed = committedOffsets(additions, handle)
        for (reader, order) in additions {
            if let offset = committed?[reader.partition] ?? startOffset(order) {
                offsets[reader.partition] = offset
                continue
            }
            reader.detach()
            state.withLock { state in
                state.assigned[reader.partition] = nil
                if committed == nil { state.postponed.insert(reader.partition) }
            }
            if committed != nil { report(Self.noPosition(reader.partition, nil)) }
        }
        guard !offsets.isEmpty else { return }
        let list = KafkaPartitionList(offsets)
        if let failure = KafkaError.take(rd_kafka_incremental_assign(handle, list.pointer), "reading partitions") {
            return report(failure.error)
        }
        for (reader, order) in additions where offsets[reader.partition] != nil { reader.arrived(order) }
    }

    /// What the group has committed of partitions that start there, when nothing else says where to start.
    ///
    /// librdkafka would tell of a missing commit only when the partition is polled; and it must be known at once.
    ///
    /// - Returns: The offsets; `nil` when the coordinator does not tell.
    private func committedOffsets(
        _ additions: [(reader: PartitionReader, order: PartitionReader.Order)],
        _ handle: OpaquePointer
    ) -> [TopicPartition: Int64]? {
        let partitions = additions.filter { $0.order.position == nil }.map(\.reader.partition)
        guard hasGroup, offsetReset == .none, !partitions.isEmpty else { return [:] }
        let list = KafkaPartitionList(partitions)
        let error = rd_kafka_committed(handle, list.pointer, Self.committedTimeoutMilliseconds)
        let elements = list.elements
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR,
            elements.allSatisfy({ $0.error == RD_KAFKA_RESP_ERR_NO_ERROR })
        else { return nil }
        return elements.reduce(into: [:]) { offsets, element in
            if element.offset >= 0 { offsets[element.topicPartition] = element.offset }
        }
    }

    /// Where librdkafka is to start; `nil` when nothing says so.
    private func startOffset(_ order: PartitionReader.Order) -> Int64? {
        if let position = order.position { return max(position, 0) }
        if hasGroup, offsetReset != .none { return Int64(RD_KAFKA_OFFSET_STORED) }
        return switch offsetReset {
        case .earliest: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .latest: Int64(RD_KAFKA_OFFSET_END)
        case .none: nil
        }
    }

    /// Parts everything from the client, which is about to be destroyed.
    private func end() {
        let (readers, events) = state.withLock { state in
            defer {
                state.assigned = [:]
                state.events = nil
            }
            return (Array(state.assigned.values), state.events)
        }
        for reader in readers { reader.detach() }
        events?.close()
    }

    // MARK: Errors

    /// Sorts an error that came between the messages of a partition.
    private func report(_ failure: MessageBuffer.Failure, of reader: PartitionReader) {
        let partition = reader.partition
        switch failure.code {
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
            report(Self.noPosition(partition, failure.offset))
        case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR_INVALID_MSG,
            RD_KAFKA_RESP_ERR__UNDERFLOW, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
            logger.critical(
                "messages are damaged and are skipped",
                metadata: [
                    "topic": "\(partition.topic)", "partition": "\(partition.partition)",
                    "offset": "\(failure.offset.map(String.init) ?? "unknown")", "reason": "\(failure.text)",
                ]
            )
        default:
            report(
                KafkaError.make(failure.code, "reading", detail: failure.text, at: partition, offset: failure.offset)
            )
        }
    }

    private func report(_ error: FaustError) {
        guard error.isFatal else {
            let level: Logger.Level = error.isRetriable ? .warning : .error
            return logger.log(level: level, "a partition can't be read for now", metadata: ["error": "\(error)"])
        }
        logger.error("a partition can't be read", metadata: ["error": "\(error)"])
        onFailure(error)
    }

    private static func noPosition(_ partition: TopicPartition, _ offset: Int64?) -> FaustError {
        FaustError(
            .group,
            "there is no valid position to start at and offsetReset is none: commit an offset, or let the reset be "
                + "earliest or latest",
            topicPartition: partition,
            offset: offset,
            isFatal: true
        )
    }
}
#endif
