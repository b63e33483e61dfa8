// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Where the results of an agent go.
///
/// An event is finished only when all sinks have taken its result; an error of a sink is an error of the agent.
public struct Sink<Value: Sendable>: Sendable {
    @usableFromInline let take: @Sendable (Value) async throws -> Void

    /// Calls a closure with each result.
    ///
    /// - Parameter body: The closure.
    /// - Returns: The sink.
    public static func call(_ body: @escaping @Sendable (Value) async throws -> Void) -> Sink {
        Sink(take: body)
    }

    /// Sends each result to a topic, without a key.
    ///
    /// The next commit waits for it.
    ///
    /// - Parameter topic: The topic.
    /// - Returns: The sink.
    public static func topic<Key: ExpressibleByNilLiteral>(_ topic: Topic<Key, Value>) -> Sink {
        Sink { try await topic.post($0, key: nil) }
    }

    /// Sends each result to a topic under a key of its own.
    ///
    /// The next commit waits for it.
    ///
    /// - Parameters:
    ///   - topic: The topic.
    ///   - key: Makes the key of a result.
    /// - Returns: The sink.
    public static func topic<Key>(
        _ topic: Topic<Key, Value>,
        key: @escaping @Sendable (Value) -> Key
    ) -> Sink {
        Sink { try await topic.post($0, key: key($0)) }
    }

    /// Passes each result to a channel.
    ///
    /// - Parameter channel: The channel.
    /// - Returns: The sink.
    public static func channel(_ channel: EventChannel<Value>) -> Sink {
        Sink { try await channel.send($0) }
    }

    /// Sends each result to another agent, without a key.
    ///
    /// The next commit waits for it.
    ///
    /// - Parameter agent: The agent.
    /// - Returns: The sink.
    public static func agent<Key: ExpressibleByNilLiteral>(_ agent: Agent<Key, Value>) -> Sink {
        topic(agent.topic)
    }

    /// Sends each result to another agent that replies, without a key and without asking for a reply.
    ///
    /// The next commit waits for it.
    ///
    /// - Parameter agent: The agent.
    /// - Returns: The sink.
    public static func agent<Key: ExpressibleByNilLiteral, Reply>(_ agent: ReplyingAgent<Key, Value, Reply>) -> Sink {
        topic(agent.topic)
    }
}
