// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Sends requests to agents and hands out the replies.
///
/// A request is in the ledger before it is sent, so that no reply comes too early (Faust has it the other way round:
/// T20), and leaves it with the reply, the deadline or the end of whoever asks. The topic of replies is made and read
/// from its end by the first request, so that a worker that never asks has none. Replies to others, such as those to an
/// earlier process that had the same topic, carry another mark and are passed over.
///
/// Requests never belong to a transaction: whoever asks waits for the reply before the transaction can be committed.
final class Asker: Sendable {
    private struct State {
        var ledger: AskLedger
        var reader: ReplyReader?
        /// Sleeps until the next deadline.
        var timer: (wakesAt: Duration, task: Task<Void, Never>)?
        var isStopped = false
    }

    /// What an asker needs from its worker.
    struct Surroundings: Sendable {
        let transport: any Transport
        let catalog: TopicCatalog
        let producer: Producer
        let settings: Settings
        let clock: AppClock
        let logger: Logger
    }

    private let worker: Surroundings
    private let topic: String
    /// Begins the ids of this asker's requests.
    private let mark: String
    private let nextID = Atomic<UInt64>(0)
    private let opening = AsyncTurn()
    private let isOpen = Atomic(false)
    private let state: Mutex<State>
    /// Where a test runs what belongs to no lane.
    private let executor = Hosting.host?.executor
    /// The number of requests under way at which further ones wait for their turn.
    private static let limit = 10_000

    init(_ worker: Surroundings, limit: Int = Asker.limit) {
        self.worker = worker
        topic = worker.settings.replyTo
        mark = String(UInt64.random(in: 0...UInt64.max), radix: 16) + "-"
        state = Mutex(State(ledger: AskLedger(limit: limit)))
    }

    /// How many requests wait for a reply, and how many deadlines are remembered.
    var waiting: (requests: Int, deadlines: Int) {
        state.withLock { ($0.ledger.entries.count, $0.ledger.deadlines.count) }
    }

    // MARK: Asking

