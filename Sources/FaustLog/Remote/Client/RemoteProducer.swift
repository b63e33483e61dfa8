// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A producer whose other half runs in the process that owns the log.
final class RemoteProducer: TransportProducer {
    private let number: UInt32
    private let connection: RemoteConnection
    /// Held while messages are handed over, so that those of one call are not mixed with those of another.
    private let isClosed = Mutex(false)

    init(connection: RemoteConnection, configuration: ProducerConfiguration) {
        self.connection = connection
        number = connection.makeNumber()
        let transactionalID = configuration.transactionalID
        connection.send(.openProducer(number, clientID: configuration.clientID, transactionalID: transactionalID))
    }

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) {
        connection.waitForRoom()
        let refused = isClosed.withLock { isClosed -> [(Int, FaustError)] in
            if isClosed {
                let error = FaustError(.closed, "the producer is closed")
                return messages.indices.map { ($0, error) }
            }
            return sendFrames(messages, completion: completion)
        }
        for (index, error) in refused { completion(index, .failure(error)) }
    }

    /// Cuts messages into frames; returns those that fit into none.
    private func sendFrames(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) -> [(Int, FaustError)] {
        var refused: [(Int, FaustError)] = []
        var indices: [Int] = []
        var size = 0
        let limit = WireProtocol.preferredFrameByteCount
        for (index, message) in messages.enumerated() {
            let byteCount = message.wireByteCount + message.topicPartition.topic.utf8.count + 8
            if byteCount > WireProtocol.maximumFrameByteCount - 1_024 {
                refused.append((index, Self.tooLarge(message, byteCount: byteCount)))
                continue
            }
            if size + byteCount > limit, !indices.isEmpty {
                sendFrame(indices, of: messages, completion: completion)
                (indices, size) = ([], 0)
            }
            indices.append(index)
            size += byteCount
        }
        if !indices.isEmpty { sendFrame(indices, of: messages, completion: completion) }
        return refused
    }

    private func sendFrame(
        _ indices: [Int],
        of messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) {
        let partitions = indices.map { messages[$0].topicPartition }
        connection.produce(indices.map { messages[$0] }, with: number) { result in
            for (place, index) in indices.enumerated() {
                completion(index, result.flatMap { Self.outcome($0, place, partitions[place]) })
            }
        }
    }

    private static func outcome(
        _ outcomes: [ServerFrame.ProduceOutcome],
        _ place: Int,
        _ partition: TopicPartition
    ) -> Result<RecordMetadata, FaustError> {
        guard place < outcomes.count else { return .failure(RemoteLogTransport.unexpectedReply) }
        switch outcomes[place] {
        case .appended(let offset, let timestamp):
            let metadata = RecordMetadata(
                topicPartition: partition,
                offset: offset,
                timestampMilliseconds: timestamp
            )
            return .success(metadata)
        case .failed(let error): return .failure(error)
        }
    }

    private static func tooLarge(_ message: OutgoingMessage, byteCount: Int) -> FaustError {
        FaustError(
            .messageTooLarge,
            "a message of \(byteCount) bytes; another process can send at most \(WireProtocol.maximumFrameByteCount)",
            topicPartition: message.topicPartition
        )
    }

    func flush() async {
        // The outcomes come before the answer. When it does not come, they have failed.
        _ = try? await connection.request(.flush(producer: number))
    }

    func beginTransaction() async throws {
        _ = try await connection.request(.beginTransaction(producer: number))
    }

    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {
        let number = try consumer.map { consumer in
            guard let number = (consumer as? RemoteConsumer)?.number(on: connection) else {
                throw FaustError(.group, "the consumer does not belong to the same connection as the producer")
            }
            return number
        }
        _ = try await connection.request(.commitTransaction(producer: self.number, offsets, consumer: number))
    }

    func abortTransaction() async throws {
        _ = try await connection.request(.abortTransaction(producer: number))
    }

    func close() async {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        // The outcomes come before the answer. When it does not come, they have failed.
        if !wasClosed { _ = try? await connection.request(.closeProducer(number)) }
    }
}
