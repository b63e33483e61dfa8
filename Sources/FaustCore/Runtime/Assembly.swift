// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The streams of a worker before it starts: who reads what on which lane.
struct Assembly: Sendable {
    /// One body of an agent: its stream and its lane.
    struct Seat: Sendable {
        let agent: AgentDeclaration
        let lane: Int
        let buffer: StreamBuffer
    }

    /// All bodies of all agents.
    private(set) var seats: [Seat] = []
    /// Who reads which topic.
    private(set) var routes = Routes()
    private let streams: [StreamBuffer]
    private let lanes: Int

    /// The streams of what was declared.
    ///
    /// - Parameters:
    ///   - declarations: What was declared.
    ///   - app: The app.
    ///   - lanes: The number of lanes.
    ///   - partitions: The number of partitions of a topic, if it is known.
    init(
        _ declarations: Declarations,
        app: App,
        lanes: Int,
        partitions: (String) -> Int32? = { _ in nil }
    ) {
        self.lanes = max(lanes, 1)
        self.streams = declarations.streams.map(\.buffer)
        for agent in declarations.agents {
            let counts = agent.topics?.names.compactMap(partitions) ?? []
            seat(agent, partitions: Int(counts.max() ?? 1), maxsize: app.settings.streamBufferMaxsize)
        }
        for stream in declarations.streams {
            stream.buffer.reopen()
            let group = StreamGroup([stream.buffer])
            routes.add(stream.topics, laneIndices.map { _ in [group] })
        }
    }

    var laneIndices: Range<Int> { 0..<lanes }
    var buffers: [StreamBuffer] { seats.map(\.buffer) + streams }

    private mutating func seat(_ agent: AgentDeclaration, partitions: Int, maxsize: Int) {
        switch agent.input {
        case .topics(let topics):
            let isolated = max((partitions + lanes - 1) / lanes, 1)
            let count = agent.options.isolatedPartitions ? isolated : agent.options.concurrency
            routes.add(topics, laneIndices.map { [makeGroup(agent, $0, count, maxsize)] })
        case .channel(let hub):
            hub.subscribe(makeGroup(agent, 0, agent.options.concurrency, maxsize))
        }
    }

    private mutating func makeGroup(
        _ agent: AgentDeclaration,
        _ lane: Int,
        _ count: Int,
        _ maxsize: Int
    ) -> StreamGroup {
        let isIsolated = agent.options.isolatedPartitions
        let buffers = (0..<count)
            .map { _ in
                StreamBuffer(name: agent.name, maxsize: maxsize, endsWithPartition: isIsolated)
            }
        seats += buffers.map { Seat(agent: agent, lane: lane, buffer: $0) }
        return StreamGroup(buffers, isolation: isIsolated ? lanes : nil)
    }
}
