// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The bodies of agents, and the streams of theirs that go through topics.
extension Engine {
    /// Waits until every body has come to the point where it waits for its first event.
    ///
    /// Lanes are queues: what is put in behind the bodies runs when they have suspended. By then most have declared the
    /// topics that their streams go through, so that the worker joins its group once.
    func settle() async {
        await withDiscardingTaskGroup { group in
            for lane in lanes.withLock({ $0 }) { group.addTask(executorPreference: lane) {} }
        }
    }

    static func run(_ runner: AgentRunner, app: App) async {
        do { try await runner.run() } catch {
            app.stopSignal.fire(fatal(error, "agent \(runner.agent.name)"))
        }
    }

    func makeDiversions(_ assembly: Assembly, _ conductor: Conductor, app: App) -> (TopicWatch, Diversions) {
        let watch = TopicWatch(
            declarations: { [self] in
                var declarations = app.declarations.withLock { $0 }
                declarations.diverted = self.diversions?.topics ?? []
                return declarations
            },
            creation: { [settings] name in app.declarations.withLock { $0.creation(of: name, settings) } },
            catalog: catalog,
            consumer: consumer,
            listener: conductor,
            subscribes: { [self] topics in
                leadership.follow(lead: topics.first)
                self.diversions?.noteCounts()
            },
            check: { declarations, partitions in
                for join in declarations.joins { try join.check(declarations, partitions: partitions) }
            },
            logger: logger
        )
        let diversions = Diversions(
            assembly,
            conductor: conductor,
            catalog: catalog,
            maxsize: settings.streamBufferMaxsize,
            topicsChanged: { watch.lookSoon() }
        )
        diversionsBox.withLock { $0 = diversions }
        return (watch, diversions)
    }

    /// Runs what streams need that go through topics, until the task is cancelled.
    func divert(_ diversions: Diversions, _ conductor: Conductor, _ lanes: [Lane], app: App) async {
        await withDiscardingTaskGroup { group in
            for await order in diversions.orders {
                switch order {
                case .forward(let forwarder):
                    let runner = makeRunner(forwarder, app: app)
                    group.addTask(executorPreference: lanes[forwarder.lane]) { await Self.run(runner, app: app) }
                case .reread(let partitions):
                    await reread(partitions, conductor)
                }
            }
            group.cancelAll()
        }
    }

    private func reread(_ partitions: [TopicPartition], _ conductor: Conductor) async {
        guard producer.transactions != nil else { return conductor.rewind(partitions) }
        await committer.undo(
            FaustError(.lifecycle, "a stream was added to topics that are being read", isRetriable: true)
        )
    }

    // MARK: Runners

    func makeRunner(_ seat: Assembly.Seat, _ siblings: Siblings?, app: App) -> AgentRunner {
        var runner = makeRunner(seat.agent, seat.buffer, app: app)
        runner.siblings = siblings
        runner.isTransactional = seat.agent.topics != nil
        runner.partitionCount = partitionCount(of: seat.agent.topics?.names ?? [])
        return runner
    }

    /// The bodies of each agent whose policy starts all of them again, by the name of the agent.
    func siblings(_ seats: [Assembly.Seat]) -> [String: Siblings] {
        Dictionary(grouping: seats.filter { $0.agent.options.onError.restarts?.restartsAll == true }, by: \.agent.name)
            .mapValues { seats in Siblings(seats.map(\.buffer), budget: budget(of: seats[0].agent)) }
    }

    private func budget(of agent: AgentDeclaration) -> RestartBudget {
        let restarts = agent.options.onError.restarts
        return RestartBudget(
            maxRestarts: restarts?.max ?? settings.agentMaxRestarts,
            window: restarts?.window ?? settings.agentRestartWindow,
            delay: settings.agentRestartDelay,
            maxDelay: settings.agentRestartMaxDelay
        )
    }

    private func makeRunner(_ forwarder: Forwarder, app: App) -> AgentRunner {
        var runner = makeRunner(forwarder.agent, forwarder.source, app: app)
        runner.isTransactional = forwarder.isTransactional
        runner.follows = false
        return runner
    }

    private func makeRunner(_ agent: AgentDeclaration, _ buffer: StreamBuffer, app: App) -> AgentRunner {
        let committer = committer
        return AgentRunner(
            app: app.id,
            agent: agent,
            buffer: buffer,
            context: app.streamContext(agent: agent.name, options: agent.options, replies: agent.replies),
            producer: producer,
            monitor: app.monitor,
            logger: app.logger,
            clock: app.clock,
            budget: budget(of: agent),
            replier: agent.replies ? replier : nil,
            undo: AgentRunner.Undo(taint: { committer.taint($0) }, perform: { await committer.undo($0) })
        )
    }
}
