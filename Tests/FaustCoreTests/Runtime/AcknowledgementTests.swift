// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization
import Testing

@testable import FaustCore

/// One iterator of an agent, driven by hand: the agent's body and its runner in one.
private struct Worker {
    let agent: Int
    let buffer: StreamBuffer
    /// Whether events are finished by hand, several at a time and in any order.
    let isManual: Bool
    var cursor: StreamCursor
    var inHand: [Message] = []
    /// The last offset taken per partition, epoch and key since the body was last started.
    var last: [Place: Int64] = [:]

    struct Place: Hashable {
        let partition: TopicPartition
        let epoch: UInt64
        let key: Bytes?
    }

    init(agent: Int, buffer: StreamBuffer, isManual: Bool) {
        (self.agent, self.buffer, self.isManual) = (agent, buffer, isManual)
        cursor = Self.start(buffer, isManual)
    }

    private static func start(_ buffer: StreamBuffer, _ isManual: Bool) -> StreamCursor {
        StreamCursor(StreamSource(buffer: buffer, acknowledges: !isManual, context: .test()))
    }

    /// Takes the next message; an automatic worker has processed the one before.
    mutating func take(_ broker: ModelBroker, ordersWholePartition: Bool) {
        if !isManual {
            for message in inHand { broker.process(message, agent: agent) }
            inHand = []
        }
        guard let message = cursor.takeNow() else { return }
        inHand.append(message)
        if !broker.isInForce(message) {
            broker.report("agent \(agent) got \(message.topicPartition) \(message.offset) of an old epoch")
        }
        let key = ordersWholePartition ? nil : message.key
        let place = Place(partition: message.topicPartition, epoch: message.batch.epoch, key: key)
        if let last = last[place], last >= message.offset {
            broker.report("agent \(agent) got \(message.topicPartition) \(message.offset) after \(last)")
        }
        last[place] = message.offset
    }

    /// Finishes a message of one's choice by hand.
    mutating func finish(_ broker: ModelBroker, using random: inout SeededRandom) {
        guard isManual, let index = inHand.indices.randomElement(using: &random) else { return }
        let message = inHand.remove(at: index)
        broker.process(message, agent: agent)
        buffer.finish(message)
    }

    /// The body fails and is started again; what it had in hand is skipped or comes again.
    mutating func fail(_ broker: ModelBroker, skips: Bool) {
        let known = buffer.inHand()
        let current = inHand.filter { broker.isInForce($0) }
        let (found, expected) = (places(known), places(current))
        if found != expected {
            broker.report("agent \(agent) has \(expected) in hand, its stream says \(found)")
        }
        if skips {
            for message in known {
                broker.process(message, agent: agent)
                buffer.finish(message)
            }
        }
        inHand = []
        last = [:]
        cursor = Self.start(buffer, isManual)
    }

    private func places(_ messages: [Message]) -> [String] {
        messages.map { "\($0.topicPartition)@\($0.offset)" }.sorted()
    }
}

/// The path of acknowledgements as a whole, driven step by step by a seed.
private struct Simulation {
    let ids = (0..<4).map { TopicPartition("orders", $0) }
    var random: SeededRandom
    let broker: ModelBroker
    let conductor: Conductor
    let committer: Committer
    let producer: Producer
    let fake: FakeProducer
    let concurrency: Int
    var workers: [Worker] = []
    var assigned: Set<TopicPartition> = []

    private static let failure = FaustError(.transport, "lost")

    init(seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        let concurrency = Int.random(in: 1...4, using: &random)
        self.concurrency = concurrency
        let maxsize = [1, 5, 20, 4_096].randomElement(using: &random) ?? 20
        let agents = Int.random(in: 1...3, using: &random)
        let broker = ModelBroker(
            Dictionary(uniqueKeysWithValues: ids.map { ($0, Self.partition(&random)) }),
            agents: agents
        )
        self.broker = broker
        // One lane of each number; the agents' streams are driven by turns.
        let groups = (0..<2)
            .map { _ in
                (0..<agents)
                    .map { _ in
                        StreamGroup((0..<concurrency).map { _ in StreamBuffer(name: "agent", maxsize: maxsize) })
                    }
            }
        fake = FakeProducer { message in
            message.value == "bad" ? .failure(Self.failure) : .success(FakeProducer.metadata(message))
        }
        let catalog = TopicCatalog.test(FakeTransport(["out": 1]))
        try await catalog.declare([TopicDeclaration(name: "out", partitions: 1)])
        let (producer, monitor) = (Producer.test(fake, catalog: catalog), Monitor())
        self.producer = producer
        let box = Engine.ConductorBox()
        let committer = Committer(
            conductor: { box.value.withLock { $0 } },
            consumer: broker,
            producer: producer,
            options: Committer.Options(interval: .seconds(1_000), commitEvery: .max),
            monitor: monitor,
            logger: .silent,
            sleep: { _ in throw CancellationError() }
        )
        self.committer = committer
        conductor = Conductor(
            consumer: broker,
            queues: [FakeQueue(), FakeQueue()],
            routes: ["orders": groups],
            hooks: Conductor.Hooks(
                assigned: { _ in },
                revoked: { _ in },
                commit: { _ in _ = await committer.commit() },
                failed: { _ in }
            ),
            monitor: monitor,
            logger: .silent,
            drainTimeout: .zero,
            sleep: { _ in }
        )
        let conductor = conductor
        box.value.withLock { $0 = conductor }
        for lane in groups {
            for (agent, group) in lane.enumerated() {
                for buffer in group.buffers {
                    workers.append(Worker(agent: agent, buffer: buffer, isManual: agent == 1))
                }
            }
        }
        self.random = random
    }

