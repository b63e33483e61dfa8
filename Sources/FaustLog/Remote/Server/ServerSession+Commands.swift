// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

extension ServerSession {
    /// The greatest number of consumers or of producers that a client may have made.
    private static let maximumObjectCount = 4_096

    /// Does what a client asks for without waiting for an answer.
    ///
    /// What the client names but does not exist (any more) is passed over: it may have been closed meanwhile.
    func perform(_ command: ClientFrame.Command) throws {
        switch command {
        case .openConsumer(let number, let options): try openConsumer(number, options)
        case .openProducer(let number, let clientID, let transactionalID):
            try openProducer(number, clientID: clientID, transactionalID: transactionalID)
        case .openQueue(let number, let consumer): try openQueue(number, of: consumer)
        case .read(let consumer, let partition, let position, let queue, let epoch):
            guard let pump = state.withLock({ $0.queues[queue] }), let consumer = try? self.consumer(consumer) else {
                return
            }
            // A transport may trust its callers in this; here a client calls.
            guard consumer.queues.withLock({ $0.contains(queue) }) else {
                throw WireFault("queue \(queue) belongs to another consumer")
            }
            consumer.raw.read(partition, from: position, into: pump.queue, epoch: epoch)
        case .stopReading(let consumer, let partition): try? self.consumer(consumer).raw.stopReading(partition)
        case .seek(let consumer, let partition, let position, let epoch):
            try? self.consumer(consumer).raw.seek(partition, to: position, epoch: epoch)
        case .pause(let consumer, let partitions): try? self.consumer(consumer).raw.pause(partitions)
        case .resume(let consumer, let partitions): try? self.consumer(consumer).raw.resume(partitions)
        case .credit(let queue, let byteCount): state.withLock { $0.queues[queue] }?.grant(Int(byteCount))
        }
    }

    private func openConsumer(_ number: UInt32, _ options: ClientFrame.ConsumerOptions) throws {
        var configuration = ConsumerConfiguration(group: options.group, logger: logger)
        configuration.clientID = options.clientID
        configuration.offsetReset = options.offsetReset
        configuration.readCommitted = options.readCommitted
        let consumer: Result<ServerConsumer, FaustError>
        do {
            consumer = .success(ServerConsumer(try transport.makeConsumer(configuration)))
        } catch {
            consumer = .failure(FaustError(wrapping: error))
        }
        try state.withLock { state in
            guard state.consumers[number] == nil, state.consumers.count < Self.maximumObjectCount else {
                throw WireFault("consumer \(number) can't be made")
            }
            state.consumers[number] = consumer
        }
    }

    private func openProducer(_ number: UInt32, clientID: String, transactionalID: String?) throws {
        var configuration = ProducerConfiguration(logger: logger)
        configuration.clientID = clientID
        configuration.transactionalID = transactionalID
        let producer: Result<any TransportProducer, FaustError>
        do {
            producer = .success(try transport.makeProducer(configuration))
        } catch {
            producer = .failure(FaustError(wrapping: error))
        }
        try state.withLock { state in
            guard state.producers[number] == nil, state.producers.count < Self.maximumObjectCount else {
                throw WireFault("producer \(number) can't be made")
            }
            state.producers[number] = producer
        }
    }

    private func openQueue(_ number: UInt32, of consumer: UInt32) throws {
        guard let consumer = try? self.consumer(consumer) else { return }
        let pump = QueuePump(number: number, queue: consumer.raw.makeQueue(), channel: channel)
        try state.withLock { state in
            guard state.queues[number] == nil, state.queues.count < configuration.maxQueuesPerConnection else {
                throw WireFault("queue \(number) can't be made: a client has \(configuration.maxQueuesPerConnection)")
            }
            state.queues[number] = pump
        }
        consumer.queues.withLock { $0.append(number) }
        guard pump.start() else {
            throw FaustError(.transport, "the system starts no more threads", isRetriable: true)
        }
    }
}
