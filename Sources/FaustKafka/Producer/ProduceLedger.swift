// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Knows which calls of `send` are not settled, so that a flush waits for those before it and for no later ones.
struct ProduceLedger {
    private var generation = 0
    /// The number of unsettled calls per generation.
    private var open: [Int: Int] = [:]
    private var waiters: [(generation: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// Whether every call is settled.
    var isSettled: Bool { open.isEmpty }

    /// Notes a call.
    ///
    /// - Returns: Its generation.
    mutating func begin() -> Int {
        open[generation, default: 0] += 1
        return generation
    }

    /// Notes that a call is settled.
    ///
    /// - Returns: Who waited for it and has nothing more to wait for.
    mutating func end(_ generation: Int) -> [CheckedContinuation<Void, Never>] {
        guard let count = open[generation] else { return [] }
        open[generation] = count > 1 ? count - 1 : nil
        guard count == 1, !waiters.isEmpty else { return [] }
        let (all, oldest) = (waiters, open.keys.min() ?? .max)
        waiters = all.filter { $0.generation >= oldest }
        return all.filter { $0.generation < oldest }.map(\.continuation)
    }

    /// Starts a new generation.
    ///
    /// - Returns: The generation that ended, for ``wait(_:_:)``.
    mutating func cut() -> Int {
        defer { generation += 1 }
        return generation
    }

    /// Whether no call of a generation, or of an earlier one, is unsettled.
    func isSettled(upTo generation: Int) -> Bool {
        open.keys.allSatisfy { $0 > generation }
    }

    /// Notes who waits for a generation and all earlier ones.
    ///
    /// - Returns: Whether there is nothing to wait for; the continuation is not noted then.
    mutating func wait(_ generation: Int, _ continuation: CheckedContinuation<Void, Never>) -> Bool {
        if isSettled(upTo: generation) { return true }
        waiters.append((generation, continuation))
        return false
    }
}
