// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Closures that may suspend are `@concurrent` where `AsyncSequence` has an operator of the same name, since the standard
// library's are: else the compiler takes the standard library's operator, whose result is no stream. They run on the lane
// all the same, which is what the stream's task prefers.
extension EventStream {
    /// Keeps the events that pass a test; the others count as finished (Faust's `filter`).
    ///
    /// - Parameter isIncluded: The test. What it throws leaves the loop, like an error of the body.
    /// - Returns: The stream of the events that pass.
    @inlinable
    public func filter(_ isIncluded: @escaping @Sendable (Value) throws -> Bool) -> EventStream<Key, Value> {
        dropping(pipeline.then { value throws -> Value? in try isIncluded(value) ? value : nil })
    }

    /// Keeps the events that pass a test that may suspend.
    ///
    /// - Parameter isIncluded: The test; events are tested one after the other, in order.
    /// - Returns: The stream of the events that pass.
    public func filter(_ isIncluded: @escaping @concurrent @Sendable (Value) async throws -> Bool) -> EventStream<
        Key, Value
    > {
        dropping(pipeline.then { value, _ async throws -> Value? in try await isIncluded(value) ? value : nil })
    }

    /// Replaces each value by another one (a processor, in Faust's words).
    ///
    /// - Parameter transform: Makes the new value. What it throws leaves the loop, but ``Skip`` drops the event.
    /// - Returns: The stream of the new values; keys, headers and acknowledgement stay those of the message.
    @inlinable
    public func map<Next: Sendable>(_ transform: @escaping @Sendable (Value) throws -> Next) -> EventStream<Key, Next> {
        with(pipeline.then { value throws -> Next? in try transform(value) })
    }

    /// Replaces each value by another one, by a closure that may suspend.
    ///
    /// - Parameter transform: Makes the new value; called for one event after the other, in order.
    /// - Returns: The stream of the new values.
    public func map<Next: Sendable>(
        _ transform: @escaping @concurrent @Sendable (Value) async throws -> Next
    ) -> EventStream<Key, Next> {
        with(pipeline.then { value, _ async throws -> Next? in try await transform(value) })
    }

    /// Replaces each value by another one and drops the events for which there is none.
    ///
    /// - Parameter transform: Makes the new value; `nil` drops the event, which counts as finished.
    /// - Returns: The stream of the new values.
    @inlinable
    public func compactMap<Next: Sendable>(
        _ transform: @escaping @Sendable (Value) throws -> Next?
    ) -> EventStream<Key, Next> {
        with(pipeline.then { value throws -> Next? in try transform(value) })
    }

    /// Replaces each value by another one and drops the events for which there is none; may suspend.
    ///
    /// - Parameter transform: Makes the new value; `nil` drops the event, which counts as finished.
    /// - Returns: The stream of the new values.
    public func compactMap<Next: Sendable>(
        _ transform: @escaping @concurrent @Sendable (Value) async throws -> Next?
    ) -> EventStream<Key, Next> {
        with(pipeline.then { value, _ async throws -> Next? in try await transform(value) })
    }

    /// Runs values through processors, in the order given (ST18–ST20).
    ///
    /// - Parameter processors: Each makes a new value or throws ``Skip`` to drop the event.
    /// - Returns: The stream of the processed values.
    public func processed(by processors: [Processor<Value>]) -> EventStream<Key, Value> {
        processors.reduce(self) { stream, processor in
            switch processor.body {
            case .sync(let body): stream.map(body)
            case .async(let body): stream.map(body)
            }
        }
    }

    /// Sends each value's message on to topics, unchanged, and yields it all the same (Faust's `echo`).
    ///
    /// The original bytes of key and value and the headers are sent; the commit of the event waits for the sends.
    ///
    /// - Parameter topics: Where to.
    /// - Returns: The stream with the same events.
    public func echo(to topics: any AnyTopic...) -> EventStream<Key, Value> {
        let context = source.context
        return dropping(
            pipeline.then { value, message async throws -> Value? in
                for topic in topics {
                    try await context.producer().forward(message, to: topic.name)
                }
                return value
            }
        )
    }

    /// Yields each value with its number.
    ///
    /// - Parameter start: The number of the first value.
    /// - Returns: Pairs of a number and a value, in the order of the stream.
    @inlinable
    public func enumerated(from start: Int = 0) -> EnumeratedStream<Key, Value> {
        EnumeratedStream(stream: self, start: start)
    }

    /// Yields keys with values.
    ///
    /// - Returns: Pairs of the decoded key and the value. A null key is an error unless `Key` is optional.
    @inlinable
    public func items() -> ItemStream<Key, Value> {
        ItemStream(stream: self)
    }

    /// Yields events: key, value, headers, the raw message, and the means to acknowledge by hand.
    ///
    /// - Returns: The events, in the order of the stream.
    @inlinable
    public func events() -> EventSequence<Key, Value> {
        EventSequence(stream: self)
    }

    /// Collects values into arrays of up to `limit`.
    ///
    /// The events of an array are finished together, when the next array is asked for; none of them is when the body
    /// fails. The time starts to run with the first value of an array, so that no array is empty.
    /// An array has fewer values when a partition has as many unfinished events as ``Settings/streamBufferMaxsize``
    /// allows, or is about to be taken away: nothing more would come before the array is finished.
    ///
    /// - Parameters:
    ///   - limit: The greatest number of values in an array, 1 or more.
    ///   - within: How long to wait for an array to fill up once it has a value; `nil` waits without end.
    /// - Returns: The arrays.
    @inlinable
    public func take(_ limit: Int, within: Duration? = nil) -> TakeSequence<Key, Value> {
        TakeSequence(stream: self, limit: limit, within: within)
    }

    /// The same stream without automatic acknowledgement: each event counts as unfinished until ``Event/ack()``.
    ///
    /// Offsets are committed up to the first event that is not acknowledged, however many behind it are. Too many
    /// unacknowledged events stop the partition: the buffer holds them.
    ///
    /// - Returns: A stream to be used with ``events()``.
    public func noack() -> EventStream<Key, Value> {
        EventStream(
            source: StreamSource(
                buffer: source.buffer,
                acknowledges: false,
                context: source.context,
                endsWithIterator: source.endsWithIterator
            ),
            key: key,
            pipeline: pipeline,
            name: name,
            decode: decode
        )
    }
}

/// A step that values go through on their way out of a stream.
public struct Processor<Value: Sendable>: Sendable {
    enum Body: Sendable {
        case sync(@Sendable (Value) throws -> Value)
        case async(@Sendable (Value) async throws -> Value)
    }

    let body: Body

    /// A step that does not suspend.
    public init(_ body: @escaping @Sendable (Value) throws -> Value) {
        self.body = .sync(body)
    }

    /// A step that may suspend; events still go through one after the other.
    public init(_ body: @escaping @Sendable (Value) async throws -> Value) {
        self.body = .async(body)
    }
}
