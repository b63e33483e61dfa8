// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
public import Logging
import Synchronization

/// A log that another process of this machine has open, reached through that process's ``LogServer``.
///
/// It behaves as the log itself does: topics, offsets, producing, transactions, reading and membership in groups, with
/// the same guarantees. Messages are acknowledged when the owner's log has acknowledged them.
///
/// **When the owner stops.** What is under way fails with an error whose ``FaustError/isRetriable`` is true, and so
/// does every later call of the consumers and producers made before; members of groups are told
/// ``RebalanceListener/lost(_:)`` and ``RebalanceListener/failed(_:)``. The outcome of messages that were not
/// acknowledged yet is unknown. The transport connects anew at its next call, to whoever serves the log then.
public final class RemoteLogTransport: Transport {
    /// `log+unix://` with the log's directory.
    public let description: String
    private let directory: String
    private let logger: Logger

    private struct State {
        var connection: RemoteConnection?
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Lets one task at a time connect.
    private let connecting = AsyncLock()

    /// A log that is reached by ``start()``.
    ///
    /// - Parameters:
    ///   - directory: The directory of the log, as the process that owns it was given it; no address is needed.
    ///   - logger: For lines about the connection.
    public init(directory: String, logger: Logger = Logger(label: "faust.log.remote")) {
        self.directory = directory
        self.logger = logger
        description = "log+unix://\(directory)"
    }

    /// Connects to the owner of the log.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/transport``, retriable, when no process serves the log;
    ///   ``FaustError/Code/storage`` when there is no log in the directory or it belongs to another user.
    public func start() async throws {
        _ = try await connection()
    }

    /// Closes the connection.
    public func stop() async {
        let connection = state.withLock { state in
            state.isStopped = true
            defer { state.connection = nil }
            return state.connection
        }
        await connection?.close()
    }

    /// Creates topics, as the owner's log does.
    public func createTopics(_ declarations: [TopicDeclaration]) async throws {
        _ = try await request(.createTopics(declarations))
    }

    /// Deletes topics, as the owner's log does.
    public func deleteTopics(_ names: [String]) async throws {
        _ = try await request(.deleteTopics(names))
    }

    /// The topics that exist, by name; those asked for, or all.
    public func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        guard case .topics(let topics) = try await request(.topics(names)) else { throw Self.unexpectedReply }
        return Dictionary(topics.map { ($0.name, $0) }) { $1 }
    }

    /// The first offset that is still there and the offset after the last, per partition that exists.
    public func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        guard case .ranges(let ranges) = try await request(.offsets(partitions)) else { throw Self.unexpectedReply }
        return ranges
    }

    /// The offset of the first message of a time or later, per partition that exists.
    public func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        let request = ClientFrame.Request.offsetsFrom(partitions, timestampMilliseconds: timestampMilliseconds)
        guard case .offsets(let offsets) = try await self.request(request) else { throw Self.unexpectedReply }
        return offsets
    }

    /// What a group has committed; partitions without a commit are missing.
    public func committedOffsets(
        group: String,
        partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        let request = ClientFrame.Request.committedOffsets(group: group, partitions)
        guard case .offsets(let offsets) = try await self.request(request) else { throw Self.unexpectedReply }
        return offsets
    }

    /// Who is in a group, whichever process it runs in; the assignments are those of all topics.
    public func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        guard case .members(let members) = try await request(.groupMembers(group)) else { throw Self.unexpectedReply }
        return members
    }

    /// Makes a consumer.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/transport``, retriable, when there is no connection.
    public func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        RemoteConsumer(connection: try openConnection(), configuration: configuration)
    }

    /// Makes a producer.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/transport``, retriable, when there is no connection.
    public func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        RemoteProducer(connection: try openConnection(), configuration: configuration)
    }

    static let unexpectedReply = FaustError(
        .transport,
        "the owner of the log gave an answer that does not fit; run the same version in both processes"
    )

    private func request(_ request: ClientFrame.Request) async throws -> Reply {
        try await connection().request(request)
    }

    /// The connection there is; it may have broken without anybody having noticed.
    private func openConnection() throws(FaustError) -> RemoteConnection {
        try state.withLock { state throws(FaustError) in
            if state.isStopped { throw FaustError(.closed, "the transport is stopped") }
            guard let connection = state.connection, connection.isOpen else { throw RemoteConnection.lost }
            return connection
        }
    }

    /// The connection there is, or a new one.
    private func connection() async throws -> RemoteConnection {
        try await connecting.withLock {
            do throws(FaustError) {
                return try openConnection()
            } catch {
                guard error.isRetriable else { throw error }
                let path = try LogAddress(logDirectory: directory).socketPath()
                let connection = try await RemoteConnection.open(path, logger: logger)
                let isStopped = state.withLock { state in
                    if !state.isStopped { state.connection = connection }
                    return state.isStopped
                }
                if isStopped { await connection.close() }
                return try openConnection()
            }
        }
    }
}
