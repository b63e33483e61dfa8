// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension App {
    /// The time of day by the app's clock.
    ///
    /// It is the system's time in production and the time of the test kit under test, so that what a body makes of the time
    /// can be tested: `Date()` and the system's other clocks go on while a kit's clock stands still. It may go back when
    /// somebody sets the time of day. It can be asked for from any task, whether the app runs or not.
    ///
    /// The time of an event is that of its message, ``Event/timestamp``, which stays when the event is processed again.
    public var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    /// Waits by the app's clock.
    ///
    /// A kit sees such a wait and ends it when its clock has been moved on so far, unlike one of `Task.sleep`. In the body
    /// of an agent the event in hand waits, and its partition with it.
    ///
    /// **Cancellation**: a cancelled task stops waiting at once, and every body is cancelled when the worker stops.
    ///
    /// - Parameter duration: How long to wait; nothing waits for what is not positive.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await clock.sleep(duration)
    }
}
