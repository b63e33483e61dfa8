// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

extension App {
    /// Runs a worker of the app in a ``TestKit``, and a test that drives it.
    ///
    /// ```swift
    /// try await bank.app.test { kit in
    ///     try await kit.send(order, key: "alice", to: bank.orders)
    ///     try await kit.settle()
    ///     #expect(bank.spent["alice"] == 4.5)
    /// }
    /// ```
    ///
    /// The worker has started when the closure is called, and is stopped in order when it returns.
    ///
    /// - Parameters:
    ///   - seed: What the order is chosen by, where several things could come next.
    ///   - start: The time of day at which the clock starts; 1 January 2026, 00:00 UTC by default.
    ///   - body: The test.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or what the worker has failed with.
    @discardableResult
    public func test<Result>(
        seed: UInt64 = 0,
        startingAt start: Timestamp = TestKit.defaultStart,
        _ body: (TestKit) async throws -> Result
    ) async throws -> Result {
        let kit = try await TestKit(seed: seed, startingAt: start)
        return try await kit.ending {
            try await kit.start(self)
            return try await body(kit)
        }
    }
}

extension TestKit {
    /// Runs a test and ends the kit, however the test ends.
    func ending<Result>(_ body: () async throws -> Result) async throws -> Result {
        let result: Result
        do {
            result = try await body()
        } catch {
            // What has failed first says more than what follows from it.
            for worker in workers { try? await worker.crash() }
            try? await end()
            throw error
        }
        try await end()
        return result
    }
}
