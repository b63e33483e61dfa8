// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Testing

/// Requests that a broker leaves lying, as it does with those of a client that it throttles (KIP-219).
///
/// The mock cluster always answers that it throttles nobody, but it can answer late, which is what a client notices.
@Suite(.timeLimit(.minutes(5))) struct ThrottlingTests {
    @Test("a broker that holds requests back slows sending and reading, and loses, doubles and ends nothing")
    func slowBroker() async throws {
        try await ConsumerRig.run { rig in
            let partitions = try rig.makeTopic(partitions: 2)
            let count = 400
            let reports = AsyncStream.makeStream(of: BrokerStatistics.self)
            var settings = rig.cluster.settings()
            settings.brokerStatisticsInterval = .milliseconds(100)
            // Small requests, so that many of them are held back.
            settings.kafkaProperties = ["producer.batch.num.messages": "20"]
            var writing = ProducerConfiguration(logger: rig.recorder.logger(.debug))
            writing.statistics = { reports.continuation.yield($0) }
            let producer = try KafkaProducer(writing, settings)
            let consumer = try rig.makeConsumer(group: "group")
            let queue = consumer.makeQueue()
            let listener = RecordingListener(consumer, queue)
            try await consumer.subscribe([CopartitionedSet([partitions[0].topic])], listener: listener)
            try await listener.wait("both partitions") { $0.held.count == 2 }

            let held = Duration.milliseconds(250)
            rig.cluster.delay(broker: 1, milliseconds: 250)
            let messages = (0..<count)
                .map { OutgoingMessage(to: partitions[$0 % 2], key: nil, value: Bytes("\($0)")) }
            let outcomes = await producer.deliver(messages)
            #expect(outcomes.offsets == (0..<count).map { Int64($0 / 2) })
            let batches = try await collect(queue, "all messages") { $0.messageCount >= count }
            for partition in partitions { #expect(batches.offsets(partition) == (0..<Int64(count / 2)).map { $0 }) }
            let result = try await consumer.commit([partitions[0]: 200, partitions[1]: 200])
            #expect(result.committed.count == 2 && result.failures.isEmpty)

            // The figures say who is slow.
            var iterator = reports.stream.makeAsyncIterator()
            var slowest: Duration?
            while slowest.map({ $0 < held }) ?? true, let report = await iterator.next() {
                slowest = report.brokers.compactMap(\.roundTrip99thPercentile).max()
            }
            #expect(slowest.map { $0 >= held } == true)
            rig.cluster.delay(broker: 1, milliseconds: 0)
            #expect(listener.events == [.assigned(partitions)])
            await producer.close()
        }
    }
}
#endif
