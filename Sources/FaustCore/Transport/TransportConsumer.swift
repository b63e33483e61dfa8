// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Reads partitions, alone or as a member of a group.
///
/// **Queues.** Batches arrive in ``TransportQueue``s. Each partition feeds one queue; a worker has one queue per lane.
///
/// **Epochs.** The owner names an epoch when it directs a partition to a queue or seeks; each batch carries the epoch
/// that was in force when it was fetched. After a seek, batches of the old epoch may still come out of the queue: the
/// owner drops them. Batches of the new epoch start at the new position, in order, with no gaps but holes of the log.
public protocol TransportConsumer: Sendable {
    /// Makes a queue.
    func makeQueue() -> any TransportQueue

    /// Joins the group and follows its assignments until ``close()``.
    ///
    /// Another call replaces the sets, such as when topics were created or got more partitions: partitions of sets that
    /// stay as they are stay with their readers, those of others are revoked before anything new is assigned. The
    /// listener of the first call stays.
    ///
    /// - Parameters:
    ///   - sets: The topics to read, grouped: the same partition of all topics of a set is always assigned to the same
    ///     member. All topics exist and those of a set have equally many partitions.
    ///   - listener: Is told of each change, one call at a time.
    /// - Throws: ``FaustError`` when the group can't be joined at all; later trouble reaches the listener.
    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws

    /// Starts to read a partition.
    ///
    /// For a partition of the group call it inside ``RebalanceListener/assigned(_:)``; without a group at any time.
    ///
    /// - Parameters:
    ///   - partition: The partition.
    ///   - position: The offset to start at; `nil` starts at the group's committed offset, else where
    ///     ``ConsumerConfiguration/offsetReset`` says. An offset that is gone is reset the same way.
    ///   - queue: The queue of this consumer that the batches go to.
    ///   - epoch: The epoch that the batches carry.
    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64)

    /// Stops reading a partition. Batches already in its queue may still come out.
    func stopReading(_ partition: TopicPartition)

    /// Goes on at another position, under a new epoch; see ``read(_:from:into:epoch:)`` for `position`.
    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64)

    /// Fetches nothing more of these partitions until they are resumed. Batches in the queue still come out.
    func pause(_ partitions: [TopicPartition])

    /// Takes up fetching again.
    func resume(_ partitions: [TopicPartition])

    /// Commits offsets of the group: the next offset to read, per partition.
    ///
    /// - Returns: What the broker confirmed; a partition that failed is missing, with the reason in `failures`.
    /// - Throws: ``FaustError`` when nothing was committed at all.
    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult

    /// Leaves the group (partitions that are still assigned are revoked first) and closes the queues.
    func close() async
}

/// What became of a commit.
public struct CommitResult: Sendable {
    /// The offsets that the broker confirmed.
    public var committed: [TopicPartition: Int64]
    /// Why the others were refused.
    public var failures: [TopicPartition: FaustError]

    /// What became of a commit.
    public init(committed: [TopicPartition: Int64], failures: [TopicPartition: FaustError] = [:]) {
        self.committed = committed
        self.failures = failures
    }
}

/// Topics whose partitions of one number belong together, so that they are always read by the same worker.
public struct CopartitionedSet: Sendable, Hashable {
    /// The topics by name, in sorted order; the first is the lead whose assignment the others follow.
    public let topics: [String]

    /// Topics whose partitions of one number belong together.
    public init(_ topics: some Sequence<String>) {
        self.topics = topics.sorted()
    }
}

/// Is told of changes in what a member of a group reads.
///
/// The calls come one at a time. The transport waits for each to return before the group goes on, so that what is
/// revoked can be finished and committed first.
public protocol RebalanceListener: Sendable {
    /// Partitions were given to this member; it calls ``TransportConsumer/read(_:from:into:epoch:)`` for each.
    func assigned(_ partitions: [TopicPartition]) async
    /// Partitions will be taken away when the call returns; commits still succeed inside it.
    func revoked(_ partitions: [TopicPartition]) async
    /// Partitions were taken away already, as after a lost session; nothing can be committed any more.
    func lost(_ partitions: [TopicPartition]) async
    /// The membership ended for a reason that no retry mends.
    func failed(_ error: FaustError) async
}

/// Where the batches of a lane come out.
///
/// One thread at a time polls; every other method may be called from any thread.
public protocol TransportQueue: AnyObject, Sendable {
    /// Takes batches out, waiting for the first one.
    ///
    /// Partitions take turns, so that one with much to read does not starve the others.
    ///
    /// - Parameters:
    ///   - limit: About how many messages are wanted; the last batch may exceed it.
    ///   - timeout: How long to wait for the first batch; `.zero` does not wait. The calling thread is blocked.
    /// - Returns: Batches in order per partition; empty after the timeout, a ``wake()``, or when the queue is closed.
    func poll(limit: Int, timeout: Duration) -> [MessageBatch]

    /// Makes the poll that is under way return at once, or the next one if none is.
    func wake()
}
