// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the values of a stream with their numbers.
public struct EnumeratedStream<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// A number and a value.
    public typealias Element = (index: Int, value: Value)

    @usableFromInline let stream: EventStream<Key, Value>
    @usableFromInline let start: Int

    @inlinable
    init(stream: EventStream<Key, Value>, start: Int) {
        self.stream = stream
        self.start = start
    }

    /// Starts the iteration.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.makeAsyncIterator(), index: start)
    }

    /// Yields numbers and values.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline var base: EventStream<Key, Value>.Iterator
        @usableFromInline var index: Int

        @inlinable
        init(base: EventStream<Key, Value>.Iterator, index: Int) {
            self.base = base
            self.index = index
        }

        /// The next number and value; finishes the event before.
        @inlinable
        public mutating func next() async throws -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next number and value; finishes the event before.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            guard let value = try await base.next(isolation: actor) else { return nil }
            defer { index += 1 }
            return (index, value)
        }
    }
}
