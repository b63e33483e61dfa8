// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Yields the values of a stream in arrays.
public struct TakeSequence<Key: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    /// Up to `limit` values.
    public typealias Element = [Value]

    @usableFromInline let stream: EventStream<Key, Value>
    @usableFromInline let limit: Int
    @usableFromInline let within: Duration?

    @inlinable
    init(stream: EventStream<Key, Value>, limit: Int, within: Duration?) {
        precondition(limit > 0, "take(_:within:) needs a limit of at least 1")
        self.stream = stream
        self.limit = limit
        self.within = within
    }

    /// Starts the iteration.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(sequence: self)
    }

    /// Yields arrays of values.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline let sequence: TakeSequence<Key, Value>
        @usableFromInline var cursor: StreamCursor
        /// The last message seen of each run that the array in hand goes back to.
        @usableFromInline var seen: [Message] = []
        @usableFromInline var pending = PendingValues<Value>()
        /// The message that the pending values come from.
        @usableFromInline var pendingMessage: Message?

        @inlinable
        init(sequence: TakeSequence<Key, Value>) {
            self.sequence = sequence
            self.cursor = StreamCursor(sequence.stream.source, acknowledges: false)
        }

        /// The next array, never empty; finishes the events of the one before.
        @inlinable
        public mutating func next() async throws -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next array, never empty; finishes the events of the one before.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            if let fault = cursor.buffer.takeFault() { throw fault }
            finishSeen()
            var values: [Value] = []
            var deadline: Duration?
            while values.count < sequence.limit {
                guard let message = cursor.take() else {
                    if let value = pending.next(&cursor) {
                        add(value, to: &values, &deadline)
                        // The message is finished with the array that has its last value.
                        if pending.isEmpty, let message = pendingMessage { note(message) }
                        continue
                    }
                    if values.isEmpty { finishSeen() }
                    switch await cursor.refill(until: deadline, hasHold: !values.isEmpty) {
                    case .ready: continue
                    case .timeout: return values
                    case .end: return values.isEmpty ? nil : values
                    }
                }
                if !sequence.stream.pipeline.isMany { note(message) }
                let value = try await value(of: message, isolation: actor)
                if !pending.isEmpty {
                    pendingMessage = message
                } else if sequence.stream.pipeline.isMany {
                    note(message)
                }
                if let value {
                    add(value, to: &values, &deadline)
                } else if !sequence.stream.source.acknowledges {
                    // Nobody else could finish an event that nobody gets.
                    cursor.buffer.finish(message)
                }
            }
            return values
        }

        @inlinable
        func add(_ value: Value, to values: inout [Value], _ deadline: inout Duration?) {
            if values.isEmpty { deadline = sequence.within.map { $0 + sequence.stream.source.context.elapsed() } }
            values.append(value)
        }

        @inlinable
        mutating func value(of message: Message, isolation actor: isolated (any Actor)?) async throws -> Value? {
            do {
                switch sequence.stream.pipeline {
                case .sync(let body): return try body(message)
                case .async(let body): return try await body(message)
                case .many(let body): return pending.fill(try await body(message), &cursor)
                }
            } catch {
                try await cursor.dropOrThrow(error, message, isolation: actor)
                return nil
            }
        }

        @inlinable
        mutating func note(_ message: Message) {
            if let last = seen.last, last.batch === message.batch {
                seen[seen.count - 1] = message
            } else {
                seen.append(message)
            }
        }

        @usableFromInline
        mutating func finishSeen() {
            guard sequence.stream.source.acknowledges else { return }
            for message in seen { cursor.buffer.finish(through: message) }
            seen.removeAll(keepingCapacity: true)
        }
    }
}
