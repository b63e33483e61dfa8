// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

/// What a stream has been given and not finished: the runs that wait, and an ``OffsetTracker`` per partition.
///
/// The conductor puts batches in on a lane's thread; one iterator takes runs out, usually on the same thread. The two
/// meet once per run under a mutex. Within a run the iterator only counts in its ``StreamIteration``, so that an event
/// costs two atomic accesses and no lock.
@usableFromInline
final class StreamBuffer: Sendable {
    /// What the iterator is to do next.
    enum Next: Sendable {
        case run(Run)
        case wait
        case end
    }

    /// Tells whoever fills the buffer of its state.
    ///
    /// The calls come from any thread and may overtake each other, so that they say only that there is news.
    struct Pressure: Sendable {
        /// ``StreamBuffer/isFull(_:)`` has changed for a partition.
        let changed: @Sendable (TopicPartition, StreamBuffer) -> Void
        /// The stream has ended.
        var closed: @Sendable (StreamBuffer) -> Void = { _ in }
    }

    /// Says that the time of a wait is over, even when the wait has not begun yet.
    final class Alarm: Sendable {
        private let state = Atomic(false)

        var hasRung: Bool { state.load(ordering: .acquiring) }

        func ring() {
            state.store(true, ordering: .releasing)
        }
    }

    /// What the stream belongs to, for logs: the name of an agent or a topic.
    let name: String
    /// The number of unfinished messages of a partition that stops its fetching.
    private let highMark: Int
    /// The number at which fetching goes on.
    private let lowMark: Int
    /// The greatest number of messages handed to the iterator at once, so that other streams get their turn.
    private static let runLimit = 256
    /// The number of the partition whose events are in hand; see ``EventScope/partitionNumber``.
    ///
    /// Written once per run; -1 without one, -2 when there are several.
    let partitionInHand = Atomic<Int32>(-1)
    /// The stream that has taken this one's place in the body of its agent, once a `groupBy` or `through` has.
    private let successor = AtomicLazyReference<StreamBuffer>()
    /// Whether there is one: every access to a table asks, and this is cheaper than to look at the reference.
    private let hasSuccessor = Atomic(false)
    /// How many partitions the topic has, for a stream that has taken another one's place; -1 while that is not known.
    let partitionCount = Atomic<Int32>(-1)
    let state = Mutex(State())
    private let pressure: Mutex<Pressure?> = Mutex(nil)

    /// Whether the iteration ends when a partition is given up, since the body belongs to it.
    private let endsWithPartition: Bool

    init(name: String, maxsize: Int, endsWithPartition: Bool = false) {
        self.name = name
        self.endsWithPartition = endsWithPartition
        self.highMark = max(maxsize * 4 / 5, 1)
        self.lowMark = maxsize * 2 / 5
    }

    /// The stream that the body of the agent iterates over: this one, or what has taken its place.
    var last: StreamBuffer {
        var last = self
        while last.hasSuccessor.load(ordering: .acquiring), let next = last.successor.load() { last = next }
        return last
    }

    /// Lets another stream take this one's place in the body of its agent, for good; the first one counts.
    func makeWay(for next: StreamBuffer) {
        _ = successor.storeIfNil(next)
        hasSuccessor.store(true, ordering: .releasing)
    }

    func connect(_ pressure: Pressure) {
        self.pressure.withLock { $0 = pressure }
    }

    // MARK: The conductor's side

    /// Starts to follow a partition under an epoch; what was known of it is forgotten.
    ///
    /// - Returns: The lowest offset that was not finished under the epoch before.
    @discardableResult
    func attach(_ partition: TopicPartition, epoch: UInt64) -> Int64? {
        let (finished, unfinished) = state.withLock { state -> ([@Sendable () -> Void], Int64?) in
            settle(&state)
            let unfinished = state.partitions[partition]?.tracker.lowestUnfinished
            // What the iterator has of an older epoch is of no use any more.
            if state.isCurrent(partition) { state.iteration?.interrupt() }
            state.discard(partition)
            state.partitions[partition] = Partition(epoch: epoch)
            return (state.takeFinishedDrains(), unfinished)
        }
        for drain in finished { drain() }
        return unfinished
    }

