// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Sends messages for the app: gathers them, counts what is under way, and remembers what failed until the commit.
final class Producer: Sendable {
    typealias Completion = @Sendable (Result<RecordMetadata, FaustError>) -> Void

    private struct State {
        var messages: [OutgoingMessage] = []
        var completions: [Completion?] = []
        var failure: FaustError?
        var ebbWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let transport: any TransportProducer
    private let catalog: TopicCatalog
    private let partitioner: Partitioner
    private let monitor: Monitor
    private let state = Mutex(State())
    /// Held while messages go from the buffer to the transport, so that their order is kept.
    private let handOverTurn = Mutex(())
    private let underWay = Atomic<Int>(0)
    private let nextPartition = Atomic<Int>(0)
    /// The number of messages that are handed over at once.
    private static let batchLimit = 1_000
    /// The number of messages under way at which senders wait, and the one at which they go on.
    private static let (highMark, lowMark) = (50_000, 25_000)

    init(
        transport: any TransportProducer,
        catalog: TopicCatalog,
        partitioner: Partitioner,
        monitor: Monitor
    ) {
        self.transport = transport
        self.catalog = catalog
        self.partitioner = partitioner
        self.monitor = monitor
    }

    // MARK: Sending

    /// Sends a message and waits until the broker has it.
    func send(_ draft: MessageDraft) async throws -> RecordMetadata {
        let message = try await address(draft)
        await ebb()
        return try await withCheckedThrowingContinuation { continuation in
            enqueue(message, isAwaited: true) { continuation.resume(with: $0.mapError { $0 as any Error }) }
            if !Lane.isCurrentThread { handOver() }
        }
    }

    /// Sends a message without waiting for it; the next commit does.
    func post(_ draft: MessageDraft, completion: Completion? = nil) async throws {
        let message = try await address(draft)
        await ebb()
        enqueue(message, isAwaited: false, completion: completion)
        if !Lane.isCurrentThread { handOver() }
    }

    /// Sends a message without waiting for it or for room; the topic must be known already.
    func postNow(_ draft: MessageDraft, completion: Completion? = nil) throws {
        guard let partitions = catalog.knownPartitions(of: draft.topic) else {
            throw FaustError(
                .unknownPartition,
                "topic \(draft.topic) is not known to this worker yet: declare it with app.topic, or use `await send`"
            )
        }
        enqueue(try address(draft, partitions: partitions), isAwaited: false, completion: completion)
        if !Lane.isCurrentThread { handOver() }
    }

    /// Sends messages whose partitions are chosen already, for a commit that waits for them.
    func sendChangelog(_ messages: [OutgoingMessage], _ receipt: ChangelogReceipt) {
        guard !messages.isEmpty else { return }
        underWay.wrappingAdd(messages.count, ordering: .relaxed)
        monitor.messagesSent.add(messages.count)
        transport.send(messages) { [self] _, outcome in
            switch outcome {
            case .success(let metadata): receipt.note(metadata)
            case .failure(let error): note(error)
            }
            settle(outcome)
        }
    }

    /// Sends a message on as it is: key, value and headers.
    func forward(_ message: Message, to topic: String) async throws {
        try await post(
            MessageDraft(topic: topic, key: message.key, value: message.value, headers: message.headers)
        )
    }

    private func address(_ draft: MessageDraft) async throws -> OutgoingMessage {
        if let partitions = catalog.knownPartitions(of: draft.topic) {
            return try address(draft, partitions: partitions)
        }
        return try address(draft, partitions: try await catalog.partitions(of: draft.topic))
    }

    private func address(_ draft: MessageDraft, partitions: Int32) throws -> OutgoingMessage {
        let partition: Int32
        if let wanted = draft.partition {
            guard wanted >= 0, wanted < partitions else {
                throw FaustError(
                    .unknownPartition,
                    "topic \(draft.topic) has \(partitions) partitions, numbered from 0: there is no \(wanted)"
                )
            }
            partition = wanted
        } else {
            partition =
                try partitioner.partition(forKey: draft.key, topic: draft.topic, partitions: partitions)
                ?? anyPartition(of: partitions)
        }
        return OutgoingMessage(
            to: TopicPartition(draft.topic, partition),
            key: draft.key,
            value: draft.value,
            timestampMilliseconds: draft.timestampMilliseconds,
            headers: draft.headers
        )
    }

    /// Spreads messages without a key in stretches, so that each partition gets whole batches.
    private func anyPartition(of partitions: Int32) -> Int32 {
        let turn = nextPartition.wrappingAdd(1, ordering: .relaxed).oldValue
        return Int32((turn / 64) % Int(partitions))
    }

    private func enqueue(_ message: OutgoingMessage, isAwaited: Bool, completion: Completion?) {
        underWay.wrappingAdd(1, ordering: .relaxed)
        // Who awaits a send learns of its failure; of the others, the commit does.
        let noted: Completion = { [weak self] outcome in
            if case .failure(let error) = outcome { self?.note(error) }
            completion?(outcome)
        }
        let isFull = state.withLock { state in
            state.messages.append(message)
            state.completions.append(isAwaited ? completion : noted)
            return state.messages.count >= Self.batchLimit
        }
        if isFull { handOver() }
    }

    private func note(_ failure: FaustError) {
        state.withLock { if $0.failure == nil { $0.failure = failure } }
    }

    /// Gives the transport what was gathered.
    func handOver() {
        handOverTurn.withLock { _ in
            let (messages, completions) = state.withLock { state in
                defer {
                    state.messages = []
                    state.completions = []
                }
                return (state.messages, state.completions)
            }
            guard !messages.isEmpty else { return }
            monitor.messagesSent.add(messages.count)
            transport.send(messages) { [self] index, outcome in
                completions[index]?(outcome)
                settle(outcome)
            }
        }
    }

    private func settle(_ outcome: Result<RecordMetadata, FaustError>) {
        if case .failure = outcome { monitor.sendErrors.add(1) }
        guard underWay.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == Self.lowMark else { return }
        resumeEbbWaiters()
    }

    // MARK: Back-pressure

    /// Waits while too many messages are under way.
    func ebb() async {
        while underWay.load(ordering: .acquiring) >= Self.highMark {
            handOver()
            await withCheckedContinuation { continuation in
                state.withLock { $0.ebbWaiters.append(continuation) }
                // The mark may have been passed before the waiter was in its place.
                if underWay.load(ordering: .acquiring) <= Self.lowMark { resumeEbbWaiters() }
            }
        }
    }

    private func resumeEbbWaiters() {
        let waiters = state.withLock { state in
            defer { state.ebbWaiters = [] }
            return state.ebbWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Commit

    /// Waits until everything sent so far is settled.
    ///
    /// - Throws: The first failure, since the last call, of a send that nobody awaited.
    func flush() async throws {
        handOver()
        await transport.flush()
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// Settles what was sent and closes.
    func close() async {
        handOver()
        await transport.close()
    }
}

/// A message before its partition is chosen.
struct MessageDraft: Sendable {
    var topic: String
    var partition: Int32?
    var key: Bytes?
    var value: Bytes?
    var timestampMilliseconds: Int64?
    var headers = Headers()

    init(
        topic: String,
        partition: Int32? = nil,
        key: Bytes?,
        value: Bytes?,
        timestampMilliseconds: Int64? = nil,
        headers: Headers = Headers()
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.timestampMilliseconds = timestampMilliseconds
        self.headers = headers
    }
}
