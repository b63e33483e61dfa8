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
final class Monitor<State>: @unchecked Sendable {
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

    /// Runs `body` with the state, alone. `body` must not call the monitor again.
    func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Runs `body` with the state and wakes every waiting thread when it returns `true`.
    func update(_ body: (inout State) -> Bool) {
        pthread_mutex_lock(mutex)
        if body(&state) { pthread_cond_broadcast(condition) }
        pthread_mutex_unlock(mutex)
    }

    /// Waits, blocking the thread, until `body` returns something.
    ///
    /// - Parameters:
    ///   - deadline: When to give up, in nanoseconds of ``Monotonic/now()``; `nil` never gives up.
    ///   - body: Looks at the state; called at the start and after each wake-up, the last time at the deadline.
    /// - Returns: What `body` returned; `nil` at the deadline.
    func wait<Result>(until deadline: UInt64? = nil, for body: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            let now = Monotonic.now()
            if now >= deadline { return nil }
            timedWait(deadline: deadline, now: now)
        }
    }

    private func timedWait(deadline: UInt64, now: UInt64) {
        #if canImport(Darwin)
        var time = timespec(nanoseconds: deadline - now)
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        var time = timespec(nanoseconds: deadline)
        pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}

/// The clock for deadlines: nanoseconds that never jump.
enum Monotonic {
    /// The time now, in nanoseconds since some fixed moment.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The moment that lies `timeout` ahead; `nil` when it is too far away to matter.
    static func deadline(after timeout: Duration) -> UInt64? {
        let (seconds, attoseconds) = timeout.components
        if seconds >= 1_000_000_000 { return nil }
        if seconds < 0 || attoseconds < 0 { return now() }
        return now() &+ UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
    }
}

/// The wall clock.
enum WallClock {
    /// The time now, in milliseconds since 1970.
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
    }
}

extension timespec {
    fileprivate init(nanoseconds: UInt64) {
        self.init()
        tv_sec = .init(nanoseconds / 1_000_000_000)
        tv_nsec = .init(nanoseconds % 1_000_000_000)
    }
}
