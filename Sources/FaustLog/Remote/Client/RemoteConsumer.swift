// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A consumer whose other half runs in the process that owns the log.
final class RemoteConsumer: TransportConsumer, RemoteConnection.Consumer {
    /// Something that a listener is told; `number` is answered to, if there is one.
    private typealias Call = (kind: ServerFrame.ListenerCall, number: UInt64?)

    private struct State {
        var queues: [UInt32: RemoteQueue] = [:]
        /// The partitions that are read, with the youngest epoch: what is older need not be handed out.
        var reading: [TopicPartition: UInt64] = [:]
        var assigned: Set<TopicPartition> = []
        var isClosed = false
        var isClosing = false
    }

    private let number: UInt32
    private let connection: RemoteConnection
    private let state = Mutex(State())
    private let calls: AsyncStream<Call>
    private let callContinuation: AsyncStream<Call>.Continuation
    private let listening = Mutex<Task<Void, Never>?>(nil)

    init(connection: RemoteConnection, configuration: ConsumerConfiguration) {
        self.connection = connection
        number = connection.makeNumber()
        // Not bounded by itself; the server sends a call only when the one before has returned.
        (calls, callContinuation) = AsyncStream.makeStream()
        let options = ClientFrame.ConsumerOptions(
            group: configuration.group,
            clientID: configuration.clientID,
            offsetReset: configuration.offsetReset,
            readCommitted: configuration.readCommitted
        )
        do {
            try connection.register(self, number: number)
        } catch {
            disconnected(error)
        }
        connection.send(.openConsumer(number, options))
    }

    func makeQueue() -> any TransportQueue {
        let queue = RemoteQueue(number: connection.makeNumber(), connection: connection)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.queues[queue.number] = queue }
            return state.isClosed
        }
        guard !isClosed, connection.register(self, queue: queue.number) else {
            queue.close()
            return queue
        }
        connection.send(.openQueue(queue.number, consumer: number))
        connection.send(.credit(queue: queue.number, byteCount: UInt32(RemoteQueue.windowByteCount)))
        return queue
    }

    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {
        try checkOpen()
        listening.withLock { listening in
            // Unstructured, because calls of the listener outlive this one; `close()` waits for its end.
            if listening == nil { listening = Task { await self.listen(listener) } }
        }
        _ = try await connection.request(.subscribe(consumer: number, sets))
    }

    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        guard let queue = queue as? RemoteQueue, state.withLock({ $0.queues[queue.number] === queue }) else {
            preconditionFailure("a partition is read into a queue of another consumer")
        }
        state.withLock { $0.reading[partition] = epoch }
        let number = queue.number
        connection.send(.read(consumer: self.number, partition, position: position, queue: number, epoch: epoch))
    }

    func stopReading(_ partition: TopicPartition) {
        state.withLock { state in _ = state.reading.removeValue(forKey: partition) }
        connection.send(.stopReading(consumer: number, partition))
    }

    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        let isRead = state.withLock { state in
            guard state.reading[partition] != nil else { return false }
            state.reading[partition] = epoch
            return true
        }
        if isRead { connection.send(.seek(consumer: number, partition, position: position, epoch: epoch)) }
    }

    func pause(_ partitions: [TopicPartition]) {
        connection.send(.pause(consumer: number, partitions))
    }

    func resume(_ partitions: [TopicPartition]) {
        connection.send(.resume(consumer: number, partitions))
    }

    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        try checkOpen()
        guard case .commit(let result) = try await connection.request(.commit(consumer: number, offsets)) else {
            throw RemoteLogTransport.unexpectedReply
        }
        return result
    }

    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard isFirst else { return }
        // Revokes the partitions first. Fails when the connection is lost; then there is nothing left to leave.
        _ = try? await connection.request(.closeConsumer(number))
        let queues = state.withLock { state in
            state.isClosed = true
            state.reading = [:]
            return state.queues
        }
        connection.unregister(consumer: number, queues: Array(queues.keys))
        for queue in queues.values { queue.close() }
        callContinuation.finish()
        await listening.withLock { $0 }?.value
    }

    /// The number by which the server knows the consumer, if it is one of this connection.
    func number(on connection: RemoteConnection) -> UInt32? {
        connection === self.connection ? number : nil
    }

    private func checkOpen() throws {
        if state.withLock({ $0.isClosed }) { throw FaustError(.closed, "the consumer is closed") }
    }

    private func listen(_ listener: any RebalanceListener) async {
        for await (kind, number) in calls {
            switch kind {
            case .assigned(let partitions):
                state.withLock { $0.assigned.formUnion(partitions) }
                await listener.assigned(partitions)
            case .revoked(let partitions):
                await listener.revoked(partitions)
                release(partitions)
            case .lost(let partitions):
                await listener.lost(partitions)
                release(partitions)
            case .failed(let error): await listener.failed(error)
            }
            if let number { connection.sendListenerReturned(number) }
        }
    }

    /// What the member has no longer is not handed out any more, whether the listener stopped reading it or not.
    private func release(_ partitions: [TopicPartition]) {
        state.withLock { state in
            state.assigned.subtract(partitions)
            for partition in partitions { state.reading[partition] = nil }
        }
    }

    func receive(_ batch: MessageBatch, byteCount: Int, queue: UInt32) {
        let (queue, isWanted) = state.withLock { state in
            (state.queues[queue], state.reading[batch.topicPartition].map { $0 <= batch.epoch } ?? false)
        }
        if isWanted {
            queue?.append(batch, byteCount: byteCount)
        } else {
            queue?.free(byteCount)
        }
    }

    func receive(_ call: ServerFrame.ListenerCall, number: UInt64) {
        callContinuation.yield((call, number))
    }

    func disconnected(_ error: FaustError) {
        let (queues, assigned) = state.withLock { state in
            state.reading = [:]
            return (state.queues, state.assigned)
        }
        for queue in queues.values { queue.close() }
        if !assigned.isEmpty { callContinuation.yield((.lost(assigned.sorted()), nil)) }
        callContinuation.yield((.failed(error), nil))
        callContinuation.finish()
    }
}
