// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The streams of a running worker that go through topics: what `groupBy` and `through` have made of its streams.
///
/// A body declares them while it runs, so that the worker learns of them late. The first body that asks for one makes
/// the streams of all bodies of its agent, on all lanes; a body that runs again finds those of the first time. Each body
/// has a ``Forwarder`` beside it on its lane, which reads the stream that the body was given, under the agent's policies.
///
/// A stream is subscribed to only when it has its place in the conductor's routes: a partition that nobody reads would
/// be committed unread.
final class Diversions: Sendable {
    /// What is to be done outside of the bodies.
    enum Order: Sendable {
        /// Runs a forwarder.
        case forward(Forwarder)
        /// Lets a new stream have what is not committed of partitions that are being read already.
        case reread([TopicPartition])
    }

    /// The streams of all bodies of an agent that stand at one place of its chain.
    private struct Stage {
        let agent: AgentDeclaration
        /// What the streams read; `nil` for a channel.
        let topics: TopicSelection?
        /// The streams of each lane.
        let lanes: [[StreamBuffer]]
        /// The stage behind this one.
        var next: Int?
        /// Whether the conductor knows the streams.
        var isRouted = false

        /// The topic of a stage that is not the first.
        var topic: String { topics?.description ?? "" }
    }

    /// Where a stream stands.
    private struct Place {
        let stage: Int
        let lane: Int
        let index: Int
    }

    private struct State {
        var stages: [Stage] = []
        var places: [ObjectIdentifier: Place] = [:]
        var jobs: [ObjectIdentifier: Forwarder.Job] = [:]

        mutating func add(_ stage: Stage) {
            for (lane, buffers) in stage.lanes.enumerated() {
                for (index, buffer) in buffers.enumerated() {
                    places[ObjectIdentifier(buffer)] = Place(stage: stages.count, lane: lane, index: index)
                }
            }
            stages.append(stage)
        }
    }

    /// What has become of a stream.
    private struct Outcome {
        let target: StreamBuffer
        /// What runs from now on.
        var forwarder: Forwarder?
        /// The number of the stage that was made.
        var added: Int?
    }

    private let conductor: Conductor
    private let catalog: TopicCatalog
    private let lanes: Range<Int>
    private let maxsize: Int
    /// Is called when there is one more topic to read.
    private let topicsChanged: @Sendable () -> Void
    private let state = Mutex(State())
    /// For what happens once per body, never on the path of events.
    let orders: AsyncStream<Order>
    private let orderInput: AsyncStream<Order>.Continuation

    init(
        _ assembly: Assembly,
        conductor: Conductor,
        catalog: TopicCatalog,
        maxsize: Int,
        topicsChanged: @escaping @Sendable () -> Void
    ) {
        self.conductor = conductor
        self.catalog = catalog
        self.lanes = assembly.laneIndices
        self.maxsize = maxsize
        self.topicsChanged = topicsChanged
        (orders, orderInput) = AsyncStream.makeStream()
        let agents = Dictionary(grouping: assembly.seats, by: \.agent.name)
        state.withLock { state in
            for seats in agents.values {
                let lanes = assembly.laneIndices.map { lane in seats.filter { $0.lane == lane }.map(\.buffer) }
                state.add(Stage(agent: seats[0].agent, topics: seats[0].agent.topics, lanes: lanes))
            }
        }
    }

    /// The topics that streams of agents go through, each with those that they come from.
    var topics: [Declarations.Diverted] {
        state.withLock { state in
            state.stages.compactMap { stage in
                guard let next = stage.next, state.stages[next].isRouted, let topics = state.stages[next].topics else {
                    return nil
                }
                return Declarations.Diverted(from: stage.topics, to: topics)
            }
        }
    }

    /// The streams behind the topics.
    var buffers: [StreamBuffer] {
        state.withLock { state in
            state.stages.compactMap(\.next).flatMap { state.stages[$0].lanes.joined() }
        }
    }

    /// Notes how many partitions the topics have, for the tables that bodies change; before their first events come.
    func noteCounts() {
        let targets = state.withLock { state in state.stages.compactMap(\.next).map { state.stages[$0] } }
        for stage in targets {
            guard let count = catalog.knownPartitions(of: stage.topic) else { continue }
            for buffer in stage.lanes.joined() { buffer.partitionCount.store(count, ordering: .relaxed) }
        }
    }

    // MARK: Streams of agents

