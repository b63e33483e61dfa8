// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A client's connection to the owner of a log, which never comes back once it is lost.
final class RemoteConnection: Sendable {
    /// What is told the consumers of what arrives for them; on the connection's event loop, so it must not block.
    protocol Consumer: AnyObject, Sendable {
        func receive(_ batch: MessageBatch, byteCount: Int, queue: UInt32)
        func receive(_ call: ServerFrame.ListenerCall, number: UInt64)
        func disconnected(_ error: FaustError)
    }

    typealias Produced = @Sendable (Result<[ServerFrame.ProduceOutcome], FaustError>) -> Void

    private struct State {
        var failure: FaustError?
        var greeting: CheckedContinuation<Void, any Error>?
        var isGreeted = false
        var nextID: UInt64 = 0
        var nextNumber: UInt32 = 0
        var requests: [UInt64: CheckedContinuation<Reply, any Error>] = [:]
        var produced: [UInt64: Produced] = [:]
        var consumers: [UInt32: any Consumer] = [:]
        var queues: [UInt32: any Consumer] = [:]
    }

    static let lost = FaustError(
        .transport,
        "the connection to the process that owns the log is lost; it is made anew at the next call",
        isRetriable: true
    )

    private let state = Mutex(State())
    private let channel: any Channel
    private let logger: Logger
    /// Bytes that were written but not taken by the system yet; ``waitForRoom()`` bounds them.
    private let unwritten = Monitor(0)
    private static let maximumUnwrittenByteCount = 32 << 20

    private init(channel: any Channel, logger: Logger) {
        self.channel = channel
        self.logger = logger
    }

