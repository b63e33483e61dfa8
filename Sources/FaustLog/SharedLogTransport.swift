// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
public import Logging
import Synchronization

/// The embedded log under a directory, whoever owns it: this process, or another one of this machine.
///
/// The first process that starts takes the directory and serves it on a ``LogServer``; the others reach it there. So
/// two terminals share a log without any set-up: a worker in one, `send` in the other. When the owner ends, the others
/// get retriable errors; the next process that starts takes the directory over.
public final class SharedLogTransport: Transport {
    private enum Access {
        case owner(LogTransport, LogServer)
        case guest(RemoteLogTransport)

        var transport: any Transport {
            switch self {
            case .owner(let transport, _): transport
            case .guest(let transport): transport
            }
        }
    }

    private let directory: String
    private let configuration: LogConfiguration
    private let logger: Logger
    private let access = Mutex<Access?>(nil)
    /// How often a process tries anew that found the directory taken, but nobody serving it: its owner is starting or
    /// ending just then.
    private static let attempts = 50
    private static let pause = Duration.milliseconds(100)

    /// A log that is opened or connected to by ``start()``.
    ///
    /// - Parameters:
    ///   - directory: The directory of the log; it is created if it is not there.
    ///   - configuration: How the log behaves if this process comes to own it.
    ///   - logger: For lines about the log.
    public init(
        directory: String,
        configuration: LogConfiguration = LogConfiguration(),
        logger: Logger = Logger(label: "faust.log")
    ) {
        self.directory = directory
        self.configuration = configuration
        self.logger = logger
    }

    /// `log://` with the directory.
    public var description: String { "log://\(directory)" }

    /// Takes the directory, or connects to the process that has it.
    ///
    /// - Throws: ``FaustError``: code ``FaustError/Code/storage`` when the directory can't be used, or is taken by a
    ///   process that does not serve it; see ``LogTransport/start()`` for others.
    public func start() async throws {
        for attempt in 1...Self.attempts {
            do {
                if let owner = try await own() {
                    access.withLock { $0 = owner }
                } else {
                    let guest = try await join()
                    access.withLock { $0 = guest }
                }
                return
            } catch let error as FaustError where error.isRetriable && attempt < Self.attempts {
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Opens the log and serves it; `nil` when another process has it.
    private func own() async throws -> Access? {
        let transport = LogTransport(directory: directory, configuration: configuration, logger: logger)
        do {
            try await transport.start()
        } catch let error as FaustError where error.cause is LogDirectoryInUse {
            return nil
        }
        let server = LogServer(transport: transport, directory: directory, logger: logger)
        do {
            try await server.start()
        } catch {
            await transport.stop()
            throw error
        }
        return .owner(transport, server)
    }

    private func join() async throws -> Access {
        let transport = RemoteLogTransport(directory: directory, logger: logger)
        try await transport.start()
        logger.debug("Another process owns the log; it is reached there", metadata: ["directory": "\(directory)"])
        return .guest(transport)
    }

    /// Disconnects the guests and closes the log, or the connection.
    public func stop() async {
        switch access.withLock({ $0 }) {
        case .owner(let transport, let server):
            await server.stop()
            await transport.stop()
        case .guest(let transport): await transport.stop()
        case nil: break
        }
    }

    private func started() throws(FaustError) -> any Transport {
        guard let access = access.withLock({ $0 }) else {
            throw FaustError(.lifecycle, "the log in \(directory) is not started")
        }
        return access.transport
    }

    // MARK: What the log or its owner does

    /// See ``Transport/createTopics(_:)``.
    public func createTopics(_ declarations: [TopicDeclaration]) async throws {
        try await started().createTopics(declarations)
    }

    /// See ``Transport/deleteTopics(_:)``.
    public func deleteTopics(_ names: [String]) async throws {
        try await started().deleteTopics(names)
    }

    /// See ``Transport/topics(_:)``.
    public func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        try await started().topics(names)
    }

    /// See ``Transport/offsets(of:)``.
    public func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await started().offsets(of: partitions)
    }

    /// See ``Transport/offsets(of:from:)``.
    public func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        try await started().offsets(of: partitions, from: timestampMilliseconds)
    }

    /// See ``Transport/committedOffsets(group:partitions:)``.
    public func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await started().committedOffsets(group: group, partitions: partitions)
    }

    /// See ``Transport/makeConsumer(_:)``.
    public func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try started().makeConsumer(configuration)
    }

    /// See ``Transport/makeProducer(_:)``.
    public func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try started().makeProducer(configuration)
    }
}
