// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import FaustTesting
import Foundation
import Logging
import Testing

/// Workers that read two co-partitioned topics under load, and join, leave and die.
final class Cluster {
    let name = Broker.name("cluster")
    private(set) var workers: [ClusterProcess] = []
    private let folder: URL
    private let transport: KafkaTransport
    /// Sends to both topics.
    let load: ClusterLoad

    static let partitions: Int32 = 12
    private var inputs: [String] { Self.inputs(name) }
    private var output: String { Self.output(name) }
    private static func inputs(_ name: String) -> [String] { ["\(name)-left", "\(name)-right"] }
    private static func output(_ name: String) -> String { "\(name)-copies" }

    /// Creates the topics.
    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        transport = try Broker.transport(name)
        try await transport.start()
        let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
        let producer = try transport.makeProducer(ProducerConfiguration(logger: logger))
        let inputs = Self.inputs(name)
        load = ClusterLoad(producer, inputs, partitions: Self.partitions)
        let topics = inputs + [Self.output(name)]
        try await transport.createTopics(topics.map { TopicDeclaration(name: $0, partitions: Self.partitions) })
    }

    /// Ends what is left.
    func close() async {
        for worker in workers where worker.isRunning { worker.signal(SIGKILL) }
        await load.close()
        try? await transport.deleteTopics(inputs + [output])
        await transport.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// How many messages each partition has got: those that the broker has confirmed, without a failure.
    ///
    /// The ends of partitions are not asked for: tansu takes the first offset of the last batch, plus one, for the end.
    func counts() -> [ClusterEntry.Place: Int64] {
        #expect(load.failures.isEmpty)
        return load.sent
    }

    /// How many different numbers, and how many in all, the workers have copied.
    ///
    /// - Parameter expected: How many different ones there must be.
    /// - Returns: The numbers, once nothing comes any more.
    /// - Throws: An error of the transport.
    func copies(_ expected: Int) async throws -> (distinct: Int, all: Int) {
        let numbers = try await transport.readNumbers(output, partitions: Self.partitions, distinct: expected)
        return (Set(numbers).count, numbers.count)
    }

    // MARK: Workers

    /// Starts a worker and waits until it works, and the group has come to rest.
    ///
    /// A leader that leaves while the group forms would hold it up: tansu goes on naming it for a minute or two.
    func join() async throws {
        let worker = try ClusterProcess(workers.count, cluster: name, folder: folder)
        workers.append(worker)
        try await wait("the first message of worker \(worker.number)") { !worker.processed.isEmpty }
        try await wait("equal shares of all workers") { self.hasEqualShares }
    }

    /// Whether all workers have worked on equally many partitions, but for one, in the last second.
    private var hasEqualShares: Bool {
        let start = Self.now() - 1_000_000_000
        let shares = running.map { worker in
            Set(
                worker.ledger.entries.reversed().prefix { $0.nanoseconds > start }
                    .filter { $0.kind == .processed }.map(\.place)
            )
        }
        let counts = shares.map { $0.count / 2 }
        guard let least = counts.min(), let most = counts.max() else { return false }
        return most - least <= 1 && shares.reduce(0) { $0 + $1.count } == Int(Self.partitions) * 2
    }

    /// The running workers, the oldest first.
    var running: [ClusterProcess] { workers.filter(\.isRunning) }

    /// Waits until all partitions have gone on after now.
    func waitUntilAllGoOn() async throws {
        let now = Self.now()
        let count = Int(Self.partitions) * 2
        try await wait("messages of all partitions") {
            let later = self.workers.flatMap { $0.ledger.entries }
                .filter { $0.kind == .processed && $0.nanoseconds > now }
            return Set(later.map(\.place)).count == count
        }
    }

    /// Waits until everything that was sent has been processed.
    func waitUntilAllIsProcessed(_ counts: [ClusterEntry.Place: Int64]) async throws {
        try await wait("the end of the topics") {
            ClusterAudit(self.workers.map(\.ledger), sent: counts).lost().isEmpty
        }
    }

    /// Reads the ledgers until a condition holds; shows what the workers have printed when it takes too long.
    private func wait(_ what: String, until condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(240)
        while true {
            for worker in workers { try worker.ledger.refresh() }
            if condition() { return }
            if ContinuousClock.now > deadline {
                let said = workers.map { "worker \($0.number), running: \($0.isRunning)\n\($0.lastLines)" }
                throw Late(description: "waited in vain for \(what)\n\(said.joined(separator: "\n"))")
            }
            // The files of other processes can only be looked at again.
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private struct Late: Error, CustomStringConvertible {
        var description: String
    }

    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
}
#endif
