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
    }

    /// What became of a commit.
    enum Outcome: Sendable {
        /// The broker has confirmed these offsets; empty when there was nothing to commit.
        case committed([TopicPartition: Int64])
        /// Nothing was committed.
        case failed(FaustError)
    }

    private let conductor: @Sendable () -> Conductor?
    private let consumer: any TransportConsumer
    private let producer: Producer
    private let interval: Duration
    private let commitEvery: Int
    private let monitor: Monitor
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void
    private let failed: @Sendable (FaustError) -> Void
    private let state = Mutex(State())
    private let eventsSinceCommit = Atomic<Int>(0)

    init(
        conductor: @escaping @Sendable () -> Conductor?,
        consumer: any TransportConsumer,
        producer: Producer,
        interval: Duration,
        commitEvery: Int,
        monitor: Monitor,
        logger: Logger,
        failed: @escaping @Sendable (FaustError) -> Void = { _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.failed = failed
        self.conductor = conductor
        self.consumer = consumer
        self.producer = producer
        self.interval = interval
        self.commitEvery = commitEvery
        self.monitor = monitor
        self.logger = logger
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
            let outcome = await commitOnce()
            for waiter in waiters { waiter.resume(returning: outcome) }
            if isStopped { break }
        }
    }

    /// Commits what is finished now, after a commit that is under way.
    func commit() async -> Outcome {
        guard conductor() != nil else {
            return .failed(FaustError(.lifecycle, "there is nothing to commit: no worker runs, only a client"))
        }
        return await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
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

    /// Counts events on their way to streams, to commit after so many.
    func count(_ events: Int) {
        let count = eventsSinceCommit.wrappingAdd(events, ordering: .relaxed).newValue
        if count >= commitEvery, count - events < commitEvery { wake() }
    }

    private func wake() {
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
                guard (try? await sleep(interval)) != nil else { return }
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

    private var isOverdue: Bool { eventsSinceCommit.load(ordering: .relaxed) >= commitEvery }

    private func commitOnce() async -> Outcome {
        guard let conductor = conductor() else { return .committed([:]) }
        eventsSinceCommit.store(0, ordering: .relaxed)
        let offsets = conductor.committable()
        do {
            try await conductor.participants.prepare(ChangelogWriter(producer))
        } catch {
            return giveUp(error)
        }
        do {
            try await producer.flush()
        } catch {
            return await rewind(conductor, after: error)
        }
        do {
            try await conductor.participants.store()
        } catch {
            return giveUp(error)
        }
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

    /// Stops the worker, since its state can't be committed.
    private func giveUp(_ error: FaustError) -> Outcome {
        monitor.commitErrors.add(1)
        failed(error)
        return .failed(error)
    }

    private func rewind(_ conductor: Conductor, after error: any Error) async -> Outcome {
        monitor.commitErrors.add(1)
        let error = error as? FaustError ?? FaustError(.transport, "a send failed", cause: error)
        // Any event since the last commit may have made the send that was lost, also one that is still in hand.
        let partitions = conductor.assignment
        logger.error(
            "Messages sent since the last commit were lost; going back to it to process their sources again",
            metadata: ["error": "\(error)", "partitions": "\(partitions)"]
        )
        await conductor.rollBack()
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
}
