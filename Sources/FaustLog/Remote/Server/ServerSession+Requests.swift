// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

extension ServerSession {
    func reply(to request: ClientFrame.Request) async -> Result<Reply, FaustError> {
        do {
            return .success(try await perform(request))
        } catch {
            return .failure(FaustError(wrapping: error))
        }
    }

    private func perform(_ request: ClientFrame.Request) async throws -> Reply {
        switch request {
        case .createTopics(let declarations): try await transport.createTopics(declarations)
        case .deleteTopics(let names): try await transport.deleteTopics(names)
        case .topics(let names): return .topics(Array(try await transport.topics(names).values))
        case .offsets(let partitions): return .ranges(try await transport.offsets(of: partitions))
        case .offsetsFrom(let partitions, let timestamp):
            return .offsets(try await transport.offsets(of: partitions, from: timestamp))
        case .committedOffsets(let group, let partitions):
            return .offsets(try await transport.committedOffsets(group: group, partitions: partitions))
        case .groupMembers(let group): return .members(try await transport.groupMembers(group))
        case .subscribe(let number, let sets):
            guard sets.allSatisfy({ !$0.topics.isEmpty }) else {
                throw FaustError(.configuration, "a co-partitioned set needs at least one topic")
            }
            let consumer = try consumer(number)
            try await consumer.raw.subscribe(sets, listener: RemoteListener(session: self, consumer: number))
        case .commit(let number, let offsets): return .commit(try await consumer(number).raw.commit(offsets))
        case .closeConsumer(let number): try await closeConsumer(number)
        case .flush(let number): await (try producer(number)).flush()
        case .beginTransaction(let number): try await producer(number).beginTransaction()
        case .commitTransaction(let number, let offsets, let consumer):
            let raw = try consumer.map { try self.consumer($0).raw }
            try await producer(number).commitTransaction(offsets: offsets, of: raw)
        case .abortTransaction(let number): try await producer(number).abortTransaction()
        case .closeProducer(let number):
            let producer = try producer(number)
            state.withLock { $0.producers[number] = .failure(Self.closed("producer")) }
            await producer.close()
        }
        return .done
    }

    private func closeConsumer(_ number: UInt32) async throws {
        let consumer = try consumer(number)
        await consumer.raw.close()
        let queues = state.withLock { state in
            state.consumers[number] = .failure(Self.closed("consumer"))
            let queues = consumer.queues.withLock { $0 }
            return queues.compactMap { state.queues.removeValue(forKey: $0) }
        }
        for queue in queues { queue.close() }
    }

    func consumer(_ number: UInt32) throws -> ServerConsumer {
        try state.withLock { $0.consumers[number] ?? .failure(Self.closed("consumer")) }.get()
    }

    private func producer(_ number: UInt32) throws -> any TransportProducer {
        try state.withLock { $0.producers[number] ?? .failure(Self.closed("producer")) }.get()
    }

    private static func closed(_ what: String) -> FaustError {
        FaustError(.closed, "the \(what) is closed")
    }

    /// Hands messages to a producer; answers when the outcome of the last one is known.
    func produce(_ messages: [OutgoingMessage], with number: UInt32, id: UInt64) throws {
        guard !messages.isEmpty else { throw WireFault("messages without a message") }
        let outcomes = ProduceOutcomes(count: messages.count) { outcomes in
            self.send(.produced(id: id, outcomes))
        }
        do {
            try producer(number).send(messages) { index, outcome in outcomes.settle(index, outcome) }
        } catch {
            let error = FaustError(wrapping: error)
            for index in messages.indices { outcomes.settle(index, .failure(error)) }
        }
    }
}
