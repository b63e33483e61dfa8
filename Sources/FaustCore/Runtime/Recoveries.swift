// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The partitions whose state is being recovered, each by a task of its own.
final class Recoveries: Sendable {
    private let tasks = Mutex<[TopicPartition: Task<Void, Never>]>([:])

    /// Starts to recover a partition.
    func start(_ partition: TopicPartition, _ work: @escaping @Sendable () async -> Void) {
        tasks.withLock { tasks in
            // Not a child task: it lives from the call of the transport that assigns the partition, which it must not
            // hold up, to the one that revokes it, which waits for it.
            tasks[partition] = Task(executorPreference: Hosting.host?.executor) { await work() }
        }
    }

    /// Interrupts the recovery of partitions and waits until nothing of it is under way.
    func cancel(_ partitions: [TopicPartition]) async {
        let cancelled = tasks.withLock { tasks in partitions.compactMap { tasks.removeValue(forKey: $0) } }
        for task in cancelled { task.cancel() }
        for task in cancelled { await task.value }
    }
}
