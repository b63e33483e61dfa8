// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// How far the counting of a text has come; shared by everybody who takes part in it.
public final class CountingProgress: Sendable {
    /// The numbers of one moment.
    public struct Numbers: Sendable, Equatable {
        /// The lines that were sent.
        public var linesRead = 0
        /// The lines that were taken apart.
        public var linesSplit = 0
        /// The words found in them.
        public var words = 0
        /// The words that were counted.
        public var counted = 0
        /// Whether all lines were sent.
        public var isEndOfText = false

        /// Whether every word of the text is counted.
        public var isComplete: Bool { isEndOfText && linesSplit == linesRead && counted == words }
    }

    private let state = Mutex(Numbers())
    private let onCompletion: @Sendable () -> Void

    /// Nothing is done yet.
    ///
    /// - Parameter onCompletion: Called once, when every word is counted.
    public init(onCompletion: @escaping @Sendable () -> Void) {
        self.onCompletion = onCompletion
    }

    /// The numbers now.
    public var numbers: Numbers { state.withLock { $0 } }

    /// Notes something that was done.
    ///
    /// - Parameter change: Adds to the numbers.
    public func note(_ change: (inout Numbers) -> Void) {
        let hasCompleted = state.withLock { numbers in
            let wasComplete = numbers.isComplete
            change(&numbers)
            return numbers.isComplete && !wasComplete
        }
        if hasCompleted { onCompletion() }
    }
}