    private static func partition(_ random: inout SeededRandom) -> ModelBroker.Partition {
        var offset: Int64 = 0
        var records: [ModelBroker.Record] = []
        for _ in 0..<Int.random(in: 0...120, using: &random) {
            if Int.random(in: 0..<5, using: &random) == 0 { offset += Int64.random(in: 1...4, using: &random) }
            records.append(.init(offset: offset, key: "k\(Int.random(in: 0..<6, using: &random))"))
            offset += 1
        }
        return ModelBroker.Partition(records: records, end: offset + Int64.random(in: 0...2, using: &random))
    }

    /// One step of anything.
    mutating func step() async throws {
        let id = ids.randomElement(using: &random) ?? ids[0]
        let worker = workers.indices.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<15: broker.fetch(id, limit: Int.random(in: 0...9, using: &random))
        case 15..<30: if let batch = broker.poll(id) { conductor.deliver(batch) }
        case 30..<65: workers[worker].take(broker, ordersWholePartition: concurrency == 1)
        case 65..<80: workers[worker].finish(broker, using: &random)
        case 80..<84: workers[worker].fail(broker, skips: Bool.random(using: &random))
        case 84..<90: try await commit(losesOutput: false)
        case 90..<92: try await commit(losesOutput: true)
        case 92..<96: await assign(id)
        case 96..<98: await revoke(id)
        default: await lose(id)
        }
    }

    /// Lets everything go its way until it is done; `false` when it does not get there.
    mutating func finish() async throws -> Bool {
        broker.setMood(.confirms)
        for id in ids { await assign(id) }
        for _ in 0..<2_000 {
            for id in ids {
                broker.fetch(id, limit: 9)
                while let batch = broker.poll(id) { conductor.deliver(batch) }
            }
            for index in workers.indices {
                workers[index].take(broker, ordersWholePartition: concurrency == 1)
                while workers[index].isManual, !workers[index].inHand.isEmpty {
                    workers[index].finish(broker, using: &random)
                }
            }
            try await commit(losesOutput: false)
            if ids.allSatisfy({ broker[$0]?.committed ?? 0 == broker[$0]?.end }) { return true }
        }
        return false
    }

    private mutating func commit(losesOutput: Bool) async throws {
        let moods: [ModelBroker.CommitMood] = [.confirms, .confirms, .confirms, .refusesSome, .throwsError]
        if losesOutput {
            broker.loseOutput()
            try producer.postNow(MessageDraft(topic: "out", key: nil, value: "bad"))
        } else if assigned.count < ids.count {
            broker.setMood(moods.randomElement(using: &random) ?? .confirms)
        }
        _ = await committer.commit()
        broker.setMood(.confirms)
    }

    private mutating func assign(_ id: TopicPartition) async {
        guard assigned.insert(id).inserted else { return }
        await conductor.assigned([id])
    }

    private mutating func revoke(_ id: TopicPartition) async {
        guard assigned.remove(id) != nil else { return }
        await conductor.revoked([id])
    }

    private mutating func lose(_ id: TopicPartition) async {
        guard assigned.remove(id) != nil else { return }
        await conductor.lost([id])
    }
}

@Suite("Acknowledgement")
struct AcknowledgementTests {
    /// Batches with holes, several agents and streams, completions in any order, failures, lost output, refused commits
    /// and rebalances: nothing is committed that is not processed, nothing is left out, and keys keep their order.
    @Test("never commits past an unfinished message, and processes every one", arguments: 0..<200)
    func simulation(seed: Int) async throws {
        var simulation = try await Simulation(seed: seed)
        let committer = simulation.committer
        async let running: Void = committer.run()
        for _ in 0..<600 {
            try await simulation.step()
            if !simulation.broker.violations.isEmpty { break }
        }
        let isDone = try await simulation.finish()
        committer.stop()
        await running
        #expect(simulation.broker.violations == [])
        #expect(isDone)
        for id in simulation.ids {
            let partition = try #require(simulation.broker[id])
            let all = Set(partition.records.map(\.offset))
            for agent in Set(simulation.workers.map(\.agent)) {
                #expect(partition.everProcessed[agent] ?? [] == all)
            }
        }
    }
}
