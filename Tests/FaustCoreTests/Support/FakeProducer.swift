// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization

@testable import FaustCore

/// A producer that notes what it is sent and settles it as a test says.
final class FakeProducer: TransportProducer {
    typealias Outcome = Result<RecordMetadata, FaustError>
    typealias Respond = @Sendable (OutgoingMessage) -> Outcome?

    private struct Held: Sendable {
        let message: OutgoingMessage
        let completion: @Sendable (Outcome) -> Void
    }

    /// The messages of each hand-over.
    let sent = Watched<[[OutgoingMessage]]>([])
    private let held = Mutex<[Held]>([])
    private let respond: Respond

    /// A producer.
    ///
    /// - Parameter respond: The outcome of a message; `nil` holds it until ``settle(_:)`` or a flush.
    init(_ respond: @escaping Respond = { .success(FakeProducer.metadata($0)) }) {
        self.respond = respond
    }

    static func metadata(_ message: OutgoingMessage) -> RecordMetadata {
        RecordMetadata(topicPartition: message.topicPartition, offset: 0, timestampMilliseconds: 0)
    }

    var messages: [OutgoingMessage] { sent.value.flatMap { $0 } }

    func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    ) {
        for (index, message) in messages.enumerated() {
            if let outcome = respond(message) {
                completion(index, outcome)
            } else {
                held.withLock { $0.append(Held(message: message) { completion(index, $0) }) }
            }
        }
        sent.update { $0.append(messages) }
    }

    /// Settles the messages that are held, or the first few of them.
    func settle(_ count: Int = .max, _ outcome: Outcome? = nil) {
        let due = held.withLock { held in
            let due = Array(held.prefix(count))
            held.removeFirst(due.count)
            return due
        }
        for held in due { held.completion(outcome ?? .success(Self.metadata(held.message))) }
    }

    func flush() async { settle() }
    func beginTransaction() async throws {}
    func commitTransaction(offsets: [TopicPartition: Int64], of consumer: (any TransportConsumer)?) async throws {}
    func abortTransaction() async throws {}
    func close() async { settle() }
}

/// A broker that knows topics and makes nothing.
final class FakeTransport: Transport {
    let known: Watched<[String: TopicMetadata]>
    /// The names of the topics that were created, in order.
    let created = Watched<[String]>([])
    private let creates: Bool

    init(_ topics: [String: Int32] = [:], creates: Bool = true) {
        known = Watched(
            Dictionary(uniqueKeysWithValues: topics.map { ($0, TopicMetadata(name: $0, partitions: $1)) })
        )
        self.creates = creates
    }

    var description: String { "fake://" }
    func start() async throws {}
    func stop() async {}

    func createTopics(_ declarations: [TopicDeclaration]) async throws {
        created.update { $0 += declarations.map(\.name) }
        guard creates else { return }
        known.update { known in
            for declaration in declarations {
                known[declaration.name] = TopicMetadata(name: declaration.name, partitions: declaration.partitions)
            }
        }
    }

    func deleteTopics(_ names: [String]) async throws {}

    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        known.value.filter { names?.contains($0.key) ?? true }
    }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] { [:] }
    func offsets(of partitions: [TopicPartition], from: Int64) async throws -> [TopicPartition: Int64] { [:] }
    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] { [:] }
    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer { FakeConsumer() }
    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer { FakeProducer() }
}

extension TopicCatalog {
    /// A catalog over a broker that creates what it is asked for.
    static func test(_ transport: FakeTransport = FakeTransport(), allowsDeclaring: Bool = true) -> TopicCatalog {
        TopicCatalog(
            transport: transport,
            allowsDeclaring: allowsDeclaring,
            creation: { TopicDeclaration(name: $0, partitions: 4) }
        )
    }
}

extension Producer {
    /// A producer over a fake one.
    static func test(
        _ fake: FakeProducer,
        catalog: TopicCatalog = .test(),
        monitor: Monitor = Monitor()
    ) -> Producer {
        Producer(transport: fake, catalog: catalog, partitioner: .murmur2, monitor: monitor)
    }
}

extension Logger {
    /// Drops its lines.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
