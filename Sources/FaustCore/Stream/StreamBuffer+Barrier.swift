// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension StreamBuffer {
    /// Lets the iterator finish the event it has, then wait; what was handed over stays.
    func holdBack(_ isHeldBack: Bool) {
        let waiter = state.withLock { state in
            state.isHeldBack = isHeldBack
            state.limits = [:]
            if isHeldBack { state.iteration?.interrupt() }
            return state.takeWaiterIfReady()
        }
        waiter?.resume()
    }

    /// Holds the iterator back, and calls `done` when nobody works on an event of the stream.
    ///
    /// An array of a `take` that is being collected is handed out as it is, and waited for. Events that are finished by
    /// hand alone are not waited for once the body asks for the next one.
    ///
    /// - Parameters:
    ///   - limits: Up to where messages of some partitions are handed out all the same, and waited for.
    ///   - done: Is called once, on any thread.
    func quiesce(upTo limits: [TopicPartition: Int64] = [:], _ done: @escaping @Sendable () -> Void) {
        let (isDone, waiter) = state.withLock { state -> (Bool, UnsafeContinuation<Void, Never>?) in
            state.isHeldBack = true
            state.limits = limits
            // A body that has failed is not waited for: it may be waiting for the end of the barrier.
            if state.nextWithinLimits != nil, state.iteration != nil { state.isIdle = false }
            state.iteration?.interrupt()
            if state.isIdle { return (true, nil) }
            state.quiets.append(done)
            defer { state.waiter = nil }
            return (false, state.waiter)
        }
        if isDone { done() }
        waiter?.resume()
    }

    /// The position behind the last message of a partition that was handed out; -1 before the first.
    func handedOut(_ partition: TopicPartition) -> Int64 {
        state.withLock { state in
            if let current = state.current, let seen = state.iteration?.seen, current.topicPartition == partition {
                state.noteHandedOut(current, seen)
            }
            return state.partitions[partition]?.handedOut ?? -1
        }
    }

    /// The number of messages of a partition before an offset that wait for the iterator, or were taken back; one more
    /// when a body works on an event.
    func pending(_ partition: TopicPartition, below end: Int64) -> Int {
        state.withLock { state in
            let waiting = state.waiting.reduce(state.isIdle ? 0 : 1) { count, run in
                run.topicPartition == partition ? count + run.count(below: end) : count
            }
            guard let cut = state.partitions[partition]?.cut, cut < end else { return waiting }
            return waiting + Int(end - cut)
        }
    }

    /// Whether nobody works on an event.
    var isIdle: Bool { state.withLock { $0.isIdle } }

    /// Notes what the body runs in that is to iterate over the stream.
    func enter(_ scope: EventScope) {
        state.withLock { $0.scope = scope }
    }

    /// Shuts out a body that still works on an event: its iteration ends, and nothing that it does counts any more.
    ///
    /// Nothing is handed out any more while the stream is held back.
    func expel() {
        let isBusy = state.withLock { state in
            state.limits = [:]
            if state.isIdle { return false }
            state.scope?.expel()
            state.scope = nil
            return true
        }
        if isBusy { replaceIteration(by: nil) }
    }

    /// How far the stream is in a partition.
    func status(of partition: TopicPartition) -> PartitionStatus.Stream {
        let unfinished = lowestUnfinished(partition)
        let isInHand =
            unfinished != nil && inHand().contains { $0.topicPartition == partition && $0.offset == unfinished }
        return PartitionStatus.Stream(name: name, unfinished: unfinished, isInHand: isInHand)
    }
}
