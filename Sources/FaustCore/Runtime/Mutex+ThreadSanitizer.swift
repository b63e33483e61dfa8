// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if FAUST_TSAN
import Foundation

/// Takes the place of the standard library's mutex in builds for the thread sanitizer (scripts/tsan).
///
/// The sanitizer does not see a contended `Synchronization.Mutex`: its slow path lies in a library that is not
/// instrumented, so that every contended lock would be reported as a race. It does see a pthread mutex.
///
/// It is `@unchecked Sendable` because of its pointers. It is safe: `value` is touched only between lock and unlock,
/// and the memory lives as long as the storage.
package struct SanitizedMutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ initial: consuming sending Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }

    package borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}

typealias Mutex<Value: ~Copyable> = SanitizedMutex<Value>
#endif
