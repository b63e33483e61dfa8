// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// An infinite stream of decoded messages, what Faust calls a stream.
///
/// ```swift
/// for try await order in orders { total += order.price }
/// ```
///
/// **Order**: messages of one partition come in the order of their offsets. **Delivery**: an event is finished when
/// the next one is asked for; it is then acknowledged and its offset may be committed. When the loop is left by an
/// error, the event in hand is not acknowledged: the agent's ``ErrorPolicy`` decides what becomes of it.
/// **Isolation**: the iterator runs where the caller runs; inside an agent that is the lane of the partition.
/// **Cancellation**: a cancelled task gets `nil`, the end of the stream, once it has had the events that were handed to it
/// together, up to 256; when the worker stops, the stream ends after the event in hand.
///
/// A loop over a stream outside of agents (`topic.stream()`) that is left by `break` or an error gives back the event in
/// hand: the next loop over the stream gets it again.
///
/// A stream has one consumer. Operators such as ``map(_:)-swift.method`` and ``filter(_:)`` return another
/// `EventStream`, so that acknowledgement follows; they are fused and suspend only if their closure does. Use the
/// algorithms of `AsyncSequence` only where acknowledging one event per element is right.
public struct EventStream<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// What the loop gets: the decoded value.
    public typealias Element = Value

    @usableFromInline let source: StreamSource
    @usableFromInline let key: @Sendable (Message) throws -> Key
    @usableFromInline let pipeline: Pipeline<Value>
    /// What the stream reads, for the names of topics that are named after it.
    @usableFromInline let name: String
    /// Decodes a value, while the values are still those of the messages.
    @usableFromInline let decode: (@Sendable (Message) throws -> Value)?

    /// The same source with another way to make its events.
    @inlinable
    func with<Next: Sendable>(_ pipeline: Pipeline<Next>) -> EventStream<Key, Next> {
        EventStream<Key, Next>(source: source, key: key, pipeline: pipeline, name: name)
    }

    /// The same source and the same values, apart from some that are dropped.
    @inlinable
    func dropping(_ pipeline: Pipeline<Value>) -> EventStream<Key, Value> {
        EventStream(source: source, key: key, pipeline: pipeline, name: name, decode: decode)
    }

    @inlinable
    init(
        source: StreamSource,
        key: @escaping @Sendable (Message) throws -> Key,
        pipeline: Pipeline<Value>,
        name: String = "",
        decode: (@Sendable (Message) throws -> Value)? = nil
    ) {
        self.source = source
        self.key = key
        self.pipeline = pipeline
        self.name = name
        self.decode = decode
    }

    /// Starts the iteration; called by `for try await`.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(cursor: StreamCursor(source), pipeline: pipeline)
    }

    /// Yields the values of the stream, one event at a time.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline var cursor: StreamCursor
        @usableFromInline let pipeline: Pipeline<Value>
        @usableFromInline var pending = PendingValues<Value>()

        @inlinable
        init(cursor: StreamCursor, pipeline: Pipeline<Value>) {
            self.cursor = cursor
            self.pipeline = pipeline
        }

        /// The next value; finishes the one before.
        ///
        /// - Returns: `nil` when the stream ends: the worker stops or the task is cancelled.
        /// - Throws: What a processor throws, or ``FaustError`` with code ``FaustError/Code/decode`` when the policy
        ///   for undecodable messages is to stop.
        @inlinable
        public mutating func next() async throws -> Value? {
            try await next(isolation: #isolation)
        }

        /// The next value; finishes the one before.
        ///
        /// See ``next()``.
        @inlinable
        @inline(__always)
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Value? {
            var fault: PipelineFault?
            if let (value, _) = cursor.atHand(pipeline, &fault) { return value }
            return try await next(after: fault, isolation: actor)
        }

        /// The next value, after a message that may have failed.
        @inlinable
        mutating func next(after fault: PipelineFault?, isolation actor: isolated (any Actor)?) async throws -> Value? {
            if let fault { try await cursor.drop(fault, isolation: actor) }
            while true {
                guard let message = cursor.take() else {
                    if let value = pending.next(&cursor) { return value }
                    guard try await cursor.refill(isolation: actor) else { return nil }
                    continue
                }
                do {
                    switch pipeline {
                    case .sync(let body): if let value = try body(message) { return value }
                    case .async(let body): if let value = try await body(message) { return value }
                    case .many(let body): if let value = pending.fill(try await body(message), &cursor) { return value }
                    }
                } catch {
                    try await cursor.dropOrThrow(error, message, isolation: actor)
                }
                // Without acknowledgement by the stream, nobody else could finish an event that nobody gets.
                if !cursor.acknowledges { cursor.buffer.finish(message) }
            }
        }

        /// The next value of the run that the iterator has; finishes the one before.
        ///
        /// - Returns: `nil` when the run is used up.
        mutating func nextOfRun(isolation actor: isolated (any Actor)?) async throws -> Value? {
            if let value = pending.next(&cursor) { return value }
            while let message = cursor.take() {
                do {
                    switch pipeline {
                    case .sync(let body): if let value = try body(message) { return value }
                    case .async(let body): if let value = try await body(message) { return value }
                    case .many(let body): if let value = pending.fill(try await body(message), &cursor) { return value }
                    }
                } catch {
                    try await cursor.dropOrThrow(error, message, isolation: actor)
                }
                if !cursor.acknowledges { cursor.buffer.finish(message) }
            }
            return nil
        }
    }
}

extension EventStream {
    /// A stream of what is decoded by a schema.
    @inlinable
    init(source: StreamSource, schema: Schema<Key, Value>, name: String) {
        let decode: @Sendable (Message) throws -> Value = { message in
            do throws(FaustError) { return try schema.decodeValue(of: message) } catch { throw DecodeFailure(error) }
        }
        self.init(
            source: source,
            key: { message in
                do throws(FaustError) { return try schema.decodeKey(of: message) } catch { throw DecodeFailure(error) }
            },
            pipeline: .sync { message in
                do throws(FaustError) { return try schema.decodeValue(of: message) } catch {
                    throw DecodeFailure(error)
                }
            },
            name: name,
            decode: decode
        )
    }
}
