// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustTesting
import Logging
import Testing

/// Agents that ask each other, in a test that decides what runs when.
@Suite(.timeLimit(.minutes(5))) struct KitAskTests {
    @Test("replies come without threads, and deadlines pass with the clock", arguments: 0..<5)
    func asks(seed: UInt64) async throws {
        let app = App(settings: Settings(name: "asks"), logger: .silent) { _, _ in
            throw FaustError(.transport, "the broker can't be reached")
        }
        let numbers = app.topic("numbers", key: String.self, value: Int.self)
        let sums = app.topic("sums", key: String.self, value: Int.self)
        let double = app.agent("double", of: Int.self) { stream in stream.filter { $0 > 0 }.map { $0 * 2 } }
        app.agent("ask", numbers, onError: .skip) { stream in
            for try await (key, number) in stream.items() {
                try await sums.send(try await double.ask(number, within: .seconds(5)), key: key)
            }
        }
        try await app.test(seed: seed) { kit in
            try await kit.send(20, key: "k", to: numbers)
            try await kit.settle()
            try await kit.send(0, key: "k", to: numbers)
            try await kit.settle()
            #expect(kit.failures.isEmpty)
            try await kit.advance(by: .seconds(6))
            #expect((kit.failures.first?.error as? FaustError)?.code == .timeout)
            let values = try await kit.output(of: sums).values()
            #expect(values == [40])
            #expect(kit.results(of: "double", as: Int.self) == [40])
        }
    }
}
