// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Passes values to agents of the same process, without a broker (Faust's channel).
///
/// **Delivery**: every agent and stream of the channel gets every value that is sent after it has subscribed. Values
/// are neither kept nor acknowledged: what is in the channel is lost when the process ends.
/// **Order**: as sent. **Back-pressure**: ``send(_:)`` waits while a subscriber's buffer is full.
public struct EventChannel<Value: Sendable>: Sendable {
    /// What the channel is called in logs.
    public let name: String
    let app: App
    let hub: ChannelHub

    /// Passes a value to all subscribers.
    ///
    /// - Parameter value: The value.
    /// - Throws: `CancellationError` when the task is cancelled while it waits for room.
    public func send(_ value: Value) async throws {
        try await hub.send(value)
    }

    /// A stream of what is sent from now on.
    ///
    /// - Returns: A stream; it holds back senders until it is iterated, once its buffer is full.
    public func stream() -> EventStream<Void, Value> {
        let buffer = StreamBuffer(name: name, maxsize: app.settings.streamBufferMaxsize)
        hub.subscribe(StreamGroup([buffer]))
        return stream(from: StreamSource(buffer: buffer, context: app.streamContext(agent: name)))
    }

    func stream(from source: StreamSource) -> EventStream<Void, Value> {
        EventStream(
            source: source,
            key: { _ in () },
            pipeline: .sync { message in
                // The hub of this channel is the only one to make such messages, and it takes values of this type only.
                message.batch.attachment as? Value
            },
            name: name
        )
    }
}
