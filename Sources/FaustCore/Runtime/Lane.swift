// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Foundation
import Synchronization

/// One thread that runs the bodies of agents for its share of the partitions.
///
/// A lane is a task executor. It runs its jobs; when there are none it polls its own queue of the consumer and hands
/// what came to the streams, whose waiting tasks then become its next jobs. So no event ever changes threads, and what
/// belongs to a lane's partitions is touched by one thread at a time.
final class Lane: TaskExecutor {
    private struct State {
        var jobs = Deque<UnownedJob>()
        var isParked = false
        var isStopped = false
        /// The number by which the host knows the lane.
        var hostNumber = 0
        var afterStop: [@Sendable () -> Void] = []
    }

    /// What a lane does between its jobs.
    struct Work: Sendable {
        /// Hands a batch to the streams.
        let deliver: @Sendable (MessageBatch) -> Void
        /// Hands over what was buffered, such as messages to send; called before the lane waits.
        let settle: @Sendable () -> Void
    }

    /// The number of the lane, from 0 on.
    let index: Int
    private let queue: any TransportQueue
    private let state = Mutex(State())
    /// Runs the lane, which then has no thread.
    private let host = Hosting.host
    /// The number of messages asked for by one poll.
    private let pollLimit: Int
    /// The number that is asked for unless the settings name another.
    static let defaultPollLimit = 2_000
    /// How long a lane without jobs waits in one poll; it is woken earlier by messages and jobs.
    private static let parkTimeout = Duration.seconds(1)

    init(index: Int, queue: any TransportQueue, pollLimit: Int = defaultPollLimit) {
        self.index = index
        self.queue = queue
        self.pollLimit = pollLimit
    }

    /// Starts the thread.
    func start(_ work: Work) {
        if let host {
            let hosted = HostedQueue(
                poll: { [queue] in queue.poll(limit: $0, timeout: .zero) },
                deliver: work.deliver,
                settle: work.settle
            )
            let number = host.adopt(hosted)
            return state.withLock { $0.hostNumber = number }
        }
        let thread = Thread { [self] in loop(work) }
        thread.name = "faust-lane-\(index)"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Ends the thread after the jobs that are waiting; call it when no task uses the lane any more.
    func stop() async {
        if let host { return host.dismiss(state.withLock { $0.hostNumber }) }
        await withCheckedContinuation { continuation in
            let wasStopped = state.withLock { state in
                if state.isStopped { return true }
                state.isStopped = true
                state.afterStop.append { continuation.resume() }
                return false
            }
            if wasStopped { continuation.resume() } else { queue.wake() }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let host {
            return host.enqueue(job, on: asUnownedTaskExecutor(), lane: state.withLock { $0.hostNumber })
        }
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            defer { state.isParked = false }
            return state.isParked
        }
        if mustWake { queue.wake() }
    }

    /// Whether the calling thread is a lane's.
    static var isCurrentThread: Bool { pthread_getspecific(threadMark) != nil }

    /// The thread-local slot that is set on the threads of lanes.
    private static let threadMark: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "no thread-local slot left for lanes")
        return key
    }()

    private func loop(_ work: Work) {
        // Any value but null marks the thread; it is never read as a pointer.
        pthread_setspecific(Self.threadMark, UnsafeRawPointer(bitPattern: 1))
        let executor = asUnownedTaskExecutor()
        var jobs = Deque<UnownedJob>()
        while true {
            state.withLock { swap(&$0.jobs, &jobs) }
            while let job = jobs.popFirst() { job.runSynchronously(on: executor) }
            work.settle()
            guard let timeout = park() else { break }
            for batch in queue.poll(limit: pollLimit, timeout: timeout) { work.deliver(batch) }
            state.withLock { $0.isParked = false }
        }
        for action in state.withLock({ $0.afterStop }) { action() }
    }

    /// Decides how long the next poll may wait; `nil` ends the loop.
    private func park() -> Duration? {
        state.withLock { state in
            guard state.jobs.isEmpty else { return .zero }
            if state.isStopped { return nil }
            state.isParked = true
            return Self.parkTimeout
        }
    }
}
