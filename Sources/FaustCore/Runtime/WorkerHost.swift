// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Takes the place of what a worker otherwise has around it, so that a test decides what runs when: the threads of lanes
/// and of changelog readers, the pool that tasks run on, the broker and the disks.
///
/// ``Hosting/host`` binds one around ``App/run()``; nothing of it costs anything per event.
package protocol WorkerHost: AnyObject, Sendable {
    /// Runs the tasks of the worker that belong to no lane.
    var executor: any TaskExecutor { get }

    /// The connection to the broker.
    func makeTransport() throws -> any Transport

    /// What the stores of tables are opened with.
    ///
    /// - Parameter registry: What the app has.
    /// - Returns: A registry of the same schemes.
    func stores(insteadOf registry: StoreRegistry) -> StoreRegistry

    /// Takes over what the thread of a lane or of a reader does with its queue.
    ///
    /// - Returns: The number by which the host knows it.
    func adopt(_ queue: HostedQueue) -> Int

    /// Polls a queue no more.
    func dismiss(_ number: Int)

    /// Runs a job of a lane, after those of the lane that it was given before.
    func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor, lane number: Int)

    /// Learns that a body has failed.
    func note(_ failure: EventFailure)

    /// Learns what an agent has yielded.
    func note(_ result: any Sendable, of agent: String)
}

/// Where the host of the current task is.
package enum Hosting {
    /// The host; `nil` in production.
    @TaskLocal package static var host: (any WorkerHost)?
}

/// A queue without a thread: what the thread would do with it.
package struct HostedQueue: Sendable {
    /// Takes batches out, without waiting; the limit is about how many messages are wanted.
    package let poll: @Sendable (_ limit: Int) -> [MessageBatch]
    /// Hands a batch on.
    package let deliver: @Sendable (MessageBatch) -> Void
    /// Hands over what was gathered; called when there are no jobs.
    package let settle: @Sendable () -> Void
}

/// A body has failed.
package struct EventFailure: Sendable {
    /// What became of the events in hand.
    package enum Fate: Sendable, Hashable {
        case skipped
        case deadLettered
        case retried
        case restarted
        case stopped
    }

    /// The agent.
    package let agent: String
    /// The events that it had in hand.
    package let messages: [Message]
    package let error: any Error
    package let fate: Fate
}
