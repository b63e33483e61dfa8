// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `send`: sends messages to a topic or to an agent of the app.
package struct SendCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message to a topic or to an agent.",
        discussion: """
            Key and value are sent as they are given: for a topic of JSON values, VALUE is JSON, so that a text needs \
            quotation marks inside the shell's: send greetings '"hello"'. Codecs behind the JSON, such as gzip, are \
            applied.

            Prints where each message is as a line of JSON; for lines of the standard input one line in the end.
            """
    )

    @OptionGroup package var options: SendOptions
    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions

    /// What the options are without any argument.
    package init() {}

    /// Sends, and waits until the broker has everything.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError``: there is no such agent, the broker can't be reached or refuses a message.
    package func run(_ app: App) async throws {
        try global.apply(to: app, standardLevel: .warning)
        if (try? app.settings.brokers().scheme) == "memory" {
            app.logger.warning(
                "Nobody will get this message: the broker memory:// lives and dies with this process",
                metadata: ["broker": "\(app.settings.broker)"]
            )
        }
        let name = try topicName(in: app)
        let topic = try topic(name, of: app)
        try await app.withClient {
            if options.readsInput {
                try await sendInput(to: topic)
            } else {
                try await sendValue(to: topic)
            }
        }
    }

    private func sendValue(to topic: Topic<Bytes?, Bytes?>) async throws {
        let value = options.value.map { Bytes($0) }
        for _ in 0..<options.repeat {
            let metadata = try await topic.send(value, key: key, partition: options.partition, headers: headers)
            StandardOutput.write(try MetadataLine.text(metadata) + "\n")
        }
    }

    /// Sends line after line without waiting for each.
    private func sendInput(to topic: Topic<Bytes?, Bytes?>) async throws {
        let outbox = Outbox()
        var lines = LineReader(descriptor: 0)
        while let line = try lines.next() {
            for _ in 0..<options.repeat {
                outbox.began()
                do {
                    try await topic.post(
                        Bytes(line),
                        key: key,
                        partition: options.partition,
                        headers: headers,
                        completion: outbox.settled
                    )
                } catch {
                    outbox.settled(.failure(error as? FaustError ?? FaustError(.transport, "not sent", cause: error)))
                }
                if outbox.hasFailed { break }
            }
            if outbox.hasFailed { break }
        }
        let arrived = await outbox.drained()
        StandardOutput.write(try SendSummary(topic: topic.name, messages: arrived).line + "\n")
        if let failure = outbox.failure { throw failure }
    }

    private var key: Bytes? { options.key.map { Bytes($0) } }

    private var headers: Headers {
        Headers(options.headers.map { Headers.Field($0.name, $0.value.map { Bytes($0) }) })
    }

    /// The topic with what is behind its JSON; keys and values themselves are bytes already.
    private func topic(_ name: String, of app: App) throws -> Topic<Bytes?, Bytes?> {
        let declared = app.declaredTopics.first { $0.name == name }
        let key = options.keySerializer ?? declared?.keySerde ?? app.settings.keySerializer
        let value = options.valueSerializer ?? declared?.valueSerde ?? app.settings.valueSerializer
        return app.topic(
            name,
            schema: Schema(
                key: try .keyDefault(key, in: app.codecs),
                value: try .valueDefault(value, in: app.codecs)
            )
        )
    }

    private func topicName(in app: App) throws -> String {
        guard case .agent(let name) = options.entity else {
            if case .topic(let topic) = options.entity { return topic }
            throw FaustError(.configuration, "neither a topic nor an agent")
        }
        guard let agent = app.agents.first(where: { $0.name == name }) else {
            let names = app.agents.map { "@\($0.name)" }.joined(separator: ", ")
            throw FaustError(
                .configuration,
                "there is no agent @\(name); the app has \(names.isEmpty ? "none" : names)"
            )
        }
        guard !agent.readsChannel else {
            throw FaustError(.configuration, "agent @\(name) reads a channel, which only its own process can send to")
        }
        guard agent.input.count == 1 else {
            let topics = agent.input.joined(separator: ", ")
            throw FaustError(.configuration, "agent @\(name) reads several topics, send to one of them: \(topics)")
        }
        return agent.input[0]
    }
}
