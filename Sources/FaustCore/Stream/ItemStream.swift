// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the keys and values of a stream.
public struct ItemStream<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// A key and a value.
    public typealias Element = (key: Key, value: Value)

    let stream: EventStream<Key, Value>

    /// Starts the iteration.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.events().makeAsyncIterator())
    }

    /// Yields keys and values.
    public struct Iterator: AsyncIteratorProtocol {
        var base: EventSequence<Key, Value>.Iterator

        /// The next key and value; finishes the event before.
        public mutating func next() async throws -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next key and value; finishes the event before.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            guard let event = try await base.next(isolation: actor) else { return nil }
            return (event.key, event.value)
        }
    }
}
