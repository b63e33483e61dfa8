// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization

/// The one thread that changes the log.
///
/// Whatever waits when it looks is written together, with one fsync if there is to be one: the more there is to do at
/// a time, the less each message costs.
final class LogWriter: Sendable {
    /// Something to do besides appending messages.
    struct Command: Sendable {
        /// Adds what is to be changed; runs on the writer's thread.
        ///
        /// It must throw before it adds anything.
        let prepare: @Sendable (inout WriteSet) throws(FaustError) -> Void
        /// Is told the outcome, on the writer's thread; must be quick and must not block.
        let complete: @Sendable (FaustError?) -> Void
    }

    private struct State: ThreadState {
        var logs: [PartitionLog] = []
        var commands: [Command] = []
        var bufferedBytes = 0
        var thread: UInt?
        var isSleeping = false
        var stage = ThreadStage.ended
    }

    private struct Work {
        var logs: [PartitionLog]
        var commands: [Command]
        var bufferedBytes: Int
        var isLast: Bool
    }

    private let storage: any LogStorage
    private let maxBufferedBytes: Int
    private let logger: Logger
    private let monitor = Monitor(State())
    /// Calls for ``write()`` where there is no thread; `nil` where there is.
    private let isNeeded: (@Sendable () -> Void)?

    init(
        storage: any LogStorage,
        maxBufferedBytes: Int,
        isNeeded: (@Sendable () -> Void)? = nil,
        logger: Logger
    ) {
        self.isNeeded = isNeeded
        self.storage = storage
        self.maxBufferedBytes = maxBufferedBytes
        self.logger = logger
    }

    /// Starts the thread.
    func start() throws(FaustError) {
        if isNeeded != nil {
            return monitor.withLock { state in
                state = State()
                state.stage = .running
            }
        }
        try monitor.startThread(State()) { self.run() }
    }

    /// Does what is waiting, ends the thread and waits for that.
    func stop() {
        if isNeeded != nil {
            while write() {}
            return monitor.withLock { $0.stage = .ended }
        }
        monitor.stopThread()
    }

    /// Has messages appended that lie in the partitions' pending batches.
    ///
    /// Blocks while too much is waiting already, unless the caller is the writer's own thread.
    ///
    /// - Parameters:
    ///   - logs: The partitions.
    ///   - byteCount: The number of bytes that were added.
    /// - Returns: Whether the writer is running.
    func enqueue(_ logs: [PartitionLog], byteCount: Int) -> Bool {
        var isRunning = false
        var isFull = false
        monitor.update { state in
            isRunning = !state.hasEnded
            guard isRunning else { return false }
            for log in logs where !log.isQueued.exchange(true, ordering: .relaxed) { state.logs.append(log) }
            state.bufferedBytes += byteCount
            isFull = state.bufferedBytes > maxBufferedBytes && state.thread != LogThread.current()
            return state.isSleeping
        }
        if isRunning, let isNeeded {
            isNeeded()
        } else if isFull {
            _ = monitor.wait { $0.bufferedBytes <= self.maxBufferedBytes || $0.hasEnded ? true : nil }
        }
        return isRunning
    }

    /// Has a command executed, behind the messages that are waiting.
    func execute(_ command: Command) {
        var isRunning = false
        monitor.update { state in
            isRunning = !state.hasEnded
            if isRunning { state.commands.append(command) }
            return isRunning && state.isSleeping
        }
        if isRunning { isNeeded?() } else { command.complete(Self.closedError) }
    }

    /// Has changes made, and waits for them.
    func execute(_ prepare: @escaping @Sendable (inout WriteSet) throws(FaustError) -> Void) async throws(FaustError) {
        let error: FaustError? = await withCheckedContinuation { continuation in
            execute(Command(prepare: prepare) { continuation.resume(returning: $0) })
        }
        if let error { throw error }
    }