    /// Has an agent's stream go through a topic.
    ///
    /// - Returns: The stream of the topic for the same body; `nil` when the stream is not one of an agent.
    /// - Throws: ``FaustError`` when the stream goes through another topic already, or another agent's does through
    ///   the same.
    func divert(_ source: StreamBuffer, _ diversion: Diversion) throws(FaustError) -> StreamBuffer? {
        let outcome = try state.withLock { state throws(FaustError) -> Outcome? in
            guard let place = state.places[ObjectIdentifier(source)] else { return nil }
            return try divert(source, at: place, diversion, &state)
        }
        guard let outcome else { return nil }
        if let added = outcome.added { route(added) }
        // From here on the body has events of this stream in hand; the one that it was given belongs to the forwarder.
        if let scope = EventScope.current { outcome.target.enter(scope) }
        source.makeWay(for: outcome.target)
        if let forwarder = outcome.forwarder { orderInput.yield(.forward(forwarder)) }
        return outcome.target
    }

    private func divert(
        _ source: StreamBuffer,
        at place: Place,
        _ diversion: Diversion,
        _ state: inout State
    ) throws(FaustError) -> Outcome {
        let stage = state.stages[place.stage]
        let next = stage.next ?? state.stages.count
        var added: Int?
        if stage.next == nil {
            try checkName(of: diversion, stage, state)
            let lanes = stage.lanes.map { lane in
                lane.map { _ in
                    StreamBuffer(
                        name: stage.agent.name,
                        maxsize: maxsize,
                        endsWithPartition: stage.agent.options.isolatedPartitions
                    )
                }
            }
            state.add(Stage(agent: stage.agent, topics: TopicSelection(names: [diversion.topic]), lanes: lanes))
            state.stages[place.stage].next = next
            added = next
        } else if state.stages[next].topic != diversion.topic {
            throw FaustError(
                .configuration,
                "a stream of agent \(stage.agent.name) can't go through topic \(diversion.topic): it goes through"
                    + " \(state.stages[next].topic) already"
            )
        }
        let target = state.stages[next].lanes[place.lane][place.index]
        if let job = state.jobs[ObjectIdentifier(source)] {
            job.replace(by: diversion.forward)
            return Outcome(target: target, added: added)
        }
        let job = Forwarder.Job(diversion.forward)
        state.jobs[ObjectIdentifier(source)] = job
        let forwarder = Forwarder(
            agent: stage.agent,
            lane: place.lane,
            source: source,
            topics: stage.topics,
            job: job
        )
        return Outcome(target: target, forwarder: forwarder, added: added)
    }

    private func checkName(of diversion: Diversion, _ stage: Stage, _ state: State) throws(FaustError) {
        guard diversion.isOwn else { return }
        let diverted = state.stages.lazy.compactMap(\.next).map { state.stages[$0] }
        if let other = diverted.first(where: { $0.topic == diversion.topic }) {
            throw FaustError(
                .configuration,
                "agents \(other.agent.name) and \(stage.agent.name) both use topic \(diversion.topic):"
                    + " give one of them another name"
            )
        }
    }

    private func route(_ number: Int) {
        let stage = state.withLock { $0.stages[number] }
        guard let topics = stage.topics else { return }
        let isolation = stage.agent.options.isolatedPartitions ? lanes.count : nil
        read(topics, stage.lanes.map { $0.isEmpty ? [] : [StreamGroup($0, isolation: isolation)] })
        state.withLock { $0.stages[number].isRouted = true }
        noteCounts()
        topicsChanged()
    }

    private func read(_ topics: TopicSelection, _ lanes: [[StreamGroup]]) {
        let assigned = conductor.add(topics, lanes)
        if !assigned.isEmpty { orderInput.yield(.reread(assigned)) }
    }

    // MARK: Streams outside of agents

    /// Runs the forwarder of a stream outside of agents.
    func forward(_ declared: Declarations.DeclaredDiversion) {
        let forwarder = Forwarder(
            agent: nil,
            lane: 0,
            source: declared.source,
            topics: declared.isTransactional ? TopicSelection(names: []) : nil,
            job: declared.job
        )
        orderInput.yield(.forward(forwarder))
    }

    /// Reads the topic of a stream outside of agents that was declared after the start.
    func adopt(_ stream: Declarations.DeclaredStream) {
        read(stream.topics, lanes.map { _ in [StreamGroup([stream.buffer])] })
    }

    /// Looks for topics to read, once such a stream is among the app's declarations.
    func lookForTopics() {
        topicsChanged()
    }
}
