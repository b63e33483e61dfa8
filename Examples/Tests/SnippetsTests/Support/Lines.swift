// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Synchronization

/// What a snippet has put out, and a way to wait for it.
final class Lines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    /// All lines so far.
    var all: [String] { state.withLock { $0.lines } }
    /// All lines so far, in alphabetical order, where several partitions make the order a matter of chance.
    var sorted: [String] { all.sorted() }
    /// Takes a line.
    var output: @Sendable (String) -> Void { { self.append($0) } }

    /// Waits until there are so many lines; one caller at a time.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.lines.count >= count { return true }
                state.waiter = (count, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func append(_ line: String) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.lines.append(line)
            guard let waiter = state.waiter, waiter.count <= state.lines.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }
}

extension App {
    /// An app of its own for a test, on a log in memory.
    ///
    /// Its shutdown does not wait long for events that a snippet leaves unacknowledged.
    static func forTest() -> App { App("snippet", broker: "memory://") { $0.shutdownTimeout = .seconds(1) } }

    /// Runs the app until so many lines are out.
    ///
    /// - Parameters:
    ///   - lines: Where the snippet puts its lines.
    ///   - count: The number of lines after which the app is stopped.
    ///   - send: Sends what the snippet works on; runs beside it.
    ///   - check: Runs when the lines are there, while the app still runs.
    /// - Throws: What the app or a closure throws.
    func run(
        until lines: Lines,
        has count: Int,
        send: @escaping @Sendable () async throws -> Void = {},
        check: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        task {
            try await send()
            await lines.wait(for: count)
            try await check()
            self.stop()
        }
        try await run()
    }
}