    /// Adds a run; one of another epoch than the partition's is dropped.
    func append(_ run: Run) {
        let (waiter, mustPause) = state.withLock { state -> (UnsafeContinuation<Void, Never>?, Bool) in
            guard !run.isEmpty, let index = state.partitions.index(forKey: run.topicPartition),
                state.partitions.values[index].epoch == run.batch.epoch
            else { return (nil, false) }
            if state.partitions.values[index].isTakenBack {
                state.cut(run.topicPartition, from: run.offset(at: run.range.lowerBound))
                return (nil, false)
            }
            run.deliver(to: &state.partitions.values[index].tracker)
            state.waiting.append(run)
            let mustPause =
                !state.partitions.values[index].isPaused
                && state.partitions.values[index].tracker.unfinishedCount >= highMark
            if mustPause { state.partitions.values[index].isPaused = true }
            return (state.takeWaiterIfReady(), mustPause)
        }
        if mustPause { currentPressure?.changed(run.topicPartition, self) }
        waiter?.resume()
    }

    /// The lowest offset of a partition that is not finished, or from which on messages were taken back.
    func lowestUnfinished(_ partition: TopicPartition) -> Int64? {
        state.withLock { state in
            settle(&state)
            guard let known = state.partitions[partition] else { return nil }
            guard let cut = known.cut else { return known.tracker.lowestUnfinished }
            return min(cut, known.tracker.lowestUnfinished ?? cut)
        }
    }

    /// Takes back what the iterator has not seen of a partition, and calls `done` when it has finished the rest.
    func drain(_ partition: TopicPartition, done: @escaping @Sendable () -> Void) {
        let (isDone, waiter) = state.withLock { state -> (Bool, UnsafeContinuation<Void, Never>?) in
            settle(&state)
            state.takeBack(partition)
            if state.isCurrent(partition) { state.iteration?.interrupt() }
            guard state.hasUnfinished(partition) else { return (true, nil) }
            state.drains.append((partition, done))
            defer { state.waiter = nil }
            return (false, state.waiter)
        }
        if isDone { done() }
        waiter?.resume()
    }

    /// Stops following a partition; what is not finished of it never counts.
    func detach(_ partition: TopicPartition) {
        let (finished, waiter) = state.withLock {
            state -> ([@Sendable () -> Void], UnsafeContinuation<Void, Never>?) in
            let isKnown = state.partitions[partition] != nil
            if state.isCurrent(partition) { state.iteration?.interrupt() }
            state.discard(partition)
            if endsWithPartition, isKnown { state.mustBeginAnew = true }
            return (state.takeFinishedDrains(), state.takeWaiterIfReady())
        }
        for drain in finished { drain() }
        waiter?.resume()
    }

    /// Whether the iteration has ended because a partition was given up or a body beside it has failed, so that the body is
    /// to run anew.
    var mustBeginAnew: Bool { state.withLock { $0.mustBeginAnew } }

    /// Ends the iteration after the event in hand, so that the body runs anew.
    func beginAnew() {
        let waiter = state.withLock { state in
            state.mustBeginAnew = true
            state.iteration?.interrupt()
            return state.takeWaiterIfReady()
        }
        waiter?.resume()
    }

    /// Makes a stream that has ended ready for another run of its app.
    func reopen() {
        state.withLock { state in
            state.isClosed = false
            state.failure = nil
        }
    }

