// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Which streams read a topic, lane by lane.
struct Routes: Sendable {
    private var routes: [(topics: TopicSelection, lanes: [[StreamGroup]])] = []

    /// Has groups of streams read topics.
    ///
    /// - Parameters:
    ///   - topics: What they read.
    ///   - lanes: The groups of each lane, as many as there are lanes.
    mutating func add(_ topics: TopicSelection, _ lanes: [[StreamGroup]]) {
        routes.append((topics, lanes))
    }

    /// The groups that read a topic on a lane, in the order in which they were added.
    func groups(of topic: String, lane: Int) -> [StreamGroup] {
        routes.lazy.filter { $0.topics.contains(topic) }.flatMap { $0.lanes[lane] }
    }

    /// All streams of all lanes; one that reads on several lanes comes more than once.
    var buffers: [StreamBuffer] { routes.flatMap { $0.lanes.joined().flatMap(\.buffers) } }
}

extension Routes: ExpressibleByDictionaryLiteral {
    /// The groups of each lane by the name of the topic that they read.
    init(dictionaryLiteral elements: (String, [[StreamGroup]])...) {
        for (topic, lanes) in elements { add(TopicSelection(names: [topic]), lanes) }
    }
}
