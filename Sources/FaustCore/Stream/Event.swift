// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A message with its decoded key and value.
///
/// An event is finished when its stream moves on, unless the stream is ``EventStream/noack()``. It can be finished
/// earlier by hand; finishing it twice changes nothing. Offsets are committed only up to the first unfinished event.
public struct Event<Key: Sendable, Value: Sendable>: Sendable {
    /// The decoded key.
    public let key: Key
    /// The decoded value, as the stream's operators have left it.
    public let value: Value
    /// The message as it lies in the topic.
    public let message: Message
    @usableFromInline let source: StreamSource

    @inlinable
    init(key: Key, value: Value, message: Message, source: StreamSource) {
        self.key = key
        self.value = value
        self.message = message
        self.source = source
    }

    /// The headers of the message.
    public var headers: Headers { message.headers }
    /// The time of the message.
    public var timestamp: Timestamp { Timestamp(milliseconds: message.timestampMilliseconds) }

    /// Marks the event as finished, so that its offset may be committed.
    public func ack() {
        source.buffer.finish(message)
    }

    /// Runs a closure and marks the event as finished when it returns (Faust's `async with event`).
    ///
    /// - Parameter body: What is to be done with the event. When it throws, the event stays unfinished.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws.
    public func withAcknowledgement<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let result = try await body()
        ack()
        return result
    }

    /// Sends the message on as it is: the original bytes of key and value, and the headers.
    ///
    /// Goes on at once; the commit of this event waits for the send.
    ///
    /// - Parameter topic: Where to.
    /// - Throws: ``FaustError`` when the app does not run or the topic can't be created.
    public func forward(to topic: any AnyTopic) async throws {
        try await source.context.producer().forward(message, to: topic.name)
    }
}
