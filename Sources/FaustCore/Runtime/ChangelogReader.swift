// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Logging
import Synchronization

/// Reads changelogs outside of the consumer group, on threads of its own, so that nothing else waits for it.
///
/// Partition *p* of every changelog belongs to thread *p* mod *N*. The consumer and the threads are made by the first
/// ``replay(_:from:to:_:)``.
final class ChangelogReader: Sendable {
    /// Takes the messages of a changelog partition, in order, on a thread of the reader.
    typealias Body = @Sendable (MessageBatch) throws -> Void

    private final class Job: Sendable {
        let id: TopicPartition
        let epoch: UInt64
        let end: Int64?
        let body: Body
        /// `nil` when the job is over; held while the body runs, so that it never runs after that.
        let continuation: Mutex<CheckedContinuation<Void, any Error>?>

        init(
            _ id: TopicPartition,
            epoch: UInt64,
            end: Int64?,
            body: @escaping Body,
            _ continuation: CheckedContinuation<Void, any Error>
        ) {
            self.id = id
            self.epoch = epoch
            self.end = end
            self.body = body
            self.continuation = Mutex(continuation)
        }

        /// Takes the continuation out, which ends the job.
        func finish() -> CheckedContinuation<Void, any Error>? {
            continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
        }
    }

    private struct State {
        var consumer: (any TransportConsumer)?
        var queues: [any TransportQueue] = []
        var jobs: [TopicPartition: Job] = [:]
        var epoch: UInt64 = 0
        var isStopped = false
        /// The numbers by which the host knows the queues.
        var hostNumbers: [Int] = []
    }

    private let transport: any Transport
    private let clientID: String
    private let threads: Int
    private let logger: Logger
    private let state = Mutex(State())
    /// Reads the queues, which then have no threads.
    private let host = Hosting.host

    init(transport: any Transport, clientID: String, threads: Int, logger: Logger) {
        self.transport = transport
        self.clientID = clientID
        self.threads = max(threads, 1)
        self.logger = logger
    }

    /// Reads a changelog partition up to an offset.
    ///
    /// - Parameters:
    ///   - partition: The changelog partition; it is read once at a time.
    ///   - start: The offset to start at.
    ///   - end: The position at which to return: behind the last message wanted, whether it is there or not; `nil` goes on
    ///     until the task is cancelled.
    ///   - body: Takes the messages. It is not called any more when the method has returned.
    /// - Throws: What `body` throws, or `CancellationError`.
    func replay(
        _ partition: TopicPartition,
        from start: Int64,
        to end: Int64?,
        _ body: @escaping Body
    ) async throws {
        if let end, start >= end { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    try begin(partition, from: start, to: end, body, continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            cancel(partition)
        }
    }

    private func begin(
        _ partition: TopicPartition,
        from start: Int64,
        to end: Int64?,
        _ body: @escaping Body,
        _ continuation: CheckedContinuation<Void, any Error>
    ) throws {
        let (consumer, queue, epoch) = try state.withLock { state in
            if state.isStopped || Task.isCancelled { throw CancellationError() }
            precondition(state.jobs[partition] == nil, "a changelog partition is read by two at a time")
            let consumer = try state.consumer ?? connect(&state)
            state.epoch += 1
            state.jobs[partition] = Job(partition, epoch: state.epoch, end: end, body: body, continuation)
            return (consumer, state.queues[Int(partition.partition) % threads], state.epoch)
        }
        consumer.read(partition, from: start, into: queue, epoch: epoch)
    }

    private func connect(_ state: inout State) throws -> any TransportConsumer {
        var configuration = ConsumerConfiguration(group: nil, logger: logger)
        configuration.clientID = clientID
        let consumer = try transport.makeConsumer(configuration)
        state.consumer = consumer
        for index in 0..<threads {
            let queue = consumer.makeQueue()
            state.queues.append(queue)
            if let host {
                let hosted = HostedQueue(
                    poll: { queue.poll(limit: $0, timeout: .zero) },
                    deliver: { [self] in take($0) },
                    settle: {}
                )
                state.hostNumbers.append(host.adopt(hosted))
                continue
            }
            let thread = Thread { [self] in loop(queue) }
            thread.name = "faust-changelog-\(index)"
            thread.start()
        }
        return consumer
    }

    private func loop(_ queue: any TransportQueue) {
        while !state.withLock({ $0.isStopped }) {
            for batch in queue.poll(limit: 10_000, timeout: .seconds(1)) { take(batch) }
        }
    }

    private func take(_ batch: MessageBatch) {
        let job = state.withLock { $0.jobs[batch.topicPartition] }
        guard let job, job.epoch == batch.epoch else { return }
        let outcome = job.continuation.withLock { continuation -> Result<Void, any Error>? in
            guard continuation != nil else { return nil }
            do {
                try job.body(batch)
            } catch {
                return .failure(error)
            }
            guard let end = job.end, batch.nextOffset >= end else { return nil }
            return .success(())
        }
        if let outcome { finish(job, outcome) }
    }

    private func cancel(_ partition: TopicPartition) {
        guard let job = state.withLock({ $0.jobs[partition] }) else { return }
        finish(job, .failure(CancellationError()))
    }

    private func finish(_ job: Job, _ outcome: Result<Void, any Error>) {
        guard let continuation = job.finish() else { return }
        let consumer = state.withLock { state in
            if state.jobs[job.id] === job { state.jobs[job.id] = nil }
            return state.consumer
        }
        consumer?.stopReading(job.id)
        continuation.resume(with: outcome)
    }

    /// Interrupts what is being read, and closes the consumer.
    func stop() async {
        let (jobs, consumer, queues) = state.withLock { state in
            state.isStopped = true
            return (Array(state.jobs.values), state.consumer, state.queues)
        }
        for job in jobs { finish(job, .failure(CancellationError())) }
        for queue in queues { queue.wake() }
        for number in state.withLock({ $0.hostNumbers }) { host?.dismiss(number) }
        await consumer?.close()
    }
}
