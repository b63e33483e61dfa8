// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Several streams as one: yields the values of each as they come.
///
/// ```swift
/// for try await action in clicks.stream().map(Action.click) & views.stream().map(Action.view) { … }
/// ```
///
/// Faust documents `&` and yields only the first stream's values (ST22); here all come. **Order**: that of each stream is
/// kept; between them there is none, but they take turns so that none starves. **Delivery**: as without the merger, each
/// event is finished when the next value is asked for, whichever stream that comes from. **End**: the loop ends when all
/// streams have, or the task is cancelled; an error of one leaves the loop. Iterating costs what the streams cost, and
/// one task per stream when all of them wait.
public struct MergedStream<Value: Sendable>: AsyncSequence, Sendable {
    /// What the loop gets: a value of one of the streams.
    public typealias Element = Value

    let streams: [EventStream<Void, Value>]

    init(_ streams: [EventStream<Void, Value>]) {
        self.streams = streams
    }

    /// Adds a stream.
    public static func & <Key>(left: MergedStream, right: EventStream<Key, Value>) -> MergedStream {
        MergedStream(left.streams + [right.withoutKeys])
    }

    /// Keeps the values that pass a test; see ``EventStream/filter(_:)``.
    ///
    /// - Parameter isIncluded: The test.
    /// - Returns: The values that pass.
    public func filter(_ isIncluded: @escaping @concurrent @Sendable (Value) async throws -> Bool) -> MergedStream<
        Value
    > {
        MergedStream(streams.map { $0.filter(isIncluded) })
    }

    /// Replaces each value by another one; see ``EventStream/map(_:)-swift.method``.
    ///
    /// - Parameter transform: Makes the new value.
    /// - Returns: The new values.
    public func map<Next: Sendable>(
        _ transform: @escaping @concurrent @Sendable (Value) async throws -> Next
    ) -> MergedStream<Next> {
        MergedStream<Next>(streams.map { $0.map(transform) })
    }

    /// Starts the iteration; called by `for try await`.
    public func makeAsyncIterator() -> Iterator {
        Iterator(streams)
    }

    /// Yields the values of the streams.
    public struct Iterator: AsyncIteratorProtocol {
        private struct Source {
            var iterator: EventStream<Void, Value>.Iterator
            var isOver = false
        }

        private var sources: [Source]
        /// The source whose turn it is.
        private var turn = 0
        /// Whether that source has a run in hand; no other ever has.
        private var hasRun = false

        init(_ streams: [EventStream<Void, Value>]) {
            sources = streams.map { Source(iterator: $0.makeAsyncIterator()) }
        }

        /// The next value of any stream; finishes the event before.
        ///
        /// - Returns: `nil` when all streams have ended, or the task is cancelled.
        /// - Throws: What one of the streams throws.
        public mutating func next() async throws -> Value? {
            try await next(isolation: #isolation)
        }

        /// The next value of any stream; see ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Value? {
            if hasRun, let value = try await nextOfRun(isolation: actor) { return value }
            while !Task.isCancelled, !sources.allSatisfy(\.isOver) {
                for _ in sources.indices {
                    if let value = try await nextOfNextRun(isolation: actor) { return value }
                    turn = (turn + 1) % sources.count
                }
                if !Task.isCancelled { await wait() }
            }
            return nil
        }

        /// The next value of the run in hand; lets go of a run that is used up, so that only one source has one.
        private mutating func nextOfRun(isolation actor: isolated (any Actor)?) async throws -> Value? {
            if let value = try await sources[turn].iterator.nextOfRun(isolation: actor) { return value }
            sources[turn].iterator.cursor.leave()
            hasRun = false
            turn = (turn + 1) % sources.count
            return nil
        }

        /// The first value of the next run of the source whose turn it is; `nil` when there is none now.
        private mutating func nextOfNextRun(isolation actor: isolated (any Actor)?) async throws -> Value? {
            guard !sources[turn].isOver else { return nil }
            await sources[turn].iterator.cursor.source.context.ebb()
            switch sources[turn].iterator.cursor.poll() {
            case .wait: return nil
            case .run:
                hasRun = true
                let index = turn
                defer { if !hasRun { turn = index } }
                return try await nextOfRun(isolation: actor)
            case .end:
                sources[turn].isOver = true
                if let failure = sources[turn].iterator.cursor.buffer.failure { throw failure }
                return nil
            }
        }

        /// Waits until a source may have a run.
        private func wait() async {
            await withTaskGroup(of: Void.self) { group in
                for source in sources where !source.isOver {
                    let buffer = source.iterator.cursor.buffer
                    group.addTask { await buffer.wait() }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }
}

extension EventStream {
    /// Merges two streams of values of one type; for different types, `map` both to one first, such as an enumeration.
    public static func & <Other>(left: EventStream, right: EventStream<Other, Value>) -> MergedStream<Value> {
        MergedStream([left.withoutKeys, right.withoutKeys])
    }

    /// Merges two streams of values of different types.
    ///
    /// ```swift
    /// for try await event in clicks.stream().merged(with: views.stream()) {
    ///     switch event {
    ///     case .first(let click): …
    ///     case .second(let view): …
    ///     }
    /// }
    /// ```
    ///
    /// - Parameter other: The other stream.
    /// - Returns: The values of both as they come.
    public func merged<Other, OtherValue>(
        with other: EventStream<Other, OtherValue>
    ) -> MergedStream<Either<Value, OtherValue>> {
        map { Either<Value, OtherValue>.first($0) } & other.map { Either<Value, OtherValue>.second($0) }
    }

    /// The same stream for those who do not look at keys.
    var withoutKeys: EventStream<Void, Value> {
        EventStream<Void, Value>(source: source, key: { _ in }, pipeline: pipeline, name: name, decode: decode)
    }
}

/// A value of one of two types, such as of streams that are merged.
public enum Either<First: Sendable, Second: Sendable>: Sendable {
    /// A value of the first type.
    case first(First)
    /// A value of the second type.
    case second(Second)
}

extension Either: Equatable where First: Equatable, Second: Equatable {}
