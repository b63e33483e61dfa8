// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// An agent of an app: a body that processes a stream, run by every worker for the partitions that it is assigned.
///
/// Made by ``App/agent(_:_:concurrency:onError:onDecodeError:help:isolatedPartitions:body:)`` and its siblings.
/// The handle sends to the agent's topic from any task.
public struct Agent<Key: Sendable, Value: Sendable>: Sendable {
    /// The name, unique in the app.
    public let name: String
    /// The topic that the agent reads.
    public let topic: Topic<Key, Value>

    @usableFromInline
    init(name: String, topic: Topic<Key, Value>) {
        self.name = name
        self.topic = topic
    }

    /// Sends a value to the agent without waiting for what it does with it (Faust's `cast`).
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition.
    ///   - headers: The headers.
    /// - Returns: Where the message is, once the broker has it.
    /// - Throws: ``FaustError``, as ``Topic/send(_:key:partition:timestamp:headers:schema:)``.
    @discardableResult
    public func cast(_ value: Value, key: Key, headers: Headers = Headers()) async throws -> RecordMetadata {
        try await topic.send(value, key: key, headers: headers)
    }
}

extension Agent where Key: ExpressibleByNilLiteral {
    /// Sends a value without a key to the agent.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - headers: The headers.
    /// - Returns: Where the message is, once the broker has it.
    /// - Throws: ``FaustError``, as ``Topic/send(_:key:partition:timestamp:headers:schema:)``.
    @discardableResult
    public func cast(_ value: Value, headers: Headers = Headers()) async throws -> RecordMetadata {
        try await topic.send(value, key: nil, headers: headers)
    }
}
