// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The replies of an agent to many requests, as they come.
///
/// Made by ``ReplyingAgent/map(_:key:inFlight:within:)`` and its siblings. Iterating sends the requests:
/// a bounded number waits for replies or for the loop at a time, so that neither the number of values nor that of
/// replies has a limit. Each iteration sends them anew.
///
/// **Order**: as the replies come. **Errors**: the first request that fails, or an error of the sequence of values,
/// ends the loop. **Cancellation**: a loop that is left or cancelled sends nothing more and waits for nothing.
public struct ReplySequence<Element: Sendable>: AsyncSequence, Sendable {
    private let start: @Sendable () -> Iterator

    /// A sequence of replies.
    ///
    /// - Parameters:
    ///   - inFlight: How many requests are under way at a time.
    ///   - asker: Sends the requests.
    ///   - feed: Gives the requests to the exchange, one after the other.
    ///   - decode: Makes an element of a reply.
    init<Tag: Sendable>(
        inFlight: Int,
        asker: @escaping @Sendable () throws -> Asker,
        feed: @escaping @Sendable (ReplyExchange<Tag>) async throws -> Void,
        decode: @escaping @Sendable (Tag, Bytes) throws -> Element
    ) {
        start = {
            let exchange = ReplyExchange<Tag>(asker: Result { try asker() }, limit: Swift.max(inFlight, 1))
            // Not a child task: it sends requests while the loop's body is at work. It ends with the iterator.
            let feeder = Task(executorPreference: Hosting.host?.executor) {
                do {
                    try await feed(exchange)
                    exchange.end(nil)
                } catch {
                    exchange.end(error)
                }
            }
            let lease = ExchangeLease {
                feeder.cancel()
                exchange.abandon()
            }
            return Iterator(lease: lease) {
                guard let (tag, reply) = try await exchange.next() else { return nil }
                return try decode(tag, reply)
            }
        }
    }

    /// Starts to send the requests; called by `for try await`.
    public func makeAsyncIterator() -> Iterator {
        start()
    }

    /// Yields the replies.
    public struct Iterator: AsyncIteratorProtocol {
        /// Ends the exchange when the last copy of the iterator is gone.
        private let lease: ExchangeLease
        private let advance: @Sendable () async throws -> Element?

        fileprivate init(lease: ExchangeLease, advance: @escaping @Sendable () async throws -> Element?) {
            self.lease = lease
            self.advance = advance
        }

        /// The next reply.
        ///
        /// - Returns: `nil` after the last one.
        /// - Throws: What ``ReplyingAgent/ask(_:key:headers:within:)`` throws, or the sequence of values.
        public mutating func next() async throws -> Element? {
            defer { withExtendedLifetime(lease) {} }
            do {
                return try await advance()
            } catch {
                lease.end()
                throw error
            }
        }
    }
}

/// Ends what it is told to when it goes.
private final class ExchangeLease: Sendable {
    let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit { end() }
}
