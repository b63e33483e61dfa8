// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Calls for a commit when the first timer of this worker is due: timers fire as part of commits.
final class TimerAlarm: Sendable {
    private struct State {
        /// When the first timer of each partition is due, or `.min` when that has to be looked for; none are missing.
        var first: [Int32: Int64] = [:]
        /// Whether a commit was called for that has not come yet.
        var isCalled = false
        /// When timers were fired last, by the app's clock.
        var lastFiring: Duration?
        /// Whether timers that are due were left to the next commit.
        var hasMore = false
        /// Fires when there may be something else to wait for; `nil` while no worker runs.
        var news: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let time: TimerTime
    private let clock: AppClock
    /// The least time from one firing to the next, so that many timers share a commit.
    private static let spacing = Duration.milliseconds(50)
    /// The longest wait at a time, which keeps clear of what clocks can count.
    private static let longestPause = Duration.seconds(86_400)

    init(_ time: TimerTime, clock: AppClock) {
        self.time = time
        self.clock = clock
    }

    /// Notes that a timer is due at a time.
    func note(_ due: Int64, in partition: Int32) {
        let isFirst = state.withLock { state in
            guard due < state.first[partition] ?? .max else { return false }
            state.first[partition] = due
            return true
        }
        if isFirst { tell() }
    }

    /// Notes that the time of a partition may have moved, or that the partition may be ready.
    func noteTime(_ partition: Int32) {
        if isDue(partition) { tell() }
    }

    /// Notes that nobody knows when the first timer of a partition is due.
    func lookAnew(_ partition: Int32) {
        note(.min, in: partition)
    }

    /// Notes that nobody knows when any timer is due.
    func lookAnew() {
        state.withLock { state in
            for partition in state.first.keys { state.first[partition] = .min }
            state.isCalled = false
        }
        tell()
    }

    private func tell() {
        _ = state.withLock { $0.news }?.yield()
    }

    /// Whether the first timer of a partition is due, or has to be looked for.
    private func isDue(_ partition: Int32) -> Bool {
        guard let first = state.withLock({ $0.first[partition] }) else { return false }
        return first == .min || time.now(partition).map { first <= $0 } ?? false
    }

    /// A commit looks for what is due of a partition.
    ///
    /// - Returns: Whether there may be anything; what is set from now on is noted anew.
    func take(_ partition: Int32) -> Bool {
        let isDue = isDue(partition)
        state.withLock { state in
            state.isCalled = false
            if isDue { state.first[partition] = nil }
        }
        tell()
        return isDue
    }

    /// A commit has fired timers of a partition.
    ///
    /// - Parameters:
    ///   - partition: The partition.
    ///   - next: When the first of the others is due; `nil` when there is none.
    func fired(_ partition: Int32, next: Int64?) {
        let (now, time) = (clock.elapsed(), time.now(partition) ?? .min)
        state.withLock { state in
            state.lastFiring = now
            state.hasMore = next.map { $0 <= time } ?? false
        }
        if let next { note(next, in: partition) }
    }

    /// Calls for commits until the task is cancelled.
    ///
    /// - Parameters:
    ///   - isReady: Whether a partition is on this worker.
    ///   - call: Has a commit made soon.
    func run(isReady: @Sendable (Int32) -> Bool, call: @Sendable () -> Void) async {
        // A stream ends when whoever waits for it is cancelled: each run of the worker has one of its own.
        let (stream, input) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.news = input
            state.isCalled = false
            state.lastFiring = nil
        }
        var news = stream.makeAsyncIterator()
        while !Task.isCancelled {
            let pause = pause(isReady)
            if let pause, pause <= .zero {
                state.withLock { $0.isCalled = true }
                call()
                continue
            }
            await withTaskGroup(of: Void.self) { group in
                if let pause {
                    group.addTask { [clock] in
                        if (try? await clock.sleep(min(pause, Self.longestPause))) != nil { input.yield() }
                    }
                }
                _ = await news.next()
                group.cancelAll()
            }
        }
    }

    /// How long to wait before a commit is called for; `nil` when there is nothing to wait for.
    private func pause(_ isReady: (Int32) -> Bool) -> Duration? {
        let now = clock.elapsed()
        let (first, isCalled, lastFiring, hasMore) = state.withLock {
            ($0.first, $0.isCalled, $0.lastFiring, $0.hasMore)
        }
        if isCalled { return nil }
        let waits = first.filter { isReady($0.key) }.compactMap { wait(for: $0.value, $0.key) }
        guard let pause = waits.min() else { return nil }
        guard let lastFiring, !hasMore else { return pause }
        return max(pause, lastFiring + Self.spacing - now)
    }

    private func wait(for first: Int64, _ partition: Int32) -> Duration? {
        if first == .min { return .zero }
        guard let now = time.now(partition) else { return nil }
        if first <= now { return .zero }
        // The time of events moves when they come.
        return time.isClock ? .milliseconds(first - now) : nil
    }
}
