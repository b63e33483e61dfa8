// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct KafkaProducerTests {
    private let cluster: MockCluster
    private let left = TopicPartition("orders", 0)
    private let right = TopicPartition("orders", 1)

    init() throws {
        cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 2)
    }

    private func makeProducer(
        _ overrides: [String: String] = [:],
        transactionalID: String? = nil,
        change: (inout Settings) -> Void = { _ in }
    ) throws -> KafkaProducer {
        var configuration = ProducerConfiguration(logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        configuration.transactionalID = transactionalID
        var settings = cluster.settings()
        change(&settings)
        return try KafkaProducer(configuration, settings, overrides: overrides)
    }

    private func texts(_ range: Range<Int>, to partition: TopicPartition) -> [OutgoingMessage] {
        range.map { OutgoingMessage(to: partition, key: nil, value: Bytes("\($0)")) }
    }

    @Test("keys, values, headers and times arrive byte by byte")
    func everyField() async throws {
        let headers = Headers([
            .init("trace", "1"), .init("null", nil), .init("empty", .empty), .init("trace", Bytes([0, 1, 255])),
            .init("\u{fc}n\u{ef}", "name in UTF-8"), .init("", "no name"),
        ])
        let sent = [
            OutgoingMessage(to: left, key: "k", value: "plain"),
            OutgoingMessage(to: left, key: nil, value: nil),
            OutgoingMessage(to: left, key: .empty, value: .empty),
            OutgoingMessage(to: left, key: "k", value: "timed", timestampMilliseconds: 1_700_000_000_123),
            OutgoingMessage(to: left, key: "k", value: nil, headers: headers),
            OutgoingMessage(to: left, key: nil, value: .empty, timestampMilliseconds: 5, headers: ["a": "b"]),
            OutgoingMessage(to: left, key: "k", value: Bytes("long slice"[...].utf8)[5..<10]),
        ]
        let producer = try makeProducer()
        let outcomes = await producer.deliver(sent)
        await producer.close()
        #expect(outcomes.offsets == [0, 1, 2, 3, 4, 5, 6])
        let received = try await readAll(left, of: cluster)
        #expect(received.map(\.key) == sent.map { $0.key.map(Array.init) })
        #expect(received.map(\.value) == sent.map { $0.value.map(Array.init) })
        #expect(received.map(\.headers) == sent.map(\.headers))
        #expect(received.map(\.offset) == [0, 1, 2, 3, 4, 5, 6])
        #expect(received[3].timestampMilliseconds == 1_700_000_000_123)
        #expect(received[5].timestampMilliseconds == 5)
        // The mock cluster claims to have stamped messages itself, with a time of its own invention.
        #expect(outcomes.all.allSatisfy { (try? $0[0].get())?.topicPartition == left })
    }

    @Test("messages keep their order per partition, whether plain or with headers, from call to call")
    func order() async throws {
        let producer = try makeProducer()
        var pending: [Outcomes] = []
        for call in 0..<200 {
            pending.append(
                producer.begin(
                    (0..<10)
                        .map { index in
                            OutgoingMessage(
                                to: index % 3 == 0 ? right : left,
                                key: nil,
                                value: Bytes("\(call * 10 + index)"),
                                headers: index % 4 == 1 ? ["odd": "one"] : Headers()
                            )
                        }
                )
            )
        }
        await producer.flush()
        #expect(pending.allSatisfy { $0.offsets.allSatisfy { $0 != nil } })
        await producer.close()
        for partition in [left, right] {
            let numbers = try await readAll(partition, of: cluster).compactMap { $0.text.flatMap { Int($0) } }
            #expect(numbers == numbers.sorted() && numbers.count == (partition == left ? 1_200 : 800))
        }
    }

    @Test("a full queue holds messages back instead of refusing them, and keeps their order")
    func backPressure() async throws {
        let producer = try makeProducer(["queue.buffering.max.messages": "100"])
        let pending = (0..<20).map { producer.begin(texts($0 * 500..<($0 + 1) * 500, to: left)) }
        await producer.flush()
        #expect(pending.flatMap(\.offsets) == (0..<10_000).map { Int64($0) })
        await producer.close()
        #expect(try await readAll(left, of: cluster).map(\.text) == (0..<10_000).map { "\($0)" })
    }

    @Test("a message that is larger than librdkafka's whole queue fails alone")
    func largerThanQueue() async throws {
        let producer = try makeProducer(["queue.buffering.max.kbytes": "1"])
        let large = OutgoingMessage(to: left, key: nil, value: Bytes([UInt8](repeating: 7, count: 5_000)))
        let outcomes = await producer.deliver(texts(0..<2, to: left) + [large] + texts(2..<4, to: left))
        await producer.close()
        #expect(outcomes.codes == [nil, nil, .messageTooLarge, nil, nil])
        #expect(outcomes.offsets == [0, 1, nil, 2, 3])
    }

    @Test("a message above the greatest size fails alone, with what to do")
    func tooLarge() async throws {
        let producer = try makeProducer { $0.producerMaxRequestSize = 10_000 }
        let large = OutgoingMessage(to: left, key: nil, value: Bytes([UInt8](repeating: 7, count: 20_000)))
        var timed = large
        timed.timestampMilliseconds = 1
        let outcomes = await producer.deliver(texts(0..<1, to: left) + [large, timed] + texts(1..<2, to: left))
        await producer.close()
        #expect(outcomes.codes == [nil, .messageTooLarge, .messageTooLarge, nil])
        #expect(outcomes.error(1)?.message.contains("producerMaxRequestSize") == true)
        #expect(outcomes.error(1)?.topicPartition == left)
    }

    @Test("a message for a partition or topic that does not exist fails alone")
    func unknown() async throws {
        // The mock cluster creates whatever it is asked for, unless told so.
        cluster.fail(topic: "nowhere", with: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        let producer = try makeProducer(["topic.metadata.propagation.max.ms": "500"])
        let targets = [
            left, TopicPartition("orders", 2), TopicPartition("orders", -1), TopicPartition("nowhere", 0), right,
        ]
        let messages = targets.map { OutgoingMessage(to: $0, key: nil, value: "v") }
        let codes: [FaustError.Code?] = [nil, .unknownPartition, .unknownPartition, .unknownPartition, nil]
        // The second time the topic's partitions are known already.
        for _ in 0..<2 {
            let outcomes = await producer.deliver(messages)
            #expect(outcomes.codes == codes)
        }
        await producer.close()
    }

    @Test("flush does not wait for a batch to fill")
    func flushSkipsLinger() async throws {
        let producer = try makeProducer { $0.producerLinger = .seconds(600) }
        let outcomes = await producer.deliver(texts(0..<10, to: left))
        #expect(outcomes.offsets == (0..<10).map { Int64($0) })
        await producer.close()
    }

    @Test("flush without messages returns at once, and an empty send has no outcome")
    func nothing() async throws {
        let producer = try makeProducer()
        await producer.flush()
        let outcomes = await producer.deliver([])
        #expect(outcomes.all.isEmpty)
        await producer.close()
    }

    @Test("what is sent after close fails; what was sent before is settled")
    func close() async throws {
        let producer = try makeProducer()
        let before = producer.begin(texts(0..<500, to: left))
        await producer.close()
        #expect(before.offsets == (0..<500).map { Int64($0) })
        let after = producer.begin(texts(0..<3, to: left))
        #expect(after.codes == [.closed, .closed, .closed])
        await producer.flush()
        await producer.close()
    }

    @Test("close gives up what can't be delivered in time")
    func closeGivesUp() async throws {
        cluster.takeDown(broker: 1)
        let producer = try makeProducer(["queue.buffering.max.messages": "10"]) {
            $0.shutdownTimeout = .milliseconds(200)
        }
        let outcomes = producer.begin(texts(0..<50, to: left))
        await producer.close()
        #expect(outcomes.codes == Array(repeating: .closed, count: 50))
    }

    @Test("messages survive a broker that is down for a while")
    func outage() async throws {
        let producer = try makeProducer()
        _ = await producer.deliver(texts(0..<1, to: left))
        cluster.takeDown(broker: 1)
        let pending = producer.begin(texts(1..<100, to: left))
        cluster.bringUp(broker: 1)
        await producer.flush()
        #expect(pending.offsets == (1..<100).map { Int64($0) })
        await producer.close()
        #expect(try await readAll(left, of: cluster).map(\.text) == (0..<100).map { "\($0)" })
    }

    @Test(
        "errors that pass are tried again, in order and without doubles",
        arguments: [
            [RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION], [RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT],
            [RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE],
            [RD_KAFKA_RESP_ERR__TRANSPORT],
        ]
    )
    func passingErrors(errors: [rd_kafka_resp_err_t]) async throws {
        // The mock cluster checks no sequence numbers: a later request must not overtake the one that fails.
        let producer = try makeProducer(["retry.backoff.ms": "10", "max.in.flight": "1"])
        _ = await producer.deliver(texts(0..<1, to: left))
        cluster.fail(.produce, with: errors)
        let pending = (1..<20).map { producer.begin(texts($0..<$0 + 1, to: left)) }
        await producer.flush()
        #expect(pending.flatMap(\.offsets) == (1..<20).map { Int64($0) })
        await producer.close()
        #expect(try await readAll(left, of: cluster).map(\.text) == (0..<20).map { "\($0)" })
    }

    @Test("a refusal of the broker reaches the message, says what to do, and can't be retried")
    func refusal() async throws {
        let producer = try makeProducer()
        cluster.fail(.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        let outcomes = await producer.deliver(texts(0..<1, to: left))
        let error = try #require(outcomes.error(0))
        #expect(error.isFatal && !error.isRetriable)
        #expect(error.message.contains("ACL"))
        await producer.close()
    }

    @Test("a message that is not delivered in time fails as timed out")
    func timeout() async throws {
        cluster.takeDown(broker: 1)
        let producer = try makeProducer { $0.producerRequestTimeout = .milliseconds(300) }
        let outcomes = await producer.deliver(texts(0..<3, to: left))
        #expect(outcomes.codes == [.timeout, .timeout, .timeout])
        #expect(outcomes.error(0)?.isRetriable == true)
        await producer.close()
    }

    @Test("several threads may send at a time, each in its order")
    func concurrentSenders() async throws {
        let producer = try makeProducer(["queue.buffering.max.messages": "200"])
        await withTaskGroup { group in
            for sender in 0..<4 {
                group.addTask { [left] in
                    for index in 0..<250 {
                        let message = OutgoingMessage(to: left, key: Bytes("\(sender)"), value: Bytes("\(index)"))
                        producer.send([message]) { _, _ in }
                    }
                }
            }
        }
        await producer.close()
        let received = try await readAll(left, of: cluster)
        for sender in 0..<4 {
            let own = received.filter { $0.key == Array("\(sender)".utf8) }
            #expect(own.map(\.text) == (0..<250).map { "\($0)" })
        }
    }
}
#endif
