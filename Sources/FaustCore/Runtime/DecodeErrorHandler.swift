// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging

/// Applies an agent's policy to messages that can't be decoded.
struct DecodeErrorHandler: Sendable {
    let app: App
    let agent: String
    let policy: ErrorPolicy
    /// Whether those who have asked for a reply are told.
    var replies = false

    /// Logs, counts and, if the policy says so, keeps the message in the dead-letter topic.
    ///
    /// - Throws: `error` when the policy is to stop; what the dead-letter topic throws.
    func handle(_ message: Message, _ error: FaustError) async throws {
        app.monitor.decodeErrors.add(1)
        try await apply(policy, message, error)
        // With the policy to stop, the agent fails, and whoever runs it tells the asker.
        guard replies else { return }
        try await app.running().replier.fail([message], error, agent: agent, isRetried: false)
    }

    private func apply(_ policy: ErrorPolicy, _ message: Message, _ error: FaustError) async throws {
        switch policy.action {
        case .stop: throw error
        case .retry(_, let then): try await apply(then, message, error)
        case .skip: report(message, error, "skipped", .skipped)
        case .deadLetter(let topic):
            let deadLetter = DeadLetter(app: app.id, agent: agent, topic: topic)
            try await deadLetter.send([message], error, 1, try app.producer())
            report(message, error, "sent to the dead-letter topic", .deadLettered)
        }
    }

    private func report(_ message: Message, _ error: FaustError, _ fate: String, _ kind: EventFailure.Fate) {
        Hosting.host?.note(EventFailure(agent: agent, messages: [message], error: error, fate: kind))
        app.logger.error(
            "A message can't be decoded",
            metadata: [
                "agent": "\(agent)", "partition": "\(message.topicPartition)", "offset": "\(message.offset)",
                "key": "\(message.key.map { String($0.prefix(100)) } ?? "null")", "error": "\(error)",
                "fate": "\(fate)",
            ]
        )
    }
}
