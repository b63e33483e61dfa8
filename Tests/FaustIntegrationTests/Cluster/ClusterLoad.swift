// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import Synchronization

/// A steady load on all partitions of the topics of a ``Cluster``.
final class ClusterLoad: Sendable {
    private let producer: any TransportProducer
    private let topics: [String]
    private let partitions: Int32
    private let outcomes = Mutex<(sent: [ClusterEntry.Place: Int64], failures: [FaustError])>(([:], []))
    private let isEnded = Atomic(false)

    init(_ producer: any TransportProducer, _ topics: [String], partitions: Int32) {
        self.producer = producer
        self.topics = topics
        self.partitions = partitions
    }

    /// How many messages the broker has confirmed, by partition.
    var sent: [ClusterEntry.Place: Int64] { outcomes.withLock { $0.sent } }
    /// Why messages did not arrive.
    var failures: [FaustError] { outcomes.withLock { $0.failures } }

    /// Sends a message to every partition of all topics 50 times per second, until ``end()``.
    func run() async throws {
        let places = topics.indices.flatMap { topic in
            (0..<partitions).map { ClusterEntry.Place(topic: Int64(topic), partition: Int64($0)) }
        }
        var number = 0
        while !isEnded.load(ordering: .relaxed) {
            let messages = places.enumerated()
                .map { index, place in
                    let target = TopicPartition(topics[Int(place.topic)], Int32(place.partition))
                    return OutgoingMessage(to: target, key: nil, value: Bytes("\(number + index)"))
                }
            number += places.count
            producer.send(messages) { [self] index, outcome in
                outcomes.withLock {
                    switch outcome {
                    case .success: $0.sent[places[index], default: 0] += 1
                    case .failure(let error): $0.failures.append(error)
                    }
                }
            }
            // A load has a pace; nothing waits for this time to pass.
            try await Task.sleep(for: .milliseconds(20))
        }
        await producer.flush()
    }

    /// Lets ``run()`` return.
    func end() { isEnded.store(true, ordering: .relaxed) }

    func close() async { await producer.close() }
}
#endif
