// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// The workers of the app and which partitions each reads, by the broker's own description of the group.
    ///
    /// It is asked anew by each call. During a rebalance partitions may belong to nobody; afterwards each belongs to one
    /// worker, and those of co-partitioned topics to the same. Any process of the app can ask, one inside of
    /// ``withClient(_:)``, too.
    ///
    /// - Returns: The workers; none when none runs.
    /// - Throws: ``FaustError`` when the app does not run, or the broker does not answer or can't tell.
    public func groupMembers() async throws -> [GroupMemberDescription] {
        let engine = try running()
        let declarations = declarations.withLock { $0 }
        let existing = try await engine.catalog.refresh(all: declarations.readsPatterns)
        let sets = declarations.copartitionedSets(partitions: existing)
        return try await engine.transport.groupMembers(id).map { $0.expanded(with: sets) }
    }

    /// The worker that reads a partition, as ``groupMembers()`` tells.
    ///
    /// - Returns: The worker; `nil` when nobody reads the partition now.
    /// - Throws: ``FaustError``; see ``groupMembers()``.
    public func owner(of partition: TopicPartition) async throws -> GroupMemberDescription? {
        try await groupMembers().first { $0.assignment.contains(partition) }
    }
}
