// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Foundation
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LogServerTests {
    private let log = LogTransport(storage: .memory)
    private let logger = Logger(label: "test")

    private func isRetriable(_ operation: () async throws -> Void) async -> Bool {
        do {
            try await operation()
            return false
        } catch let error as FaustError {
            return error.isRetriable
        } catch {
            return false
        }
    }

    @Test("only the owner can reach the socket, which goes away with the server")
    func restrictsAccess() async throws {
        let directory = try ServedDirectory()
        let server = LogServer(transport: log, directory: directory.path)
        try await server.start()
        let path = try directory.socketPath
        #expect(path.hasSuffix("/remote/log.sock"))
        #expect(try ServedDirectory.mode(of: path) == 0o600)
        #expect(try ServedDirectory.mode(of: directory.path + "/remote") == 0o700)
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/remote").isEmpty)
    }

    @Test("a directory that others can enter is closed to them")
    func closesDirectory() async throws {
        let directory = try ServedDirectory()
        let open: [FileAttributeKey: Any] = [.posixPermissions: 0o777]
        let remote = directory.path + "/remote"
        try FileManager.default.createDirectory(atPath: remote, withIntermediateDirectories: false, attributes: open)
        let server = LogServer(transport: log, directory: directory.path)
        try await server.start()
        #expect(try ServedDirectory.mode(of: remote) == 0o700)
        await server.stop()
    }

    @Test("a link in place of the socket's directory is refused")
    func refusesLinks() async throws {
        let (directory, other) = (try ServedDirectory(), try ServedDirectory())
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/remote",
            withDestinationPath: other.path
        )
        let server = LogServer(transport: log, directory: directory.path)
        await #expect(throws: FaustError.self) { try await server.start() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty)
    }

    @Test("a path too long for a socket is replaced by a private one")
    func shortensPath() async throws {
        try await log.start()
        let directory = try ServedDirectory(suffix: String(repeating: "x", count: 120))
        let server = LogServer(transport: log, directory: directory.path)
        try await server.start()
        let path = try directory.socketPath
        let parent = String(path.dropLast("/log.sock".count))
        #expect(path.hasPrefix("/tmp/faust-") && path.utf8.count < 100)
        #expect(try ServedDirectory.mode(of: parent) == 0o700)
        let client = RemoteLogTransport(directory: directory.path)
        try await client.start()
        #expect(try await client.topics(nil).isEmpty)
        await client.stop()
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: parent))
        await log.stop()
    }

    @Test("the socket of a killed owner is replaced")
    func replacesStaleSocket() async throws {
        try await log.start()
        let directory = try ServedDirectory()
        let address = try LogAddress(logDirectory: directory.path)
        let path = try address.prepare()
        let stale = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path).get()
        try address.publish(path)
        // Closing removes the file; a second name for it is what a kill leaves behind.
        try FileManager.default.linkItem(atPath: path, toPath: path + ".kept")
        try await stale.close()
        try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
        #expect(FileManager.default.fileExists(atPath: path))
        let client = RemoteLogTransport(directory: directory.path)
        #expect(await isRetriable { try await client.start() })
        let server = LogServer(transport: log, directory: directory.path)
        try await server.start()
        try await client.start()
        await client.stop()
        await server.stop()
        await log.stop()
    }

    @Test("a log is served once")
    func refusesSecondServer() async throws {
        let directory = try ServedDirectory()
        let (first, second) = (
            LogServer(transport: log, directory: directory.path), LogServer(transport: log, directory: directory.path)
        )
        try await first.start()
        await #expect(throws: FaustError.self) { try await first.start() }
        await #expect(throws: FaustError.self) { try await second.start() }
        await first.stop()
        try await second.start()
        await second.stop()
    }

    @Test("without a server the error says so and is retriable")
    func tellsOfMissingServer() async throws {
        let directory = try ServedDirectory()
        let client = RemoteLogTransport(directory: directory.path)
        #expect(await isRetriable { try await client.start() })
        #expect(throws: FaustError.self) { try client.makeProducer(ProducerConfiguration(logger: logger)) }
        let nowhere = RemoteLogTransport(directory: directory.path + "/nothing")
        #expect(await !isRetriable { try await nowhere.start() })
    }

    @Test("an address that is no address is refused")
    func refusesDamagedAddress() async throws {
        let directory = try ServedDirectory()
        _ = try LogAddress(logDirectory: directory.path).prepare()
        for text in ["", "nonsense", "/etc/passwd", "/etc/log.sock", String(repeating: "/", count: 5_000)] {
            try text.write(toFile: directory.path + "/remote/address", atomically: true, encoding: .utf8)
            let client = RemoteLogTransport(directory: directory.path)
            await #expect(throws: FaustError.self) { try await client.start() }
        }
    }

    @Test("when the owner stops, everything under way fails retriably, and a new owner is found")
    func survivesOwner() async throws {
        try await log.start()
        let directory = try ServedDirectory()
        let first = LogServer(transport: log, directory: directory.path)
        try await first.start()
        let client = RemoteLogTransport(directory: directory.path)
        try await client.start()
        try await client.createTopics([TopicDeclaration(name: "orders", partitions: 1)])
        let consumer = try client.makeConsumer(ConsumerConfiguration(group: "group", logger: logger))
        let queue = consumer.makeQueue()
        let listener = EventListener()
        try await consumer.subscribe([CopartitionedSet(["orders"])], listener: listener)
        try await listener.events.wait { $0 == ["assigned orders[0]"] }
        let producer = try client.makeProducer(ProducerConfiguration(logger: logger))
        async let polled = onBlockingThread { queue.poll(limit: 1, timeout: .seconds(60)) }
        await first.stop()
        #expect(try await polled.isEmpty)
        try await listener.events.wait { $0.count == 3 }
        #expect(listener.events.value == ["assigned orders[0]", "lost orders[0]", "failed retriably"])
        #expect(await isRetriable { _ = try await consumer.commit([TopicPartition("orders", 0): 1]) })
        let outcome = Watched<Result<RecordMetadata, FaustError>?>(nil)
        producer.send([OutgoingMessage(to: TopicPartition("orders", 0), key: nil, value: nil)]) { _, result in
            outcome.update { $0 = result }
        }
        let sent = try await outcome.wait { $0 != nil }
        #expect(await isRetriable { _ = try sent?.get() })
        #expect(await isRetriable { _ = try await client.topics(nil) })
        let second = LogServer(transport: log, directory: directory.path)
        try await second.start()
        #expect(try await client.topics(nil).keys.sorted() == ["orders"])
        _ = try client.makeProducer(ProducerConfiguration(logger: logger))
        await consumer.close()
        await producer.close()
        await client.stop()
        await second.stop()
        await log.stop()
    }

    @Test("the partitions of a client that dies go to others")
    func replacesDeadMembers() async throws {
        try await log.start()
        let directory = try ServedDirectory()
        let server = LogServer(transport: log, directory: directory.path)
        try await server.start()
        try await log.createTopics([TopicDeclaration(name: "orders", partitions: 1)])
        let doomed = RemoteLogTransport(directory: directory.path)
        try await doomed.start()
        let first = EventListener()
        let firstConsumer = try doomed.makeConsumer(ConsumerConfiguration(group: "group", logger: logger))
        try await firstConsumer.subscribe([CopartitionedSet(["orders"])], listener: first)
        try await first.events.wait { $0 == ["assigned orders[0]"] }
        let second = EventListener()
        let secondConsumer = try log.makeConsumer(ConsumerConfiguration(group: "group", logger: logger))
        try await secondConsumer.subscribe([CopartitionedSet(["orders"])], listener: second)
        // As when the process is killed: the connection ends without a word.
        await doomed.stop()
        try await second.events.wait { $0 == ["assigned orders[0]"] }
        await secondConsumer.close()
        await server.stop()
        await log.stop()
    }
}

/// Keeps what it is told as text.
private final class EventListener: RebalanceListener {
    let events = Watched<[String]>([])

    func assigned(_ partitions: [TopicPartition]) async { add("assigned", partitions) }
    func revoked(_ partitions: [TopicPartition]) async { add("revoked", partitions) }
    func lost(_ partitions: [TopicPartition]) async { add("lost", partitions) }
    func failed(_ error: FaustError) async {
        events.update { $0.append(error.isRetriable ? "failed retriably" : "failed") }
    }

    private func add(_ what: String, _ partitions: [TopicPartition]) {
        events.update { $0.append("\(what) \(partitions.map(\.description).joined(separator: " "))") }
    }
}
