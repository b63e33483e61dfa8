// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What becomes of an event whose agent has thrown.
///
/// No policy loses a message silently: it is delivered again, kept in a dead-letter topic, or logged as an error with
/// its place and counted. (In Faust a failed message is acknowledged and gone: AG22.)
///
/// ```swift
/// app.agent("import", articles, onError: .retry(.exponential(max: 5), then: .deadLetter)) { … }
/// ```
public struct ErrorPolicy: Sendable {
    indirect enum Action: Sendable {
        case skip
        case retry(Backoff, then: ErrorPolicy)
        case deadLetter(topic: String?)
        case stop(Restarts?)
    }

    /// How often an agent is started again before the worker stops.
    struct Restarts: Sendable {
        let max: Int
        let window: Duration
        /// Whether one failure starts all bodies of the agent anew.
        var restartsAll = false
    }

    let action: Action

    /// Logs the error, counts it, and acknowledges the event.
    public static let skip = ErrorPolicy(action: .skip)

    /// Restarts the agent with the same event, and stops the worker when the restarts are used up.
    ///
    /// This is the default. The number of restarts is set by ``Settings/agentMaxRestarts``.
    public static let stop = ErrorPolicy(action: .stop(nil))

    /// Restarts the agent with the same event, and stops the worker when it has been restarted so often within so long.
    ///
    /// The agent has a body per lane and unit of concurrency, or per partition. What fails is started again after pauses
    /// that double from ``Settings/agentRestartDelay`` to ``Settings/agentRestartMaxDelay``. With 0 restarts the first
    /// error stops the worker (Faust's `CrashingSupervisor`).
    ///
    /// - Parameters:
    ///   - restarts: How often it may be started again.
    ///   - window: The stretch of time in which restarts are counted.
    ///   - scope: Which bodies are started again: the one that has failed, with a budget of its own, or all of the
    ///     agent on this worker, with one budget.
    /// - Returns: The policy.
    public static func stop(
        after restarts: Int,
        within window: Duration = .seconds(60),
        restarting scope: RestartScope = .failed
    ) -> ErrorPolicy {
        let restarts = Restarts(max: Swift.max(restarts, 0), window: window, restartsAll: scope == .all)
        return ErrorPolicy(action: .stop(restarts))
    }

    /// Sends the message to the topic `{app.id}-{agent}-dead-letter` and acknowledges the event.
    ///
    /// Key, value, timestamp and headers stay as they are; headers named `Faust-Error-…` say what failed and where.
    public static let deadLetter = ErrorPolicy(action: .deadLetter(topic: nil))

    /// Sends the message to a topic of your choice and acknowledges the event; see ``deadLetter``.
    ///
    /// - Parameter topic: The name of the topic; it is created with the app's other topics.
    /// - Returns: The policy.
    public static func deadLetter(to topic: String) -> ErrorPolicy {
        ErrorPolicy(action: .deadLetter(topic: topic))
    }

    /// Delivers the event again after a pause, as often as the back-off says.
    ///
    /// The agent's other events wait meanwhile.
    ///
    /// - Parameters:
    ///   - backoff: How long the pauses are and how many there are.
    ///   - policy: What happens when the event has failed after the last of them.
    /// - Returns: The policy.
    public static func retry(_ backoff: Backoff, then policy: ErrorPolicy = .stop) -> ErrorPolicy {
        ErrorPolicy(action: .retry(backoff, then: policy))
    }

    /// How often an agent may be started again, if the policy says so.
    var restarts: Restarts? {
        switch action {
        case .skip, .deadLetter: nil
        case .retry(_, let policy): policy.restarts
        case .stop(let restarts): restarts
        }
    }

    /// The topic that messages are sent to in the end, for an agent of a name.
    func deadLetterTopic(app: String, agent: String) -> String? {
        switch action {
        case .skip, .stop: nil
        case .retry(_, let policy): policy.deadLetterTopic(app: app, agent: agent)
        case .deadLetter(let topic): topic ?? "\(app)-\(agent)-dead-letter"
        }
    }
}

/// Which bodies of an agent are started again when one has failed; see ``ErrorPolicy/stop(after:within:restarting:)``.
public enum RestartScope: Sendable, Hashable {
    /// The body that has failed (Faust's `OneForOneSupervisor`).
    case failed
    /// All bodies of the agent on this worker, for bodies that share something which a failure may have spoilt (Faust's
    /// `OneForAllSupervisor`).
    ///
    /// The others finish the event in hand first; what they have taken and not finished otherwise comes again.
    case all
}

/// The pauses between attempts.
public struct Backoff: Sendable {
    /// The greatest number of further attempts.
    public let max: Int
    private let pause: @Sendable (Int) -> Duration

    /// Pauses that double: `base`, `2 × base`, `4 × base`, … up to `cap`.
    ///
    /// - Parameters:
    ///   - base: The first pause.
    ///   - cap: The longest pause.
    ///   - max: The greatest number of further attempts.
    /// - Returns: The back-off.
    public static func exponential(
        base: Duration = .milliseconds(100),
        cap: Duration = .seconds(30),
        max: Int
    ) -> Backoff {
        Backoff(max: max) { attempt in
            let doublings = Swift.min(attempt - 1, 40)
            return Swift.min(base * (1 << doublings), cap)
        }
    }

    /// Pauses of one length.
    ///
    /// - Parameters:
    ///   - pause: The pause.
    ///   - max: The greatest number of further attempts.
    /// - Returns: The back-off.
    public static func constant(_ pause: Duration, max: Int) -> Backoff {
        Backoff(max: max) { _ in pause }
    }

    private init(max: Int, pause: @escaping @Sendable (Int) -> Duration) {
        self.max = max
        self.pause = pause
    }

    /// The pause before an attempt.
    ///
    /// - Parameter attempt: The number of the further attempt, from 1 on.
    /// - Returns: The pause; `nil` when there are no more attempts.
    func pause(before attempt: Int) -> Duration? {
        attempt <= max ? pause(attempt) : nil
    }
}
