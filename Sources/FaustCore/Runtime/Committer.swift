// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Commits what is finished: every interval, after a number of events, and when asked to; one commit at a time.
///
/// The order within a commit is what makes it safe: first the offsets are taken, then everything that was sent until
/// then is flushed, and only if all of it has arrived are the offsets committed. A failed send fails the commit: the
/// partitions go back to their last commit (Faust loses the output instead: CM20). State that is committed together
/// with the offsets takes part as ``CommitParticipant`` says.
final class Committer: Sendable {
    private struct State {
        var waiters: [CheckedContinuation<Outcome, Never>] = []
        var sleeper: CheckedContinuation<Void, Never>?
        /// Whether ``wake()`` was called while nobody slept.
        var isWoken = false
        var isStopped = false
        /// Whether the next commit must not wait for events in hand.
        var isHasty = false
        /// Why what was done since the last commit is to be taken back.
        var taint: FaustError?
        /// Why nothing is committed any more.
        var broken: FaustError?
        /// How many commits in a row have failed for lost messages.
        var rollBacks = 0
    }

    /// What became of a commit.
    enum Outcome: Sendable {
        /// The broker has confirmed these offsets; empty when there was nothing to commit.
        case committed([TopicPartition: Int64])
        /// Nothing was committed.
        case failed(FaustError)
    }

    let consumer: any TransportConsumer
    let producer: Producer
    let monitor: Monitor
    let logger: Logger
    private let conductor: @Sendable () -> Conductor?
    private let options: Options
    private let sleep: @Sendable (Duration) async throws -> Void
    private let failed: @Sendable (FaustError) -> Void
    private let state = Mutex(State())
    private let eventsSinceCommit = Atomic<Int>(0)

    /// When commits are due and what they may take.
    struct Options: Sendable {
        /// How often.
        var interval: Duration
        /// After how many events.
        var commitEvery: Int
        /// How long a transaction's commit waits for events in hand.
        var patience: Duration = .seconds(24)
        /// How many commits in a row may fail for lost messages before the worker stops.
        var maxRollBacks = 100
    }

