// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// Adds a task that runs once beside the agents, when the worker has started (Faust's `app.task`).
    ///
    /// The worker stops with an error when it throws, and cancels it when it shuts down.
    ///
    /// - Parameter body: The task.
    public func task(_ body: @escaping @Sendable () async throws -> Void) {
        declarations.withLock { $0.tasks.append(body) }
    }

    /// Adds a closure that runs when the broker is connected and before the first message is processed.
    ///
    /// - Parameter body: The closure; the worker stops with an error when it throws.
    public func onStartup(_ body: @escaping @Sendable () async throws -> Void) {
        declarations.withLock { $0.onStartup.append(body) }
    }

    /// Adds a closure that runs as the last thing of a worker, when all connections are closed.
    ///
    /// - Parameter body: The closure.
    public func onShutdown(_ body: @escaping @Sendable () async -> Void) {
        declarations.withLock { $0.onShutdown.append(body) }
    }

    /// Adds a closure that runs when partitions were assigned to this worker.
    ///
    /// - Parameter body: Gets the partitions that were added.
    public func onPartitionsAssigned(_ body: @escaping @Sendable ([TopicPartition]) async -> Void) {
        declarations.withLock { $0.onAssigned.append(body) }
    }

    /// Adds a closure that runs when partitions were taken from this worker, after their offsets were committed.
    ///
    /// - Parameter body: Gets the partitions that were taken.
    public func onPartitionsRevoked(_ body: @escaping @Sendable ([TopicPartition]) async -> Void) {
        declarations.withLock { $0.onRevoked.append(body) }
    }
}
