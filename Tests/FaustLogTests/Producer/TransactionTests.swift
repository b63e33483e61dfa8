// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Testing

@Suite("Transactions")
struct TransactionTests {
    private let input = TopicPartition("in", 0)
    private let output = TopicPartition("out", 0)

    private func withTopics(_ place: Place, _ body: (LogTransport) async throws -> Void) async throws {
        try await withLog(place) { log in
            try await log.createTopics([
                TopicDeclaration(name: "in", partitions: 2), TopicDeclaration(name: "out", partitions: 2),
            ])
            try await body(log)
        }
    }

    @Test("messages and offsets of a transaction take effect together, and not before", arguments: Place.allCases)
    func commit(place: Place) async throws {
        try await withTopics(place) { log in
            let consumer = try log.consumer(group: "g")
            let listener = RecordingListener()
            try await consumer.subscribe([CopartitionedSet(["in"])], listener: listener)
            await listener.waitForAssignment(count: 2)
            let producer = try log.producer(transactionalID: "t")
            try await producer.beginTransaction()
            let outcomes = producer.start([
                .text("1", to: output), .text("2", to: TopicPartition("out", 1)), .text("3", to: output),
            ])
            await producer.flush()
            #expect(outcomes.settled.isEmpty)
            _ = try await log.producer().append([.text("0", to: output)])
            #expect(try await log.readAll(output).map(\.value) == ["0"])
            try await producer.commitTransaction(offsets: [input: 7], of: consumer)
            #expect(try outcomes.settled.map { try $0.get().offset } == [1, 0, 2])
            #expect(try await log.readAll(output).map(\.value) == ["0", "1", "3"])
            #expect(try await log.committedOffsets(group: "g", partitions: [input]) == [input: 7])
            await consumer.close()
        }
    }

    @Test("an aborted transaction leaves nothing behind", arguments: Place.allCases)
    func abort(place: Place) async throws {
        try await withTopics(place) { log in
            let producer = try log.producer(transactionalID: "t")
            try await producer.beginTransaction()
            let outcomes = producer.start([.text("1", to: output)])
            try await producer.abortTransaction()
            #expect(outcomes.settled.count == 1)
            #expect(throws: FaustError.self) { try outcomes.settled[0].get() }
            try await producer.beginTransaction()
            _ = producer.start([.text("2", to: output)])
            try await producer.commitTransaction(offsets: [:], of: nil)
            #expect(try await log.readAll(output).map(\.value) == ["2"])
        }
    }

    @Test("a newer producer fences the older one of the same identity", arguments: Place.allCases)
    func fencing(place: Place) async throws {
        try await withTopics(place) { log in
            let old = try log.producer(transactionalID: "t")
            try await old.beginTransaction()
            let outcomes = old.start([.text("old", to: output)])
            let new = try log.producer(transactionalID: "t")
            _ = try log.producer(transactionalID: "another")
            let error = await #expect(throws: FaustError.self) {
                try await old.commitTransaction(offsets: [:], of: nil)
            }
            #expect(error?.code == .fenced)
            #expect(throws: FaustError.self) { try outcomes.settled[0].get() }
            await #expect(throws: FaustError.self) { try await old.beginTransaction() }
            try await new.beginTransaction()
            _ = new.start([.text("new", to: output)])
            try await new.commitTransaction(offsets: [:], of: nil)
            #expect(try await log.readAll(output).map(\.value) == ["new"])
        }
    }

    @Test("offsets of a partition that was taken away fail the commit as a whole", arguments: Place.allCases)
    func membership(place: Place) async throws {
        try await withTopics(place) { log in
            let consumer = try log.consumer(group: "g")
            let owner = try log.consumer(group: "g")
            let listener = RecordingListener()
            try await owner.subscribe([CopartitionedSet(["in"])], listener: listener)
            await listener.waitForAssignment(count: 2)
            let producer = try log.producer(transactionalID: "t")
            try await producer.beginTransaction()
            _ = producer.start([.text("1", to: output)])
            let error = await #expect(throws: FaustError.self) {
                try await producer.commitTransaction(offsets: [input: 1], of: consumer)
            }
            #expect(error?.code == .group)
            try await producer.abortTransaction()
            #expect(try await log.readAll(output).isEmpty)
            #expect(try await log.committedOffsets(group: "g", partitions: [input]).isEmpty)
            await owner.close()
            await consumer.close()
        }
    }

    @Test("calls at the wrong time are refused")
    func wrongTime() async throws {
        try await withTopics(.memory) { log in
            let plain = try log.producer()
            await #expect(throws: FaustError.self) { try await plain.beginTransaction() }
            let producer = try log.producer(transactionalID: "t")
            await #expect(throws: FaustError.self) { try await producer.commitTransaction(offsets: [:], of: nil) }
            await #expect(throws: FaustError.self) { try await producer.abortTransaction() }
            let outcome = await producer.append([.text("outside", to: output)])
            #expect(throws: FaustError.self) { try outcome[0].get() }
            try await producer.beginTransaction()
            await #expect(throws: FaustError.self) { try await producer.beginTransaction() }
            let pending = producer.start([.text("1", to: output)])
            await producer.close()
            #expect(pending.settled.count == 1)
            #expect(try await log.readAll(output).isEmpty)
        }
    }

    @Test("a transaction is bounded")
    func bound() async throws {
        var configuration = LogConfiguration.quiet()
        configuration.maxTransactionBytes = 1000
        try await withLog(.memory, configuration) { log in
            try await log.createTopics([TopicDeclaration(name: "out", partitions: 1)])
            let producer = try log.producer(transactionalID: "t")
            try await producer.beginTransaction()
            let big = OutgoingMessage.text(String(repeating: "x", count: 1000), to: output)
            let first = producer.start([big])
            let second = producer.start([big])
            guard case .failure(let error) = second.settled.first else {
                Issue.record("the transaction has no bound")
                return
            }
            #expect(error.code == .messageTooLarge)
            #expect(first.settled.isEmpty)
            try await producer.abortTransaction()
        }
    }
}
