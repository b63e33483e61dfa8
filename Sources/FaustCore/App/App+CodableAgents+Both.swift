// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The forms of agents for types that write themselves and are `Codable` as well, such as numbers, strings and arrays. They do
// what the forms for types that write themselves do; without them the compiler could not choose between the two.
extension App {
    /// Declares an agent with a topic of its own for values that write themselves and are `Codable` as well.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body has thrown.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - body: Iterates over the stream until it ends.
    /// - Returns: The handle, to send to the agent.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Value: JSONCodable & Codable>(
        _ name: String,
        of value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        body: @escaping @concurrent @Sendable (EventStream<Bytes?, Value>) async throws -> Void
    ) -> Agent<Bytes?, Value> {
        agent(
            name,
            topic("\(id)-\(name)", value: value),
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help,
            body: body
        )
    }

    /// Declares an agent that yields results whose type writes itself and is `Codable` as well.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - isolatedPartitions: Whether each partition has a body of its own; see ``AgentOptions/isolatedPartitions``.
    ///   - body: Makes the sequence of results, usually the stream with operators.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Key: Sendable, Value: Sendable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Results.Element>] = [],
        isolatedPartitions: Bool = false,
        body: @escaping @concurrent @Sendable (EventStream<Key, Value>) async throws -> Results
    ) -> ReplyingAgent<Key, Value, Results.Element>
    where Results.Element: JSONCodable & Codable, Results.AsyncIterator: SendableMetatype {
        var options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        options.isolatedPartitions = isolatedPartitions
        return declare(name, topic, options, Serde<Results.Element>.json, sinks, yielding: body)
    }

    /// Declares an agent that yields results, with a topic of its own; both types write themselves and are `Codable` as
    /// well.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the sequence of results, usually the stream with operators.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Value: JSONCodable & Codable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        of value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Results.Element>] = [],
        body: @escaping @concurrent @Sendable (EventStream<Bytes?, Value>) async throws -> Results
    ) -> ReplyingAgent<Bytes?, Value, Results.Element>
    where Results.Element: JSONCodable & Codable, Results.AsyncIterator: SendableMetatype {
        let options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        return declare(
            name,
            topic("\(id)-\(name)", value: value),
            options,
            Serde<Results.Element>.json,
            sinks,
            yielding: body
        )
    }

    /// Declares an agent that makes one result of each event, whose type writes itself and is `Codable` as well.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the result of a value; the event is finished when all sinks have it.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Key: Sendable, Value: Sendable, Reply: JSONCodable & Codable>(
        _ name: String,
        each topic: Topic<Key, Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Reply>] = [],
        body: @escaping @Sendable (Value) async throws -> Reply
    ) -> ReplyingAgent<Key, Value, Reply> {
        let options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        return declare(name, topic, options, Serde<Reply>.json, sinks, each: body)
    }

    /// Declares an agent that makes one result of each value sent to it, with a topic of its own; both types write
    /// themselves and are `Codable` as well.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the result of a value; the event is finished when all sinks have it.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Value: JSONCodable & Codable, Reply: JSONCodable & Codable>(
        _ name: String,
        each value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Reply>] = [],
        body: @escaping @Sendable (Value) async throws -> Reply
    ) -> ReplyingAgent<Bytes?, Value, Reply> {
        let options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        return declare(name, topic("\(id)-\(name)", value: value), options, Serde<Reply>.json, sinks, each: body)
    }
}
