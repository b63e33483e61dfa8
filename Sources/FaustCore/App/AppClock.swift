// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The time as an app sees it, so that tests can move it by hand.
public struct AppClock: Sendable {
    /// The time since the clock was made.
    let elapsed: @Sendable () -> Duration
    /// Suspends for a while; throws when the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void
    /// The time of day in milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// A clock for pauses and deadlines, and a source of the time of day.
    ///
    /// - Parameters:
    ///   - clock: Measures pauses and deadlines.
    ///   - now: The time of day, in milliseconds since 1970; the system's by default.
    public init<C: Clock>(
        _ clock: C,
        now: (@Sendable () -> Int64)? = nil
    ) where C.Duration == Duration {
        let start = clock.now
        self.elapsed = { start.duration(to: clock.now) }
        self.sleep = { try await clock.sleep(for: $0) }
        self.now = now ?? { Int64(Date().timeIntervalSince1970 * 1_000) }
    }

    /// A clock that goes by another one, which may be replaced.
    init(_ slot: ClockSlot) {
        elapsed = { slot.elapsed() }
        sleep = { try await slot.clock.sleep($0) }
        now = { slot.clock.now() }
    }

    /// The system's clock, which goes on while the machine sleeps.
    public static let system = AppClock(ContinuousClock())
}

/// Where an app looks for its clock, so that a test kit can replace that of an app that is declared already.
final class ClockSlot: Sendable {
    private let original: AppClock
    private let replacement = Mutex<AppClock?>(nil)
    /// Spares those who look for the time the lock.
    private let isReplaced = Atomic(false)

    init(_ clock: AppClock) {
        original = clock
    }

    /// The clock to go by.
    var clock: AppClock {
        guard isReplaced.load(ordering: .acquiring) else { return original }
        return replacement.withLock { $0 } ?? original
    }

    /// The time since the clock to go by was made; every change of a window asks, so it copies nothing.
    func elapsed() -> Duration {
        isReplaced.load(ordering: .acquiring) ? clock.elapsed() : original.elapsed()
    }

    /// Goes by another clock, or by the original one again.
    func replace(by clock: AppClock?) {
        replacement.withLock { $0 = clock }
        isReplaced.store(clock != nil, ordering: .releasing)
    }
}
