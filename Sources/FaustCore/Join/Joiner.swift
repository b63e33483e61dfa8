// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Makes the results of a join, for one agent.
struct Joiner<Key: Sendable, Joined: Sendable>: Sendable {
    let join: StreamJoin<Key, Joined>
    let plan: JoinPlan
    let core: TableCore<JoinKey, JoinEntry>
    let keeper: JoinKeeper
    /// What results are called that the worker has made messages for itself.
    private let companions: JoinPair<String>

    init(
        _ join: StreamJoin<Key, Joined>,
        _ plan: JoinPlan,
        _ core: TableCore<JoinKey, JoinEntry>,
        _ keeper: JoinKeeper
    ) {
        (self.join, self.plan, self.core, self.keeper) = (join, plan, core, keeper)
        companions = JoinPair(plan.companionTopic(.left), plan.companionTopic(.right))
    }

    /// The results as the stream of a body.
    func stream(from source: StreamSource) -> EventStream<Key, Joined> {
        source.buffer.align([plan.topics.left, plan.topics.right])
        return EventStream(
            source: source,
            key: { message in
                let isLeft = message.topic == plan.topics.left || message.topic == companions.left
                return try join.key(isLeft ? .left : .right, message)
            },
            pipeline: .many { message in try results(of: message) },
            name: TopicSelection(names: [plan.topics.left, plan.topics.right]).description
        )
    }

    private func results(of message: Message) throws -> [Joined] {
        switch message.topic {
        case plan.topics.left: try results(of: message, .left)
        case plan.topics.right: try results(of: message, .right)
        case companions.left: [try join.bind(.left, message)(nil)]
        case companions.right: [try join.bind(.right, message)(nil)]
        default: []
        }
    }

    private func results(of message: Message, _ side: JoinSide) throws -> [Joined] {
        guard message.value != nil else { return skip() }
        guard let key = message.key else {
            return plan.keeps[side] ? [try join.bind(side, message)(nil)] : skip()
        }
        let bound = try join.bind(side, message)
        let partition = try core.partition(message.partition)
        let id = JoinKey(side, message.timestampMilliseconds, message.offset, key)
        guard let found = try keeper.arrive(id, epoch: message.batch.epoch, in: partition) else {
            join.notes.noteLate(message)
            return []
        }
        let place = TopicPartition(plan.topics[side.other], message.partition)
        var (partners, results): ([(key: JoinKey, entry: JoinEntry)], [Joined]) = ([], [])
        partners.reserveCapacity(found.count)
        results.reserveCapacity(found.count)
        for partner in found {
            guard let entry = try partition.value(of: partner.bytes) else { continue }
            results.append(try bound(entry.message(partner, in: place, offset: partner.offset)))
            partners.append((partner, entry))
        }
        // Only now: what has thrown has changed nothing.
        try keeper.keep(id, message, partners: partners, in: partition, EventScope.current)
        return results
    }

    private func skip() -> [Joined] {
        join.notes.skipped.add(1)
        return []
    }
}
