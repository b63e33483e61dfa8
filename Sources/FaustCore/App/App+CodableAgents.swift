// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The forms of agents for types that are only `Codable`.
extension App {
    /// Declares an agent with a topic of its own whose values go through `Codable`; see
    /// ``agent(_:of:concurrency:onError:onDecodeError:help:body:)-(_,Value.Type,_,_,_,_,_)``.
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
    public func agent<Value: Codable & Sendable>(
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

    /// Declares an agent that yields results whose type is only `Codable`.
    ///
    /// It is what ``agent(_:_:concurrency:onError:onDecodeError:help:sinks:isolatedPartitions:body:)`` is for types that
    /// write themselves. Replies are JSON in either case, and in requests with headers or with envelopes.
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
    where Results.Element: Codable & Sendable, Results.AsyncIterator: SendableMetatype {
        var options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        options.isolatedPartitions = isolatedPartitions
        return declare(name, topic, options, Serde<Results.Element>.json, sinks, yielding: body)
    }

    /// Declares an agent that yields results, with a topic of its own; values and results go through `Codable`.
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
    public func agent<Value: Codable & Sendable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        of value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Results.Element>] = [],
        body: @escaping @concurrent @Sendable (EventStream<Bytes?, Value>) async throws -> Results
    ) -> ReplyingAgent<Bytes?, Value, Results.Element>
    where Results.Element: Codable & Sendable, Results.AsyncIterator: SendableMetatype {
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

    /// Declares an agent that yields results from within its loop, whose type is only `Codable`.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - reply: The type of the results.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - isolatedPartitions: Whether each partition has a body of its own; see ``AgentOptions/isolatedPartitions``.
    ///   - body: Iterates over the stream until it ends, and calls the emitter with each result.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Key: Sendable, Value: Sendable, Reply: Codable & Sendable>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        yielding reply: Reply.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Reply>] = [],
        isolatedPartitions: Bool = false,
        body: @escaping @concurrent @Sendable (EventStream<Key, Value>, Emitter<Reply>) async throws -> Void
    ) -> ReplyingAgent<Key, Value, Reply> {
        var options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        options.isolatedPartitions = isolatedPartitions
        return declare(name, topic, options, Serde<Reply>.json) { stream, answers in
            try await body(stream, Emitter(answers, sinks))
        }
    }

    /// Declares an agent that yields results from within its loop, with a topic of its own; values and results go
    /// through `Codable`.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - reply: The type of the results.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown, or whose result can't be encoded.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Iterates over the stream until it ends, and calls the emitter with each result.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Value: Codable & Sendable, Reply: Codable & Sendable>(
        _ name: String,
        of value: Value.Type,
        yielding reply: Reply.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Reply>] = [],
        body: @escaping @concurrent @Sendable (EventStream<Bytes?, Value>, Emitter<Reply>) async throws -> Void
    ) -> ReplyingAgent<Bytes?, Value, Reply> {
        let options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        return declare(name, topic("\(id)-\(name)", value: value), options, Serde<Reply>.json) { stream, answers in
            try await body(stream, Emitter(answers, sinks))
        }
    }

    /// Declares an agent that makes one result of each event, whose type is only `Codable`.
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
    public func agent<Key: Sendable, Value: Sendable, Reply: Codable & Sendable>(
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

    /// Declares an agent that makes one result of each value sent to it, with a topic of its own; values and results go
    /// through `Codable`.
    ///
    /// ```swift
    /// struct Query: Codable { var product: String }
    /// struct Price: Codable { var cents: Int }
    ///
    /// let price = app.agent("price", each: Query.self) { Price(cents: try await cents($0.product)) }
    /// let answer = try await price.ask(Query(product: "tea"))
    /// ```
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
    public func agent<Value: Codable & Sendable, Reply: Codable & Sendable>(
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

    /// The handle of an agent that another app runs, whose results have a type that is only `Codable`; see the form for
    /// types that write themselves.
    ///
    /// - Parameters:
    ///   - name: The name of the agent, for errors.
    ///   - topic: What the agent reads.
    ///   - reply: The type of its results.
    ///   - usesReplyHeaders: Whether requests carry the address of the asker in their headers; else in an envelope
    ///     around the value, which must be JSON then.
    /// - Returns: The handle, to ask the agent and to send to it.
    @_disfavoredOverload
    public func remoteAgent<Key: Sendable, Value: Sendable, Reply: Codable & Sendable>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        replying reply: Reply.Type,
        usesReplyHeaders: Bool = true
    ) -> ReplyingAgent<Key, Value, Reply> {
        remoteAgent(name, topic, Serde<Reply>.json, usesReplyHeaders: usesReplyHeaders)
    }
}
