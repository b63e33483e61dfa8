// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// Requests and replies under exactly-once.
@Suite(.timeLimit(.minutes(5))) struct ExactlyOnceReplyTests {
    private let rig = TableRig()

    private struct Broken: Error {}

    private func exactly(_ settings: inout Settings) {
        settings.processingGuarantee = .exactlyOnce
        settings.brokerCommitInterval = .milliseconds(20)
    }

    @Test("a reply takes effect with the event that it answers: none of an attempt that was taken back is seen")
    func replies() async throws {
        let app = rig.app(configure: exactly)
        let attempts = Counter()
        // The first attempt at each request yields a result, and fails then.
        let policy = ErrorPolicy.retry(.constant(.zero, max: 3), then: .stop)
        let double = app.agent("double", of: Int.self, yielding: Int.self, onError: policy) { stream, emit in
            for try await value in stream {
                let attempt = attempts.add(1)
                try await emit(attempt % 2 == 1 ? -1 : value * 2)
                if attempt % 2 == 1 { throw Broken() }
            }
        }
        try await rig.run(app) {
            for value in 1...20 {
                let reply = try await double.ask(value)
                #expect(reply == value * 2)
            }
        }
    }

    @Test("in an agent, those of the same app can't be asked: an error instead of a wait for the own transaction")
    func own() async throws {
        let app = rig.app(configure: exactly)
        let double = app.agent("double", each: Int.self) { $0 * 2 }
        let both = app.agent("both", each: Int.self, onError: .skip) { try await double.ask($0) + 1 }
        let joined = app.agent("joined", each: Int.self, onError: .skip) { try await double.join(0..<$0).count }
        try await rig.run(app) {
            for agent in [both, joined] {
                let error = await #expect(throws: FaustError.self) { try await agent.ask(20) }
                #expect(error?.message.contains("same app") == true)
            }
            // Outside of agents there is no transaction to wait for.
            try #require(try await double.join(1...10) == (1...10).map { $0 * 2 })
        }
    }

    @Test("in an agent, the request to another app goes out at once, and its reply comes within the transaction")
    func others() async throws {
        let calculator = rig.app("calculator", configure: exactly)
        calculator.agent("double", each: calculator.topic("doubles", value: Int.self)) { $0 * 2 }
        let app = rig.app(configure: exactly)
        let double = app.remoteAgent("double", app.topic("doubles", value: Int.self), replying: Int.self)
        let both = app.agent("both", each: Int.self) { try await double.ask($0) + 1 }
        try await rig.run(calculator) {
            try await rig.run(app) {
                for value in 1...5 {
                    let reply = try await both.ask(value)
                    #expect(reply == value * 2 + 1)
                }
            }
        }
    }
}
