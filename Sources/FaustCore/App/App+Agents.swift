// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

// Forms whose body has no result are disfavoured: else a body of one expression would lose its result to them.
//
// Bodies are `@concurrent`: nobody's actor is theirs, so that the compiler knows that an event at hand needs no look for
// an executor, which would cost some 15 ns each. They run on the lane all the same, which is what their task prefers.
extension App {
    /// Declares an agent: a body that processes the stream of a topic.
    ///
    /// ```swift
    /// app.agent("spending", orders) { stream in
    ///     for try await order in stream { print(order.price) }
    /// }
    /// ```
    ///
    /// Every worker runs the body once per lane (``Settings/parallelism``) and unit of concurrency. It runs on the
    /// lane's thread and comes back to it after each `await`. Several agents of one topic each get every message.
    /// When the body throws, `onError` decides what becomes of the event in hand, and the body is run again.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body has thrown; the default stops the worker in the end.
    ///   - onDecodeError: What becomes of a message that can't be decoded; the default logs and counts it.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - isolatedPartitions: Whether each partition has a body of its own; see ``AgentOptions/isolatedPartitions``.
    ///   - body: Iterates over the stream until it ends.
    /// - Returns: The handle, to send to the agent.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Key: Sendable, Value: Sendable>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        isolatedPartitions: Bool = false,
        body: @escaping @concurrent @Sendable (EventStream<Key, Value>) async throws -> Void
    ) -> Agent<Key, Value> {
        var options = AgentOptions(concurrency: concurrency, onError: onError, onDecodeError: onDecodeError, help: help)
        options.isolatedPartitions = isolatedPartitions
        declare(name, topics: topic.selection, options) { try await body(topic.stream(from: $0)) }
        return Agent(name: name, topic: topic)
    }

    /// Declares an agent that handles one event at a time.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body has thrown.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - body: Handles a value; the event is finished when it returns.
    /// - Returns: The handle, to send to the agent.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Key: Sendable, Value: Sendable>(
        _ name: String,
        each topic: Topic<Key, Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        body: @escaping @Sendable (Value) async throws -> Void
    ) -> Agent<Key, Value> {
        agent(
            name,
            topic,
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help
        ) { stream in
            for try await value in stream { try await body(value) }
        }
    }

    /// Declares an agent that yields results, which go to sinks.
    ///
    /// ```swift
    /// app.agent("square", numbers, sinks: [.topic(squares)]) { stream in stream.map { $0 * $0 } }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - topic: What the agent reads.
    ///   - concurrency: The number of events of a lane worked on at a time; events of one key stay in order.
    ///   - onError: What becomes of an event whose body or sink has thrown.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - sinks: Where the results go, one sink after the other.
    ///   - body: Makes the sequence of results, usually the stream with operators. An event is finished when the result
    ///     after the one it led to is asked for.
    /// - Returns: The handle, to send to the agent.
    @discardableResult
    @inlinable
    @_disfavoredOverload
    public func agent<Key: Sendable, Value: Sendable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        _ topic: Topic<Key, Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        sinks: [Sink<Results.Element>],
        body: @escaping @concurrent @Sendable (EventStream<Key, Value>) async throws -> Results
    ) -> Agent<Key, Value> where Results.Element: Sendable, Results.AsyncIterator: SendableMetatype {
        agent(
            name,
            topic,
            concurrency: concurrency,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help
        ) { stream in
            let note = Self.resultObserver(of: name)
            for try await result in try await body(stream) {
                note?(result)
                for sink in sinks { try await sink.take(result) }
            }
        }
    }

    /// Declares an agent with a topic of its own, named `{app.id}-{name}`.
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
    public func agent<Value: JSONCodable>(
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

    /// Declares an agent that processes what passes through a channel.
    ///
    /// It runs on the first lane. What it has in hand when it fails is treated by `onError`, except that a channel has
    /// no message to keep: `.deadLetter` does not apply.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app.
    ///   - channel: What the agent reads.
    ///   - concurrency: The number of values worked on at a time.
    ///   - onError: What becomes of a value whose body has thrown.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - body: Iterates over the stream until it ends.
    public func agent<Value: Sendable>(
        _ name: String,
        _ channel: EventChannel<Value>,
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        help: String = "",
        body: @escaping @concurrent @Sendable (EventStream<Void, Value>) async throws -> Void
    ) {
        if onError.deadLetterTopic(app: id, agent: name) != nil {
            fault(
                FaustError(
                    .configuration,
                    "agent \(name) reads a channel, whose values can't be sent to a dead-letter topic"
                )
            )
        }
        let options = AgentOptions(concurrency: concurrency, onError: onError, help: help)
        declare(name, .channel(channel.hub), channel.name, options) { try await body(channel.stream(from: $0)) }
    }

    /// Learns what an agent yields, for a test.
    @usableFromInline
    static func resultObserver(of agent: String) -> (@Sendable (any Sendable) -> Void)? {
        guard let host = Hosting.host else { return nil }
        return { host.note($0, of: agent) }
    }

    @usableFromInline
    func declare(
        _ name: String,
        topics: TopicSelection,
        _ options: AgentOptions,
        replies: Bool = false,
        _ body: @escaping @Sendable (StreamSource) async throws -> Void
    ) {
        declare(name, .topics(topics), topics.description, options, replies: replies, body)
    }

    private func declare(
        _ name: String,
        _ input: AgentDeclaration.Input,
        _ inputName: String,
        _ options: AgentOptions,
        replies: Bool = false,
        _ body: @escaping @Sendable (StreamSource) async throws -> Void
    ) {
        let agent = AgentDeclaration(
            name: name,
            help: options.help,
            input: input,
            inputName: inputName,
            options: options,
            replies: replies,
            body: body
        )
        let isLate = declarations.withLock { declarations in
            if declarations.agents.contains(where: { $0.name == name }) {
                declarations.faults.append(FaustError(.configuration, "there are two agents of the name \(name)"))
            }
            if options.concurrency < 1 {
                declarations.faults.append(FaustError(.configuration, "agent \(name) needs a concurrency of 1 or more"))
            }
            if options.concurrency > 1, options.isolatedPartitions {
                declarations.faults.append(
                    FaustError(
                        .configuration,
                        "agent \(name) can't have isolatedPartitions and a concurrency of \(options.concurrency): each partition"
                            + " has one body"
                    )
                )
            }
            declarations.agents.append(agent)
            for policy in [options.onError, options.onDecodeError] {
                guard let topic = policy.deadLetterTopic(app: id, agent: name) else { continue }
                declarations.topics[topic] = declarations.topics[topic] ?? .init(configuration: TopicConfiguration())
            }
            return declarations.isSealed
        }
        if isLate { stopSignal.fire(FaustError(.lifecycle, "declare agent \(name) before the app runs")) }
    }

    /// What streams need from the app.
    ///
    /// - Parameters:
    ///   - name: The name of the agent, or of a stream outside of agents, which has no `options`.
    ///   - options: How the agent is run.
    ///   - replies: Whether its results are replies.
    /// - Returns: The context.
    func streamContext(agent name: String, options: AgentOptions? = nil, replies: Bool = false) -> StreamContext {
        let handler = DecodeErrorHandler(
            app: self,
            agent: name,
            policy: options?.onDecodeError ?? AgentOptions().onDecodeError,
            replies: replies
        )
        return StreamContext(
            undecodable: { try await handler.handle($0, $1) },
            countEvents: { [self] count in
                monitor.events.add(count)
                engine.withLock { $0 }?.committer.count(count)
            },
            producer: { [self] in try producer() },
            ebb: { [self] in await engine.withLock { $0 }?.ebb() },
            sleep: clock.sleep,
            elapsed: clock.elapsed,
            app: self,
            agent: options == nil ? nil : name
        )
    }
}
