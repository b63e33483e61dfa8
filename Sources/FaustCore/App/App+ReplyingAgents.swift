// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension App {
    /// Declares an agent that yields results: replies to those who ask, and values for its sinks.
    ///
    /// ```swift
    /// let square = app.agent("square", numbers) { stream in stream.map { $0 * $0 } }
    /// let nine = try await square.ask(3)
    /// ```
    ///
    /// A result answers the event in hand, which is finished when the next result is asked for. An event that has no
    /// result, such as one that a filter drops, gets no reply. Requests may carry the address of the asker in their
    /// headers or, as Faust has it with `use_reply_headers=False`, in an envelope around the value.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
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
    where Results.Element: JSONCodable, Results.AsyncIterator: SendableMetatype {
        var options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        options.isolatedPartitions = isolatedPartitions
        return declare(name, topic, options, Serde<Results.Element>.json, sinks, yielding: body)
    }

    /// Declares an agent that yields results, with a topic of its own, named `{app.id}-{name}`.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the sequence of results, usually the stream with operators.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Value: JSONCodable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        of value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Results.Element>] = [],
        body: @escaping @concurrent @Sendable (EventStream<Bytes?, Value>) async throws -> Results
    ) -> ReplyingAgent<Bytes?, Value, Results.Element>
    where Results.Element: JSONCodable, Results.AsyncIterator: SendableMetatype {
        agent(
            name,
            topic("\(id)-\(name)", value: value),
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help,
            sinks: sinks,
            body: body
        )
    }

    /// Declares an agent that yields results from within its loop.
    ///
    /// ```swift
    /// let total = app.agent("total", orders, yielding: Double.self) { stream, emit in
    ///     for try await order in stream { try await emit(order.price * order.amount) }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - reply: The type of the results.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - isolatedPartitions: Whether each partition has a body of its own; see ``AgentOptions/isolatedPartitions``.
    ///   - body: Iterates over the stream until it ends, and calls the emitter with each result.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Key: Sendable, Value: Sendable, Reply: JSONCodable>(
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

    /// Declares an agent that yields results from within its loop, with a topic of its own, named `{app.id}-{name}`.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - reply: The type of the results.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Iterates over the stream until it ends, and calls the emitter with each result.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Value: JSONCodable, Reply: JSONCodable>(
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
        agent(
            name,
            topic("\(id)-\(name)", value: value),
            yielding: reply,
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help,
            sinks: sinks,
            body: body
        )
    }

    /// Declares an agent that makes one result of each event.
    ///
    /// ```swift
    /// let adder = app.agent("adder", each: additions) { $0.a + $0.b }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the result of a value; the event is finished when all sinks have it.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Key: Sendable, Value: Sendable, Reply: JSONCodable>(
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

    /// Declares an agent that makes one result of each value sent to it, with a topic of its own, named
    /// `{app.id}-{name}`.
    ///
    /// ```swift
    /// let adder = app.agent("adder", each: Add.self) { $0.a + $0.b }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - value: The type of the values that are sent to the agent.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown; whoever has asked gets the error, unless
    ///     the event is tried again after a pause.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go besides the askers, one sink after the other.
    ///   - body: Makes the result of a value; the event is finished when all sinks have it.
    /// - Returns: The handle, to ask the agent and to send to it.
    @discardableResult
    @inlinable
    public func agent<Value: JSONCodable, Reply: JSONCodable>(
        _ name: String,
        each value: Value.Type,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Reply>] = [],
        body: @escaping @Sendable (Value) async throws -> Reply
    ) -> ReplyingAgent<Bytes?, Value, Reply> {
        agent(
            name,
            each: topic("\(id)-\(name)", value: value),
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help,
            sinks: sinks,
            body: body
        )
    }

    /// The handle of an agent that another app runs, one of Faust on Python for instance.
    ///
    /// ```swift
    /// let adds = app.topic("calculator-adder", value: Add.self)
    /// let adder = app.remoteAgent("adder", adds, replying: Double.self)
    /// let sum = try await adder.ask(Add(a: 4, b: 4))
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name of the agent, for errors.
    ///   - topic: What the agent reads; in Faust `{app id}-{module}.{function}` unless it names one.
    ///   - reply: The type of its results.
    ///   - usesReplyHeaders: Whether requests carry the address of the asker in their headers, as Faust does by
    ///     default; else in an envelope around the value, for agents that look for it there alone. Values must be JSON
    ///     then.
    /// - Returns: The handle, to ask the agent and to send to it.
    public func remoteAgent<Key: Sendable, Value: Sendable, Reply: JSONCodable>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        replying reply: Reply.Type,
        usesReplyHeaders: Bool = true
    ) -> ReplyingAgent<Key, Value, Reply> {
        remoteAgent(name, topic, Serde<Reply>.json, usesReplyHeaders: usesReplyHeaders)
    }

    /// The handle of an agent that another app runs.
    func remoteAgent<Key, Value, Reply>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        _ replies: Serde<Reply>,
        usesReplyHeaders: Bool
    ) -> ReplyingAgent<Key, Value, Reply> {
        if !usesReplyHeaders, topic.schema.value.name != "json" {
            fault(
                FaustError(
                    .configuration,
                    "requests to agent \(name) can't be put into envelopes: the values of topic \(topic.name) are"
                        + " \(topic.schema.value.name), not json"
                )
            )
        }
        return ReplyingAgent(
            name: name,
            topic: topic,
            replies: replies,
            isRemote: true,
            usesReplyHeaders: usesReplyHeaders
        )
    }

    /// Declares an agent whose body makes a sequence of results.
    @inlinable
    func declare<Key: Sendable, Value: Sendable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        _ options: AgentOptions,
        _ replies: Serde<Results.Element>,
        _ sinks: [Sink<Results.Element>],
        yielding body: @escaping @concurrent @Sendable (EventStream<Key, Value>) async throws -> Results
    ) -> ReplyingAgent<Key, Value, Results.Element>
    where Results.Element: Sendable, Results.AsyncIterator: SendableMetatype {
        declare(name, topic, options, replies) { stream, answers in
            for try await result in try await body(stream) { try await answers.take(result, sinks) }
        }
    }

    /// Declares an agent whose body makes one result of each value.
    @inlinable
    func declare<Key: Sendable, Value: Sendable, Reply: Sendable>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        _ options: AgentOptions,
        _ replies: Serde<Reply>,
        _ sinks: [Sink<Reply>],
        each body: @escaping @Sendable (Value) async throws -> Reply
    ) -> ReplyingAgent<Key, Value, Reply> {
        declare(name, topic, options, replies) { stream, answers in
            for try await value in stream { try await answers.take(try await body(value), sinks) }
        }
    }

    /// Declares an agent whose results are replies.
    @usableFromInline
    func declare<Key, Value, Reply>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        _ options: AgentOptions,
        _ replies: Serde<Reply>,
        _ body: @escaping @concurrent @Sendable (EventStream<Key, Value>, Answers<Reply>) async throws -> Void
    ) -> ReplyingAgent<Key, Value, Reply> {
        let schema = Schema(key: topic.schema.key, value: topic.schema.value.openingEnvelopes)
        declare(name, topics: topic.selection, options, replies: true) { [self] source in
            try await body(
                EventStream(source: source, schema: schema, name: topic.name),
                Answers(app: self, agent: name, serde: replies, source: source)
            )
        }
        return ReplyingAgent(name: name, topic: topic, replies: replies)
    }
}
