// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A lock around a state together with a condition that threads wait on.
///
/// It is `@unchecked Sendable` because of its raw pointers and its mutable state. It is safe to share: the pointers
/// are set once and freed in `deinit`, and the state is only touched between `pthread_mutex_lock` and
/// `pthread_mutex_unlock` of the one mutex.
final class QueueMonitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    /// Makes a monitor around a state.
    init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
        pthread_cond_init(condition, nil)
        #else
        // Timeouts must not follow changes of the wall clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the state and wakes every waiting thread when it returns `true`.
    ///
    /// `body` must not call the monitor again.
    func update(_ body: (inout State) -> Bool) {
        pthread_mutex_lock(mutex)
        if body(&state) { pthread_cond_broadcast(condition) }
        pthread_mutex_unlock(mutex)
    }

    /// Waits, blocking the thread, until `body` returns something.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait; `.zero` does not wait.
    ///   - body: Looks at the state; called at the start and after each wake-up, the last time at the deadline.
    /// - Returns: What `body` returned; `nil` at the deadline.
    func wait<Result>(atMost timeout: Duration, for body: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        // Most polls find something or must not wait: only the others ask for the time.
        if let result = body(&state) { return result }
        guard timeout > .zero else { return nil }
        let deadline = ContinuousClock.now + min(timeout, .seconds(1_000_000_000))
        while true {
            let now = ContinuousClock.now
            if now >= deadline { return nil }
            timedWait(now.duration(to: deadline))
            if let result = body(&state) { return result }
        }
    }

    private func timedWait(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec()
        #if canImport(Darwin)
        time.tv_sec = .init(seconds)
        time.tv_nsec = .init(attoseconds / 1_000_000_000)
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000 + 1
        time.tv_sec += .init(seconds + nanoseconds / 1_000_000_000)
        time.tv_nsec = .init(nanoseconds % 1_000_000_000)
        pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}