    init(
        conductor: @escaping @Sendable () -> Conductor?,
        consumer: any TransportConsumer,
        producer: Producer,
        options: Options,
        monitor: Monitor,
        logger: Logger,
        failed: @escaping @Sendable (FaustError) -> Void = { _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.conductor = conductor
        self.consumer = consumer
        self.producer = producer
        self.options = options
        self.monitor = monitor
        self.logger = logger
        self.failed = failed
        self.sleep = sleep
    }

    /// Commits until ``stop()``.
    func run() async {
        while true {
            await pause()
            let (waiters, isStopped) = state.withLock { state in
                defer { state.waiters = [] }
                return (state.waiters, state.isStopped)
            }
            let outcome = await commitNow()
            for waiter in waiters { waiter.resume(returning: outcome) }
            if isStopped { break }
        }
    }

    /// Commits what is finished now, after a commit that is under way.
    ///
    /// - Parameter waits: Whether a transaction's commit may wait for events in hand; else their bodies are shut out.
    /// - Returns: What became of it.
    func commit(waits: Bool = true) async -> Outcome {
        guard conductor() != nil else {
            return .failed(FaustError(.lifecycle, "there is nothing to commit: no worker runs, only a client"))
        }
        return await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if !waits { state.isHasty = true }
                if !state.isStopped { state.waiters.append(continuation) }
                return state.isStopped
            }
            if isStopped {
                continuation.resume(returning: .failed(FaustError(.closed, "the worker has stopped committing")))
            } else {
                wake()
            }
        }
    }

    /// Ends ``run()`` after a last commit.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Makes the next commit take back what was done since the last one, if there are transactions: a body has left an
    /// event half done.
    func taint(_ error: FaustError) {
        guard producer.transactions != nil else { return }
        state.withLock { if $0.taint == nil { $0.taint = error } }
    }

    /// Takes back what was done since the last commit, if there are transactions.
    func undo(_ error: FaustError) async {
        guard producer.transactions != nil else { return }
        taint(error)
        _ = await commit()
    }

    /// Refuses all commits from now on.
    func breakOff(_ error: FaustError) {
        state.withLock { if $0.broken == nil { $0.broken = error } }
    }

    /// Counts events on their way to streams, to commit after so many.
    func count(_ events: Int) {
        let count = eventsSinceCommit.wrappingAdd(events, ordering: .relaxed).newValue
        if count >= options.commitEvery, count - events < options.commitEvery { wake() }
    }

    /// Makes the next commit due.
    func wake() {
        state.withLock { state in
            state.isWoken = state.sleeper == nil
            defer { state.sleeper = nil }
            return state.sleeper
        }?
        .resume()
    }

    /// Waits for the interval to pass or for ``wake()``.
    private func pause() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                guard (try? await sleep(options.interval)) != nil else { return }
                wake()
            }
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.isStopped || state.isWoken || !state.waiters.isEmpty || isOverdue { return true }
                    state.sleeper = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
            group.cancelAll()
        }
        state.withLock { $0.isWoken = false }
    }

    private var isOverdue: Bool { eventsSinceCommit.load(ordering: .relaxed) >= options.commitEvery }

    /// Commits what is finished; never while ``run()`` does.
    func commitNow() async -> Outcome {
        guard let conductor = conductor() else { return .committed([:]) }
        if let broken = state.withLock({ $0.broken }) { return .failed(broken) }
        eventsSinceCommit.store(0, ordering: .relaxed)
        guard let transactions = producer.transactions else { return await commitOffsets(conductor) }
        return await commit(transactions, conductor)
    }

    // MARK: At least once

    private func commitOffsets(_ conductor: Conductor) async -> Outcome {
        let offsets = conductor.committable()
        do {
            try await conductor.participants.prepare(ChangelogWriter(producer))
        } catch {
            return giveUp(error)
        }
        do {
            try await producer.flush()
        } catch {
            return await goBack(conductor, after: error)
        }
        do {
            try await conductor.participants.store()
        } catch {
            return giveUp(error)
        }
        noteSuccess()
        guard !offsets.isEmpty else { return .committed([:]) }
        do {
            let result = try await consumer.commit(offsets)
            conductor.noteCommitted(result.committed)
            conductor.participants.committed()
            if !result.committed.isEmpty { monitor.commits.add(1) }
            report(result.failures)
            return .committed(result.committed)
        } catch {
            monitor.commitErrors.add(1)
            let error = error as? FaustError ?? FaustError(.transport, "the commit failed", cause: error)
            logger.error("Commit failed; it is tried again with the next one", metadata: ["error": "\(error)"])
            return .failed(error)
        }
    }

    private func goBack(_ conductor: Conductor, after error: FaustError) async -> Outcome {
        monitor.commitErrors.add(1)
        // Any event since the last commit may have made the send that was lost, also one that is still in hand.
        logger.error(
            "Messages sent since the last commit were lost; going back to it to process their sources again",
            metadata: ["error": "\(error)", "partitions": "\(conductor.assignment)"]
        )
        if isHopeless { return giveUp(Self.hopeless(error)) }
        conductor.holdBack()
        await conductor.rollBack()
        conductor.release()
        return .failed(error)
    }

    private func report(_ failures: [TopicPartition: FaustError]) {
        guard !failures.isEmpty else { return }
        monitor.commitErrors.add(1)
        for (partition, error) in failures {
            logger.warning(
                "Offset not committed",
                metadata: ["partition": "\(partition)", "error": "\(error)"]
            )
        }
    }

    // MARK: What both guarantees need

    /// Stops the worker: nothing more is committed, and what was not is processed again after a restart.
    func giveUp(_ error: FaustError) -> Outcome {
        monitor.commitErrors.add(1)
        breakOff(error)
        failed(error)
        return .failed(error)
    }

    /// Whether going back once more has no prospect: the same messages are lost again and again.
    var isHopeless: Bool {
        state.withLock { state in
            state.rollBacks += 1
            return state.rollBacks > options.maxRollBacks
        }
    }

    static func hopeless(_ error: FaustError) -> FaustError {
        FaustError(
            error.code,
            "messages were lost again and again although their sources were processed anew: mend what refuses them",
            cause: error,
            isFatal: true
        )
    }

    func noteSuccess() {
        state.withLock { $0.rollBacks = 0 }
    }

    /// How long the commit that begins now waits for events in hand.
    func takePatience() -> Duration {
        state.withLock { state in
            defer { state.isHasty = false }
            return state.isHasty ? .zero : options.patience
        }
    }

    func takeTaint() -> FaustError? {
        state.withLock { state in
            defer { state.taint = nil }
            return state.taint
        }
    }
}
