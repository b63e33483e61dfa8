// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Sends messages that an agent could not process to a topic of their own.
struct DeadLetter: Sendable {
    let app: String
    let agent: String
    /// The topic; `nil` for the one named after the agent.
    let topic: String?

    /// Sends the messages as they are, with headers that say what failed, and waits until the broker has them.
    func send(_ messages: [Message], _ error: any Error, _ attempts: Int, _ producer: Producer) async throws {
        for message in messages {
            var headers = message.headers
            headers["Faust-Error-Agent"] = Bytes(agent)
            headers["Faust-Error-Message"] = Bytes(String("\(error)".prefix(1_000)))
            headers["Faust-Error-Topic"] = Bytes(message.topic)
            headers["Faust-Error-Partition"] = Bytes("\(message.partition)")
            headers["Faust-Error-Offset"] = Bytes("\(message.offset)")
            headers["Faust-Error-Attempts"] = Bytes("\(attempts)")
            _ = try await producer.send(
                MessageDraft(
                    topic: topic ?? "\(app)-\(agent)-dead-letter",
                    key: message.key,
                    value: message.value,
                    timestampMilliseconds: message.timestampMilliseconds,
                    headers: headers
                )
            )
        }
    }
}
