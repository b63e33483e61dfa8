// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Logging
import Testing

/// Broken records among good ones: whatever the policy, nothing else is lost.
@Suite(.needsBroker, .serialized, .timeLimit(.minutes(5)))
struct BrokenRecordTests {
    private static let partitions: Int32 = 2
    private let name = Broker.name("broken")
    private var input: String { "\(name)-orders" }

    private struct Refused: Error {}

    /// Sends numbers; text that is no JSON goes before each thousandth.
    private func fill(_ transport: KafkaTransport, good: Int) async throws {
        try await transport.createTopics([TopicDeclaration(name: input, partitions: Self.partitions)])
        let quiet = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
        let producer = try transport.makeProducer(ProducerConfiguration(logger: quiet))
        let failed = Watched(0)
        for start in stride(from: 0, to: good, by: 1_000) {
            // Good ones follow in each partition, so that who has seen them is through with the broken ones.
            let values = [Bytes("{\"broken\": \(start)")] + (start..<start + 1_000).map { Bytes("\($0)") }
            let messages = values.enumerated()
                .map { index, value in
                    let target = TopicPartition(input, Int32(index) % Self.partitions)
                    return OutgoingMessage(to: target, key: nil, value: value)
                }
            producer.send(messages) { _, outcome in if case .failure = outcome { failed.update { $0 += 1 } } }
        }
        await producer.flush()
        await producer.close()
        try #require(failed.value == 0)
    }

    private func makeApp() -> (App, Topic<Bytes?, Int>) {
        let quiet = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
        let settings = Broker.settings(name) { $0.agentMaxRestarts = 2 }
        let app = App(settings: settings, logger: quiet) { try KafkaTransport($0, logger: $1) }
        let schema = Schema(key: Serde<Bytes?>.raw, value: Serde<Int>.json)
        return (app, app.topic(input, schema: schema, partitions: Int(Self.partitions)))
    }

    @Test(
        "100 broken records among 100,000: each policy loses nothing else, and dead-letter topics get the broken ones"
    )
    func policies() async throws {
        let good = 100_000
        let transport = try Broker.transport(name)
        try await transport.start()
        try await fill(transport, good: good)
        let (app, orders) = makeApp()
        let dead = ["\(name)-dead", "\(name)-retried", "\(name)-refused"]
        let policies: [(agent: String, decoding: ErrorPolicy)] = [
            ("skip", .skip), ("dead", .deadLetter(to: dead[0])),
            ("retry", .retry(.exponential(base: .milliseconds(1), max: 2), then: .deadLetter(to: dead[1]))),
        ]
        let seen = Watched<[String: [Int]]>([:])
        for (agent, policy) in policies {
            app.agent(agent, orders, onDecodeError: policy) { stream in
                for try await value in stream { seen.update { $0[agent, default: []].append(value) } }
            }
        }
        app.agent("refuse", orders, onError: .deadLetter(to: dead[2])) { stream in
            for try await value in stream {
                if value % 10_000 == 0 { throw Refused() }
                seen.update { $0["refuse", default: []].append(value) }
            }
        }
        app.task {
            _ = try await seen.wait { seen in
                policies.allSatisfy { seen[$0.agent]?.count ?? 0 >= good } && seen["refuse"]?.count ?? 0 >= good - 10
            }
            app.stop()
        }
        try await app.run()
        let all = seen.value
        for (agent, _) in policies { #expect(all[agent]?.sorted() == Array(0..<good), "\(agent)") }
        #expect(all["refuse"]?.sorted() == (0..<good).filter { $0 % 10_000 != 0 })
        let broken = Set(stride(from: 0, to: good, by: 1_000).map { "{\"broken\": \($0)" })
        let refused = Set(stride(from: 0, to: good, by: 10_000).map { "\($0)" })
        for (topic, expected) in zip(dead, [broken, broken, refused]) {
            let rig = TopicRig(transport: transport, topic: topic)
            let partitions = try await transport.topics([topic])[topic]?.partitions ?? 0
            let letters = try await rig.read(expected.count, partitions: partitions)
            #expect(Set(letters.compactMap { $0.value.map { String($0) } }) == expected, "\(topic)")
        }
        let ends = (0..<Self.partitions).map { TopicPartition(input, $0) }
        let committed = try await transport.committedOffsets(group: name, partitions: ends)
        #expect(committed.values.reduce(0, +) == Int64(good + good / 1_000), "everything is committed")
        try await transport.deleteTopics([input] + dead)
        await transport.stop()
    }

    @Test("with the policy to stop, the worker ends with an error, and the broken record is not committed")
    func stops() async throws {
        let transport = try Broker.transport(name)
        try await transport.start()
        try await fill(transport, good: 1_000)
        let (app, orders) = makeApp()
        app.agent("stop", orders, onDecodeError: .stop) { stream in for try await _ in stream {} }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.topicPartition == TopicPartition(input, 0), "\(String(describing: error))")
        let partition = TopicPartition(input, 0)
        let committed = try await transport.committedOffsets(group: name, partitions: [partition])
        #expect(committed[partition] ?? 0 == 0)
        try await transport.deleteTopics([input])
        await transport.stop()
    }
}
#endif
