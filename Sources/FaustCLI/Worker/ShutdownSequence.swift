// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a worker does about signals: the first begins an orderly stop, the second ends the process.
///
/// Pure: it says what to do and does nothing itself.
package struct ShutdownSequence: Sendable {
    /// What to do now.
    package enum Action: Sendable, Equatable {
        /// Nothing.
        case none
        /// Begin to stop in order: fetch no more, finish what is held, commit.
        case drain
        /// End the process at once with a status.
        case exit(Int32)
    }

    private enum State {
        case running
        case draining
        case ended
    }

    private var state = State.running

    /// A worker that runs.
    package init() {}

    /// A signal has come.
    ///
    /// - Parameter number: The number of the signal.
    /// - Returns: ``Action/drain`` for the first, ``Action/exit(_:)`` for one that comes while the worker stops.
    package mutating func received(signal number: Int32) -> Action {
        switch state {
        case .running:
            state = .draining
            return .drain
        case .draining:
            state = .ended
            return .exit(ExitStatus.signal(number))
        case .ended:
            return .none
        }
    }

    /// The time that the orderly stop may take is over.
    package mutating func deadlinePassed() -> Action {
        guard case .draining = state else { return .none }
        state = .ended
        return .exit(ExitStatus.failure)
    }

    /// The worker has ended by itself; nothing is to be done any more.
    package mutating func finished() {
        state = .ended
    }
}
