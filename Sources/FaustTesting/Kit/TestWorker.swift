// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
import Synchronization

/// A worker of an app under test: its process, one might say.
///
/// ``TestKit/start(_:)`` makes one. It can crash and be started again; what is under its stores' URL, such as
/// `rocksdb://`, is its disk, which outlives a crash.
public final class TestWorker: Sendable {
    private struct State {
        var app: App
        var host: TestHost?
        var failure: (any Error)?
        var isFailureKnown = true
    }

    private let kit: TestKit
    private let disk = Disk()
    /// Whether the worker runs; a copy outside `state`, to be waited for.
    private let running = Watched(false)
    /// How long a worker may take, in real time, when nothing that the kit sees keeps it from ending.
    private static let patience = Duration.seconds(10)
    private let state: Mutex<State>

    init(_ app: App, kit: TestKit) {
        self.kit = kit
        state = Mutex(State(app: app))
    }

    /// The app that the worker runs.
    public var app: App { state.withLock { $0.app } }

    /// Whether the worker runs.
    public var isRunning: Bool { state.withLock { $0.host != nil } }

    /// Why the worker has stopped; `nil` while it runs, and after an orderly stop or a crash.
    public var failure: (any Error)? {
        state.withLock { state in
            state.isFailureKnown = true
            return state.failure
        }
    }

    /// The partitions that the worker reads.
    public var assignment: [TopicPartition] { app.assignment }

    /// Stops the worker in order: events in hand are finished, everything is committed.
    ///
    /// Time passes if the app waits for it.
    ///
    /// - Throws: What the worker has failed with, or ``FaustError`` with code ``FaustError/Code/timeout`` when a body
    ///   never ends.
    public func stop() async throws {
        guard isRunning else { return }
        app.stop()
        try await end()
        if let failure { throw failure }
    }

    /// Ends the worker as a loss of power would.
    ///
    /// Nothing is committed any more: what was processed since the last commit is processed again by whoever reads the
    /// partitions next. An open transaction is aborted. The group learns of it at once.
    ///
    /// - Parameter losingDisk: Whether what stores have written is lost as well. Stores in memory always are.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/timeout`` when a body ignores that it is cancelled.
    public func crash(losingDisk: Bool = false) async throws {
        guard let host = state.withLock({ $0.host }) else { return }
        host.life.end()
        app.breakOff(Life.error)
        try await end()
        state.withLock { $0.failure = nil }
        _ = failure
        if losingDisk { disk.erase() }
    }

    /// Starts the worker again, with what is on its disk.
    ///
    /// - Parameter app: The app of the new process, made like the first; by default the same one once more, which keeps what
    ///   its closures have captured.
    /// - Throws: What ``TestKit/start(_:)`` throws.
    public func restart(with app: App? = nil) async throws {
        if isRunning { try await stop() }
        if let app { state.withLock { $0.app = app } }
        try await launch()
    }

    // MARK: What the kit does

    func launch() async throws {
        let app = app
        let host = TestHost(kit.simulation, kit.log, disk, kit.recorder)
        // An app that is declared wrongly never runs.
        try kit.prepare(app)
        state.withLock { state in
            state.host = host
            state.failure = nil
        }
        running.update { $0 = true }
        // Not a child task: the worker runs on between the calls of the test, and ``end()`` waits for it.
        _ = Task(executorPreference: kit.simulation) {
            let outcome: (any Error)?
            do {
                try await Hosting.$host.withValue(host) { try await app.run() }
                outcome = nil
            } catch {
                outcome = error
            }
            self.note(outcome, host)
        }
        await kit.simulation.quiesce()
        try throwUnknownFailure()
    }

    private func note(_ outcome: (any Error)?, _ host: TestHost) {
        state.withLock { state in
            state.host = nil
            state.failure = host.life.isOver ? nil : outcome
            state.isFailureKnown = state.failure == nil
        }
        running.update { $0 = false }
    }

    /// Throws why the worker has stopped, unless the test knows.
    func throwUnknownFailure() throws {
        let failure = state.withLock { state in
            defer { state.isFailureKnown = true }
            return state.isFailureKnown ? nil : state.failure
        }
        if let failure { throw failure }
    }

    /// Waits for what the kit can't see, such as a service that ends by itself.
    private func waitForWhatIsOutside() async throws {
        do {
            try await withDeadline(Self.patience, "a worker to end") { [self] in
                try await kit.simulation.perform { [self] in try await running.wait { !$0 } }
            }
        } catch is DeadlineExceeded {
            throw FaustError(.timeout, "the worker does not end: something that it runs ignores its cancellation")
        }
    }

    /// Lets everything go on, and time pass, until the worker has ended.
    private func end() async throws {
        while true {
            await kit.simulation.quiesce()
            if !isRunning { return }
            if kit.clock.advanceToNextDeadline() == nil { try await waitForWhatIsOutside() }
        }
    }
}