    /// Connects, and waits until the server has answered the hello.
    static func open(_ path: String, logger: Logger) async throws -> RemoteConnection {
        let connection: RemoteConnection
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let connection = RemoteConnection(channel: channel, logger: logger)
                        let decoder = ByteToMessageHandler(FrameDecoder())
                        try channel.pipeline.syncOperations.addHandler(decoder)
                        try channel.pipeline.syncOperations.addHandler(FrameHandler(connection: connection))
                        return connection
                    }
                }
        } catch {
            throw FaustError(
                .transport,
                "the process that owned the log does not answer at '\(path)'; start the worker",
                cause: error,
                isRetriable: true
            )
        }
        try await connection.greet()
        return connection
    }

    /// Whether somebody listens at a path.
    static func isServed(_ path: String) async -> Bool {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // Refused when the owner of the socket was killed.
        guard let channel = try? await bootstrap.connect(unixDomainSocketPath: path).get() else { return false }
        try? await channel.close()
        return true
    }

    /// Whether the connection has not been lost yet.
    var isOpen: Bool { state.withLock { $0.failure == nil } }

    /// Closes the connection; what is under way fails.
    func close() async {
        fail(FaustError(.closed, "the transport is stopped"))
        // Fails only when the channel is closed already.
        try? await channel.close()
    }

    /// Sends a request and waits for its answer.
    func request(_ request: ClientFrame.Request) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            let id = state.withLock { state -> Result<UInt64, FaustError> in
                if let failure = state.failure { return .failure(failure) }
                state.nextID += 1
                state.requests[state.nextID] = continuation
                return .success(state.nextID)
            }
            switch id {
            case .success(let id): write(.request(id: id, request))
            case .failure(let error): continuation.resume(throwing: error)
            }
        }
    }

    /// Sends what is not answered; nothing happens when the connection is lost.
    func send(_ command: ClientFrame.Command) {
        write(.command(command))
    }

    /// Says that a call of a listener has returned.
    func sendListenerReturned(_ call: UInt64) {
        write(.listenerReturned(call: call))
    }

    /// Sends messages in the order of the calls.
    ///
    /// - Parameters:
    ///   - messages: The messages; at least one.
    ///   - producer: The number of the producer.
    ///   - completion: Called once, with the outcomes in the order of the messages.
    func produce(_ messages: [OutgoingMessage], with producer: UInt32, completion: @escaping Produced) {
        let id = state.withLock { state -> Result<UInt64, FaustError> in
            if let failure = state.failure { return .failure(failure) }
            state.nextID += 1
            state.produced[state.nextID] = completion
            return .success(state.nextID)
        }
        switch id {
        case .success(let id): write(.produce(producer: producer, id: id, messages))
        // Not on the caller's thread, which may hold a lock that the completion wants.
        case .failure(let error): channel.eventLoop.execute { completion(.failure(error)) }
        }
    }

    /// Blocks the calling thread while much that was written is not under way yet.
    func waitForRoom() {
        // The event loop's thread is the one that makes room: it must not wait.
        if channel.eventLoop.inEventLoop { return }
        _ = unwritten.wait { $0 < Self.maximumUnwrittenByteCount ? true : nil }
    }

    /// A number for a new consumer, producer or queue.
    func makeNumber() -> UInt32 {
        state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
    }

    /// Passes on what arrives for a consumer from now on.
    ///
    /// - Throws: Why the connection was lost.
    func register(_ consumer: any Consumer, number: UInt32) throws(FaustError) {
        let failure = state.withLock { state in
            if state.failure == nil { state.consumers[number] = consumer }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// Passes on the batches of a queue from now on; whether the connection is open.
    func register(_ consumer: any Consumer, queue: UInt32) -> Bool {
        state.withLock { state in
            if state.failure == nil { state.queues[queue] = consumer }
            return state.failure == nil
        }
    }

    /// Passes on no more to a consumer and its queues.
    func unregister(consumer: UInt32, queues: [UInt32]) {
        state.withLock { state in
            state.consumers[consumer] = nil
            for queue in queues { state.queues[queue] = nil }
        }
    }

    private func greet() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<Void, any Error>? = state.withLock { state in
                if let failure = state.failure { return .failure(failure) }
                if state.isGreeted { return .success(()) }
                state.greeting = continuation
                return nil
            }
            if let outcome { return continuation.resume(with: outcome) }
            write(.hello(version: WireProtocol.version))
        }
    }

    private func write(_ frame: ClientFrame) {
        let buffer = frame.encoded()
        let byteCount = buffer.readableBytes
        unwritten.update { unwritten in
            unwritten += byteCount
            return false
        }
        channel.writeAndFlush(buffer)
            .whenComplete { _ in
                self.unwritten.update { unwritten in
                    unwritten -= byteCount
                    return true
                }
            }
    }

    fileprivate func receive(_ bytes: Bytes) throws {
        switch try ServerFrame(decoding: bytes) {
        case .hello(let version, _): try greeted(version)
        case .reply(let id, let reply):
            state.withLock { $0.requests.removeValue(forKey: id) }?.resume(with: reply.mapError { $0 as any Error })
        case .produced(let id, let outcomes):
            state.withLock { $0.produced.removeValue(forKey: id) }?(.success(outcomes))
        case .batch(let queue, let batch):
            // The length in front of the frame counts as well, as it does for the server.
            state.withLock { $0.queues[queue] }?.receive(batch, byteCount: bytes.count + 4, queue: queue)
        case .listenerCall(let call, let consumer, let kind):
            if let consumer = state.withLock({ $0.consumers[consumer] }) {
                consumer.receive(kind, number: call)
            } else {
                sendListenerReturned(call)
            }
        case .goodbye(let error): fail(error)
        }
    }

    private func greeted(_ version: UInt16) throws {
        guard version == WireProtocol.version else {
            throw WireFault("the owner of the log speaks version \(version), not \(WireProtocol.version)")
        }
        let greeting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.isGreeted = true
            defer { state.greeting = nil }
            return state.greeting
        }
        greeting?.resume()
    }

    /// Fails everything that is under way and everything that comes; the first reason counts.
    fileprivate func fail(_ error: FaustError) {
        let content = state.withLock { state -> State? in
            guard state.failure == nil else { return nil }
            let content = state
            state = State()
            state.failure = error
            return content
        }
        guard let content else { return }
        logger.debug("the connection to the log ended", metadata: ["reason": "\(error)"])
        content.greeting?.resume(throwing: error)
        for request in content.requests.values { request.resume(throwing: error) }
        for produced in content.produced.values { produced(.failure(error)) }
        for consumer in content.consumers.values { consumer.disconnected(error) }
    }
}

/// Hands frames to the connection.
private final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = Bytes

    private let connection: RemoteConnection

    init(connection: RemoteConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try connection.receive(unwrapInboundIn(data))
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let text = "the connection to the process that owns the log broke"
        connection.fail(FaustError(.transport, text, cause: error, isRetriable: !(error is WireFault)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.fail(RemoteConnection.lost)
        context.fireChannelInactive()
    }
}