    /// Ends the stream: the iterator gets `nil`, or an error, when it asks for the next event.
    func close(throwing failure: FaustError? = nil) {
        let waiter = state.withLock { state in
            state.isClosed = true
            state.failure = failure
            state.iteration?.interrupt()
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
        currentPressure?.closed(self)
    }

    /// Ends the stream when what waits has been handed out: nothing more will come.
    func end(throwing failure: FaustError? = nil) {
        let waiter = state.withLock { state in
            state.isEnding = true
            state.failure = failure
            return state.takeWaiterIfReady()
        }
        waiter?.resume()
    }

    /// Whether somebody waits for the events in hand: a partition is being taken away, or has as many unfinished events
    /// as it may have, so that no more will come before some are finished.
    var isWaitedFor: Bool { state.withLock { $0.isWaitedFor } }

    /// Whether a partition has so many unfinished messages that no more are to be fetched for now.
    func isFull(_ partition: TopicPartition) -> Bool {
        state.withLock { $0.partitions[partition]?.isPaused ?? false }
    }

    /// Why the stream has ended, if that is an error.
    var failure: FaustError? { state.withLock { $0.failure } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    // MARK: The iterator's side

    /// Starts an iteration: whatever an earlier one left unfinished is delivered again, first.
    ///
    /// - Parameter isManual: Whether the events are finished by hand alone.
    /// - Returns: The iteration, which ends when another one begins.
    func beginIteration(isManual: Bool = false) -> StreamIteration {
        let iteration = StreamIteration(isManual: isManual)
        replaceIteration(by: iteration)
        return iteration
    }

    /// Ends the iteration under way, if there is one: what it left unfinished waits for the next, and nobody waits for
    /// it to be finished.
    func endIteration() {
        replaceIteration(by: nil)
    }

    /// Ends an iteration if it is still the one under way; see ``endIteration()``.
    func endIteration(_ iteration: StreamIteration) {
        replaceIteration(by: nil, if: iteration)
    }

    func replaceIteration(by iteration: StreamIteration?, if current: StreamIteration? = nil) {
        let (drains, waiter) = state.withLock { state -> ([@Sendable () -> Void], UnsafeContinuation<Void, Never>?) in
            if let current, state.iteration !== current { return ([], nil) }
            settle(&state)
            if let current = state.current {
                state.noteHandedOut(current, state.iteration?.seen ?? 0)
                state.held.append(current)
            }
            state.current = nil
            for run in state.held.reversed() { state.putBack(run) }
            state.held.removeAll()
            notePartitionInHand(state)
            state.fault = nil
            if iteration != nil { state.mustBeginAnew = false }
            // An older iterator that is still in use gets the end of the stream.
            state.iteration?.interrupt()
            state.iteration = iteration
            state.isIdle = true
            defer { state.waiter = nil }
            return (state.takeFinishedDrains(), state.waiter)
        }
        waiter?.resume()
        for drain in drains { drain() }
    }

    /// Fails the events in hand: the iterator throws the error before it finishes them.
    func fail(_ error: FaustError) {
        state.withLock { state in
            if state.fault == nil { state.fault = error }
            state.iteration?.interrupt()
        }
    }

    /// Why the events in hand have failed, though their body has not thrown.
    @usableFromInline
    func takeFault() -> FaustError? {
        state.withLock { state in
            defer { state.fault = nil }
            return state.fault
        }
    }

    /// Finishes what a body had in hand that has returned, unless its events are finished by hand alone.
    func finishInHand() {
        if state.withLock({ $0.iteration?.isManual ?? true }) { return }
        for message in inHand() { finish(message) }
    }

    /// The next run for the iterator.
    ///
    /// - Parameters:
    ///   - iteration: What ``beginIteration(isManual:)`` returned; an older iteration has ended.
    ///   - seen: How many messages of the current run the iterator has handed out.
    ///   - hasHold: Whether the iterator will hand out events that it holds even if there is no run.
    /// - Returns: A run, or why there is none.
    func next(_ iteration: StreamIteration, seen: Int, hasHold: Bool = false) -> Next {
        let (next, resumed, drains) = state.withLock { state -> (Next, [TopicPartition], [@Sendable () -> Void]) in
            guard state.iteration === iteration else { return (.end, [], []) }
            let resumed = moveOn(&state, seen: seen)
            let next = state.takeNext(limit: Self.runLimit)
            if case .run = next { state.isIdle = false } else { state.isIdle = !hasHold }
            notePartitionInHand(state)
            return (next, resumed, state.takeFinishedDrains())
        }
        finishNotices(resumed, drains)
        return next
    }

    /// Takes back what an iterator has not handed out, since it will ask for nothing more.
    ///
    /// - Parameters:
    ///   - iteration: The iteration that ends.
    ///   - seen: How many messages of the current run it has handed out.
    ///   - hasHold: Whether the iterator hands out events that it holds.
    func leave(_ iteration: StreamIteration, seen: Int, hasHold: Bool = false) {
        let (resumed, drains) = state.withLock { state -> ([TopicPartition], [@Sendable () -> Void]) in
            guard state.iteration === iteration else { return ([], []) }
            let resumed = moveOn(&state, seen: seen)
            state.isIdle = !hasHold
            notePartitionInHand(state)
            return (resumed, state.takeFinishedDrains())
        }
        finishNotices(resumed, drains)
    }

    private func moveOn(_ state: inout State, seen: Int) -> [TopicPartition] {
        settle(&state)
        putAwayCurrent(&state, seen: seen)
        state.dropFinishedHeld()
        return state.takeRelieved(lowMark: lowMark)
    }

    /// Waits until there may be a run.
    ///
    /// - Parameters:
    ///   - unlessWaitedFor: Whether to return at once when ``isWaitedFor``, too.
    ///   - alarm: Ends the wait, too, when it rings before ``wakeUp()`` is called.
    func wait(unlessWaitedFor: Bool = false, alarm: Alarm? = nil) async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                // One iterator waits at a time; an older one that still does is to find out that it has ended.
                let resumed = state.withLock { state -> UnsafeContinuation<Void, Never>? in
                    if state.isReady || Task.isCancelled { return continuation }
                    if unlessWaitedFor, state.isWaitedFor { return continuation }
                    if let alarm, alarm.hasRung { return continuation }
                    defer { state.waiter = continuation }
                    return state.waiter
                }
                resumed?.resume()
            }
        } onCancel: {
            wakeUp()
        }
    }

    /// Makes a waiting iterator look again.
    func wakeUp() {
        state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }?
        .resume()
    }

    /// Notes that a message is finished, whatever its turn.
    @usableFromInline
    func finish(_ message: Message) {
        finish(message.topicPartition, epoch: message.batch.epoch) { $0.finish(message.offset) }
    }

    /// Notes that the messages of a partition are finished up to and including one.
    func finish(through message: Message) {
        finish(message.topicPartition, epoch: message.batch.epoch) { $0.finish(through: message.offset) }
    }

    private func notePartitionInHand(_ state: State) {
        partitionInHand.store(state.partitionNumberInHand, ordering: .relaxed)
    }

    /// The partitions of the messages that were handed out and are not finished, in order.
    func partitionsInHand() -> [TopicPartition] {
        Set(inHand().lazy.map(\.topicPartition)).sorted()
    }

    /// The message that was handed out last, while it is in hand.
    func messageInHand() -> Message? {
        state.withLock { state in
            if let current = state.current, let seen = state.iteration?.seen, seen > 0 {
                return current.message(at: current.range.lowerBound + seen - 1)
            }
            return state.held.last.map { $0.message(at: $0.range.upperBound - 1) }
        }
    }

    /// The time of the message that was handed out last, while it is in hand, in milliseconds since 1970.
    ///
    /// Each change of a windowed table asks, so that it does not take the message in hand to look at it.
    func timestampInHand() -> Int64? {
        state.withLock { state in
            if let seen = state.iteration?.seen, seen > 0, let time = state.current?.timestamp(ofFirst: seen) {
                return time
            }
            return state.held.last.map { $0.timestamp(ofFirst: $0.range.count) }
        }
    }

    /// The messages that were handed out and are not finished, such as those that a failed body had in hand.
    func inHand() -> [Message] {
        state.withLock { state in
            settle(&state)
            var runs: [Run] = []
            runs.append(contentsOf: state.held)
            if var current = state.current, let iteration = state.iteration {
                runs.append(current.takeFirst(iteration.seen))
            }
            return runs.flatMap { run -> [Message] in
                guard let known = state.partitions[run.topicPartition], known.epoch == run.batch.epoch else {
                    return []
                }
                return run.range.map(run.message(at:)).filter { known.tracker.isUnfinished($0.offset) }
            }
        }
    }

    private func finish(_ partition: TopicPartition, epoch: UInt64, _ change: (inout OffsetTracker) -> Void) {
        let (resumed, drains) = state.withLock { state -> ([TopicPartition], [@Sendable () -> Void]) in
            guard let index = state.partitions.index(forKey: partition),
                state.partitions.values[index].epoch == epoch
            else { return ([], []) }
            change(&state.partitions.values[index].tracker)
            return (state.takeRelieved(lowMark: lowMark), state.takeFinishedDrains())
        }
        finishNotices(resumed, drains)
    }

    private func finishNotices(_ resumed: [TopicPartition], _ drains: [@Sendable () -> Void]) {
        for partition in resumed { currentPressure?.changed(partition, self) }
        for drain in drains { drain() }
    }

    var currentPressure: Pressure? { pressure.withLock { $0 } }

    /// Takes over what the iterator has counted as finished.
    private func settle(_ state: inout State) {
        guard let current = state.current, let finished = state.iteration?.finished else { return }
        guard finished > 0, let index = state.partitions.index(forKey: current.topicPartition),
            state.partitions.values[index].epoch == current.batch.epoch
        else { return }
        let last = current.offset(at: current.range.lowerBound + finished - 1)
        state.partitions.values[index].tracker.finish(through: last)
    }

    /// Puts the iterator's run away: what it has not seen goes back to those waiting, unless it was taken back.
    private func putAwayCurrent(_ state: inout State, seen: Int) {
        defer { state.iteration?.reset() }
        guard var rest = state.current else { return }
        state.current = nil
        state.noteHandedOut(rest, seen)
        let head = rest.takeFirst(seen)
        guard let known = state.partitions[head.topicPartition], known.epoch == head.batch.epoch else { return }
        if !rest.isEmpty {
            if known.isTakenBack {
                state.cut(head.topicPartition, from: rest.offset(at: rest.range.lowerBound))
            } else {
                state.waiting.prepend(rest)
            }
        }
        guard !head.isEmpty, let lowest = known.tracker.lowestUnfinished else { return }
        if lowest <= head.offset(at: head.range.upperBound - 1) { state.held.append(head) }
    }
}
