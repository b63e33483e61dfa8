// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import Foundation
import Logging
import Synchronization
import Testing

@Suite struct ShutdownSequenceTests {
    @Test("the first signal drains, the second exits with 128 + its number") func twoSignals() {
        var sequence = ShutdownSequence()
        #expect(sequence.received(signal: SIGTERM) == .drain)
        #expect(sequence.received(signal: SIGINT) == .exit(130))
        #expect(sequence.received(signal: SIGINT) == .none)
        #expect(sequence.deadlinePassed() == .none)
    }

    @Test("a drain that takes too long ends with an error") func deadline() {
        var sequence = ShutdownSequence()
        #expect(sequence.deadlinePassed() == .none)
        #expect(sequence.received(signal: SIGINT) == .drain)
        #expect(sequence.deadlinePassed() == .exit(1))
        #expect(sequence.received(signal: SIGINT) == .none)
    }

    @Test("nothing happens after the worker has ended") func finished() {
        var sequence = ShutdownSequence()
        #expect(sequence.received(signal: SIGTERM) == .drain)
        sequence.finished()
        #expect(sequence.deadlinePassed() == .none)
        #expect(sequence.received(signal: SIGTERM) == .none)
    }
}

@Suite(.serialized) struct ShutdownControllerTests {
    private enum Step: Equatable {
        case drained
        case exited(Int32)
    }

    /// Records what a controller does, and lets a test wait for it.
    private final class Recorder: Sendable {
        private let steps = Mutex<[Step]>([])
        private let condition = DispatchSemaphore(value: 0)

        func add(_ step: Step) {
            steps.withLock { $0.append(step) }
            condition.signal()
        }

        /// The steps after one more has been added; fails the test if none is within ten seconds.
        func afterNext() -> [Step] {
            #expect(condition.wait(timeout: .now() + 10) == .success)
            return steps.withLock { $0 }
        }
    }

    private func controller(timeout: Duration, _ recorder: Recorder) -> ShutdownController {
        ShutdownController(
            timeout: timeout,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            exit: { recorder.add(.exited($0)) },
            drain: { recorder.add(.drained) }
        )
    }

    @Test("real signals are taken over: the first drains, the second ends the process") func realSignals() {
        let recorder = Recorder()
        let controller = controller(timeout: .seconds(3_600), recorder)
        // A signal that nobody else uses: its default would end the test run.
        controller.listen(to: [SIGUSR2])
        kill(getpid(), SIGUSR2)
        #expect(recorder.afterNext() == [.drained])
        kill(getpid(), SIGUSR2)
        #expect(recorder.afterNext() == [.drained, .exited(ExitStatus.signal(SIGUSR2))])
        controller.finished()
    }

    @Test("the deadline is served without Swift's thread pool") func deadline() {
        let recorder = Recorder()
        let controller = controller(timeout: .milliseconds(1), recorder)
        controller.received(signal: SIGTERM)
        // With a deadline this short either may be noted first.
        _ = recorder.afterNext()
        let steps = recorder.afterNext()
        #expect(steps.count == 2)
        #expect(steps.contains(.drained) && steps.contains(.exited(ExitStatus.failure)))
    }
}
