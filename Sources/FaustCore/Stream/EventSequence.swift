// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the events of a stream: key, value, headers and the raw message.
public struct EventSequence<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = Event<Key, Value>

    @usableFromInline let stream: EventStream<Key, Value>

    @inlinable
    init(stream: EventStream<Key, Value>) {
        self.stream = stream
    }

    /// Starts the iteration.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(cursor: StreamCursor(stream.source), stream: stream)
    }

    /// Yields events.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline var cursor: StreamCursor
        @usableFromInline let stream: EventStream<Key, Value>
        @usableFromInline var pending = PendingValues<Event<Key, Value>>()

        @inlinable
        init(cursor: StreamCursor, stream: EventStream<Key, Value>) {
            self.cursor = cursor
            self.stream = stream
        }

        /// The next event; finishes the one before, unless the stream is ``EventStream/noack()``.
        @inlinable
        public mutating func next() async throws -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next event; finishes the one before, unless the stream is ``EventStream/noack()``.
        @inlinable
        @inline(__always)
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            var fault: PipelineFault?
            if let (value, message) = cursor.atHand(stream.pipeline, &fault) {
                do {
                    return try event(value, message)
                } catch {
                    fault = PipelineFault(error: error, message: message)
                }
            }
            return try await next(after: fault, isolation: actor)
        }

        /// The next event, after one that may have failed.
        @inlinable
        mutating func next(
            after fault: PipelineFault?,
            isolation actor: isolated (any Actor)?
        ) async throws -> Element? {
            if let fault { try await cursor.drop(fault, isolation: actor) }
            while true {
                guard let message = cursor.take() else {
                    if let event = pending.next(&cursor) { return event }
                    guard try await cursor.refill(isolation: actor) else { return nil }
                    continue
                }
                do {
                    switch stream.pipeline {
                    case .sync(let body):
                        if let value = try body(message) { return try event(value, message) }
                    case .async(let body):
                        if let value = try await body(message) { return try event(value, message) }
                    case .many(let body):
                        let events = try await body(message).map { try event($0, message) }
                        if let event = pending.fill(events, &cursor) { return event }
                    }
                } catch {
                    try await cursor.dropOrThrow(error, message, isolation: actor)
                }
                // Without acknowledgement by the stream, nobody else could finish an event that nobody gets.
                if !cursor.acknowledges { cursor.buffer.finish(message) }
            }
        }

        @inlinable
        func event(_ value: Value, _ message: Message) throws -> Element {
            Event(key: try stream.key(message), value: value, message: message, source: stream.source)
        }
    }
}
