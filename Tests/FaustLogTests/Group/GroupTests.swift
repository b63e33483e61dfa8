// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Synchronization
import Testing

@Suite("Groups")
struct GroupTests {
    private let sets = [CopartitionedSet(["orders", "accounts"])]

    private func withTopics(_ place: Place = .memory, _ body: (LogTransport) async throws -> Void) async throws {
        try await withLog(place) { log in
            try await log.createTopics([
                TopicDeclaration(name: "orders", partitions: 4), TopicDeclaration(name: "accounts", partitions: 4),
                TopicDeclaration(name: "narrow", partitions: 2),
            ])
            try await body(log)
        }
    }

    @Test("partitions of one number of a set go to one member, and only those that move are revoked")
    func cooperation() async throws {
        try await withTopics { log in
            let consumers = try (0..<3).map { _ in try log.consumer(group: "g") }
            let listeners = (0..<3).map { _ in RecordingListener() }
            try await consumers[0].subscribe(sets, listener: listeners[0])
            await listeners[0].waitForAssignment(count: 8)
            try await consumers[1].subscribe(sets, listener: listeners[1])
            await listeners[1].waitForAssignment(count: 4)
            #expect(listeners[0].assignment.count == 4)
            #expect(listeners[0].events.count == 2)
            try await consumers[2].subscribe(sets, listener: listeners[2])
            await listeners[2].waitForAssignment(count: 2)
            for listener in listeners {
                let numbers = { (topic: String) in
                    listener.assignment.filter { $0.topic == topic }.map(\.partition)
                }
                #expect(numbers("orders") == numbers("accounts"))
            }
            #expect(Set(listeners.flatMap(\.assignment)).count == 8)
            await consumers[0].close()
            for listener in listeners.dropFirst() { await listener.waitForAssignment(count: 4) }
            #expect(listeners[0].assignment.isEmpty)
            for consumer in consumers.dropFirst() { await consumer.close() }
        }
    }

