// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
public import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Lets other processes use a log that this process has open.
///
/// One process at a time owns the directory of an embedded log. It starts a server, and others on the same machine
/// reach the log with a ``RemoteLogTransport`` as if it were theirs: topics, offsets, producing, transactions, reading
/// and membership in groups.
///
/// **Access.** The server listens on a Unix domain socket that only the user can reach who runs the process; nothing
/// is open to the network. What comes from the socket is trusted in nothing: it is bounded and never traps.
///
/// **Load.** Each connection is served by tasks of its own. A client that is slow or has stopped holds up nobody but
/// itself: the server sends only as much as the client has said it has room for, and reads nothing more from a client
/// that does not take its answers.
public final class LogServer: Sendable {
    /// How a server behaves.
    public struct Configuration: Sendable {
        /// The greatest number of clients at the same time; 64 by default.
        ///
        /// Further ones get an error that they may retry on.
        public var maxConnections = 64
        /// The greatest number of queues of a client, each of which takes a thread; 64 by default.
        public var maxQueuesPerConnection = 64
        /// How long a client may take to answer a call of its rebalance listener before it is disconnected and its
        /// partitions are given to others; 5 minutes by default, as Kafka's `max.poll.interval.ms`.
        public var rebalanceTimeout: Duration = .seconds(300)
        /// How long a client may take to say hello before it is disconnected; 10 seconds by default.
        public var helloTimeout: Duration = .seconds(10)

        /// The defaults.
        public init() {}
    }

    private enum State {
        case idle
        case starting
        case running(listener: any Channel, path: String, task: Task<Void, Never>)
        case stopped
    }

    private let transport: any Transport
    private let directory: String
    private let configuration: Configuration
    private let logger: Logger
    private let state = Mutex<State>(.idle)
    private let sessions = Mutex<[ObjectIdentifier: ServerSession]>([:])

    /// A server that is opened by ``start()``.
    ///
    /// - Parameters:
    ///   - transport: What the clients use; it is started already, and stopped only after the server.
    ///   - directory: The directory of the log. This process holds its lock.
    ///   - configuration: How the server behaves.
    ///   - logger: For lines about what the server does.
    public init(
        transport: any Transport,
        directory: String,
        configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "faust.log.server")
    ) {
        self.transport = transport
        self.directory = directory
        self.configuration = configuration
        self.logger = logger
    }

    /// Opens the socket; called once, with the transport started.
    ///
    /// From then on clients are served until ``stop()``.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when the socket can't be made in the directory,
    ///   ``FaustError/Code/lifecycle`` when this server was started before or another one serves the log.
    public func start() async throws {
        try state.withLock { state in
            guard case .idle = state else {
                throw FaustError(.lifecycle, "a log server can be started only once")
            }
            state = .starting
        }
        do {
            try await open()
        } catch {
            state.withLock { if case .starting = $0 { $0 = .idle } }
            throw error
        }
    }

    /// Closes the socket and all connections, and returns when all are closed.
    ///
    /// Clients get an error that they may retry on. What they had under way is settled by the transport.
    public func stop() async {
        let running = state.withLock { state -> State in
            defer { state = .stopped }
            return state
        }
        guard case .running(let listener, let path, let task) = running else { return }
        try? await listener.close()
        let error = FaustError(.transport, "the process that owns the log is stopping", isRetriable: true)
        for session in sessions.withLock({ Array($0.values) }) { session.dismiss(error) }
        await task.value
        if let address = try? LogAddress(logDirectory: directory) { address.withdraw(path) }
    }

    private func open() async throws {
        let address = try LogAddress(logDirectory: directory)
        if let other = try? address.socketPath(), await RemoteConnection.isServed(other) {
            throw FaustError(.lifecycle, "the log at '\(directory)' is served already, at '\(other)'")
        }
        let path = try address.prepare()
        let listener: NIOAsyncChannel<Connection, Never>
        do {
            listener = try await bind(path)
        } catch {
            throw FaustError(.storage, "no socket can be opened at '\(path)'", cause: error)
        }
        do {
            try LogAddress.restrict(path)
            try address.publish(path)
        } catch {
            // Closes the socket.
            try? await listener.executeThenClose { _ in }
            throw error
        }
        // Unstructured, because the server outlives the call that starts it; `stop()` ends it and waits for its end.
        let task = Task { await self.accept(listener) }
        let isStopped = state.withLock { state in
            if case .stopped = state { return true }
            state = .running(listener: listener.channel, path: path, task: task)
            return false
        }
        if isStopped {
            try? await listener.channel.close()
            await task.value
            address.withdraw(path)
            throw FaustError(.closed, "the log server was stopped while it started")
        }
        logger.debug("the log is served to other processes", metadata: ["path": "\(path)"])
    }

    private typealias Connection = (channel: NIOAsyncChannel<Bytes, Never>, writability: WritabilityHandler)

    private func bind(_ path: String) async throws -> NIOAsyncChannel<Connection, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let writability = WritabilityHandler()
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(FrameDecoder()))
                    try channel.pipeline.syncOperations.addHandler(writability)
                    return (try NIOAsyncChannel(wrappingChannelSynchronously: channel), writability)
                }
            }
    }

    private func accept(_ listener: NIOAsyncChannel<Connection, Never>) async {
        do {
            try await withThrowingDiscardingTaskGroup { group in
                try await listener.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await self.serve(connection) }
                    }
                }
            }
        } catch {
            guard case .running = state.withLock({ $0 }) else { return }
            logger.error("no more clients can be accepted", metadata: ["error": "\(error)"])
        }
    }

    private func serve(_ connection: Connection) async {
        let session = ServerSession(
            transport: transport,
            channel: connection.channel.channel,
            writability: connection.writability,
            configuration: configuration,
            logger: logger
        )
        let id = ObjectIdentifier(session)
        let isFull = sessions.withLock { sessions in
            sessions[id] = session
            return sessions.count > configuration.maxConnections
        }
        defer { sessions.withLock { sessions in _ = sessions.removeValue(forKey: id) } }
        if isFull {
            session.dismiss(FaustError(.transport, "the log has too many clients", isRetriable: true))
        }
        if case .stopped = state.withLock({ $0 }) {
            session.dismiss(FaustError(.transport, "the process that owns the log is stopping", isRetriable: true))
        }
        do {
            try await connection.channel.executeThenClose { frames, _ in try await session.run(frames) }
        } catch {
            logger.debug("a client of the log was cut off", metadata: ["error": "\(error)"])
        }
    }
}
