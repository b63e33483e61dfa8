// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import Foundation
import Logging
import Synchronization
import Testing

/// Brokers that are away: nothing is lost, and the worker goes on.
///
/// The environment variable `OUTAGE_SECONDS` says how long the outages are, 6 by default.
@Suite(.needsBroker, .serialized, .timeLimit(.minutes(10)))
struct OutageTests {
    private static let length = Duration.seconds(Broker.variable("OUTAGE_SECONDS").flatMap { Int($0) } ?? 6)

    /// An outage lasts its time; nothing else is waited for with it.
    private func last() async throws { try await Task.sleep(for: Self.length) }

    @Test("a connection that is cut and refused: nothing is lost, the order stays, health tells of it")
    func cut() async throws {
        let seen = try await OutageRig.run { broker, rig in
            broker.proxy.cut()
            try await last()
            try await rig.wait("health to tell of the outage") { $0.health.contains { $0.contains(.broker) } }
            try broker.proxy.mend()
        }
        #expect(seen.health.last == [])
    }

    @Test("a broker that answers nothing for a while: nothing is lost, the order stays, health tells of it")
    func halted() async throws {
        let seen = try await OutageRig.run { broker, rig in
            broker.halt()
            try await last()
            try await rig.wait("health to tell of the outage") { $0.health.contains { $0.contains(.broker) } }
            broker.goOn()
        }
        #expect(seen.health.last == [])
    }

    @Test("connections that break again and again lose nothing")
    func flapping() async throws {
        _ = try await OutageRig.run { broker, rig in
            for _ in 0..<5 {
                broker.proxy.cut()
                try broker.proxy.mend()
                try await rig.waitUntilAllGoOn()
            }
        }
    }

    @Test("a full queue holds sends back while the broker is away; all arrive, in order")
    func fullQueue() async throws {
        let count = 2_000
        let broker = try await OwnBroker()
        let quiet = Logger(label: "outage") { _ in SwiftLogNoOpLogHandler() }
        var settings = Settings(name: "full")
        settings.broker = broker.url
        settings.kafkaProperties = ["producer.queue.buffering.max.messages": "100"]
        let transport = try KafkaTransport(settings, logger: quiet)
        try await transport.start()
        let target = TopicPartition("orders", 0)
        try await transport.createTopics([TopicDeclaration(name: target.topic, partitions: 1)])
        let producer = try transport.makeProducer(ProducerConfiguration(logger: quiet))
        let outcomes = Mutex<(arrived: [Int], failures: [FaustError])>(([], []))
        broker.proxy.cut()
        for number in 0..<count {
            producer.send([OutgoingMessage(to: target, key: nil, value: Bytes("\(number)"))]) { _, outcome in
                outcomes.withLock {
                    switch outcome {
                    case .success: $0.arrived.append(number)
                    case .failure(let error): $0.failures.append(error)
                    }
                }
            }
        }
        let early = outcomes.withLock { $0.arrived.count + $0.failures.count }
        #expect(early == 0, "settled while the broker was away")
        try broker.proxy.mend()
        await producer.flush()
        await producer.close()
        let (arrived, failures) = outcomes.withLock { $0 }
        #expect(failures.isEmpty)
        #expect(arrived == Array(0..<count))
        let read = try await transport.readNumbers(target.topic, partitions: 1, distinct: count)
        #expect(read == Array(0..<count))
        await transport.stop()
        broker.end()
    }
}
#endif
