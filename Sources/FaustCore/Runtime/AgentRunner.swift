// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging

/// Runs one body of an agent over one stream, again and again, and applies the agent's policies when it fails.
struct AgentRunner: Sendable {
    let app: String
    let agent: AgentDeclaration
    /// The stream that the body is given.
    let buffer: StreamBuffer
    let context: StreamContext
    let producer: Producer
    let monitor: Monitor
    let logger: Logger
    let clock: AppClock
    let budget: RestartBudget
    /// The bodies that begin anew together with this one, if the policy says so.
    var siblings: Siblings?
    /// How many partitions the agent's topics have, if they have equally many.
    var partitionCount: Int32?

    /// Whether the body may go on to another stream, by `groupBy` or `through`.
    var follows = true
    /// Whether what the body sends while it has events of its first stream in hand belongs to the transaction.
    var isTransactional = true

    /// Tells those who have asked an agent that it has failed; `nil` when the agent does not reply.
    var replier: Replier?

    /// Takes back what was done since the last commit; does nothing where there are no transactions.
    var undo = Undo()

    /// How a body that leaves an event half done is undone under exactly-once.
    struct Undo: Sendable {
        /// Makes sure that the next commit does not take effect.
        var taint: @Sendable (FaustError) -> Void = { _ in }
        /// Goes back to the last commit now.
        var perform: @Sendable (FaustError) async -> Void = { _ in }
    }

    /// What was decided about a failure.
    private enum Decision {
        /// The body is run again; with `undoes` for the same event, whose effects so far must not count.
        case restart(after: Duration, undoes: Bool)
        case giveUp(FaustError)
    }

    /// Where a failure happened, to count the attempts at one event.
    private struct Place: Hashable {
        let partition: TopicPartition
        let offset: Int64
    }

    /// What is remembered from one run of the body to the next.
    private struct Memory {
        var budget: RestartBudget
        /// How often events have failed; `nil` stands for a body without an event in hand.
        ///
        /// When a transaction is taken back, several events that fail may take turns.
        private var attempts: [Place?: Int] = [:]
        private static let limit = 1_000

        init(budget: RestartBudget) {
            self.budget = budget
        }

        mutating func countAttempt(at place: Place?) -> Int {
            let attempt = attempts[place, default: 0] + 1
            if attempts.count >= Self.limit { attempts = [:] }
            attempts[place] = attempt
            return attempt
        }
    }

    /// Runs until the stream is closed.
    ///
    /// - Throws: ``FaustError`` when the worker has to stop: the policy says so and the restarts are used up.
    func run() async throws {
        var memory = Memory(budget: budget)
        // What the last body left unfinished stays so: a rebalance need not wait for it.
        defer { stream.endIteration() }
        while !isOver {
            let scope = EventScope(
                owner: agent.name,
                buffer: buffer,
                partitionCount: partitionCount,
                isTransactional: isTransactional,
                follows: follows
            )
            stream.enter(scope)
            // What the policy sends to a dead-letter topic belongs to the event, too.
            let pause = try await EventScope.$current.withValue(scope) { try await runBody(scope, &memory) }
            if isOver { return }
            await rest(pause)
        }
    }

    /// Runs the body once.
    ///
    /// - Returns: How long to wait before it is run again.
    private func runBody(_ scope: EventScope, _ memory: inout Memory) async throws -> Duration {
        do {
            try await agent.body(StreamSource(buffer: buffer, context: context))
            if let fault = stream.takeFault() { throw fault }
            if isOver || scope.isExpelled || stream.mustBeginAnew { return .zero }
            return try pauseAfterReturn(&memory.budget)
        } catch {
            if scope.isExpelled {
                logger.warning(
                    "The body of an agent has ended whose event was taken back",
                    metadata: ["agent": "\(agent.name)", "error": "\(error)"]
                )
                return .zero
            }
            return try await recover(from: error, &memory)
        }
    }

    private func recover(from error: any Error, _ memory: inout Memory) async throws -> Duration {
        let inHand = stream.inHand()
        let cause = FaustError(.handler, "agent \(agent.name) has failed", cause: error, isRetriable: true)
        if isOver {
            if !inHand.isEmpty { undo.taint(cause) }
            return .zero
        }
        let attempt = memory.countAttempt(
            at: inHand.first.map { Place(partition: $0.topicPartition, offset: $0.offset) }
        )
        switch await decide(policy(for: error), error, inHand, attempt: attempt, budget: &memory.budget) {
        case .giveUp(let error):
            undo.taint(error)
            throw error
        case .restart(let pause, let undoes):
            guard undoes else { return pause }
            // First the taint: a commit that waits for this body goes on as soon as its iteration has ended.
            undo.taint(cause)
            stream.endIteration()
            await undo.perform(cause)
            return pause
        }
    }

    /// A message that can't be decoded stops the agent when that is what `onDecodeError` says, whatever `onError` does
    /// with the errors of the body.
    private func policy(for error: any Error) -> ErrorPolicy {
        guard (error as? FaustError)?.code == .decode, case .stop = agent.options.onDecodeError.action else {
            return agent.options.onError
        }
        return .stop
    }

