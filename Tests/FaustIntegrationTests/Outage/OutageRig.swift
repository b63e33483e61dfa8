// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Foundation
import Logging
import Testing

/// A worker that copies a topic under load, on a broker of its own that has outages.
final class OutageRig: Sendable {
    /// What the worker has done.
    struct Seen: Sendable {
        /// The values of each partition in the order in which they were processed.
        var values: [Int32: [Int]] = [:]
        /// What was found wrong, in its order, each kind once in a row.
        var health: [Set<Health.Problem.Kind>] = []

        /// All values.
        var all: Set<Int> { Set(values.values.joined()) }
    }

    static let partitions: Int32 = 4
    let transport: KafkaTransport
    let load: ClusterLoad
    let app: App
    let seen = Watched(Seen())
    private let input = "orders"
    private let output = "copies"

    private init(_ url: String) async throws {
        let quiet = Logger(label: "outage") { _ in SwiftLogNoOpLogHandler() }
        var settings = Settings(name: "outage")
        settings.broker = url
        Broker.hasten(&settings)
        settings.brokerCommitInterval = .milliseconds(300)
        // The watchdog looks each tenth of the first, and waits for an answer as long as the second.
        settings.streamProcessingTimeout = .seconds(20)
        settings.brokerRequestTimeout = .seconds(6)
        transport = try KafkaTransport(settings, logger: quiet)
        try await transport.start()
        let topics = [input, output].map { TopicDeclaration(name: $0, partitions: Self.partitions) }
        try await transport.createTopics(topics)
        let producer = try transport.makeProducer(ProducerConfiguration(logger: quiet))
        load = ClusterLoad(producer, [input], partitions: Self.partitions)
        app = App(settings: settings, logger: quiet) { try KafkaTransport($0, logger: $1) }
        let numbers = Schema(key: Serde<Bytes?>.raw, value: Serde<Int>.json)
        let source = app.topic(input, schema: numbers, partitions: Int(Self.partitions))
        let copies = app.topic(output, schema: numbers, partitions: Int(Self.partitions))
        let seen = seen
        app.agent("copy", source) { stream in
            for try await event in stream.events() {
                try await copies.post(event.value, key: nil, partition: event.message.partition)
                seen.update { $0.values[event.message.partition, default: []].append(event.value) }
            }
        }
    }

    /// Runs a worker under load, lets `outages` happen, and holds the worker to what it must have done.
    ///
    /// - Parameter outages: Is called when the worker works; when it returns, the broker works again.
    /// - Returns: What the worker has done.
    /// - Throws: What `outages` throws, a failed requirement when something was waited for in vain.
    static func run(_ outages: (OwnBroker, OutageRig) async throws -> Void) async throws -> Seen {
        let broker = try await OwnBroker()
        let rig = try await OutageRig(broker.url)
        do {
            let seen = try await rig.run(broker, outages)
            await rig.close()
            return seen
        } catch {
            broker.goOn()
            rig.load.end()
            rig.app.stop()
            await rig.close()
            throw error
        }
    }

    private func run(_ broker: OwnBroker, _ outages: (OwnBroker, OutageRig) async throws -> Void) async throws -> Seen {
        async let running: Void = app.run()
        async let sending: Void = load.run()
        try await waitUntilAllGoOn()
        try await outages(broker, self)
        try await waitUntilAllGoOn()
        load.end()
        try await sending
        #expect(load.failures.isEmpty, "sends that failed")
        let total = Int(load.sent.values.reduce(0, +))
        try await wait("all \(total) messages") { $0.all.count == total }
        try await wait("good health") { [app] _ in app.health.status == .healthy }
        app.stop()
        try await running
        let seen = seen.value
        #expect(seen.all == Set(0..<total))
        for (partition, values) in seen.values {
            var known: Set<Int> = []
            let firsts = values.filter { known.insert($0).inserted }
            #expect(firsts == firsts.sorted(), "the order of partition \(partition)")
        }
        let copies = try await transport.readNumbers(output, partitions: Self.partitions, distinct: total)
        #expect(Set(copies) == Set(0..<total))
        let repeated = seen.values.values.reduce(0) { $0 + $1.count } - total
        print("\(total) messages, \(repeated) processed again, \(copies.count - total) copied again")
        return seen
    }

    /// Waits until all partitions have gone on after now.
    func waitUntilAllGoOn() async throws {
        let before = seen.value.values.mapValues(\.count)
        try await wait("messages of all partitions") { seen in
            (0..<Self.partitions).allSatisfy { seen.values[$0]?.count ?? 0 > before[$0] ?? 0 }
        }
    }

    /// Waits for the worker, and notes its health.
    func wait(_ what: String, until condition: (Seen) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            let problems = Set(app.health.problems.map(\.kind))
            let now = seen.update { seen in
                if seen.health.last != problems { seen.health.append(problems) }
                return seen
            }
            if condition(now) { return }
            try #require(ContinuousClock.now < deadline, "waited in vain for \(what)")
            // Health is looked at from time to time.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func close() async {
        await load.close()
        await transport.stop()
    }
}
#endif
