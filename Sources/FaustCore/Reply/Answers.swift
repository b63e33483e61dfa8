// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Turns what an agent yields into replies: a result answers the request that the agent has in hand.
@usableFromInline
struct Answers<Reply: Sendable>: Sendable {
    private let app: App
    private let agent: String
    private let serde: Serde<Reply>
    private let buffer: StreamBuffer
    /// Learns of the results, in a test.
    @usableFromInline let note: (@Sendable (any Sendable) -> Void)?

    @usableFromInline
    init(app: App, agent: String, serde: Serde<Reply>, source: StreamSource) {
        self.app = app
        self.agent = agent
        self.serde = serde
        buffer = source.buffer
        note = App.resultObserver(of: agent)
    }

    /// The message that was handed to the body last; `nil` when there is none.
    @usableFromInline
    func request() -> Message? {
        buffer.last.messageInHand()
    }

    /// Replies to a message, if whoever sent it asks for that.
    @usableFromInline
    func reply(_ result: Reply, to request: Message) async throws {
        guard let address = ReplyAddress(of: request) else { return }
        let value = try serde.encode(result) ?? "null"
        try await app.running().replier.reply(value, to: request, at: address, agent: agent)
    }

    /// Replies with each result, and passes it to the sinks.
    @inlinable
    func take(_ result: Reply, _ sinks: [Sink<Reply>]) async throws {
        note?(result)
        if let request = request() { try await reply(result, to: request) }
        for sink in sinks { try await sink.take(result) }
    }
}
