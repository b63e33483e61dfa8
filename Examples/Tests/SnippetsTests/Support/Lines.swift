// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Synchronization
import Testing

/// What a snippet has put out.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    /// All lines so far.
    var all: [String] { lines.withLock { $0 } }
    /// All lines so far, in alphabetical order, where several partitions make the order a matter of chance.
    var sorted: [String] { all.sorted() }
    /// Takes a line.
    var output: @Sendable (String) -> Void { { line in self.lines.withLock { $0.append(line) } } }
}

extension App {
    /// An app of its own for a test.
    static func forTest() -> App { App("snippet") }

    /// Runs the app in a test kit until everything is done, letting time pass if lines are missing then.
    ///
    /// - Parameters:
    ///   - lines: Where the snippet puts its lines.
    ///   - count: How many lines there must be.
    ///   - send: Sends what the snippet works on; may wait for its answers.
    ///   - check: Runs when the lines are there, while the app still runs.
    /// - Throws: What the app or a closure throws.
    func run(
        until lines: Lines,
        has count: Int,
        send: @escaping @Sendable () async throws -> Void = {},
        check: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        try await test { kit in
            try await kit.perform(send)
            try await kit.settle()
            for _ in 0..<600 where lines.all.count < count { try await kit.advance(by: .milliseconds(100)) }
            try await kit.perform(check)
        }
    }
}
