// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Logging
import Testing

/// Topics that are given partitions while a worker reads them.
@Suite(.needsBroker, .serialized, .timeLimit(.minutes(5)))
struct GrowthTests {
    private static let (before, after): (Int32, Int32) = (3, 8)
    private let logger = Logger(label: "growth") { _ in SwiftLogNoOpLogHandler() }
    private let topic = "orders"

    /// Sends numbers to all partitions, one after the other, and waits until they are there.
    private func fill(_ transport: KafkaTransport, _ numbers: Range<Int>) async throws {
        let producer = try transport.makeProducer(ProducerConfiguration(logger: logger))
        let failures = Watched<[FaustError]>([])
        let messages = numbers.map { number in
            let target = TopicPartition(topic, Int32(number) % Self.after)
            return OutgoingMessage(to: target, key: nil, value: Bytes("\(number)"))
        }
        producer.send(messages) { _, outcome in
            if case .failure(let error) = outcome { failures.update { $0.append(error) } }
        }
        await producer.flush()
        await producer.close()
        try #require(failures.value.isEmpty)
    }

    /// Fills a topic, hides its last partitions, and hands an app over that reads it.
    private func run(_ body: (OwnBroker, KafkaTransport, App, Topic<Bytes?, Int>) async throws -> Void) async throws {
        let broker = try await OwnBroker()
        defer { broker.end() }
        var settings = Settings(name: "growth")
        settings.broker = broker.url
        Broker.hasten(&settings)
        settings.consumerMetadataMaxAge = .seconds(1)
        let transport = try KafkaTransport(settings, logger: logger)
        try await transport.start()
        try await transport.createTopics([TopicDeclaration(name: topic, partitions: Self.after)])
        try await fill(transport, 0..<800)
        broker.hidden.hide(from: Self.before)
        let app = App(settings: settings, logger: logger) { try KafkaTransport($0, logger: $1) }
        let schema = Schema(key: Serde<Bytes?>.raw, value: Serde<Int>.json)
        try await body(broker, transport, app, app.topic(topic, schema: schema))
        await transport.stop()
    }

    @Test("new partitions are read from their beginning, once, while the old ones go on")
    func grow() async throws {
        try await run { broker, transport, app, numbers in
            let seen = Watched<[Int32: [Int]]>([:])
            app.agent("read", numbers) { stream in
                for try await event in stream.events() {
                    seen.update { $0[event.message.partition, default: []].append(event.value) }
                }
            }
            async let running: Void = app.run()
            try await seen.wait { (0..<Self.before).allSatisfy { [seen = $0] in seen[$0]?.count == 100 } }
            #expect(Set(seen.value.keys) == Set(0..<Self.before))

            broker.hidden.show()
            try await seen.wait { (0..<Self.after).allSatisfy { [seen = $0] in seen[$0]?.count == 100 } }
            try await fill(transport, 800..<1_600)
            try await seen.wait { $0.values.reduce(0) { $0 + $1.count } >= 1_600 }
            app.stop()
            try await running
            for partition in 0..<Self.after {
                #expect(seen.value[partition] == (0..<1_600).filter { Int32($0) % Self.after == partition })
            }
        }
    }

    @Test("a worker with a table stops: keys would go to other partitions than their entries are in")
    func growBesideTable() async throws {
        try await run { broker, _, app, numbers in
            let counts = app.table("counts", key: Int32.self, default: 0)
            let seen = Watched(0)
            app.agent("count", numbers) { stream in
                for try await event in stream.events() {
                    counts[event.message.partition] += 1
                    seen.update { $0 += 1 }
                }
            }
            async let running: Void = app.run()
            try await seen.wait { $0 == 100 * Int(Self.before) }
            broker.hidden.show()
            do {
                try await running
                Issue.record("the worker goes on")
            } catch let error as FaustError {
                #expect(error.code == .configuration)
                #expect(error.message.contains("topic \(topic) has \(Self.after) partitions now"))
            }
            #expect(seen.value == 100 * Int(Self.before))
        }
    }
}
#endif
