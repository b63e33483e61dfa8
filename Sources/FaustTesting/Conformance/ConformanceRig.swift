// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// What a check works with: a started transport, names of its own, and helpers that fail with a good message.
final class ConformanceRig: Sendable {
    let transport: any Transport
    let configuration: TransportConformance.Configuration
    private let check: String
    private let prefix: String
    private let topics = Mutex<[String]>([])
    private let closers = Mutex<[@Sendable () async -> Void]>([])

    init(transport: any Transport, configuration: TransportConformance.Configuration, check: String) {
        self.transport = transport
        self.configuration = configuration
        self.check = check
        // Random, because a broker may keep topics and groups from one run to the next.
        prefix = "conformance-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// How long to wait for a single thing.
    var patience: Duration { configuration.patience }

    /// A name for a topic, group or transaction that no other check uses.
    func name(_ suffix: String) -> String { "\(prefix)-\(suffix)" }

    /// Throws unless a condition holds.
    func expect(
        _ condition: Bool,
        _ message: @autoclosure () -> String,
        file: String = #fileID,
        line: Int = #line
    ) throws {
        if !condition { throw ConformanceFailure(check: check, message: message(), file: file, line: line) }
    }

    /// Throws unless two values are the same.
    func expectEqual<Value: Equatable>(
        _ actual: Value,
        _ expected: Value,
        _ what: String,
        file: String = #fileID,
        line: Int = #line
    ) throws {
        try expect(actual == expected, "\(what): expected \(expected), got \(actual)", file: file, line: line)
    }

    /// Throws unless a value is there.
    func require<Value>(
        _ value: Value?,
        _ what: String,
        file: String = #fileID,
        line: Int = #line
    ) throws -> Value {
        guard let value else {
            throw ConformanceFailure(check: check, message: "\(what) is missing", file: file, line: line)
        }
        return value
    }

    /// Throws unless an operation throws a ``FaustError`` with one of some codes; any code will do when none is given.
    @discardableResult
    func expectError(
        _ codes: FaustError.Code...,
        from what: String,
        file: String = #fileID,
        line: Int = #line,
        _ operation: () async throws -> Void
    ) async throws -> FaustError {
        do {
            try await operation()
        } catch let error as FaustError {
            let text = "\(what): expected an error with code \(codes), got \(error)"
            try expect(codes.isEmpty || codes.contains(error.code), text, file: file, line: line)
            return error
        }
        throw ConformanceFailure(check: check, message: "\(what) did not throw", file: file, line: line)
    }

    /// Creates a topic that is deleted when the check ends.
    func makeTopic(_ suffix: String = "orders", partitions: Int32 = 1) async throws -> String {
        let topic = name(suffix)
        topics.withLock { $0.append(topic) }
        try await transport.createTopics([TopicDeclaration(name: topic, partitions: partitions)])
        return topic
    }

    /// Sees to it that a function is called when the check ends; the last one first.
    func atEnd(_ closer: @escaping @Sendable () async -> Void) {
        closers.withLock { $0.append(closer) }
    }

    /// Closes what the check has made, deletes its topics and stops the transport.
    func finish() async {
        for closer in closers.withLock({ $0 }).reversed() { await closer() }
        if configuration.missing[.topicDeletion] == nil {
            // Tidying up: a check about deletion reports what goes wrong with it.
            try? await transport.deleteTopics(topics.withLock { $0 })
        }
        await transport.stop()
    }
}

extension ConformanceRig {
    /// Makes a producer that is closed when the check ends.
    func makeProducer(transactionalID: String? = nil) throws -> ConformanceProducer {
        var configuration = ProducerConfiguration(logger: configuration.logger)
        configuration.transactionalID = transactionalID
        let producer = ConformanceProducer(rig: self, raw: try transport.makeProducer(configuration))
        atEnd { await producer.close() }
        return producer
    }

    /// Makes a consumer with one queue that is closed when the check ends.
    func makeReader(
        group: String? = nil,
        configure: (inout ConsumerConfiguration) -> Void = { _ in }
    ) throws -> ConformanceReader {
        var configuration = ConsumerConfiguration(group: group, logger: configuration.logger)
        configure(&configuration)
        let reader = ConformanceReader(rig: self, consumer: try transport.makeConsumer(configuration))
        atEnd { await reader.close() }
        return reader
    }

    /// Makes a consumer, joins a group and waits for nothing; it leaves when the check ends.
    func join(
        _ group: ConformanceGroup,
        as name: String,
        onRevoke: @escaping ConformanceMember.RevokeHook = { _, _ in },
        configure: (inout ConsumerConfiguration) -> Void = { _ in }
    ) async throws -> ConformanceMember {
        let reader = try makeReader(group: group.name, configure: configure)
        let member = ConformanceMember(name: name, group: group, reader: reader, onRevoke: onRevoke)
        try await reader.consumer.subscribe(group.sets, listener: member)
        return member
    }

    /// Sends a number of messages, `"0"`, `"1"`, …, to a partition and waits until they are there.
    func fill(_ partition: TopicPartition, _ values: Range<Int>) async throws {
        let producer = try makeProducer()
        try await producer.send(values.map { OutgoingMessage(to: partition, key: nil, value: Bytes("\($0)")) })
        await producer.close()
    }

    /// Commits offsets and throws unless the broker confirms all of them.
    func commit(_ offsets: [TopicPartition: Int64], of consumer: any TransportConsumer) async throws {
        let result = try await consumer.commit(offsets)
        try expectEqual(result.committed, offsets, "what the commit confirmed (failures: \(result.failures))")
    }
}
