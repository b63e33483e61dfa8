// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Synchronization

/// Where an iterator is in its stream: a position in a run, and the way to the next run.
@usableFromInline
struct StreamCursor {
    /// How looking for the next run ended.
    @usableFromInline
    enum Refill: Sendable {
        case ready
        case timeout
        case end
    }

    @usableFromInline let source: StreamSource
    @usableFromInline let buffer: StreamBuffer
    @usableFromInline let acknowledges: Bool
    @usableFromInline let iteration: StreamIteration
    /// Ends the iteration when the last copy of the cursor is gone; `nil` where an ``AgentRunner`` does.
    private let lease: IterationLease?
    @usableFromInline var batch: MessageBatch
    @usableFromInline var positions: ContiguousArray<Int32>?
    /// The index in the run of the next message.
    @usableFromInline var index = 0
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    private static let nothing = MessageBatch(
        topicPartition: TopicPartition("", 0),
        epoch: 0,
        nextOffset: 0,
        storage: Bytes.empty.storage,
        entries: []
    )

    /// A cursor at the start of the stream.
    ///
    /// - Parameters:
    ///   - source: The stream.
    ///   - acknowledges: Whether asking for a message finishes the one before.
    @usableFromInline
    init(_ source: StreamSource, acknowledges: Bool = true) {
        self.source = source
        self.buffer = source.buffer
        self.acknowledges = acknowledges && source.acknowledges
        self.iteration = source.buffer.beginIteration(isManual: !source.acknowledges)
        self.lease = source.endsWithIterator ? IterationLease(buffer: source.buffer, iteration: iteration) : nil
        self.batch = Self.nothing
    }

    /// The next message of the run; `nil` when the run is used up or the iterator is to look up.
    @inlinable
    mutating func take() -> Message? {
        guard index < end, !iteration.isInterrupted.load(ordering: .acquiring) else { return nil }
        if acknowledges { iteration.progress.store(index &- start, ordering: .releasing) }
        let position = positions.map { Int($0[index]) } ?? index
        index &+= 1
        if !acknowledges { iteration.handedOut.store(index &- start, ordering: .releasing) }
        return Message(batch: batch, index: position)
    }

    /// The next message and its value, if it is at hand and its pipeline does not suspend.
    ///
    /// It is inlined into the loop over the stream, so that most events need no asynchronous call, which would look for
    /// the executor to go on at.
    ///
    /// - Parameters:
    ///   - pipeline: What makes values of messages.
    ///   - fault: Becomes what went wrong with the message.
    /// - Returns: `nil` when the asynchronous way is to go on.
    @inlinable
    @inline(__always)
    mutating func atHand<Value>(_ pipeline: Pipeline<Value>, _ fault: inout PipelineFault?) -> (Value, Message)? {
        guard case .sync(let body) = pipeline, let message = take() else { return nil }
        do {
            if let value = try body(message) { return (value, message) }
            if !acknowledges { buffer.finish(message) }
        } catch {
            fault = PipelineFault(error: error, message: message)
        }
        return nil
    }

    /// Gets the next run, waiting for it.
    ///
    /// - Returns: `false` at the end of the stream.
    @usableFromInline
    mutating func refill(isolation actor: isolated (any Actor)?) async throws -> Bool {
        if let fault = buffer.takeFault() { throw fault }
        while !Task.isCancelled {
            await source.context.ebb()
            switch poll() {
            case .run: return true
            case .end:
                if let failure = buffer.failure { throw failure }
                return false
            case .wait: await buffer.wait()
            }
        }
        leave()
        return false
    }

    /// Gets the next run, waiting for it until a time.
    ///
    /// - Parameters:
    ///   - deadline: The time by the app's clock; `nil` waits without end.
    ///   - hasHold: Whether the caller holds events: then it is not kept waiting while somebody waits for these, see
    ///     ``StreamBuffer/isWaitedFor``.
    /// - Returns: Whether there is a run, or why not.
    @usableFromInline
    mutating func refill(until deadline: Duration?, hasHold: Bool) async -> Refill {
        while !Task.isCancelled {
            await source.context.ebb()
            switch poll(hasHold: hasHold) {
            case .run: return .ready
            case .end: return .end
            case .wait: break
            }
            if hasHold, buffer.isWaitedFor { return .timeout }
            guard let deadline else {
                await buffer.wait(unlessWaitedFor: hasHold)
                continue
            }
            let rest = deadline - source.context.elapsed()
            guard rest > .zero else { return .timeout }
            await wait(atMost: rest, unlessWaitedFor: hasHold)
        }
        leave(hasHold: hasHold)
        return .end
    }

    private func wait(atMost duration: Duration, unlessWaitedFor: Bool) async {
        let (buffer, sleep, alarm) = (buffer, source.context.sleep, StreamBuffer.Alarm())
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // A cancelled sleep needs no waking: the wait it was for is over.
                guard (try? await sleep(duration)) != nil else { return }
                alarm.ring()
                buffer.wakeUp()
            }
            await buffer.wait(unlessWaitedFor: unlessWaitedFor, alarm: alarm)
            group.cancelAll()
        }
    }

    /// Gets the next run if there is one.
    mutating func poll(hasHold: Bool = false) -> StreamBuffer.Next {
        let next = buffer.next(iteration, seen: finishRun(), hasHold: hasHold)
        guard case .run(let run) = next else {
            batch = Self.nothing
            return next
        }
        batch = run.batch
        positions = run.positions
        (index, start, end) = (run.range.lowerBound, run.range.lowerBound, run.range.upperBound)
        return next
    }

    /// Gives back what was not handed out, since the iterator will ask for nothing more.
    mutating func leave(hasHold: Bool = false) {
        buffer.leave(iteration, seen: finishRun(), hasHold: hasHold)
        batch = Self.nothing
    }

    /// Counts what was handed out of the run as finished, if that is the iterator's task, and lets go of the run.
    ///
    /// - Returns: How many messages of the run were handed out.
    private mutating func finishRun() -> Int {
        let seen = index - start
        // Only now: what is given back is handed out, and counted, once more.
        if seen > 0 { source.context.countEvents(seen) }
        if acknowledges, end > 0 { iteration.progress.store(seen, ordering: .releasing) }
        (index, start, end) = (0, 0, 0)
        return seen
    }

    /// Deals with a message at hand that has failed; see ``dropOrThrow(_:_:isolation:)``.
    @usableFromInline
    func drop(_ fault: PipelineFault, isolation actor: isolated (any Actor)?) async throws {
        try await dropOrThrow(fault.error, fault.message, isolation: actor)
        if !acknowledges { buffer.finish(fault.message) }
    }

    /// Deals with an error of the pipeline: a message that can't be decoded goes the way its policy says, ``Skip``
    /// drops the event, everything else is the user's own and is thrown on.
    @usableFromInline
    func dropOrThrow(_ error: any Error, _ message: Message, isolation actor: isolated (any Actor)?) async throws {
        if error is Skip { return }
        guard let failure = error as? DecodeFailure else { throw error }
        try await source.context.undecodable(message, failure.error)
    }
}

/// Ends an iteration that nobody goes on with, such as that of a loop that was left by `break`.
private final class IterationLease: Sendable {
    private let buffer: StreamBuffer
    private let iteration: StreamIteration

    init(buffer: StreamBuffer, iteration: StreamIteration) {
        self.buffer = buffer
        self.iteration = iteration
    }

    deinit { buffer.endIteration(iteration) }
}
