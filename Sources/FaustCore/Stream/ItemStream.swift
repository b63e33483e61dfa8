// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the keys and values of a stream.
public struct ItemStream<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// A key and a value.
    public typealias Element = (key: Key, value: Value)

    @usableFromInline let stream: EventStream<Key, Value>

    @inlinable
    init(stream: EventStream<Key, Value>) {
        self.stream = stream
    }

    /// Starts the iteration.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.events().makeAsyncIterator())
    }

    /// Yields keys and values.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline var base: EventSequence<Key, Value>.Iterator

        @inlinable
        init(base: EventSequence<Key, Value>.Iterator) {
            self.base = base
        }

        /// The next key and value; finishes the event before.
        @inlinable
        public mutating func next() async throws -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next key and value; finishes the event before.
        @inlinable
        @inline(__always)
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            var fault: PipelineFault?
            if let (value, message) = base.cursor.atHand(base.stream.pipeline, &fault) {
                do {
                    return (try base.stream.key(message), value)
                } catch {
                    fault = PipelineFault(error: error, message: message)
                }
            }
            guard let event = try await base.next(after: fault, isolation: actor) else { return nil }
            return (event.key, event.value)
        }
    }
}
