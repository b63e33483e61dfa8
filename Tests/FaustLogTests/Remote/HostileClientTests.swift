// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Logging
import NIOCore
import NIOPosix
import Testing

/// A client that is written against the socket and not against the library.
private struct RawClient {
    let channel: any Channel

    /// Connects; whatever arrives is thrown away, or left unread.
    static func connect(_ directory: ServedDirectory, reads: Bool = true) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: reads)
            .connect(unixDomainSocketPath: try directory.socketPath).get()
        return RawClient(channel: channel)
    }

    /// Sends frames; that the server hangs up meanwhile is no failure.
    func send(_ frames: ClientFrame...) async {
        for frame in frames { try? await channel.writeAndFlush(frame.encoded()) }
    }

    func send(bytes: [UInt8]) async {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Waits until the server hangs up.
    func waitForEnd() async throws {
        try await withDeadline(.seconds(240), "the server to hang up") { try await channel.closeFuture.get() }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct HostileClientTests {
    private let log = LogTransport(storage: .memory)
    private let logger = Logger(label: "test")

    /// Runs a test against a server, and checks in the end that a well-behaved client is still served.
    private func withServer(
        _ configuration: LogServer.Configuration = LogServer.Configuration(),
        _ body: (ServedDirectory) async throws -> Void
    ) async throws {
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "orders", partitions: 2)])
        let directory = try ServedDirectory()
        let server = LogServer(transport: log, directory: directory.path, configuration: configuration)
        try await server.start()
        try await body(directory)
        let client = RemoteLogTransport(directory: directory.path)
        try await withDeadline(.seconds(240), "a well-behaved client to be served") {
            try await client.start()
            let topics = try await client.topics(nil)
            #expect(topics.keys.sorted() == ["orders"])
        }
        await client.stop()
        try await withDeadline(.seconds(240), "the end of the server") { await server.stop() }
        await log.stop()
    }

    @Test(
        "a client that breaks the protocol is cut off",
        arguments: [
            [0, 0, 0, 0], [255, 255, 255, 255, 1, 2, 3], [1, 0, 0, 0, 99], [3, 0, 0, 0, 0, 1, 2],
            [5, 0, 0, 0, 4, 0, 0, 0, 0], Array(repeating: 0x47, count: 10_000),
        ] as [[UInt8]]
    )
    func cutsOffGarbage(_ bytes: [UInt8]) async throws {
        try await withServer { directory in
            let stranger = try await RawClient.connect(directory)
            await stranger.send(bytes: bytes)
            try await stranger.waitForEnd()
            let known = try await RawClient.connect(directory)
            await known.send(.hello(version: WireProtocol.version))
            await known.send(bytes: bytes)
            try await known.waitForEnd()
        }
    }

    @Test("a client of another version is told and cut off")
    func refusesOtherVersions() async throws {
        try await withServer { directory in
            let client = try await RawClient.connect(directory)
            await client.send(.hello(version: WireProtocol.version + 1))
            try await client.waitForEnd()
        }
    }

    @Test("a client that says nothing is cut off")
    func cutsOffSilence() async throws {
        var configuration = LogServer.Configuration()
        configuration.helloTimeout = .milliseconds(20)
        try await withServer(configuration) { directory in
            try await RawClient.connect(directory).waitForEnd()
        }
    }

    @Test("clients beyond the greatest number are refused, until one goes")
    func boundsClients() async throws {
        var configuration = LogServer.Configuration()
        configuration.maxConnections = 1
        try await withServer(configuration) { directory in
            let first = RemoteLogTransport(directory: directory.path)
            try await first.start()
            let second = RemoteLogTransport(directory: directory.path)
            await #expect(throws: FaustError.self) { try await second.start() }
            await first.stop()
            // The server notices some time later.
            try await withDeadline(.seconds(240), "a free place") {
                while true {
                    do { return try await second.start() } catch { await Task.yield() }
                }
            }
            await second.stop()
            try await withDeadline(.seconds(240), "a free place") {
                let third = RemoteLogTransport(directory: directory.path)
                while true {
                    do { return await (try third.start(), third.stop()).1 } catch { await Task.yield() }
                }
            }
        }
    }

    @Test("numbers that nobody was given do no harm")
    func passesOverUnknownNumbers() async throws {
        try await withServer { directory in
            let client = try await RawClient.connect(directory)
            let partition = TopicPartition("orders", 0)
            await client.send(
                .hello(version: WireProtocol.version),
                .command(.read(consumer: 7, partition, position: nil, queue: 8, epoch: 1)),
                .command(.credit(queue: 9, byteCount: .max)),
                .command(.openQueue(1, consumer: 7)),
                .command(.seek(consumer: 7, partition, position: .min, epoch: .max)),
                .listenerReturned(call: 1),
                .request(id: 1, .closeConsumer(7)),
                .request(id: 1, .closeProducer(7)),
                .request(id: 2, .commitTransaction(producer: 7, [partition: .min], consumer: 8)),
                .produce(producer: 7, id: 1, [OutgoingMessage(to: partition, key: nil, value: nil)])
            )
            try await client.channel.close()
        }
    }

    @Test("a client that reads into the queue of another consumer is cut off")
    func refusesForeignQueues() async throws {
        try await withServer { directory in
            let client = try await RawClient.connect(directory)
            let options = ClientFrame.ConsumerOptions(
                group: nil,
                clientID: "odd",
                offsetReset: .earliest,
                readCommitted: true
            )
            await client.send(
                .hello(version: WireProtocol.version),
                .command(.openConsumer(1, options)),
                .command(.openConsumer(2, options)),
                .command(.openQueue(3, consumer: 1)),
                .command(.read(consumer: 2, TopicPartition("orders", 0), position: 0, queue: 3, epoch: 1))
            )
            try await client.waitForEnd()
        }
    }

    @Test("a client that opens too much is cut off")
    func boundsQueues() async throws {
        var configuration = LogServer.Configuration()
        configuration.maxQueuesPerConnection = 3
        try await withServer(configuration) { directory in
            let client = try await RawClient.connect(directory)
            let options = ClientFrame.ConsumerOptions(
                group: nil,
                clientID: "greedy",
                offsetReset: .earliest,
                readCommitted: true
            )
            await client.send(.hello(version: WireProtocol.version), .command(.openConsumer(1, options)))
            for number: UInt32 in 1...4 { await client.send(.command(.openQueue(number, consumer: 1))) }
            try await client.waitForEnd()
        }
    }

    @Test("calls in any order are answered with errors at worst")
    func survivesOddOrder() async throws {
        try await withServer { directory in
            let client = RemoteLogTransport(directory: directory.path)
            try await client.start()
            var configuration = ProducerConfiguration(logger: logger)
            configuration.transactionalID = "odd"
            let producer = try client.makeProducer(configuration)
            await #expect(throws: FaustError.self) { try await producer.abortTransaction() }
            await #expect(throws: FaustError.self) { try await producer.commitTransaction(offsets: [:], of: nil) }
            try await producer.beginTransaction()
            await #expect(throws: FaustError.self) { try await producer.beginTransaction() }
            await producer.close()
            await #expect(throws: FaustError.self) { try await producer.beginTransaction() }
            let consumer = try client.makeConsumer(ConsumerConfiguration(group: "odd", logger: logger))
            await #expect(throws: FaustError.self) {
                try await consumer.subscribe([CopartitionedSet([String]())], listener: DeafListener())
            }
            consumer.seek(TopicPartition("orders", 0), to: 1, epoch: 1)
            consumer.stopReading(TopicPartition("orders", 0))
            await consumer.close()
            await consumer.close()
            await client.stop()
        }
    }

    @Test("positions and numbers out of any range do no harm")
    func survivesOddPositions() async throws {
        try await withServer { directory in
            let client = RemoteLogTransport(directory: directory.path)
            try await client.start()
            let consumer = try client.makeConsumer(ConsumerConfiguration(group: nil, logger: logger))
            let queue = consumer.makeQueue()
            for (epoch, position) in [Int64.min, -1, .max].enumerated() {
                consumer.read(TopicPartition("orders", 0), from: position, into: queue, epoch: UInt64(epoch))
            }
            consumer.read(TopicPartition("orders", -1), from: 0, into: queue, epoch: .max)
            consumer.pause([TopicPartition("", .max)])
            let odd = [TopicPartition("orders", .min), TopicPartition("orders", .max), TopicPartition("", 0)]
            #expect(try await client.offsets(of: odd).isEmpty)
            #expect(try await client.offsets(of: odd, from: .min).isEmpty)
            #expect(try await client.committedOffsets(group: "", partitions: odd).isEmpty)
            await consumer.close()
            await client.stop()
        }
    }

    @Test("a client that asks but never reads holds up nobody")
    func isNotHeldUp() async throws {
        try await withServer { directory in
            let partition = TopicPartition("orders", 0)
            let producer = try log.makeProducer(ProducerConfiguration(logger: logger))
            let value = Bytes(ByteStorage(count: 100_000) { _ in 100_000 })
            producer.send((0..<200).map { _ in OutgoingMessage(to: partition, key: nil, value: value) }) { _, _ in }
            await producer.flush()
            await producer.close()
            let deaf = try await RawClient.connect(directory, reads: false)
            let options = ClientFrame.ConsumerOptions(
                group: nil,
                clientID: "deaf",
                offsetReset: .earliest,
                readCommitted: true
            )
            await deaf.send(
                .hello(version: WireProtocol.version),
                .command(.openConsumer(1, options)),
                .command(.openQueue(2, consumer: 1)),
                .command(.credit(queue: 2, byteCount: .max)),
                .command(.read(consumer: 1, partition, position: 0, queue: 2, epoch: 1))
            )
            // Far more answers than any buffer holds. The server stops reading: the writes need not finish.
            for id in 0..<1_000 {
                deaf.channel.writeAndFlush(ClientFrame.request(id: UInt64(id), .topics(nil)).encoded(), promise: nil)
            }
            let client = RemoteLogTransport(directory: directory.path)
            try await client.start()
            let consumer = try client.makeConsumer(ConsumerConfiguration(group: nil, logger: logger))
            let queue = consumer.makeQueue()
            consumer.read(partition, from: 0, into: queue, epoch: 1)
            let count = try await onBlockingThread {
                var count = 0
                let deadline = ContinuousClock.now + .seconds(20)
                while count < 200, .now < deadline {
                    count += queue.poll(limit: 100, timeout: .seconds(1)).reduce(0) { $0 + $1.count }
                }
                return count
            }
            #expect(count == 200)
            await consumer.close()
            await client.stop()
            // Still connected: the server goes away before its deaf client.
            #expect(deaf.channel.isActive)
        }
    }
}

private struct DeafListener: RebalanceListener {
    func assigned(_ partitions: [TopicPartition]) async {}
    func revoked(_ partitions: [TopicPartition]) async {}
    func lost(_ partitions: [TopicPartition]) async {}
    func failed(_ error: FaustError) async {}
}
