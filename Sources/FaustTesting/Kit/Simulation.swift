// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import FaustCore
import Foundation
import Synchronization

/// The one thread that everything runs on which is under test: the lanes and tasks of all workers, the readers of
/// changelogs, the writer of the log.
///
/// So it knows when nothing is left to be done: no job waits, nothing waits to be written, and no queue has anything to
/// read. Then it rests until somebody asks for more. What comes next, where several things could, is chosen by the seed.
final class Simulation: TaskExecutor {
    private struct Job {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    /// The jobs of a lane, or of everything that belongs to no lane, in order.
    private struct Line {
        let number: Int
        private var jobs: ArraySlice<Job> = []
        var isEmpty: Bool { jobs.isEmpty }

        init(number: Int) {
            self.number = number
        }

        mutating func append(_ job: Job) { jobs.append(job) }
        mutating func popFirst() -> Job? { jobs.popFirst() }
    }

    private struct State {
        /// Line 0 is that of the jobs that belong to no lane.
        var lines = [Line(number: 0)]
        var queues: [(number: Int, queue: HostedQueue)] = []
        var nextNumber = 1
        var random: SeededGenerator
        /// Wait until there is nothing left to do.
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// How many operations want things to go on until they are over.
        var operations = 0
        var isParked = false
        var hasNews = false
        var isStopped = false
    }

    /// What the thread does next.
    private enum Turn {
        case run(Job)
        case write
        case look([HostedQueue])
        case rest
    }

    private let state: Mutex<State>
    private let news = DispatchSemaphore(value: 0)
    /// Writes to the log what waits; tells whether there was something.
    private let write: @Sendable () -> Bool
    /// The greatest number of messages that a queue is asked for at a time.
    private static let pollLimit = 64

    init(seed: UInt64, write: @escaping @Sendable () -> Bool) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        self.write = write
    }

    func start() {
        let thread = Thread { [self] in loop() }
        thread.name = "faust-simulation"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Ends the thread, without waiting for it.
    func stop() {
        tell { $0.isStopped = true }
    }

    // MARK: What is asked for

    /// Lets everything go on until nothing is left to be done.
    func quiesce() async {
        await withCheckedContinuation { continuation in tell { $0.waiters.append(continuation) } }
    }

    /// Runs an operation among what is under test, and lets everything go on until it is over.
    func perform<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        tell { $0.operations += 1 }
        defer { tell { $0.operations -= 1 } }
        // Not a child task: a child of a task without a preference could not be given one that its callees keep.
        return try await Task(executorPreference: self) { try await body() }.value
    }

    /// Says that there is something to write.
    func noteWriting() {
        tell { _ in }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), on: asUnownedTaskExecutor(), line: 0)
    }

    func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor, line number: Int) {
        tell { state in
            let index = state.lines.firstIndex { $0.number == number } ?? 0
            state.lines[index].append(Job(job: job, executor: executor))
        }
    }

    func add(_ queue: HostedQueue) -> Int {
        state.withLock { state in
            defer { state.nextNumber += 1 }
            state.lines.append(Line(number: state.nextNumber))
            state.queues.append((state.nextNumber, queue))
            return state.nextNumber
        }
    }

    func remove(_ number: Int) {
        state.withLock { state in
            state.queues.removeAll { $0.number == number }
            guard let index = state.lines.firstIndex(where: { $0.number == number }) else { return }
            var line = state.lines.remove(at: index)
            while let job = line.popFirst() { state.lines[0].append(job) }
        }
    }

    private func tell(_ change: (inout State) -> Void) {
        let mustWake = state.withLock { state in
            change(&state)
            state.hasNews = true
            defer { state.isParked = false }
            return state.isParked
        }
        if mustWake { news.signal() }
    }

    // MARK: The thread

    private func loop() {
        while true {
            while turn() {}
            let (isStopped, mustWait) = state.withLock { state in
                defer { state.hasNews = false }
                if state.isStopped || state.hasNews { return (state.isStopped, false) }
                state.isParked = true
                return (false, true)
            }
            if isStopped { return }
            if mustWait { news.wait() }
        }
    }

    /// Does one thing.
    ///
    /// - Returns: Whether there was one.
    private func turn() -> Bool {
        switch state.withLock({ Self.choose(&$0) }) {
        case .run(let job):
            job.job.runSynchronously(on: job.executor)
            return true
        case .write:
            _ = write()
            return true
        case .look(let queues):
            return look(queues) || rest()
        case .rest:
            return write()
        }
    }

    private static func choose(_ state: inout State) -> Turn {
        // Between two requests nothing goes on, so that what the test does in between has no race with it.
        if state.waiters.isEmpty && state.operations == 0 { return .rest }
        let ready = state.lines.indices.filter { !state.lines[$0].isEmpty }
        guard let first = ready.first else { return .look(state.queues.map(\.queue)) }
        if Int.random(in: 0..<8, using: &state.random) == 0 { return .write }
        let index = ready.count > 1 ? ready.randomElement(using: &state.random) ?? first : first
        return state.lines[index].popFirst().map { .run($0) } ?? .rest
    }

    /// Writes, and reads what was written.
    private func look(_ queues: [HostedQueue]) -> Bool {
        for queue in queues { queue.settle() }
        if write() { return true }
        // Random numbers are used up only when there was something, so that idle looks leave no trace.
        var random = state.withLock { $0.random }
        for queue in queues.shuffled(using: &random) {
            let batches = queue.poll(Int.random(in: 1...Self.pollLimit, using: &random))
            guard !batches.isEmpty else { continue }
            for batch in Self.interleaved(batches, using: &random) { queue.deliver(batch) }
            let used = random
            state.withLock { $0.random = used }
            return true
        }
        return false
    }

    /// The batches in another order, in which those of one partition stay as they are.
    private static func interleaved(_ batches: [MessageBatch], using random: inout SeededGenerator) -> [MessageBatch] {
        var rest: [TopicPartition: ArraySlice<MessageBatch>] = [:]
        for batch in batches { rest[batch.topicPartition, default: []].append(batch) }
        return batches.map(\.topicPartition).shuffled(using: &random).compactMap { rest[$0]?.popFirst() }
    }

    /// Tells those who wait for it that nothing is left to be done.
    ///
    /// - Returns: Whether there is something after all.
    private func rest() -> Bool {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.lines.allSatisfy(\.isEmpty) else { return nil }
            defer { state.waiters = [] }
            return state.waiters
        }
        guard let waiters else { return true }
        for waiter in waiters { waiter.resume() }
        return false
    }
}
