// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Synchronization
import Testing

@testable import HelloWorld

@Suite(.timeLimit(.minutes(5))) struct HelloWorldTests {
    @Test func greetingsArePrinted() async throws {
        let lines = Lines()
        let greeter = Greeter { lines.append($0) }
        try await greeter.app.test { kit in
            try await kit.send("hello", to: greeter.greetings)
            try await kit.settle()
            #expect(lines.all == ["received: hello"])
        }
    }
}

/// What a program has printed.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
