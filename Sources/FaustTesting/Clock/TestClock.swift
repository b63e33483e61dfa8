// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

#if FAUST_TSAN
import FaustCore
#endif

/// A clock whose time moves only when a test says so.
///
/// Tasks that sleep on it are resumed by ``advance(by:)``, in the order of their deadlines and, where these are the
/// same, in the order in which they went to sleep. Nothing else makes time pass, so that a test with timers gives the
/// same result on every machine.
///
/// ```swift
/// let clock = TestClock()
/// async let done: Void = clock.sleep(for: .seconds(10))
/// try await clock.waitForSleepers(1)
/// clock.advance(by: .seconds(10))
/// try await done
/// ```
public final class TestClock: Clock, Sendable {
    /// A point in the time of a ``TestClock``.
    public struct Instant: InstantProtocol, Sendable, Hashable, CustomStringConvertible {
        /// The time that has passed since the clock's start.
        public let offset: Duration

        /// The point that lies a while after the clock's start.
        public init(offset: Duration = .zero) {
            self.offset = offset
        }

        /// The point that lies a while after this one.
        public func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        /// The time from this point to another; negative when that one is earlier.
        public func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        /// The order in time.
        public static func < (left: Instant, right: Instant) -> Bool {
            left.offset < right.offset
        }

        /// The offset, such as `10.0 seconds`.
        public var description: String { "\(offset)" }
    }

    private struct Sleeper {
        let id: UInt64
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Instant
        var nextID: UInt64 = 0
        /// In the order in which they will be resumed.
        var sleepers: [Sleeper] = []
    }

    private let state: Mutex<State>
    /// How many sleep; a copy outside `state`, so that tests can wait for it.
    private let sleeperCount = Watched(0)

    /// A clock that stands still.
    ///
    /// - Parameter now: The time that it shows.
    public init(now: Instant = Instant()) {
        state = Mutex(State(now: now))
    }

    /// The time that the clock shows.
    public var now: Instant { state.withLock { $0.now } }

    /// The clock is exact.
    public var minimumResolution: Duration { .zero }

    /// How many tasks sleep on the clock.
    public var sleepers: Int { sleeperCount.value }

    /// When the first of the sleeping tasks will be resumed; `nil` when none sleeps.
    public var nextDeadline: Instant? { state.withLock { $0.sleepers.first?.deadline } }

    /// Suspends until the clock has been advanced to a point in time; returns at once when that has passed.
    ///
    /// - Parameters:
    ///   - deadline: The point in time.
    ///   - tolerance: Ignored: the clock is exact.
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(Sleeper(id: id, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Lets time pass, and resumes the tasks whose deadline is reached.
    ///
    /// The tasks are resumed in order but run on their executors: wait for what they do, not for this call. A task
    /// that goes back to sleep is not resumed a second time by the same call; see ``waitForSleepers(_:)``.
    ///
    /// - Parameter duration: How much time passes; not negative.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "a clock can't run backwards")
        wake { state in state.now.advanced(by: duration) }
    }

    /// Lets time pass until the first sleeping task is due, and resumes all that are due then.
    ///
    /// - Returns: How much time has passed; `nil`, and nothing happens, when no task sleeps.
    @discardableResult
    public func advanceToNextDeadline() -> Duration? {
        var passed: Duration?
        wake { state in
            guard let deadline = state.sleepers.first?.deadline else { return state.now }
            passed = state.now.duration(to: deadline)
            return deadline
        }
        return passed
    }

    /// Suspends until at least a number of tasks sleep on the clock.
    ///
    /// Call it before ``advance(by:)``: time that passes before a task sleeps is no time to the task.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func waitForSleepers(_ count: Int) async throws {
        try await sleeperCount.wait { $0 >= count }
    }

    private func wake(to time: (State) -> Instant) {
        let due = state.withLock { state -> [Sleeper] in
            let now = time(state)
            state.now = now
            let due = state.sleepers.prefix { $0.deadline <= now }
            state.sleepers.removeFirst(due.count)
            publishCount(state)
            return Array(due)
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    private func enqueue(_ sleeper: Sleeper) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            // Checked under the lock: a cancellation that comes later finds the sleeper in the list.
            if Task.isCancelled { return .failure(CancellationError()) }
            if sleeper.deadline <= state.now { return .success(()) }
            let index = state.sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: index)
            publishCount(state)
            return nil
        }
        if let outcome { sleeper.continuation.resume(with: outcome) }
    }

    private func cancel(_ id: UInt64) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
            let sleeper = state.sleepers.remove(at: index)
            publishCount(state)
            return sleeper
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    /// Called with the lock of `state` held, so that counts are published in the order of the changes.
    private func publishCount(_ state: State) {
        let count = state.sleepers.count
        sleeperCount.update { $0 = count }
    }
}
