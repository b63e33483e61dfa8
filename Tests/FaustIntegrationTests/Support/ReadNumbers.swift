// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Logging

extension KafkaTransport {
    /// Reads the numbers that all partitions of a topic hold, from the beginning, for at most a minute.
    ///
    /// - Parameters:
    ///   - topic: The topic.
    ///   - partitions: How many partitions it has.
    ///   - count: How many different numbers there must be.
    /// - Returns: The numbers, each as often as it is there: until `count` different ones have come, and nothing comes any
    ///   more for a second.
    /// - Throws: An error of the transport.
    func readNumbers(_ topic: String, partitions: Int32, distinct count: Int) async throws -> [Int] {
        let logger = Logger(label: "numbers") { _ in SwiftLogNoOpLogHandler() }
        let consumer = try makeConsumer(ConsumerConfiguration(group: nil, logger: logger))
        let queue = consumer.makeQueue()
        for partition in 0..<partitions {
            consumer.read(TopicPartition(topic, partition), from: 0, into: queue, epoch: 1)
        }
        let numbers = try await onBlockingThread {
            var numbers: [Int] = []
            var distinct: Set<Int> = []
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                let batches = queue.poll(limit: 5_000, timeout: .seconds(1))
                if batches.isEmpty, distinct.count >= count { break }
                let new = batches.flatMap { batch in
                    (0..<batch.count).compactMap { batch[$0].value.flatMap { Int(String($0)) } }
                }
                numbers += new
                distinct.formUnion(new)
            }
            return numbers
        }
        await consumer.close()
        return numbers
    }
}
#endif
