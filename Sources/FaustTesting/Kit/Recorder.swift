// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// What agents have yielded and failed on, in order.
final class Recorder: Sendable {
    private let state = Mutex((failures: [FailedEvent](), results: [(agent: String, value: any Sendable)]()))

    var failures: [FailedEvent] { state.withLock { $0.failures } }

    func results(of agent: String) -> [any Sendable] {
        state.withLock { $0.results.filter { $0.agent == agent }.map(\.value) }
    }

    func note(_ failure: EventFailure) {
        let messages: [Message?] = failure.messages.isEmpty ? [nil] : failure.messages
        state.withLock { $0.failures += messages.map { FailedEvent(failure, $0) } }
    }

    func note(_ result: any Sendable, of agent: String) {
        state.withLock { $0.results.append((agent, result)) }
    }
}
