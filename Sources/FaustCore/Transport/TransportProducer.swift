// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Appends messages to partitions.
public protocol TransportProducer: Sendable {
    /// Sends messages.
    ///
    /// Does not wait: the messages are buffered and go out in order per partition, also between calls. The transport
    /// retries what can be retried, without changing the order or appending anything twice.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - completion: Is called once per message with its index in `messages` and the outcome, on any thread; it must
    ///     be quick and must not block.
    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    )

    /// Waits until every message sent so far is settled, without waiting for a batch to fill.
    func flush() async

    /// Starts a transaction: what is sent from here on is seen by readers of committed messages all at once or never.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/fenced`` when another producer has taken the identity over.
    func beginTransaction() async throws

    /// Ends the transaction: its messages and the group's offsets take effect together.
    ///
    /// - Parameters:
    ///   - offsets: The next offset to read, per partition.
    ///   - consumer: The consumer that read them, whose membership is checked; `nil` without offsets.
    /// - Throws: ``FaustError``; the transaction is to be aborted then, unless the code is ``FaustError/Code/fenced``.
    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws

    /// Ends the transaction: its messages are never seen by readers of committed messages.
    func abortTransaction() async throws

    /// Settles what was sent and closes.
    func close() async
}
