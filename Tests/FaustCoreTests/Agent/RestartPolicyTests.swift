// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite(.timeLimit(.minutes(5))) struct RestartPolicyTests {
    private struct Broken: Error {}

    @Test("an agent with a budget of its own is restarted so often, then the worker stops", arguments: [0, 2])
    func budget(restarts: Int) async throws {
        let rig = TableRig()
        let app = rig.app { $0.agentMaxRestarts = 1 }
        let attempts = Counter()
        let policy = ErrorPolicy.retry(.constant(.zero, max: 1), then: .stop(after: restarts))
        let numbers = app.topic("numbers", value: Int.self)
        app.agent("fragile", each: numbers, onError: policy) { _ in
            attempts.add(1)
            throw Broken()
        }
        app.task { try await numbers.send(1) }
        let error = await #expect(throws: FaustError.self) {
            try await withDeadline(.seconds(240), "the end of a worker") { try await app.run() }
        }
        #expect(error?.isFatal == true)
        // The first attempt, the retry, the restarts.
        #expect(attempts.add(0) == 2 + restarts)
    }
}
