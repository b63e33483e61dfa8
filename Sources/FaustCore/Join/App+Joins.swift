// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// Declares an agent that processes the results of a join.
    ///
    /// ```swift
    /// app.agent("ship", orders.join(payments, within: .seconds(600))) { stream in
    ///     for try await (order, payment) in stream { … }
    /// }
    /// ```
    ///
    /// It reads both topics, and its results are a stream like any other one, with all operators; ``StreamJoin`` says what comes
    /// when. An event of the stream is the message that has completed a result: the later one to be processed of two partners,
    /// or the one that has none. Its ``ErrorPolicy`` applies to that message with all of its results.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; events wait in the table `{name}-join`.
    ///   - join: What the agent reads.
    ///   - onError: What becomes of an event whose body has thrown; the default stops the worker in the end.
    ///   - onDecodeError: What becomes of a message that can't be decoded; the default logs and counts it.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - configuration: How the table is kept in which events wait.
    ///   - body: Iterates over the results until the stream ends.
    public func agent<Key: Sendable, Joined: Sendable>(
        _ name: String,
        _ join: StreamJoin<Key, Joined>,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration(),
        body: @escaping @concurrent @Sendable (EventStream<Key, Joined>) async throws -> Void
    ) {
        guard let plan = plan(join, name) else { return }
        let core = TableCore(
            TableForm<JoinKey, JoinEntry>.joins("\(name)-join"),
            configuration: configuration,
            help: "Events of the agent \(name) that wait for partners.",
            app: self
        )
        let keeper = JoinKeeper(
            plan,
            clock: clock,
            backlogs: plan.topics.map { topic in
                Backlog(of: topic, group: id) { [weak self] in self?.engine.withLock { $0 } }
            },
            stream: { [weak self] number in
                let id = TopicPartition(plan.topics.left, number)
                return self?.engine.withLock { $0 }?.conductor?.buffer(of: id, named: name)
            },
            isHere: { [weak core] number in (try? core?.partition(number).isOwned) ?? false }
        )
        core.setKeeper(keeper)
        let count = declarations.withLock { $0.topics[plan.topics.left]?.partitions }
        declare(
            JoinTable(core, plan, declaredPartitions: count ?? Int32(clamping: settings.topicPartitions)),
            partitions: configuration.partitions
        )
        let joiner = Joiner(join, plan, core, keeper)
        let topics = TopicSelection(names: [plan.topics.left, plan.topics.right])
        declare(CopartitionCheck(owner: "agent \(name)", parties: [.stream(topics.description), .table(core)]))
        let options = AgentOptions(onError: onError, onDecodeError: onDecodeError, help: help)
        declare(name, topics: topics, options) { try await body(joiner.stream(from: $0)) }
    }

    /// Declares an agent that processes the results of a join and yields results of its own, which go to sinks.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; events wait in the table `{name}-join`.
    ///   - join: What the agent reads.
    ///   - onError: What becomes of an event whose body or sink has thrown.
    ///   - onDecodeError: What becomes of a message that can't be decoded.
    ///   - help: What the agent does, in a sentence, for listings.
    ///   - configuration: How the table is kept in which events wait.
    ///   - sinks: Where the results go, one sink after the other.
    ///   - body: Makes the sequence of results, usually the stream with operators.
    public func agent<Key: Sendable, Joined: Sendable, Results: AsyncSequence & SendableMetatype>(
        _ name: String,
        _ join: StreamJoin<Key, Joined>,
        onError: ErrorPolicy = .stop,
        onDecodeError: ErrorPolicy = .skip,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration(),
        sinks: [Sink<Results.Element>],
        body: @escaping @concurrent @Sendable (EventStream<Key, Joined>) async throws -> Results
    ) where Results.Element: Sendable, Results.AsyncIterator: SendableMetatype {
        agent(
            name,
            join,
            onError: onError,
            onDecodeError: onDecodeError,
            help: help,
            configuration: configuration
        ) { stream in
            let note = Self.resultObserver(of: name)
            for try await result in try await body(stream) {
                note?(result)
                for sink in sinks { try await sink.take(result) }
            }
        }
    }

    /// What a join is about; `nil` with a mistake in it, which is thrown when the app starts.
    private func plan<Key, Joined>(_ join: StreamJoin<Key, Joined>, _ name: String) -> JoinPlan? {
        let names = [join.topics.left, join.topics.right].map(\.names)
        let mistake: String?
        if names.contains(where: { $0.count != 1 }) {
            mistake = "joins topics of several names: join topics of one name each"
        } else if names[0] == names[1] {
            mistake = "joins topic \(names[0][0]) with itself: send its events to another topic first, with echo(to:)"
        } else if join.apps.left !== self || join.apps.right !== self {
            mistake = "joins topics of another app"
        } else if join.keySerdes.left != join.keySerdes.right {
            mistake =
                "joins topics whose keys are written differently (\(join.keySerdes.left), \(join.keySerdes.right)), so that"
                + " equal keys would not meet: declare both with the same serde, or group one by its key first"
        } else {
            mistake = join.window.fault
        }
        if let mistake {
            fault(FaustError(.configuration, "agent \(name) \(mistake)"))
            return nil
        }
        return JoinPlan(topics: JoinPair(names[0][0], names[1][0]), window: join.window, keeps: join.keeps)
    }
}

extension Conductor {
    /// The stream of some name that a partition goes to.
    fileprivate func buffer(of partition: TopicPartition, named name: String) -> StreamBuffer? {
        state.withLock { $0.assigned[partition] }?.buffers.first { $0.name == name }
    }
}
