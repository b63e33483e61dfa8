// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Synchronization

/// How far one iterator is in the run that it works on.
///
/// The iterator writes, and whoever commits reads. Each iterator has its own, so that one that has been replaced by
/// another can't count messages as finished that the new one has in hand.
@usableFromInline
final class StreamIteration: Sendable {
    /// How many messages of the run are finished: all before the one in hand; -1 while none was handed out.
    @usableFromInline let progress: Atomic<Int> = Atomic(-1)
    /// How many messages of the run were handed out, if the iterator does not finish them itself.
    @usableFromInline let handedOut: Atomic<Int> = Atomic(0)
    /// Whether the iterator is to look at the buffer's state before it goes on with its run.
    @usableFromInline let isInterrupted: Atomic<Bool> = Atomic(false)
    /// Whether the events are finished by hand alone.
    let isManual: Bool

    init(isManual: Bool) {
        self.isManual = isManual
    }

    /// How many messages of the run are finished.
    var finished: Int { max(progress.load(ordering: .acquiring), 0) }

    /// How many messages of the run were handed out.
    var seen: Int { max(progress.load(ordering: .acquiring) + 1, handedOut.load(ordering: .acquiring)) }

    /// Makes the iterator look at the buffer's state.
    func interrupt() {
        isInterrupted.store(true, ordering: .releasing)
    }

    /// Gets ready for the next run.
    func reset() {
        progress.store(-1, ordering: .relaxed)
        handedOut.store(0, ordering: .relaxed)
    }
}
