// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

/// An agent that runs alone in a test; see ``FaustCore/Agent/test(seed:startingAt:_:)``.
public struct AgentProbe<Key: Sendable, Value: Sendable>: Sendable {
    /// The agent under test.
    public let agent: Agent<Key, Value>
    /// What drives it: outputs, tables, time, crashes.
    public let kit: TestKit

    /// Gives the agent a value and waits until it has done with it what can be done without time passing.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition as in production.
    ///   - partition: The partition, if the key is not to decide.
    ///   - timestamp: The time of the message; `nil` is the time that the clock shows.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: What the body throws for the event, whatever becomes of it then, or why it can't be decoded; what the
    ///   worker has failed with.
    @discardableResult
    public func put(
        _ value: Value,
        key: Key,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        let known = kit.failures.count
        let place = try await kit.send(
            value,
            key: key,
            to: agent.topic,
            partition: partition,
            timestamp: timestamp,
            headers: headers
        )
        do { try await kit.settle() } catch {
            throw failure(at: place, after: known)?.error ?? error
        }
        if let failure = failure(at: place, after: known) { throw failure.error }
        return place
    }

    /// What the agent has yielded so far, in order.
    ///
    /// - Parameter type: The type of its results; those of other types are left out.
    /// - Returns: The results.
    public func results<Result: Sendable>(as type: Result.Type) -> [Result] {
        kit.results(of: agent.name, as: type)
    }

    /// The events that the agent has failed on, in order.
    public var failures: [FailedEvent] { kit.failures }

    private func failure(at place: RecordMetadata, after known: Int) -> FailedEvent? {
        kit.failures.dropFirst(known).first { $0.topicPartition == place.topicPartition && $0.offset == place.offset }
    }
}

extension AgentProbe where Key: ExpressibleByNilLiteral {
    /// Gives the agent a value without a key; see ``put(_:key:partition:timestamp:headers:)``.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - partition: The partition, if it is not to be the next.
    ///   - timestamp: The time of the message; `nil` is the time that the clock shows.
    ///   - headers: The headers.
    /// - Returns: Where the message is.
    /// - Throws: What the body throws for the event.
    @discardableResult
    public func put(
        _ value: Value,
        partition: Int32? = nil,
        timestamp: Timestamp? = nil,
        headers: Headers = Headers()
    ) async throws -> RecordMetadata {
        try await put(value, key: nil, partition: partition, timestamp: timestamp, headers: headers)
    }
}

extension Agent {
    /// Runs the agent alone in a ``TestKit``, and a test that gives it values (Faust's `agent.test_context()`).
    ///
    /// ```swift
    /// try await squares.test { agent in
    ///     try await agent.put(3)
    ///     #expect(agent.results(as: Int.self) == [9])
    /// }
    /// ```
    ///
    /// Other agents, tasks, timers, services and hooks of the app do not run; its tables are there. What the agent sends is
    /// in the topics, for ``TestKit/output(of:)``.
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
        _ body: (AgentProbe<Key, Value>) async throws -> Result
    ) async throws -> Result {
        let app = topic.owner
        let restore = app.keepOnly(agent: name)
        defer { restore() }
        return try await app.test(seed: seed, startingAt: start) { kit in
            try await body(AgentProbe(agent: self, kit: kit))
        }
    }
}

extension ReplyingAgent {
    /// Runs the agent alone in a ``TestKit``, and a test that gives it values; see
    /// ``FaustCore/Agent/test(seed:startingAt:_:)``.
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
        _ body: (AgentProbe<Key, Value>) async throws -> Result
    ) async throws -> Result {
        try await withoutReplies.test(seed: seed, startingAt: start, body)
    }
}
