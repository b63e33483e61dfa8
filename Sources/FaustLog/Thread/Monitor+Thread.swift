// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// How far a thread is.
enum ThreadStage {
    case running
    /// The thread is to end when it has done what it must.
    case stopping
    /// The thread has ended, or never was.
    case ended
}

/// The state that a thread shares with those who give it work.
protocol ThreadState {
    /// How far the thread is; ``Monitor/stopThread()`` moves it to `stopping`, the thread itself to `ended`.
    var stage: ThreadStage { get set }
}

extension ThreadState {
    var isStopping: Bool { stage == .stopping }
    var hasEnded: Bool { stage == .ended }
}

extension Monitor where State: ThreadState {
    /// Starts the thread on a fresh state.
    func startThread(_ fresh: State, _ body: @escaping @Sendable () -> Void) throws(FaustError) {
        withLock { state in
            state = fresh
            state.stage = .running
        }
        guard LogThread.start(body) else {
            withLock { $0.stage = .ended }
            throw FaustError(.storage, "the system can't start another thread", isRetriable: true)
        }
    }

    /// Tells the thread to end and waits until it has.
    func stopThread() {
        update { state in
            if state.stage == .running { state.stage = .stopping }
            return true
        }
        _ = wait { $0.hasEnded ? true : nil }
    }
}