    @Test("what is revoked can still be committed, and is assigned only after the listener has returned")
    func handover() async throws {
        try await withTopics { log in
            let first = try log.consumer(group: "g")
            let second = try log.consumer(group: "g")
            let order = Mutex<[String]>([])
            let committed = Mutex<[TopicPartition: Int64]>([:])
            let giver = RecordingListener { event in
                guard case .revoked(let partitions) = event else { return }
                let offsets = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(5)) })
                let result = try? await first.commit(offsets)
                committed.withLock { $0 = result?.committed ?? [:] }
                order.withLock { $0.append("revoked") }
            }
            let taker = RecordingListener { event in
                if case .assigned = event { order.withLock { $0.append("assigned") } }
            }
            try await first.subscribe(sets, listener: giver)
            await giver.waitForAssignment(count: 8)
            try await second.subscribe(sets, listener: taker)
            await taker.waitForAssignment(count: 4)
            #expect(order.withLock { $0 } == ["revoked", "assigned"])
            #expect(committed.withLock { Set($0.keys) } == Set(taker.assignment))
            let stored = try await log.committedOffsets(group: "g", partitions: taker.assignment)
            #expect(stored.values.allSatisfy { $0 == 5 } && stored.count == 4)
            // From now on the first one may not commit them any more.
            let late = try await first.commit([taker.assignment[0]: 6, giver.assignment[0]: 6])
            #expect(late.committed == [giver.assignment[0]: 6])
            #expect(late.failures[taker.assignment[0]]?.code == .group)
            await first.close()
            await second.close()
        }
    }

    @Test("more members than partitions: the surplus waits its turn")
    func surplus() async throws {
        try await withTopics { log in
            let narrow = [CopartitionedSet(["narrow"])]
            let consumers = try (0..<3).map { _ in try log.consumer(group: "g") }
            let listeners = (0..<3).map { _ in RecordingListener() }
            for (consumer, listener) in zip(consumers, listeners) {
                try await consumer.subscribe(narrow, listener: listener)
            }
            await listeners[1].waitForAssignment(count: 1)
            #expect(listeners[2].events.isEmpty)
            await consumers[1].close()
            await listeners[2].waitForAssignment(count: 1)
            await listeners[0].waitForAssignment(count: 1)
            #expect(Set(listeners.flatMap(\.assignment)).count == 2)
            for consumer in consumers { await consumer.close() }
        }
    }

    @Test("groups do not see each other")
    func separateGroups() async throws {
        try await withTopics { log in
            let consumers = try ["a", "b"].map { try log.consumer(group: $0) }
            let listeners = consumers.map { _ in RecordingListener() }
            for (consumer, listener) in zip(consumers, listeners) {
                try await consumer.subscribe(sets, listener: listener)
                await listener.waitForAssignment(count: 8)
            }
            let partition = TopicPartition("orders", 0)
            _ = try await consumers[0].commit([partition: 3])
            #expect(try await log.committedOffsets(group: "a", partitions: [partition]) == [partition: 3])
            #expect(try await log.committedOffsets(group: "b", partitions: [partition]).isEmpty)
            for consumer in consumers { await consumer.close() }
        }
    }

    @Test("a closing consumer is told to give everything up first, and can commit then")
    func close() async throws {
        try await withTopics { log in
            let consumer = try log.consumer(group: "g")
            let partition = TopicPartition("orders", 2)
            let listener = RecordingListener { event in
                if case .revoked = event { _ = try? await consumer.commit([partition: 9]) }
            }
            try await consumer.subscribe(sets, listener: listener)
            await listener.waitForAssignment(count: 8)
            await consumer.close()
            #expect(listener.assignment.isEmpty)
            #expect(try await log.committedOffsets(group: "g", partitions: [partition]) == [partition: 9])
            let next = try log.consumer(group: "g")
            let queue = next.makeQueue()
            next.read(partition, from: nil, into: queue, epoch: 1)
            #expect(queue.poll(limit: 1, timeout: .zero).isEmpty)
            await next.close()
        }
    }

    @Test("a subscription that can't work is refused")
    func refusedSubscriptions() async throws {
        try await withTopics { log in
            let expected: [([CopartitionedSet], FaustError.Code)] = [
                ([CopartitionedSet(["orders", "narrow"])], .configuration),
                ([CopartitionedSet(["orders"]), CopartitionedSet(["accounts", "orders"])], .configuration),
                ([CopartitionedSet(["nothing"])], .unknownPartition),
            ]
            for (sets, code) in expected {
                let consumer = try log.consumer(group: "g")
                let error = await #expect(throws: FaustError.self) {
                    try await consumer.subscribe(sets, listener: RecordingListener())
                }
                #expect(error?.code == code)
                await consumer.close()
            }
            let loner = try log.consumer()
            await #expect(throws: FaustError.self) { try await loner.subscribe(sets, listener: RecordingListener()) }
            await #expect(throws: FaustError.self) { _ = try await loner.commit([:]) }
            await loner.close()
        }
    }

    @Test("a commit of something impossible is refused by itself")
    func refusedCommits() async throws {
        try await withTopics { log in
            let consumer = try log.consumer(group: "g")
            let good = TopicPartition("orders", 0)
            let result = try await consumer.commit([
                good: 1, TopicPartition("orders", 9): 1, TopicPartition("narrow", 0): -1,
            ])
            #expect(result.committed == [good: 1])
            #expect(result.failures[TopicPartition("orders", 9)]?.code == .unknownPartition)
            #expect(result.failures[TopicPartition("narrow", 0)]?.code == .validation)
            await consumer.close()
        }
    }

    @Test("the members learn that a topic was deleted")
    func deletion() async throws {
        try await withTopics { log in
            let consumer = try log.consumer(group: "g")
            let listener = RecordingListener()
            try await consumer.subscribe(sets + [CopartitionedSet(["narrow"])], listener: listener)
            await listener.waitForAssignment(count: 10)
            try await log.deleteTopics(["narrow"])
            await listener.waitForAssignment(count: 8)
            #expect(listener.events.last == .lost([TopicPartition("narrow", 0), TopicPartition("narrow", 1)]))
            await consumer.close()
        }
    }

    @Test("without an offset and with reset none, the listener learns that the membership failed")
    func noOffset() async throws {
        try await withTopics { log in
            let consumer = try log.consumer(group: "g", reset: .none)
            let queue = consumer.makeQueue()
            let listener = RecordingListener { event in
                guard case .assigned(let partitions) = event else { return }
                consumer.read(partitions[0], from: nil, into: queue, epoch: 1)
            }
            try await consumer.subscribe([CopartitionedSet(["narrow"])], listener: listener)
            await listener.wait { $0.contains(.failed(.group)) }
            await consumer.close()
        }
    }
}