    /// Has changes made, and blocks the calling thread until they are; not for the writer's own thread.
    func executeBlocking(
        _ prepare: @escaping @Sendable (inout WriteSet) throws(FaustError) -> Void
    ) throws(FaustError) {
        let outcome = Monitor<FaustError??>(nil)
        execute(
            Command(prepare: prepare) { error in
                outcome.update { state in
                    state = .some(error)
                    return true
                }
            }
        )
        if let error = outcome.wait(for: { $0 }) ?? nil { throw error }
    }

    /// Waits until everything is settled that was enqueued before.
    func flush() async {
        await withCheckedContinuation { continuation in
            execute(Command(prepare: { _ in }, complete: { _ in continuation.resume() }))
        }
    }

    /// The error of everything that comes after the end.
    static let closedError = FaustError(.closed, "the log is closed: start the transport before use, stop it last")

    /// Writes what waits, on the calling thread, where there is no other.
    ///
    /// - Returns: Whether there was something.
    func write() -> Bool {
        let work = monitor.withLock { state in
            state.logs.isEmpty && state.commands.isEmpty ? nil : Self.takeWork(&state)
        }
        guard let work else { return false }
        perform(work)
        monitor.withLock { $0.bufferedBytes -= work.bufferedBytes }
        return true
    }

    private func run() {
        monitor.withLock { $0.thread = LogThread.current() }
        while let work = next() {
            perform(work)
            var hasEnded = false
            monitor.update { state in
                let wasFull = state.bufferedBytes > maxBufferedBytes
                state.bufferedBytes -= work.bufferedBytes
                if work.isLast && state.logs.isEmpty && state.commands.isEmpty { state.stage = .ended }
                hasEnded = state.hasEnded
                return wasFull || hasEnded
            }
            if hasEnded { return }
        }
    }

    private func next() -> Work? {
        monitor.wait { state in
            if state.logs.isEmpty && state.commands.isEmpty && !state.isStopping {
                state.isSleeping = true
                return nil
            }
            state.isSleeping = false
            return Self.takeWork(&state)
        }
    }

    private static func takeWork(_ state: inout State) -> Work {
        let work = Work(
            logs: state.logs,
            commands: state.commands,
            bufferedBytes: state.bufferedBytes,
            isLast: state.isStopping
        )
        for log in state.logs { log.isQueued.store(false, ordering: .relaxed) }
        state.logs = []
        state.commands = []
        return work
    }

    private func perform(_ work: Work) {
        var set = WriteSet()
        var appended: [(log: PartitionLog, base: Int64, deliveries: [Delivery])] = []
        var refused: [(log: PartitionLog, deliveries: [Delivery])] = []
        for log in work.logs {
            for batch in log.pending.withLock({ exchange(&$0, []) }) where batch.recordCount > 0 {
                if log.isDeleted {
                    refused.append((log, batch.deliveries))
                } else {
                    let deliveries = batch.deliveries
                    appended.append((log, set.append(batch, to: log), deliveries))
                }
            }
        }
        var commands: [(Command, FaustError?)] = []
        for command in work.commands {
            do throws(FaustError) {
                try command.prepare(&set)
                commands.append((command, nil))
            } catch {
                commands.append((command, error))
            }
        }
        let error = store(set)
        for (log, base, deliveries) in appended {
            for delivery in deliveries {
                if let error {
                    delivery.fail(error)
                } else {
                    delivery.succeed(in: log.topicPartition, baseOffset: base)
                }
            }
        }
        for (log, deliveries) in refused { for delivery in deliveries { delivery.fail(log.deletedError) } }
        for (command, refusal) in commands { command.complete(refusal ?? error) }
    }

    private func store(_ set: WriteSet) -> FaustError? {
        if set.isEmpty { return nil }
        do throws(FaustError) {
            try storage.apply(set.sealed())
        } catch {
            logger.error("the log can't be written", metadata: ["error": "\(error)"])
            return error
        }
        set.publish()
        return nil
    }
}

private func exchange<Value>(_ place: inout Value, _ value: Value) -> Value {
    let before = place
    place = value
    return before
}
