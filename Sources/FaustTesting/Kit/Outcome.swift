// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

#if FAUST_TSAN
import FaustCore
#endif

/// How an operation has ended, if it has.
final class Outcome: Sendable {
    private let state = Mutex<Result<Bool, any Error>?>(nil)

    var value: Result<Bool, any Error>? { state.withLock { $0 } }

    func set(_ value: Result<Bool, any Error>) {
        state.withLock { $0 = value }
    }
}

/// Passes calls for the writer of a log on to whoever is connected later.
final class WriterCalls: Sendable {
    /// A closure that is copied out of a mutex is wrapped once more each time; a structure around it is not.
    private struct Receiver: Sendable {
        let call: @Sendable () -> Void
    }

    private let state = Mutex<Receiver?>(nil)

    func connect(_ receiver: @escaping @Sendable () -> Void) {
        state.withLock { $0 = Receiver(call: receiver) }
    }

    func call() {
        state.withLock { $0 }?.call()
    }
}
