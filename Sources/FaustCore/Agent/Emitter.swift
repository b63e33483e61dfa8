// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the results of an agent from within its loop (Faust's `yield`).
///
/// ```swift
/// app.agent("total", orders, yielding: Double.self) { stream, emit in
///     for try await order in stream { try await emit(order.price * order.amount) }
/// }
/// ```
///
/// A result is the reply to the event in hand, if somebody has asked for one, and goes to the agent's sinks. The first
/// result of an event is the one that the asker gets.
public struct Emitter<Reply: Sendable>: Sendable {
    @usableFromInline let answers: Answers<Reply>
    @usableFromInline let sinks: [Sink<Reply>]

    @usableFromInline
    init(_ answers: Answers<Reply>, _ sinks: [Sink<Reply>]) {
        self.answers = answers
        self.sinks = sinks
    }

    /// Yields a result for the event in hand; for an array of a ``EventStream/take(_:within:)`` that is its last one.
    ///
    /// - Parameter result: The result.
    /// - Throws: What a sink throws, or ``FaustError`` when the reply can't be sent.
    @inlinable
    public func callAsFunction(_ result: Reply) async throws {
        try await answers.take(result, sinks)
    }

    /// Yields a result for an event of one's choice, such as one of an array.
    ///
    /// ```swift
    /// for try await events in stream.takeEvents(100, within: .seconds(1)) {
    ///     for (event, score) in zip(events, try await rate(events.map(\.value))) { try await emit(score, for: event) }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - result: The result.
    ///   - event: The event that it answers.
    /// - Throws: What a sink throws, or ``FaustError`` when the reply can't be sent.
    public func callAsFunction<Key, Value>(_ result: Reply, for event: Event<Key, Value>) async throws {
        answers.note?(result)
        try await answers.reply(result, to: event.message)
        for sink in sinks { try await sink.take(result) }
    }
}
