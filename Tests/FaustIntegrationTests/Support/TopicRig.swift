// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Logging
import Synchronization
import Testing

/// A started transport with a topic of its own, for tests that read and write messages as they are.
struct TopicRig {
    let transport: KafkaTransport
    let topic: String
    private let logger = Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() }

    /// Creates a topic, runs a body, deletes the topic and closes the transport.
    static func with(partitions: Int32 = 1, _ body: (TopicRig) async throws -> Void) async throws {
        let rig = TopicRig(transport: try Broker.transport(), topic: Broker.name("interop"))
        try await rig.transport.start()
        do {
            try await rig.transport.createTopics([TopicDeclaration(name: rig.topic, partitions: partitions)])
            try await body(rig)
        } catch {
            await rig.transport.stop()
            throw error
        }
        try await rig.transport.deleteTopics([rig.topic])
        await rig.transport.stop()
    }

    /// Sends messages and waits until all have arrived.
    func send(_ messages: [OutgoingMessage]) async throws {
        let producer = try transport.makeProducer(ProducerConfiguration(logger: logger))
        let failures = Mutex<[FaustError]>([])
        producer.send(messages) { _, outcome in
            if case .failure(let error) = outcome { failures.withLock { $0.append(error) } }
        }
        await producer.flush()
        await producer.close()
        #expect(failures.withLock { $0 }.isEmpty)
    }

    /// Reads all partitions from the beginning until so many messages have come; fails after a minute.
    func read(_ count: Int, partitions: Int32 = 1) async throws -> [Message] {
        let consumer = try transport.makeConsumer(ConsumerConfiguration(group: nil, logger: logger))
        let queue = consumer.makeQueue()
        for partition in 0..<partitions {
            consumer.read(TopicPartition(topic, partition), from: 0, into: queue, epoch: 1)
        }
        let messages = try await onBlockingThread {
            var messages: [Message] = []
            let deadline = ContinuousClock.now + .seconds(60)
            while messages.count < count, ContinuousClock.now < deadline {
                for batch in queue.poll(limit: 1_000, timeout: .milliseconds(200)) {
                    messages += (0..<batch.count).map { batch[$0] }
                }
            }
            return messages
        }
        await consumer.close()
        try #require(messages.count == count)
        return messages
    }
}
#endif
