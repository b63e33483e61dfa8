// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What the code that runs in the current task has in hand: which stream it iterates over, and so which partitions its
/// writes belong to.
///
/// It is bound once per run of an agent's body, so that an event costs nothing. Child tasks of the body inherit it, also
/// unstructured ones (`Task {}`), which is why it outlives the body: a task that goes on after its event is asked for
/// what the stream has in hand then. Detached tasks have none. What looks into it pays for one task-local look-up
/// (7–27 ns) and, for ``partitionNumber``, one atomic load.
@usableFromInline
final class EventScope: Sendable {
    /// What the current task has in hand; `nil` outside of agents.
    @TaskLocal static var current: EventScope?

    private enum Source: Sendable {
        /// A stream, or the one that has taken its place in the body (see ``StreamBuffer/last``) if `follows`.
        case stream(StreamBuffer, follows: Bool)
        case partition(TopicPartition)
    }

    /// Who runs: the name of an agent, or of what a callback belongs to.
    let owner: String
    /// How many partitions the topics that the events come from have; `nil` when they differ or there is no topic.
    var partitionCount: Int32? {
        guard case .stream(let buffer, follows: true) = source else { return startsWithCount }
        let last = buffer.last
        if last === buffer { return startsWithCount }
        let count = last.partitionCount.load(ordering: .relaxed)
        return count >= 0 ? count : nil
    }
    private let startsWithCount: Int32?
    /// Whether what is sent in the scope belongs to the worker's transaction, if there are transactions.
    ///
    /// Not so for an agent that reads a channel: its values have no offset to come back to.
    var isTransactional: Bool {
        // Whatever the agent reads: what has gone through a topic has offsets.
        if case .stream(let buffer, follows: true) = source, buffer.last !== buffer { return true }
        return startsTransactional
    }
    private let startsTransactional: Bool
    private let source: Source
    private let fault = Mutex<FaustError?>(nil)
    private let expelled = Atomic(false)

    /// The scope of an agent's body.
    ///
    /// - Parameters:
    ///   - owner: The name of the agent.
    ///   - buffer: The stream.
    ///   - partitionCount: How many partitions its topics have.
    ///   - isTransactional: Whether what is sent belongs to the transaction; see ``isTransactional``.
    ///   - follows: Whether the body may go on to another stream, by `groupBy` or `through`.
    init(
        owner: String,
        buffer: StreamBuffer,
        partitionCount: Int32? = nil,
        isTransactional: Bool = true,
        follows: Bool = true
    ) {
        self.owner = owner
        startsWithCount = partitionCount
        startsTransactional = isTransactional
        source = .stream(buffer, follows: follows)
    }

    /// The scope of a callback that belongs to one partition, such as that of a window that closes.
    init(owner: String, partition: TopicPartition, partitionCount: Int32? = nil) {
        self.owner = owner
        startsWithCount = partitionCount
        startsTransactional = true
        source = .partition(partition)
    }

    /// The number of the partition that all the events in hand come from.
    ///
    /// `nil` when there are none, or when they come from partitions of several numbers, as the array of a
    /// ``EventStream/take(_:within:)`` may: then look at ``partitions``. Costs one atomic load.
    var partitionNumber: Int32? {
        switch source {
        case .partition(let partition): return partition.partition
        case .stream(let buffer, let follows):
            let number = (follows ? buffer.last : buffer).partitionInHand.load(ordering: .relaxed)
            return number >= 0 ? number : nil
        }
    }

    /// The number of the partition that all the events in hand come from, if their topics have so many partitions.
    ///
    /// It is what ``partitionCount`` and ``partitionNumber`` say together, for half of what they cost.
    func partitionNumber(of count: Int32) -> Int32? {
        switch source {
        case .partition(let partition): return startsWithCount == count ? partition.partition : nil
        case .stream(let buffer, let follows):
            let last = follows ? buffer.last : buffer
            let known: Int32? = last === buffer ? startsWithCount : last.partitionCount.load(ordering: .relaxed)
            guard known == count else { return nil }
            let number = last.partitionInHand.load(ordering: .relaxed)
            return number >= 0 ? number : nil
        }
    }

    /// The partitions that the events in hand come from, in order; costs a lock.
    ///
    /// These are the events that were handed to the body and are not finished: one for a plain loop, those of the array
    /// for a ``EventStream/take(_:within:)``, all that are not acknowledged for ``EventStream/noack()``.
    var partitions: [TopicPartition] {
        switch source {
        case .partition(let partition): [partition]
        case .stream(let buffer, let follows): (follows ? buffer.last : buffer).partitionsInHand()
        }
    }

    /// The time of the event that was handed to the body last, in milliseconds since 1970; costs a lock.
    ///
    /// `nil` when no event is in hand, and in callbacks. In a ``EventStream/take(_:within:)`` it is that of the last
    /// event of the array.
    var timestampMilliseconds: Int64? {
        switch source {
        case .partition: nil
        case .stream(let buffer, let follows):
            (follows ? buffer.last : buffer).timestampInHand()
        }
    }

    /// Fails the event in hand from within code that can't throw, such as a subscript.
    ///
    /// The stream throws the error when the next event is asked for, so that the agent's policy applies to the one in
    /// hand; who runs a callback looks for it with ``takeFault()``.
    func fail(_ error: FaustError) {
        switch source {
        case .stream(let buffer, let follows): (follows ? buffer.last : buffer).fail(error)
        case .partition: fault.withLock { if $0 == nil { $0 = error } }
        }
    }

    /// Why a callback has failed without throwing.
    func takeFault() -> FaustError? {
        fault.withLock { fault in
            defer { fault = nil }
            return fault
        }
    }

    /// Whether the event in hand no longer counts: its transaction was aborted while the body went on.
    ///
    /// Nothing that is written or sent in the scope may take effect any more. The flag is set before
    /// ``CommitParticipant/rollBack(_:)``: look at it under the lock that rolling back takes, too.
    var isExpelled: Bool { expelled.load(ordering: .acquiring) }

    func expel() {
        expelled.store(true, ordering: .releasing)
    }
}
