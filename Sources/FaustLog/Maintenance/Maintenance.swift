// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging

/// The thread that retention and compaction run on, one job at a time.
final class Maintenance: Sendable {
    /// Something to do, and whom to tell that it is done.
    private struct Job: Sendable {
        let body: @Sendable (Maintenance) throws(FaustError) -> Void
        let complete: @Sendable (FaustError?) -> Void
    }

    private struct State: ThreadState {
        var jobs: [Job] = []
        var stage = ThreadStage.ended
    }

    /// The log.
    let engine: LogEngine
    private let monitor = Monitor(State())

    init(engine: LogEngine) {
        self.engine = engine
    }

    /// Starts the thread.
    func start() throws(FaustError) {
        try monitor.startThread(State()) { self.run() }
    }

    /// Ends the thread after the job that it is at, and waits for that.
    func stop() {
        monitor.stopThread()
    }

    /// Whether the job under way is to end early.
    var isStopping: Bool { monitor.withLock { $0.isStopping } }

    /// Has a job done and waits for it.
    func perform(_ body: @escaping @Sendable (Maintenance) throws(FaustError) -> Void) async throws(FaustError) {
        let error: FaustError? = await withCheckedContinuation { continuation in
            let job = Job(body: body) { continuation.resume(returning: $0) }
            var isRunning = false
            monitor.update { state in
                isRunning = state.stage == .running
                if isRunning { state.jobs.append(job) }
                return isRunning
            }
            if !isRunning { job.complete(LogWriter.closedError) }
        }
        if let error { throw error }
    }

    /// Does everything that is due.
    func maintain() throws(FaustError) {
        for topic in engine.allTopics {
            if topic.policy.deletes { try engine.enforceRetention(of: topic) }
            if topic.policy.compacts { try compactWhatIsDirty(topic) }
        }
        engine.storage.reclaim()
    }

    private func run() {
        let interval = engine.configuration.retentionCheckInterval
        var due = interval.flatMap { Monotonic.deadline(after: $0) }
        while true {
            let (job, isStopping) =
                monitor.wait(until: due) { state -> (Job?, Bool)? in
                    if !state.jobs.isEmpty { return (state.jobs.removeFirst(), false) }
                    return state.isStopping ? (nil, true) : nil
                } ?? (Job(body: { job throws(FaustError) in try job.maintain() }, complete: { self.report($0) }), false)
            if isStopping { break }
            if let job { run(job) }
            if let current = due, current <= Monotonic.now() {
                due = interval.flatMap { Monotonic.deadline(after: $0) }
            }
        }
        monitor.update { state in
            state.stage = .ended
            return true
        }
    }

    private func run(_ job: Job) {
        do throws(FaustError) {
            try job.body(self)
            job.complete(nil)
        } catch {
            job.complete(error)
        }
    }

    private func report(_ error: FaustError?) {
        guard let error else { return }
        engine.logger.error("the log can't be maintained; trying again later", metadata: ["error": "\(error)"])
    }
}
