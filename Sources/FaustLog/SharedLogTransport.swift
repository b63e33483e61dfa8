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
    /// What was opened: the log with its server, or the connection to its owner.
    private struct Access: Sendable {
        let transport: any Transport
        let server: LogServer?
    }

    private let directory: String
    private let configuration: LogConfiguration
    private let logger: Logger
    private let access = Mutex<Access?>(nil)

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
        let transport = try await LogTransport.openOrConnect(
            directory: directory,
            configuration: configuration,
            logger: logger
        )
        var server: LogServer?
        if transport is LogTransport {
            let started = LogServer(transport: transport, directory: directory, logger: logger)
            do {
                try await started.start()
            } catch {
                await transport.stop()
                throw error
            }
            server = started
        }
        let access = Access(transport: transport, server: server)
        self.access.withLock { $0 = access }
    }

    /// Disconnects the guests and closes the log, or the connection.
    public func stop() async {
        guard let access = access.withLock({ $0 }) else { return }
        await access.server?.stop()
        await access.transport.stop()
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

    /// See ``Transport/groupMembers(_:)``.
    public func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        try await started().groupMembers(group)
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
