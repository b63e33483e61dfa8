// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Logging
import Testing

/// The calls of transactions; what readers see of them needs a real broker (the mock cluster hides nothing).
@Suite(.timeLimit(.minutes(5))) struct KafkaTransactionTests {
    private let cluster: MockCluster
    private let target = TopicPartition("orders", 0)

    init() throws {
        cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 1)
    }

    private func makeProducer(_ transactionalID: String? = "orders-tx") throws -> KafkaProducer {
        var configuration = ProducerConfiguration(logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        configuration.transactionalID = transactionalID
        var settings = cluster.settings()
        settings.shutdownTimeout = .seconds(2)
        return try KafkaProducer(configuration, settings, overrides: ["retry.backoff.ms": "10"])
    }

    private var message: OutgoingMessage { OutgoingMessage(to: target, key: nil, value: "v") }

    @Test("transactions follow each other; outcomes are known when a commit returns")
    func commits() async throws {
        let producer = try makeProducer()
        for round in 0..<3 {
            try await producer.beginTransaction()
            let outcomes = producer.begin([message])
            try await producer.commitTransaction(offsets: [:], of: nil)
            #expect(outcomes.all[0].count == 1 && outcomes.error(0) == nil, "round \(round)")
        }
        await producer.close()
        #expect(try await readAll(target, of: cluster).filter { $0.value != nil }.count == 3)
    }

    @Test("an abort settles what was sent, and the next transaction works")
    func aborts() async throws {
        let producer = try makeProducer()
        try await producer.beginTransaction()
        let aborted = producer.begin([message])
        try await producer.abortTransaction()
        #expect(aborted.all[0].count == 1)
        try await producer.abortTransaction()
        try await producer.beginTransaction()
        let committed = producer.begin([message])
        try await producer.commitTransaction(offsets: [:], of: nil)
        #expect(committed.error(0) == nil)
        await producer.close()
    }

    @Test("a transaction needs an identity, and messages of an identity need a transaction")
    func identity() async throws {
        let plain = try makeProducer(nil)
        let error = await #expect(throws: FaustError.self) { try await plain.beginTransaction() }
        #expect(error?.code == .configuration)
        await plain.close()
        let producer = try makeProducer()
        let outcomes = await producer.deliver([message])
        #expect(outcomes.codes == [.lifecycle])
        await producer.close()
    }

    @Test("a request that fails for a while is tried again")
    func retries() async throws {
        let producer = try makeProducer()
        let passing = [RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR]
        cluster.fail(.initProducerID, with: passing)
        try await producer.beginTransaction()
        cluster.fail(.endTransaction, with: passing)
        _ = producer.begin([message])
        try await producer.commitTransaction(offsets: [:], of: nil)
        await producer.close()
    }

    @Test("a producer whose identity was taken over is fenced for good")
    func fenced() async throws {
        let producer = try makeProducer()
        try await producer.beginTransaction()
        _ = producer.begin([message])
        await producer.flush()
        cluster.fail(.endTransaction, with: [RD_KAFKA_RESP_ERR_PRODUCER_FENCED])
        for attempt in 0..<2 {
            let error = await #expect(throws: FaustError.self) {
                if attempt == 0 {
                    try await producer.commitTransaction(offsets: [:], of: nil)
                } else {
                    try await producer.beginTransaction()
                }
            }
            #expect(error?.isFenced == true && error?.isFatal == true, "\(String(describing: error))")
        }
        #expect(await producer.deliver([message]).error(0)?.isFatal == true)
        await producer.close()
    }

    @Test("a commit that the broker refuses leaves the transaction to be aborted")
    func refusedCommit() async throws {
        let producer = try makeProducer()
        try await producer.beginTransaction()
        cluster.fail(.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        let outcomes = await producer.deliver([message])
        #expect(outcomes.error(0) != nil)
        let error = await #expect(throws: FaustError.self) {
            try await producer.commitTransaction(offsets: [:], of: nil)
        }
        #expect(error?.isFenced == false)
        try await producer.abortTransaction()
        try await producer.beginTransaction()
        try await producer.abortTransaction()
        await producer.close()
    }
}
#endif
