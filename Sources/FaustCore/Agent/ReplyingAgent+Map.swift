// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension ReplyingAgent {
    /// How many requests of ``map(_:key:inFlight:within:)`` and its siblings are under way at a time
    /// unless told otherwise.
    public static var defaultInFlight: Int { 1_000 }

    /// Asks the agent with each value of a sequence and yields the results as they come (Faust's `map`).
    ///
    /// ```swift
    /// for try await square in squares.map(1...1_000_000) { print(square) }
    /// ```
    ///
    /// The values are read no faster than the results are taken. One result may overtake another;
    /// ``kvmap(_:inFlight:within:)`` tells which is whose by the key, and ``join(_:key:inFlight:within:)`` keeps the
    /// order. A stream of events must not be given, since its events would be finished before the replies have come:
    /// ask in a loop over it.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - key: The key of all requests.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results. Where the app does not run, the loop throws.
    public func map<Values: AsyncSequence & Sendable>(
        _ values: Values,
        key: Key,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<Reply> where Values.Element == Value, Values.AsyncIterator: SendableMetatype {
        replies(values, inFlight: inFlight, within: patience) {
            ($0, key)
        } decode: {
            $1
        }
    }

    /// Asks the agent with each value of a sequence and yields the results as they come; see the form for asynchronous
    /// sequences.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - key: The key of all requests.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results.
    public func map<Values: Sequence & Sendable>(
        _ values: Values,
        key: Key,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<Reply> where Values.Element == Value, Values.Iterator: SendableMetatype {
        map(Elements(values), key: key, inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each pair of a key and a value, and yields the results with the keys, as they come (Faust's
    /// `kvmap`, which yields no keys).
    ///
    /// - Parameters:
    ///   - items: The keys and values.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, each with the key of its request.
    public func kvmap<Items: AsyncSequence & Sendable>(
        _ items: Items,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<(key: Key, value: Reply)>
    where Items.Element == (Key, Value), Items.AsyncIterator: SendableMetatype {
        replies(items, inFlight: inFlight, within: patience) {
            ($0.1, $0.0)
        } decode: {
            (key: $0, value: $1)
        }
    }

    /// Asks the agent with each pair of a key and a value; see the form for asynchronous sequences.
    ///
    /// - Parameters:
    ///   - items: The keys and values.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, each with the key of its request.
    public func kvmap<Items: Sequence & Sendable>(
        _ items: Items,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<(key: Key, value: Reply)>
    where Items.Element == (Key, Value), Items.Iterator: SendableMetatype {
        kvmap(Elements(items), inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each value of a sequence and waits for all results (Faust's `join`, which ends at 1,000).
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - key: The key of all requests.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the values.
    /// - Throws: What the first request that fails throws, see ``ask(_:key:headers:within:)``, or what the sequence
    ///   throws.
    public func join<Values: AsyncSequence & Sendable>(
        _ values: Values,
        key: Key,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Values.Element == Value, Values.AsyncIterator: SendableMetatype {
        try await collect(values, inFlight: inFlight, within: patience) { ($0, key) }
    }

    /// Asks the agent with each value of a sequence and waits for all results; see the form for asynchronous sequences.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - key: The key of all requests.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the values.
    /// - Throws: As the form for asynchronous sequences.
    public func join<Values: Sequence & Sendable>(
        _ values: Values,
        key: Key,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Values.Element == Value, Values.Iterator: SendableMetatype {
        try await join(Elements(values), key: key, inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each pair of a key and a value and waits for all results (Faust's `kvjoin`).
    ///
    /// - Parameters:
    ///   - items: The keys and values.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the items.
    /// - Throws: As ``join(_:key:inFlight:within:)``.
    public func kvjoin<Items: AsyncSequence & Sendable>(
        _ items: Items,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Items.Element == (Key, Value), Items.AsyncIterator: SendableMetatype {
        try await collect(items, inFlight: inFlight, within: patience) { ($0.1, $0.0) }
    }

    /// Asks the agent with each pair of a key and a value and waits for all results; see the form for asynchronous
    /// sequences.
    ///
    /// - Parameters:
    ///   - items: The keys and values.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the items.
    /// - Throws: As ``join(_:key:inFlight:within:)``.
    public func kvjoin<Items: Sequence & Sendable>(
        _ items: Items,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Items.Element == (Key, Value), Items.Iterator: SendableMetatype {
        try await kvjoin(Elements(items), inFlight: inFlight, within: patience)
    }
}

extension ReplyingAgent where Key: ExpressibleByNilLiteral {
    /// Asks the agent with each value, without keys; see ``map(_:key:inFlight:within:)``.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, as they come.
    public func map<Values: AsyncSequence & Sendable>(
        _ values: Values,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<Reply> where Values.Element == Value, Values.AsyncIterator: SendableMetatype {
        map(values, key: nil, inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each value, without keys; see ``map(_:key:inFlight:within:)``.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - inFlight: How many requests are under way, or have a result that is not taken, at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, as they come.
    public func map<Values: Sequence & Sendable>(
        _ values: Values,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) -> ReplySequence<Reply> where Values.Element == Value, Values.Iterator: SendableMetatype {
        map(values, key: nil, inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each value, without keys, and waits for all results.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the values.
    /// - Throws: As the form with a key.
    public func join<Values: AsyncSequence & Sendable>(
        _ values: Values,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Values.Element == Value, Values.AsyncIterator: SendableMetatype {
        try await join(values, key: nil, inFlight: inFlight, within: patience)
    }

    /// Asks the agent with each value, without keys, and waits for all results.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - inFlight: How many requests are under way at a time.
    ///   - patience: How long each request waits for its reply.
    /// - Returns: The results, in the order of the values.
    /// - Throws: As the form with a key.
    public func join<Values: Sequence & Sendable>(
        _ values: Values,
        inFlight: Int = defaultInFlight,
        within patience: Duration = defaultPatience
    ) async throws -> [Reply] where Values.Element == Value, Values.Iterator: SendableMetatype {
        try await join(values, key: nil, inFlight: inFlight, within: patience)
    }
}

extension ReplyingAgent {
    /// Asks with each element of a sequence.
    private func replies<Items: AsyncSequence & Sendable, Element>(
        _ items: Items,
        inFlight: Int,
        within patience: Duration,
        split: @escaping @Sendable (Items.Element) -> (Value, Key),
        decode: @escaping @Sendable (Key, Reply) -> Element
    ) -> ReplySequence<Element> where Items.AsyncIterator: SendableMetatype {
        ReplySequence<Element>(
            inFlight: inFlight,
            asker: asker,
            feed: { (exchange: ReplyExchange<Key>) in
                for try await item in items {
                    let (value, key) = split(item)
                    try await exchange.send(key, try request(value, key: key, patience))
                }
            },
            decode: { key, reply in decode(key, try self.decode(reply)) }
        )
    }

    /// Asks with each element of a sequence and puts the results into its order.
    private func collect<Items: AsyncSequence & Sendable>(
        _ items: Items,
        inFlight: Int,
        within patience: Duration,
        split: @escaping @Sendable (Items.Element) -> (Value, Key)
    ) async throws -> [Reply] where Items.AsyncIterator: SendableMetatype {
        let replies = ReplySequence<(index: Int, reply: Reply)>(
            inFlight: inFlight,
            asker: asker,
            feed: { (exchange: ReplyExchange<Int>) in
                var index = 0
                for try await item in items {
                    let (value, key) = split(item)
                    try await exchange.send(index, try request(value, key: key, patience))
                    index += 1
                }
            },
            decode: { index, reply in (index, try self.decode(reply)) }
        )
        var results: [Reply?] = []
        for try await (index, reply) in replies {
            while results.count <= index { results.append(nil) }
            results[index] = reply
        }
        // The loop ends when every request has its reply: there is one at each index.
        return results.compactMap { $0 }
    }
}

/// A sequence whose elements are there already.
private struct Elements<Base: Sequence & Sendable>: AsyncSequence, Sendable where Base.Iterator: SendableMetatype {
    let base: Base

    init(_ base: Base) {
        self.base = base
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.Iterator

        mutating func next() async -> Base.Element? {
            base.next()
        }
    }
}