    /// Sends a request and waits for the reply.
    ///
    /// - Returns: The JSON text of the reply's value.
    /// - Throws: ``FaustError``, or `CancellationError` when the task is cancelled.
    func ask(_ request: AskRequest) async throws -> Bytes {
        let id = makeID()
        defer { showHandOver() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(request, id: id) { continuation.resume(with: $0) }
                // It may have been cancelled before there was anything to settle.
                if Task.isCancelled { settle(id, .failure(CancellationError())) }
            }
        } onCancel: {
            settle(id, .failure(CancellationError()))
        }
    }

    /// Shows the thread sanitizer that a reply was handed over: it does not see what a continuation does, but whoever
    /// settles a request has held this lock before.
    private func showHandOver() {
        #if FAUST_TSAN
        state.withLock { _ in }
        #endif
    }

    /// A name for a request of ``submit(_:id:settle:)``.
    func makeID() -> UInt64 {
        nextID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - id: From ``makeID()``.
    ///   - settle: Is called once, on any thread, with the JSON text of the reply's value or with why there is none.
    func submit(_ request: AskRequest, id: UInt64, settle: @escaping AskLedger.Settle) {
        let deadline = worker.clock.elapsed() + request.patience
        let isTurn = state.withLock { state -> Bool? in
            if state.isStopped { return nil }
            let isTurn = state.ledger.add(.init(request: request, deadline: deadline, settle: settle), id: id)
            setTimer(&state)
            return isTurn
        }
        guard let isTurn else { return settle(.failure(Self.stopped)) }
        if isTurn { start(id, request) }
    }

    /// Gives requests up.
    func withdraw(_ ids: some Sequence<UInt64>) {
        for id in ids { settle(id, .failure(CancellationError())) }
    }

    private func settle(_ id: UInt64, _ outcome: Result<Bytes, any Error>) {
        let (entry, next) = state.withLock { $0.ledger.remove(id) }
        entry?.settle(outcome)
        if let next { start(next.id, next.request) }
    }

    // MARK: Sending

    private func start(_ id: UInt64, _ request: AskRequest) {
        if isOpen.load(ordering: .acquiring), worker.producer.isReady(for: request.draft.topic) {
            return send(id, request)
        }
        // Not a child task: whoever asks goes on at the deadline, whatever the broker does.
        Task(executorPreference: executor) { [self] in
            do {
                try await opening.take { if isWaiting(id) { try await open() } }
                guard isWaiting(id) else { return }
                try await worker.producer.prepare(for: request.draft.topic)
                if isWaiting(id) { send(id, request) }
            } catch {
                settle(id, .failure(error))
            }
        }
    }

    private func send(_ id: UInt64, _ request: AskRequest) {
        do {
            let draft = try request.addressed(ReplyAddress(topic: topic, correlationID: "\(mark)\(id)"))
            state.withLock { $0.ledger.noteSent(id) }
            try worker.producer.sendOutside(draft) { [self] outcome in
                if case .failure(let error) = outcome { settle(id, .failure(error)) }
            }
        } catch {
            settle(id, .failure(error))
        }
    }

    private func isWaiting(_ id: UInt64) -> Bool {
        state.withLock { $0.ledger.entries[id] != nil }
    }

    // MARK: Replies

    /// Creates the topic of replies and starts to read it, if that has not happened yet.
    func prepare() async throws {
        try await opening.take { try await open() }
    }

    private func open() async throws {
        if isOpen.load(ordering: .acquiring) { return }
        let existing = try await worker.catalog.declare([.replies(topic, worker.settings)])
        // Somebody else, or the broker by itself, may have made it with more than one.
        let partitions = (0..<(existing[topic] ?? 1)).map { TopicPartition(topic, $0) }
        let offsets = try await worker.transport.offsets(of: partitions)
        let ends = partitions.map { ($0, offsets[$0]?.upperBound ?? 0) }
        var configuration = ConsumerConfiguration(group: nil, logger: worker.logger)
        configuration.clientID = worker.settings.brokerClientID
        let reader = try ReplyReader(worker.transport, from: ends, configuration) { [weak self] in self?.take($0) }
        let isStopped = state.withLock { state in
            if !state.isStopped { state.reader = reader }
            return state.isStopped
        }
        if isStopped {
            await reader.stop()
            throw Self.stopped
        }
        isOpen.store(true, ordering: .releasing)
    }

    private func take(_ batch: MessageBatch) {
        for index in 0..<batch.count { take(Message(batch: batch, index: index)) }
    }

    private func take(_ message: Message) {
        do {
            let reply = try ReplyEnvelope(in: message.value ?? "null")
            guard reply.correlationID.hasPrefix(mark), let id = UInt64(reply.correlationID.dropFirst(mark.count)) else {
                return
            }
            if message.headers[ReplyWords.error] != nil {
                settle(id, .failure(try JSON.decode(ReplyFailure.self, from: reply.value).fault))
            } else {
                settle(id, .success(reply.value))
            }
        } catch {
            worker.logger.warning(
                "A message in the topic of replies is none",
                metadata: [
                    "partition": "\(message.topicPartition)", "offset": "\(message.offset)", "error": "\(error)",
                ]
            )
        }
    }

    // MARK: Deadlines

    /// Sees to it that somebody wakes up at the next deadline.
    private func setTimer(_ state: inout State) {
        guard let next = state.ledger.nextDeadline else { return }
        if let timer = state.timer {
            if timer.wakesAt <= next { return }
            timer.task.cancel()
        }
        let pause = next - worker.clock.elapsed()
        // Not a child task: it belongs to all requests, and ends with the asker.
        let task = Task(executorPreference: executor) { [weak self, sleep = worker.clock.sleep] in
            guard (try? await sleep(max(pause, .zero))) != nil else { return }
            self?.giveUpDue()
        }
        state.timer = (next, task)
    }

    private func giveUpDue() {
        let due = state.withLock { state in
            state.timer = nil
            let due = state.ledger.takeDue(at: worker.clock.elapsed())
            setTimer(&state)
            return due
        }
        for id in due {
            let (entry, next) = state.withLock { $0.ledger.remove(id) }
            if let entry { entry.settle(.failure(timeout(entry))) }
            if let next { start(next.id, next.request) }
        }
    }

    private func timeout(_ entry: AskLedger.Entry) -> FaustError {
        let request = entry.request
        let what =
            switch entry.stage {
            case .queued:
                "the request could not be sent, since \(Self.limit) others wait for replies: ask for less at a time"
            case .started: "the request could not be sent: see whether the broker answers"
            case .sent:
                "no reply has come: see whether a worker runs the agent, that it yields a result for this request,"
                    + " and what it logs; or give it more time with `within:`"
            }
        return FaustError(
            .timeout,
            "agent \(request.agent) (topic \(request.draft.topic)) was asked and \(request.patience) have passed; \(what)",
            isRetriable: true
        )
    }

    // MARK: The end

    /// Fails the requests that still wait, and stops reading.
    func stop() async {
        let (ids, reader, timer) = state.withLock { state in
            state.isStopped = true
            defer { state.timer = nil }
            return (Array(state.ledger.entries.keys), state.reader, state.timer)
        }
        timer?.task.cancel()
        for id in ids {
            let entry = state.withLock { $0.ledger.remove(id).entry }
            entry?.settle(.failure(Self.stopped))
        }
        await reader?.stop()
    }

    private static let stopped = FaustError(.closed, "the app has stopped before the reply came", isRetriable: true)
}
