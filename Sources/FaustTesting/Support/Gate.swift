// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A gate that tasks wait at until a test opens it.
///
/// A test puts one where it wants the code under test to stop, such as into a handler, checks what it has to check
/// and then lets the code go on. It replaces a sleep.
///
/// ```swift
/// let gate = Gate()
/// async let outcome = worker.run { _ in try await gate.wait() }
/// try await gate.waitForArrivals(1)   // the handler stands at the gate
/// gate.open()
/// ```
public final class Gate: Sendable {
    private struct State: Sendable {
        var isOpen: Bool
        var arrivals = 0
    }

    private let state: Watched<State>

    /// A gate.
    ///
    /// - Parameter isOpen: Whether it starts open; closed by default.
    public init(isOpen: Bool = false) {
        state = Watched(State(isOpen: isOpen))
    }

    /// Whether tasks pass without waiting.
    public var isOpen: Bool { state.value.isOpen }

    /// How many times ``wait()`` has been called so far, whether the gate was open or not.
    public var arrivals: Int { state.value.arrivals }

    /// Lets everybody through, those who wait and those who come later, until ``close()``.
    public func open() {
        state.update { $0.isOpen = true }
    }

    /// Makes those who come from now on wait.
    public func close() {
        state.update { $0.isOpen = false }
    }

    /// Passes the gate, waiting until it is open.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func wait() async throws {
        state.update { $0.arrivals += 1 }
        try await state.wait { $0.isOpen }
    }

    /// Waits until ``wait()`` has been called a number of times in all.
    ///
    /// - Parameter count: The number of calls, counted from the making of the gate.
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func waitForArrivals(_ count: Int) async throws {
        try await state.wait { $0.arrivals >= count }
    }
}
