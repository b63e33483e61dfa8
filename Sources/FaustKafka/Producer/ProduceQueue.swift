// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import Synchronization

/// What goes to librdkafka and what comes back from it, in order per partition.
///
/// When librdkafka's queue is full, what does not fit waits in a backlog, and everything that is sent later behind it,
/// until reports have made room. Who sends is never blocked; the engine limits how much is under way.
///
/// No completion is called under a lock.
final class ProduceQueue: Sendable {
    private struct Waiting {
        let context: ProduceContext
        var indices: [Int]
    }

    /// librdkafka's producer on its way into the lock; it is `@unchecked Sendable` because librdkafka's objects may be
    /// used from any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private struct State {
        var buffer = ProduceBuffer()
        var backlog: [Waiting] = []
        /// The first entry of the backlog that still waits.
        var head = 0
        var isClosed = false
    }

    private typealias Failure = (context: ProduceContext, index: Int, error: FaustError)

    private let state = Mutex(State())
    private let ledger = Mutex(ProduceLedger())
    private let isBacklogged = Atomic<Bool>(false)
    /// What purged messages are told, while a transaction is being aborted.
    private let isAborting = Atomic<Bool>(false)

    // MARK: Out

    /// Sends messages.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - client: The producer.
    ///   - completion: Called once per message.
    func send(_ messages: [OutgoingMessage], _ client: KafkaClient, completion: @escaping ProduceContext.Completion) {
        guard !messages.isEmpty else { return }
        let context = ProduceContext.open(
            messages,
            completion: completion,
            generation: ledger.withLock { $0.begin() }
        )
        var failures: [Failure] = []
        do throws(FaustError) {
            try client.withHandle { (handle) throws(FaustError) in
                let handle = Handle(pointer: handle)
                try state.withLock { (state) throws(FaustError) in
                    if state.isClosed { throw Self.closed }
                    state.backlog.append(Waiting(context: context, indices: Array(messages.indices)))
                    // Set before librdkafka is found full, so that the report that makes room is not missed.
                    isBacklogged.store(true, ordering: .releasing)
                    // With others before it in the backlog, it waits for its turn.
                    if state.backlog.count - state.head == 1 { failures = drain(&state, handle) }
                }
            }
        } catch {
            failures = messages.indices.map { (context, $0, error) }
        }
        settle(failures)
    }

    /// Goes on with the backlog, if there is one.
    func drain(_ handle: OpaquePointer) {
        guard isBacklogged.load(ordering: .acquiring) else { return }
        let handle = Handle(pointer: handle)
        let failures = state.withLock { drain(&$0, handle) }
        settle(failures)
    }

    private func drain(_ state: inout State, _ handle: Handle) -> [Failure] {
        let handle = handle.pointer
        var failures: [Failure] = []
        var hasRetried = false
        while state.head < state.backlog.count {
            let waiting = state.backlog[state.head]
            let outcome = state.buffer.produce(waiting.context, waiting.indices, handle)
            failures += outcome.failures.map { (waiting.context, $0.index, error($0.error, waiting.context, $0.index)) }
            if outcome.leftover.isEmpty {
                state.head += 1
                continue
            }
            state.backlog[state.head].indices = outcome.leftover
            // As long as something is under way, its report makes room.
            if rd_kafka_outq_len(handle) > 0 { break }
            // It may have been reported on just now; if not, the message alone is more than the queue takes.
            if outcome.leftover.count == waiting.indices.count, hasRetried {
                let index = state.backlog[state.head].indices.removeFirst()
                failures.append((waiting.context, index, Self.tooLargeForQueue(waiting.context.messages[index])))
                if state.backlog[state.head].indices.isEmpty { state.head += 1 }
            }
            hasRetried = true
        }
        if state.head == state.backlog.count {
            state.backlog.removeAll(keepingCapacity: state.backlog.capacity < 1_024)
            state.head = 0
        }
        isBacklogged.store(!state.backlog.isEmpty, ordering: .releasing)
        return failures
    }

    /// Lets what waits in the backlog fail.
    func failBacklog(_ error: FaustError) {
        let waiting = state.withLock { state in
            defer {
                state.backlog = []
                state.head = 0
                isBacklogged.store(false, ordering: .releasing)
            }
            return state.backlog[state.head...]
        }
        settle(waiting.flatMap { waiting in waiting.indices.map { (waiting.context, $0, error) } })
    }

    /// Lets later sends fail.
    ///
    /// - Returns: Whether this is the first call.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// Destroys what has to go before the producer.
    func destroyTopics() {
        state.withLock { $0.buffer.destroyTopics() }
    }

    // MARK: Back

    /// Settles the messages that an event of type `RD_KAFKA_EVENT_DR` reports on.
    func settle(_ event: OpaquePointer) {
        while let report = rd_kafka_event_message_next(event) {
            guard let slot = report.pointee._private else { continue }
            let (context, index) = ProduceContext.find(slot)
            let code = report.pointee.err
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                let metadata = RecordMetadata(
                    topicPartition: context.messages[index].topicPartition,
                    offset: max(report.pointee.offset, -1),
                    timestampMilliseconds: rd_kafka_message_timestamp(report, nil)
                )
                settle(context, index, .success(metadata))
            } else {
                settle(context, index, .failure(error(code, context, index)))
            }
        }
    }

    private func settle(_ failures: [Failure]) {
        for failure in failures { settle(failure.context, failure.index, .failure(failure.error)) }
    }

    private func settle(_ context: ProduceContext, _ index: Int, _ outcome: Result<RecordMetadata, FaustError>) {
        let generation = context.generation
        guard context.settle(index, outcome) else { return }
        for waiter in ledger.withLock({ $0.end(generation) }) { waiter.resume() }
    }

    // MARK: Waiting

    /// Whether every message is settled.
    var isSettled: Bool { ledger.withLock { $0.isSettled } }

    /// Ends a generation of sends.
    ///
    /// - Returns: The generation; `nil` when there is nothing to wait for.
    func cut() -> Int? {
        ledger.withLock { ledger in
            if ledger.isSettled { return nil }
            return ledger.cut()
        }
    }

    /// Whether every message up to a generation is settled.
    func isSettled(upTo generation: Int) -> Bool {
        ledger.withLock { $0.isSettled(upTo: generation) }
    }

    /// Waits until every message up to a generation is settled.
    func wait(_ generation: Int) async {
        await withCheckedContinuation { continuation in
            if ledger.withLock({ $0.wait(generation, continuation) }) { continuation.resume() }
        }
    }

    // MARK: Errors

    /// Whether messages that librdkafka throws away belong to a transaction that is being aborted.
    func setAborting(_ isAborting: Bool) {
        self.isAborting.store(isAborting, ordering: .releasing)
    }

    private func error(_ code: rd_kafka_resp_err_t, _ context: ProduceContext, _ index: Int) -> FaustError {
        let target = context.messages[index].topicPartition
        let isPurged = code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
        if isPurged, isAborting.load(ordering: .acquiring) {
            var error = Self.aborted
            error.topicPartition = target
            return error
        }
        return KafkaError.make(code, "sending", at: target)
    }

    static let aborted = FaustError(.transport, "the message was not sent: its transaction was aborted")
    static let closed = FaustError(.closed, "the message was not sent: the producer is closed")

    private static func tooLargeForQueue(_ message: OutgoingMessage) -> FaustError {
        let count = (message.key?.count ?? 0) + (message.value?.count ?? 0)
        return FaustError(
            .messageTooLarge,
            "a message of \(count) bytes does not fit into librdkafka's queue: raise queue.buffering.max.kbytes",
            topicPartition: message.topicPartition
        )
    }
}
#endif
