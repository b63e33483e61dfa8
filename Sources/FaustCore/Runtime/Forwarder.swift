// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Reads a stream in place of a body and sends what comes to a topic; see ``Diversions``.
struct Forwarder: Sendable {
    /// Whose policies apply, and whose name errors bear.
    let agent: AgentDeclaration
    /// The lane that it runs on.
    let lane: Int
    /// What it reads.
    let source: StreamBuffer
    /// Whether what it sends belongs to the worker's transaction, if there are transactions.
    let isTransactional: Bool

    /// What is done with each message.
    final class Job: Sendable {
        /// Sends what becomes of a message.
        typealias Forward = @Sendable (Message) async throws -> Void

        /// What the mutex guards.
        ///
        /// A struct, since a closure that lies in a mutex by itself gets one more layer around it each time it is read:
        /// `withLock` has it as `inout` in its most general form, from which and into which it is converted.
        private struct State {
            var forward: Forward
        }

        private let state: Mutex<State>

        init(_ forward: @escaping Forward) {
            state = Mutex(State(forward: forward))
        }

        /// Goes on with the closures of a body that has run again.
        func replace(by forward: @escaping Forward) {
            state.withLock { $0.forward = forward }
        }

        /// Sends what becomes of a message, with the closures of the body's last run.
        func forward(_ message: Message) async throws {
            let forward = state.withLock { $0.forward }
            try await forward(message)
        }

        /// Reads a stream to its end.
        ///
        /// A message is finished when it has been handed to the producer: commits wait until the broker has it.
        func run(_ source: StreamSource) async throws {
            let results = EventStream<Void, Void>(
                source: source,
                key: { _ in },
                pipeline: .async { [self] message in try await forward(message) }
            )
            for try await _ in results {}
        }
    }

    /// A forwarder that takes over a stream of an agent, or of nobody (`agent` is `nil`).
    init(
        agent: AgentDeclaration?,
        lane: Int,
        source: StreamBuffer,
        topics: TopicSelection?,
        job: Job
    ) {
        let name = agent?.name ?? source.name
        self.agent = AgentDeclaration(
            name: name,
            help: "",
            input: topics.map { .topics($0) } ?? agent?.input ?? .topics(TopicSelection(names: [])),
            inputName: agent?.inputName ?? name,
            options: agent?.options ?? AgentOptions(),
            body: { try await job.run($0) }
        )
        self.lane = lane
        self.source = source
        isTransactional = topics != nil
    }
}

/// A topic that a stream goes through, and what is sent there.
struct Diversion: Sendable {
    /// The name of the topic.
    let topic: String
    /// Whether the topic was named after the stream, so that nothing else may write to it.
    let isOwn: Bool
    /// The number of partitions if the topic is created; `nil` takes the app's default.
    let partitions: Int?
    /// The names of the serdes, for listings.
    let serdes: (key: String, value: String)
    /// Sends what becomes of a message.
    let forward: Forwarder.Job.Forward
}
