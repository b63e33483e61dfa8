// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging

/// Runs one body of an agent over one stream, again and again, and applies the agent's policies when it fails.
struct AgentRunner: Sendable {
    let app: String
    let agent: AgentDeclaration
    let buffer: StreamBuffer
    let context: StreamContext
    let producer: Producer
    let monitor: Monitor
    let logger: Logger
    let clock: AppClock
    let budget: RestartBudget

    /// What was decided about a failure.
    private enum Decision {
        case restart(after: Duration)
        case giveUp(FaustError)
    }

    /// Where a failure happened, to count the attempts at one event.
    private struct Place: Equatable {
        let partition: TopicPartition
        let offset: Int64
    }

    /// Runs until the stream is closed.
    ///
    /// - Throws: ``FaustError`` when the worker has to stop: the policy says so and the restarts are used up.
    func run() async throws {
        var budget = budget
        var (place, attempt) = (Place?.none, 0)
        // What the last body left unfinished stays so: a rebalance need not wait for it.
        defer { buffer.endIteration() }
        while !isOver {
            do {
                try await EventScope.$current.withValue(EventScope(owner: agent.name, buffer: buffer)) {
                    try await agent.body(StreamSource(buffer: buffer, context: context))
                }
                if isOver { return }
                try await pauseAfterReturn(&budget)
            } catch {
                if isOver { return }
                let inHand = buffer.inHand()
                let failed = inHand.first.map { Place(partition: $0.topicPartition, offset: $0.offset) }
                attempt = failed == place ? attempt + 1 : 1
                place = failed
                let decision = await decide(policy(for: error), error, inHand, attempt: attempt, budget: &budget)
                switch decision {
                case .giveUp(let error): throw error
                case .restart(let pause): await rest(pause)
                }
            }
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

    private var isOver: Bool { buffer.isClosed || Task.isCancelled }

    /// A body that returns has finished what it had in hand; it is run again, since its partitions go on.
    private func pauseAfterReturn(_ budget: inout RestartBudget) async throws {
        buffer.finishInHand()
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
        await rest(pause)
    }

    /// Waits before the next attempt; a cancelled wait ends at once, and so does the loop.
    ///
    /// Nobody waits for the events in hand meanwhile: a rebalance gives them to another worker.
    private func rest(_ pause: Duration) async {
        buffer.endIteration()
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
            report(error, inHand, "skipped")
            for message in inHand { buffer.finish(message) }
            return afterLeavingEvent(inHand, error, &budget)
        case .deadLetter(let topic):
            do {
                try await DeadLetter(app: app, agent: agent.name, topic: topic).send(inHand, error, attempt, producer)
            } catch {
                // The event stays in hand: it is processed once more rather than lost.
                return stop(error, inHand, &budget)
            }
            report(error, inHand, "sent to the dead-letter topic")
            for message in inHand { buffer.finish(message) }
            return afterLeavingEvent(inHand, error, &budget)
        case .retry(let backoff, let then):
            guard let pause = backoff.pause(before: attempt - retried) else {
                let retried = retried + backoff.max
                return await decide(then, error, inHand, attempt: attempt, retried: retried, budget: &budget)
            }
            report(error, inHand, "retried", level: .warning, extra: ["attempt": "\(attempt) of \(backoff.max)"])
            return .restart(after: pause)
        case .stop:
            return stop(error, inHand, &budget)
        }
    }

    /// A body that fails without an event in hand is not run again without a pause, whatever the policy.
    private func afterLeavingEvent(
        _ inHand: [Message],
        _ error: any Error,
        _ budget: inout RestartBudget
    ) -> Decision {
        guard inHand.isEmpty else {
            monitor.eventsFailed.add(inHand.count)
            return .restart(after: .zero)
        }
        return stop(error, inHand, &budget)
    }

    private func stop(_ error: any Error, _ inHand: [Message], _ budget: inout RestartBudget) -> Decision {
        guard let pause = budget.restart(at: clock.elapsed()) else {
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
        report(error, inHand, "processed again after a restart of the agent", extra: ["pause": "\(pause)"])
        return .restart(after: pause)
    }

    private func report(
        _ error: any Error,
        _ inHand: [Message],
        _ fate: String,
        level: Logger.Level = .error,
        extra: Logger.Metadata = [:]
    ) {
        var metadata: Logger.Metadata = ["agent": "\(agent.name)", "error": "\(error)", "fate": "\(fate)"]
        if let first = inHand.first {
            metadata["partition"] = "\(first.topicPartition)"
            metadata["offset"] = "\(first.offset)"
            if inHand.count > 1 { metadata["events"] = "\(inHand.count)" }
        }
        logger.log(level: level, "An agent has failed on an event", metadata: metadata.merging(extra) { $1 })
    }
}
