// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("What a join keeps while its streams go on")
struct JoinKeeperTests {
    /// A partition of a join within 10 ms, without an app around it.
    @MainActor
    private final class Rig {
        let keeper: JoinKeeper
        let form: TableForm<JoinKey, JoinEntry>
        let partition: TablePartition<JoinKey, JoinEntry>
        let store = MemoryStore()
        private(set) var arrivals: Int64 = 0

        init() throws {
            let plan = JoinPlan(
                topics: JoinPair("left", "right"),
                window: JoinWindow(before: 10, after: 10),
                keeps: JoinPair(false, false)
            )
            let owners = plan.partitions(0)
            let buffer = StreamBuffer.test(owners.left, owners.right)
            keeper = JoinKeeper(
                plan,
                clock: .still,
                backlogs: plan.topics.map { Backlog(of: $0, group: "joins") { nil } },
                stream: { _ in buffer },
                isHere: { _ in true }
            )
            form = .joins("join")
            partition = TablePartition(changelog: TopicPartition("changelog", 0), form: form, cacheLimit: 1_000)
            partition.install(store)
            _ = partition.join(owners.left)
            partition.markReady()
            try keeper.open(0, marker: nil)
        }

        /// Has events of both sides come that have no partners.
        func bring(_ pairs: Int64, at time: Int64) throws {
            for offset in arrivals..<arrivals + pairs {
                for (side, topic) in [(JoinSide.left, "left"), (.right, "right")] {
                    let message = MessageBatch.test(TopicPartition(topic, 0), [offset])[0]
                    let id = JoinKey(side, time, offset, Bytes("\(side) \(offset)"))
                    _ = try keeper.arrive(id, epoch: 1, in: partition)
                    try keeper.keep(id, message, partners: [], in: partition, nil)
                }
            }
            arrivals += pairs
        }

        /// Has events come whenever a commit lets others have a turn, until the task is cancelled.
        func goOn(at time: Int64) async throws {
            while !Task.isCancelled {
                try bring(500, at: time)
                await Task.yield()
            }
        }

        /// Commits.
        ///
        /// - Returns: How many events are kept then.
        func commit() async throws -> Int {
            let scope = EventScope(owner: "join", partition: partition.changelog, partitionCount: 1)
            try await keeper.advance(partition, form, scope: scope)
            if let delta = try partition.handOver(marker: try keeper.handOver(0)) { try partition.apply(delta) }
            keeper.settle()
            return try partition.unsettled(in: JoinKey.all).count + store.entries(in: JoinKey.all, limit: .max).count
        }
    }

    @Test("a commit removes more events than come while it does so")
    @MainActor
    func keepsUp() async throws {
        let rig = try Rig()
        try rig.bring(4_096, at: 0)
        let before = try await rig.commit()
        #expect(before >= 2 * 4_096)
        try rig.bring(1, at: 1_000)
        let first = rig.arrivals
        async let _ = rig.goOn(at: 1_000)
        let after = try await rig.commit()
        #expect(rig.arrivals > first)
        #expect(after < before)
    }
}