    /// The stream whose events the body has in hand.
    private var stream: StreamBuffer { follows ? buffer.last : buffer }

    private var isOver: Bool { stream.isClosed || Task.isCancelled }

    /// A body that returns has finished what it had in hand; it is run again, since its partitions go on.
    private func pauseAfterReturn(_ budget: inout RestartBudget) throws -> Duration {
        stream.finishInHand()
        logger.warning(
            "The body of an agent has returned while its stream goes on; it is run again",
            metadata: ["agent": "\(agent.name)"]
        )
        guard let pause = budget.restart(at: clock.elapsed()) else {
            throw FaustError(
                .handler,
                "agent \(agent.name) keeps returning: iterate over the stream until it ends",
                isFatal: true
            )
        }
        return pause
    }

    /// Waits before the next attempt; a cancelled wait ends at once, and so does the loop.
    ///
    /// Nobody waits for the events in hand meanwhile: a rebalance gives them to another worker.
    private func rest(_ pause: Duration) async {
        stream.endIteration()
        guard pause > .zero else { return }
        try? await context.sleep(pause)
    }

    private func decide(
        _ policy: ErrorPolicy,
        _ error: any Error,
        _ inHand: [Message],
        attempt: Int,
        retried: Int = 0,
        budget: inout RestartBudget
    ) async -> Decision {
        switch policy.action {
        case .skip:
            report(error, inHand, "skipped", .skipped)
            await tell(inHand, error, isRetried: false)
            for message in inHand { stream.finish(message) }
            return afterLeavingEvent(inHand, error, &budget)
        case .deadLetter(let topic):
            do {
                try await DeadLetter(app: app, agent: agent.name, topic: topic).send(inHand, error, attempt, producer)
            } catch {
                // The event stays in hand: it is processed once more rather than lost.
                return stop(error, inHand, &budget)
            }
            report(error, inHand, "sent to the dead-letter topic", .deadLettered)
            await tell(inHand, error, isRetried: false)
            for message in inHand { stream.finish(message) }
            return afterLeavingEvent(inHand, error, &budget)
        case .retry(let backoff, let then):
            guard let pause = backoff.pause(before: attempt - retried) else {
                let retried = retried + backoff.max
                return await decide(then, error, inHand, attempt: attempt, retried: retried, budget: &budget)
            }
            report(
                error,
                inHand,
                "retried",
                .retried,
                level: .warning,
                extra: ["attempt": "\(attempt) of \(backoff.max)"]
            )
            return .restart(after: pause, undoes: true)
        case .stop:
            let decision = stop(error, inHand, &budget)
            // Who asks is not kept waiting for an agent that may never succeed, but is told once only.
            if attempt == retried + 1 { await tell(inHand, error, isRetried: true) }
            return decision
        }
    }

    /// Tells those who have asked for a reply that there will be none.
    private func tell(_ inHand: [Message], _ error: any Error, isRetried: Bool) async {
        await replier?.fail(inHand, error, agent: agent.name, isRetried: isRetried)
    }

    /// A body that fails without an event in hand is not run again without a pause, whatever the policy.
    private func afterLeavingEvent(
        _ inHand: [Message],
        _ error: any Error,
        _ budget: inout RestartBudget
    ) -> Decision {
        guard inHand.isEmpty else {
            monitor.eventsFailed.add(inHand.count)
            return .restart(after: .zero, undoes: false)
        }
        return stop(error, inHand, &budget)
    }

    private func stop(_ error: any Error, _ inHand: [Message], _ budget: inout RestartBudget) -> Decision {
        let now = clock.elapsed()
        let pause = if let siblings { siblings.restart(after: buffer, at: now) } else { budget.restart(at: now) }
        guard let pause else {
            note(error, inHand, .stopped)
            return .giveUp(
                FaustError(
                    .handler,
                    "agent \(agent.name) has failed too often: mend it, or choose an onError policy"
                        + " such as .skip, .retry or .deadLetter",
                    cause: error,
                    topicPartition: inHand.first?.topicPartition,
                    offset: inHand.first?.offset,
                    isFatal: true
                )
            )
        }
        monitor.agentRestarts.add(1)
        report(error, inHand, "processed again after a restart of the agent", .restarted, extra: ["pause": "\(pause)"])
        return .restart(after: pause, undoes: true)
    }

    private func report(
        _ error: any Error,
        _ inHand: [Message],
        _ fate: String,
        _ kind: EventFailure.Fate,
        level: Logger.Level = .error,
        extra: Logger.Metadata = [:]
    ) {
        note(error, inHand, kind)
        var metadata: Logger.Metadata = ["agent": "\(agent.name)", "error": "\(error)", "fate": "\(fate)"]
        if let first = inHand.first {
            metadata["partition"] = "\(first.topicPartition)"
            metadata["offset"] = "\(first.offset)"
            if inHand.count > 1 { metadata["events"] = "\(inHand.count)" }
        }
        logger.log(level: level, "An agent has failed on an event", metadata: metadata.merging(extra) { $1 })
    }

    private func note(_ error: any Error, _ inHand: [Message], _ fate: EventFailure.Fate) {
        Hosting.host?.note(EventFailure(agent: agent.name, messages: inHand, error: error, fate: fate))
    }
}
