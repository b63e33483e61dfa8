// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// An agent that yields results, and so can be asked: it gets a request and replies.
///
/// ```swift
/// let adder = app.agent("adder", each: Add.self) { $0.a + $0.b }
/// let sum = try await adder.ask(Add(a: 4, b: 4), within: .seconds(5))
/// ```
///
/// Made by the forms of ``App/agent(_:each:concurrency:onError:onDecodeError:help:sinks:body:)`` whose body has
/// results, and by ``App/remoteAgent(_:_:replying:usesReplyHeaders:)`` for one that another app runs. The handle can be
/// used from any task while the app runs, and inside of ``App/withClient(_:)``.
///
/// **Protocol**: that of Faust on Python, in both directions (AG17–AG20). A request is a message in the agent's topic
/// whose headers name the topic of the asker's replies and an id. Each worker has one topic of replies
/// (``Settings/replyTo``), with one partition, kept for ``Settings/replyExpires``. The first request creates it; it is
/// read from its end, outside of the group.
/// **Delivery**: the agent may get a request more than once, and process it though nobody waits for the reply any more;
/// the asker gets the first reply. **Exactly-once**: a reply is part of the transaction of the event that it answers,
/// and comes when that is committed.
/// **Back-pressure**: when 10,000 requests of a worker wait for replies, further ones wait for their turn.
public struct ReplyingAgent<Key: Sendable, Value: Sendable, Reply: Sendable>: Sendable {
    /// The name, unique in the app.
    public let name: String
    /// The topic that the agent reads.
    public let topic: Topic<Key, Value>
    let replies: Serde<Reply>
    /// Whether another app runs the agent.
    let isRemote: Bool
    /// Whether requests carry the address of the asker in their headers.
    let usesReplyHeaders: Bool

    @usableFromInline
    init(
        name: String,
        topic: Topic<Key, Value>,
        replies: Serde<Reply>,
        isRemote: Bool = false,
        usesReplyHeaders: Bool = true
    ) {
        self.name = name
        self.topic = topic
        self.replies = replies
        self.isRemote = isRemote
        self.usesReplyHeaders = usesReplyHeaders
    }

    /// The handle for those who only send.
    public var withoutReplies: Agent<Key, Value> { Agent(name: name, topic: topic) }

    /// How long an asker waits unless told otherwise.
    public static var defaultPatience: Duration { .seconds(30) }

    /// Sends a value to the agent and waits for its result (Faust's `ask`).
    ///
    /// The request goes out at once, also within a transaction: it is not taken back with it. Inside of an agent the
    /// event in hand waits, and its partition with it. Under exactly-once, agents of the same app can't be asked there:
    /// their reply would wait for the transaction that waits for it.
    ///
    /// **Cancellation**: a cancelled task stops waiting at once. Nothing is left behind in this process; the agent
    /// still gets what was sent.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key, which decides the partition.
    ///   - headers: Further headers.
    ///   - patience: How long to wait for the reply, 30 seconds by default.
    /// - Returns: The first result of the agent for this request.
    /// - Throws: `CancellationError`, or ``FaustError``: code ``FaustError/Code/timeout`` when no reply has come in
    ///   time, ``FaustError/Code/handler`` when the agent has failed on the request, ``FaustError/Code/decode`` when
    ///   the reply is of another type, ``FaustError/Code/lifecycle`` when the app does not run or the agent can't be
    ///   asked here, and what ``Topic/send(_:key:partition:timestamp:headers:schema:)`` throws.
    public func ask(
        _ value: Value,
        key: Key,
        headers: Headers = Headers(),
        within patience: Duration = defaultPatience
    ) async throws -> Reply {
        let request = try request(value, key: key, headers: headers, patience)
        return try decode(try await asker().ask(request))
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

extension ReplyingAgent where Key: ExpressibleByNilLiteral {
    /// Sends a value without a key to the agent and waits for its result; see ``ask(_:key:headers:within:)``.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - headers: Further headers.
    ///   - patience: How long to wait for the reply, 30 seconds by default.
    /// - Returns: The first result of the agent for this request.
    /// - Throws: As the form with a key.
    public func ask(
        _ value: Value,
        headers: Headers = Headers(),
        within patience: Duration = defaultPatience
    ) async throws -> Reply {
        try await ask(value, key: nil, headers: headers, within: patience)
    }

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

extension ReplyingAgent {
    /// Who sends the requests of this worker.
    ///
    /// - Throws: ``FaustError`` when the app does not run, or the agent can't be asked from where this is called.
    func asker() throws -> Asker {
        let engine = try topic.app.running()
        if !isRemote, engine.producer.transactions != nil, EventScope.current?.isTransactional == true {
            throw FaustError(
                .lifecycle,
                "under exactly_once an agent can't ask agent \(name) of the same app: the reply would wait for the"
                    + " transaction that waits for it. Use cast and a topic of results, groupBy, or a plain function"
            )
        }
        return engine.asker
    }

    func request(_ value: Value, key: Key, headers: Headers = Headers(), _ patience: Duration) throws -> AskRequest {
        AskRequest(
            agent: name,
            draft: try topic.draft(value, key, nil, nil, headers, topic.schema),
            usesHeaders: usesReplyHeaders,
            patience: patience
        )
    }

    /// The result of a reply.
    func decode(_ value: Bytes) throws -> Reply {
        do {
            return try replies.decode(value)
        } catch {
            throw FaustError(.decode, "the reply of agent \(name) is no \(Reply.self)", cause: error)
        }
    }
}
