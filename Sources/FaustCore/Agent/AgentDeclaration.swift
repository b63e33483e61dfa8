// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What the app knows of an agent before it runs.
struct AgentDeclaration: Sendable {
    /// Where an agent's events come from.
    enum Input: Sendable {
        case topics(TopicSelection)
        case channel(ChannelHub)
    }

    /// The name, unique in the app.
    let name: String
    /// What the agent does, in a sentence, for listings.
    let help: String
    let input: Input
    /// What the input is called in listings.
    let inputName: String
    let options: AgentOptions
    /// Whether its results are replies to those who ask for one.
    var replies = false
    /// Runs the user's body over a stream, until the stream ends or the body throws.
    let body: @Sendable (StreamSource) async throws -> Void
}

/// How an agent is run.
public struct AgentOptions: Sendable {
    /// The number of events of a lane that the agent works on at a time; events of one key still come one by one.
    ///
    /// It helps bodies that wait for something, such as an HTTP request. A lane is one thread, so that the bodies take
    /// turns where they suspend; for more processor cores raise ``Settings/parallelism``.
    public var concurrency: Int
    /// Whether each partition has a body of its own, so that one that waits or fails holds up no other (Faust's
    /// `isolated_partitions`).
    ///
    /// A body that loses its partition ends, and runs anew when the partition comes back. Excludes a ``concurrency``
    /// above 1.
    public var isolatedPartitions: Bool
    /// What becomes of an event whose body has thrown.
    public var onError: ErrorPolicy
    /// What becomes of a message that can't be decoded.
    ///
    /// ``ErrorPolicy/skip``, the default, logs it as an error with its
    /// place and counts it; retries make no sense here and are left out.
    public var onDecodeError: ErrorPolicy
    /// What the agent does, in a sentence, for listings.
    public var help: String

    /// How an agent is run.
    public init(
        concurrency: Int = 1,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        isolatedPartitions: Bool = false
    ) {
        self.isolatedPartitions = isolatedPartitions
        self.concurrency = concurrency
        self.onError = onError
        self.onDecodeError = onDecodeError
        self.help = help
    }
}
