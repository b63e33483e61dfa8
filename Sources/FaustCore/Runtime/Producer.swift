// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Sends messages for the app: chooses their partition, and with it whether they are part of the worker's transaction.
///
/// Under exactly-once a worker has two producers of the transport. What the body of an agent sends while it has events in
/// hand goes through the transactional one (see ``EventScope/isTransactional``), so that it takes effect together with
/// the events' offsets. Everything else, such as what tasks and clients send, goes out at once through the other: no
/// commit would bring it back if its transaction were aborted.
final class Producer: Sendable {
    typealias Completion = @Sendable (Result<RecordMetadata, FaustError>) -> Void

    private let catalog: TopicCatalog
    private let partitioner: Partitioner
    private let direct: Outbox
    private let transactional: Outbox?
    private let nextPartition = Atomic<Int>(0)

    init(
        transport: any TransportProducer,
        transactional: (any TransportProducer)? = nil,
        catalog: TopicCatalog,
        partitioner: Partitioner,
        monitor: Monitor
    ) {
        self.catalog = catalog
        self.partitioner = partitioner
        direct = Outbox(transport: transport, monitor: monitor, isTransactional: false)
        self.transactional = transactional.map { Outbox(transport: $0, monitor: monitor, isTransactional: true) }
    }

    // MARK: Sending

    /// Sends a message and waits until the broker has it, or until it is part of the transaction.
    ///
    /// In a transaction nobody can wait for the broker: the embedded log appends at the commit, and the commit waits for
    /// whoever has an event in hand. The offset is unknown then; a message that is refused fails the transaction, which
    /// takes back the event that it comes from.
    func send(_ draft: MessageDraft) async throws -> RecordMetadata {
        let message = try await address(draft)
        if let (outbox, scope) = transaction {
            try outbox.enqueue(message, scope: scope)
            return RecordMetadata(
                topicPartition: message.topicPartition,
                offset: RecordMetadata.unknownOffset,
                timestampMilliseconds: message.timestampMilliseconds ?? RecordMetadata.unknownOffset
            )
        }
        await direct.ebb()
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try direct.enqueue(message, isAwaited: true) { continuation.resume(with: $0.mapError { $0 }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Sends a message without waiting for it; the next commit does.
    func post(_ draft: MessageDraft, completion: Completion? = nil) async throws {
        let message = try await address(draft)
        if transaction == nil { await direct.ebb() }
        try enqueue(message, completion)
    }

    /// Sends a message without waiting for it or for room; the topic must be known already.
    func postNow(_ draft: MessageDraft, completion: Completion? = nil) throws {
        guard let partitions = catalog.knownPartitions(of: draft.topic) else {
            throw FaustError(
                .unknownPartition,
                "topic \(draft.topic) is not known to this worker yet: declare it with app.topic, or use `await send`"
            )
        }
        try enqueue(try address(draft, partitions: partitions), completion)
    }

    /// Sends messages whose partitions are chosen already, for a commit that waits for them.
    func sendChangelog(_ messages: [OutgoingMessage], _ receipt: ChangelogReceipt) {
        guard !messages.isEmpty else { return }
        (transactional ?? direct).send(messages, receipt)
    }

    /// Sends a message on as it is: key, value and headers.
    func forward(_ message: Message, to topic: String) async throws {
        try await post(
            MessageDraft(topic: topic, key: message.key, value: message.value, headers: message.headers)
        )
    }

    /// Sends a message without waiting for it, to a partition that the caller knows to exist.
    func post(_ message: OutgoingMessage, completion: Completion? = nil) async throws {
        if transaction == nil { await direct.ebb() }
        try enqueue(message, completion)
    }

    // MARK: Outside of transactions

    /// Whether ``sendOutside(_:completion:)-(MessageDraft,_)`` would neither wait for the broker nor have to.
    func isReady(for topic: String) -> Bool {
        catalog.knownPartitions(of: topic) != nil && !direct.isFull
    }

    /// Waits until a topic is known and there is room.
    func prepare(for topic: String) async throws {
        if catalog.knownPartitions(of: topic) == nil { _ = try await catalog.partitions(of: topic) }
        await direct.ebb()
    }

    /// Sends a message at once, also within a transaction; the topic must be known.
    ///
    /// - Parameters:
    ///   - draft: The message.
    ///   - completion: Is told the outcome, on any thread; no commit fails with it.
    /// - Throws: ``FaustError`` when the topic is not known.
    func sendOutside(_ draft: MessageDraft, completion: @escaping Completion) throws {
        guard let partitions = catalog.knownPartitions(of: draft.topic) else {
            throw FaustError(.unknownPartition, "topic \(draft.topic) is not known to this worker")
        }
        try sendOutside(try address(draft, partitions: partitions), completion: completion)
    }

    /// Sends a message at once, to a partition that the caller knows to exist.
    func sendOutside(_ message: OutgoingMessage, completion: @escaping Completion) throws {
        try direct.enqueue(message, isAwaited: true, completion: completion)
    }

    private func enqueue(_ message: OutgoingMessage, _ completion: Completion?) throws {
        if let (outbox, scope) = transaction {
            try outbox.enqueue(message, scope: scope, completion: completion)
        } else {
            try direct.enqueue(message, completion: completion)
        }
    }

    /// The transaction that the current task sends in, and what it has in hand.
    private var transaction: (Outbox, EventScope)? {
        guard let transactional, let scope = EventScope.current, scope.isTransactional else { return nil }
        return (transactional, scope)
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

    /// Gives the transport what was gathered.
    func handOver() {
        direct.handOver()
        transactional?.handOver()
    }

    // MARK: Back-pressure

    /// Waits while too many messages are under way; a transaction's are, until its commit, and are not waited for.
    func ebb() async {
        await direct.ebb()
    }

    // MARK: Commit

    /// Waits until everything sent so far is settled.
    ///
    /// - Throws: The first failure, since the last call, of a send that nobody awaited.
    func flush() async throws(FaustError) {
        if let transactional { try await transactional.flush() }
        try await direct.flush()
    }

    /// Settles what was sent and closes; a transaction that is open never takes effect.
    func close() async {
        await transactional?.close()
        await direct.close()
    }

    // MARK: Transactions

    /// What the worker sends while it has events in hand; `nil` without exactly-once.
    var transactions: Outbox? { transactional }
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
