// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("Producer")
struct ProducerTests {
    private let failure = FaustError(.transport, "refused")

    private func draft(_ value: String, topic: String = "out", key: Bytes? = nil, partition: Int32? = 0) -> MessageDraft
    {
        MessageDraft(topic: topic, partition: partition, key: key, value: Bytes(value))
    }

    private func values(_ fake: FakeProducer) -> [String] {
        fake.messages.map { $0.value.map { String($0) } ?? "null" }
    }

    @Test func messagesGoOutInTheOrderOfTheCalls() async throws {
        let fake = FakeProducer()
        let producer = Producer.test(fake)
        for index in 0..<20 {
            if index % 3 == 0 {
                _ = try await producer.send(draft("\(index)"))
            } else {
                try await producer.post(draft("\(index)"))
            }
        }
        #expect(values(fake) == (0..<20).map(String.init))
    }

    @Test func aSendGivesThePlaceOfTheMessageOrItsError() async throws {
        let failure = failure
        let fake = FakeProducer { $0.value == "bad" ? .failure(failure) : .success(FakeProducer.metadata($0)) }
        let producer = Producer.test(fake)
        let metadata = try await producer.send(draft("good", partition: 3))
        #expect(metadata.topicPartition == TopicPartition("out", 3))
        await #expect(throws: FaustError.self) { try await producer.send(draft("bad")) }
        // Who awaits a send deals with its failure: the commit does not fail.
        try await producer.flush()
    }

    @Test("the failure of a send that nobody awaits fails the next flush, once")
    func notedFailure() async throws {
        let failure = failure
        let monitor = Monitor()
        let producer = Producer.test(FakeProducer { _ in .failure(failure) }, monitor: monitor)
        let outcomes = Collected<Bool>()
        try await producer.post(draft("a")) { outcome in
            if case .failure = outcome { outcomes.add(false) } else { outcomes.add(true) }
        }
        await #expect(throws: FaustError.self) { try await producer.flush() }
        try await producer.flush()
        #expect(outcomes.values == [false])
        #expect(monitor.sendErrors.value == 1)
        #expect(monitor.messagesSent.value == 1)
    }

    @Test func aFlushWaitsForWhatIsUnderWay() async throws {
        let fake = FakeProducer { _ in nil }
        let producer = Producer.test(fake)
        let done = Flag()
        try await producer.post(draft("a")) { _ in done.set() }
        #expect(!done.isSet)
        try await producer.flush()
        #expect(done.isSet)
    }

    @Test func keysChooseThePartitionUnlessItIsNamed() async throws {
        let fake = FakeProducer()
        let producer = Producer.test(fake)
        try await producer.post(draft("a", key: "k1", partition: nil))
        try await producer.post(draft("b", key: "k1", partition: 3))
        let expected = try Partitioner.murmur2.partition(forKey: "k1", topic: "out", partitions: 4)
        #expect(fake.messages.map(\.topicPartition.partition) == [expected, 3])
        await #expect(throws: FaustError.self) { try await producer.post(draft("c", partition: 4)) }
        await #expect(throws: FaustError.self) { try await producer.post(draft("c", partition: -1)) }
    }

    @Test func messagesWithoutAKeyReachAllPartitions() async throws {
        let fake = FakeProducer()
        let producer = Producer.test(fake)
        for index in 0..<512 { try await producer.post(draft("\(index)", partition: nil)) }
        let counts = Dictionary(grouping: fake.messages, by: \.topicPartition.partition).mapValues(\.count)
        #expect(counts == [0: 128, 1: 128, 2: 128, 3: 128])
    }

    @Test func aTopicIsLookedUpBeforeAMessageIsPostedAtOnce() async throws {
        let fake = FakeProducer()
        let catalog = TopicCatalog.test()
        let producer = Producer.test(fake, catalog: catalog)
        #expect(throws: FaustError.self) { try producer.postNow(draft("a")) }
        try await catalog.declare([TopicDeclaration(name: "out", partitions: 1)])
        try producer.postNow(draft("a"))
        #expect(values(fake) == ["a"])
    }

    @Test func aMessageIsForwardedAsItIs() async throws {
        let fake = FakeProducer()
        let producer = Producer.test(fake)
        let batch = MessageBatch.test(zero, [7], headers: ["h": "x"]) { _ in "key" }
        try await producer.forward(batch[0], to: "copy")
        let message = try #require(fake.messages.first)
        #expect(message.topicPartition.topic == "copy")
        #expect(message.key == "key")
        #expect(message.value == "7")
        #expect(message.headers == ["h": "x"])
    }

    @Test("senders wait at 50,000 messages under way and go on at 25,000")
    func ebb() async throws {
        let fake = FakeProducer { _ in nil }
        let catalog = TopicCatalog.test()
        try await catalog.declare([TopicDeclaration(name: "out", partitions: 1)])
        let producer = Producer.test(fake, catalog: catalog)
        let message = draft("x")
        for _ in 0..<49_999 { try producer.postNow(message) }
        await producer.ebb()
        try producer.postNow(message)
        let hasPassed = Flag()
        async let waiting: Void = {
            await producer.ebb()
            hasPassed.set()
        }()
        fake.settle(25_000)
        await waiting
        #expect(hasPassed.isSet)
        fake.settle()
    }

    @Test func closingSettlesWhatWasSent() async throws {
        let fake = FakeProducer { _ in nil }
        let producer = Producer.test(fake)
        async let metadata = producer.send(draft("a"))
        try await fake.sent.wait { !$0.isEmpty }
        await producer.close()
        #expect(try await metadata.topicPartition.topic == "out")
    }
}
