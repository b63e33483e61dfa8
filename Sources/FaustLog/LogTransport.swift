// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
public import Logging

/// The embedded log: a broker inside the process, without any server.
///
/// It has topics with partitions, offsets, timestamps and headers, consumer groups, transactions, retention and
/// compaction, as Kafka has them, and keeps them in memory or in one RocksDB database under a directory. One process
/// at a time owns a directory. It replicates nothing: to run on more than one machine, use Kafka.
///
/// **Durability.** On disk, what was acknowledged survives a SIGKILL at any point; with
/// ``LogConfiguration/Synchronization/everyCommit`` also the failure of the machine. A commit is one atomic write.
///
/// **Transactions.** The messages of a transaction are kept in memory and are appended, with the offsets, in one
/// atomic write when it commits. So nobody ever reads messages of an open or aborted transaction, whatever
/// ``ConsumerConfiguration/readCommitted`` says; there are no control records; and the completions of the
/// messages are called when the transaction commits or aborts, not before.
///
/// **Groups** live in the process. Partitions move between members one by one: each is revoked, its listener is waited
/// for, and only then it is assigned to the next member.
public final class LogTransport: Transport {
    /// Where the log is kept.
    public enum Storage: Sendable, Hashable {
        /// In memory, as long as the transport is not stopped.
        case memory
        /// In a database under a directory, which is created if it is not there.
        case directory(String)
    }

    /// `memory://` or `log://` with the directory.
    public let description: String
    let engine: LogEngine
    private let maintenance: Maintenance

    /// A log that is opened by ``start()``.
    ///
    /// - Parameters:
    ///   - storage: Where the log is kept.
    ///   - configuration: How the log behaves.
    ///   - logger: For lines about what the log does.
    public init(
        storage: Storage,
        configuration: LogConfiguration = LogConfiguration(),
        logger: Logger = Logger(label: "faust.log")
    ) {
        switch storage {
        case .memory: description = "memory://"
        case .directory(let path): description = "log://\(path)"
        }
        engine = LogEngine(
            storage: Self.makeStorage(storage, configuration, logger),
            configuration: configuration,
            logger: logger
        )
        maintenance = Maintenance(engine: engine)
    }

    /// A log in a storage of one's own, for tests of its failures.
    init(storage: any LogStorage, configuration: LogConfiguration, logger: Logger) {
        description = "log://"
        engine = LogEngine(storage: storage, configuration: configuration, logger: logger)
        maintenance = Maintenance(engine: engine)
    }

    /// A log in a database under a directory.
    ///
    /// - Parameters:
    ///   - directory: The path; the directory is created if it is not there.
    ///   - configuration: How the log behaves.
    ///   - logger: For lines about what the log does.
    public convenience init(
        directory: String,
        configuration: LogConfiguration = LogConfiguration(),
        logger: Logger = Logger(label: "faust.log")
    ) {
        self.init(storage: .directory(directory), configuration: configuration, logger: logger)
    }

    /// Opens the log; what a crash has left half-written is cut off.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when the directory can't be used: another process
    ///   has it open (the `cause` is a `LogDirectoryInUse`), it can't be written, or a newer version of the library has
    ///   written it; ``FaustError/Code/corruption`` when the database is damaged beyond single batches;
    ///   ``FaustError/Code/configuration`` when the library was built without RocksDB.
    public func start() async throws {
        try engine.start()
        do throws(FaustError) {
            try maintenance.start()
        } catch {
            engine.stop()
            throw error
        }
    }

    /// Writes what is waiting and closes the log.
    public func stop() async {
        maintenance.stop()
        engine.stop()
    }

    /// Creates topics; one that exists is left as it is.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/invalidTopic`` for a name, number or configuration that a
    ///   topic can't have, ``FaustError/Code/storage`` when it can't be written.
    public func createTopics(_ declarations: [TopicDeclaration]) async throws {
        try await engine.createTopics(declarations)
    }

    /// Deletes topics with their messages and what groups have committed in them.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when it can't be written.
    public func deleteTopics(_ names: [String]) async throws {
        try await engine.deleteTopics(names)
    }

    /// The topics that exist, by name; those asked for, or all.
    public func topics(_ names: [String]?) async throws -> [String: TopicMetadata] {
        let topics = names.map { $0.compactMap { engine.topic($0) } } ?? engine.allTopics
        return Dictionary(topics.map { ($0.metadata.name, $0.metadata) }) { $1 }
    }

    /// The first offset that is still there and the offset after the last, per partition that exists.
    public func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        var result: [TopicPartition: Range<Int64>] = [:]
        for partition in partitions {
            guard let state = engine.log(partition)?.state else { continue }
            result[partition] = state.start..<state.end
        }
        return result
    }

    /// The offset of the first message of a time or later, per partition that exists; the end offset where there is
    /// none.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when the log can't be read.
    public func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for partition in partitions {
            guard let log = engine.log(partition) else { continue }
            result[partition] = try engine.offset(in: log, from: timestampMilliseconds)
        }
        return result
    }

    /// What a group has committed; partitions without a commit are missing.
    public func committedOffsets(
        group: String,
        partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        engine.committedOffsets(group: group, partitions)
    }

    /// Who is in a group; the assignments are those of all topics.
    public func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        engine.groups.existing(group)?.descriptions ?? []
    }

    /// Makes a consumer.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a group's name of more than 1,000 bytes.
    public func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        if let group = configuration.group, group.utf8.count > 1000 {
            throw FaustError(.configuration, "the name of a group can have 1,000 bytes, not \(group.utf8.count)")
        }
        return LogConsumer(engine: engine, configuration: configuration)
    }

    /// Makes a producer; one with a transactional identity fences those that had it before.
    public func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        LogProducer(engine: engine, configuration: configuration)
    }

    /// Deletes what retention no longer keeps and compacts the topics that have enough new messages, as the log does
    /// by itself every ``LogConfiguration/retentionCheckInterval``.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when the log can't be read or written.
    public func maintain() async throws {
        try await maintenance.perform { job throws(FaustError) in try job.maintain() }
    }

    /// Keeps only the latest message of each key of a topic, however much is new.
    ///
    /// Offsets stay the same; holes are left behind. Tombstones go `delete.retention.ms` after their time. The topic
    /// must have a `cleanup.policy` with `compact`. Readers go on undisturbed.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/unknownPartition`` when there is no such topic,
    ///   ``FaustError/Code/configuration`` when it is not to be compacted, ``FaustError/Code/storage`` when the log
    ///   can't be read or written.
    public func compact(topic name: String) async throws {
        guard let topic = engine.topic(name) else { throw FaustError(.unknownPartition, "there is no topic \(name)") }
        guard topic.policy.compacts else {
            throw FaustError(.configuration, "topic \(name) is not compacted: its cleanup.policy has no compact")
        }
        try await maintenance.perform { job throws(FaustError) in try job.compact(topic) }
    }

    /// Writes what waits, on the calling thread, if ``LogConfiguration/writerIsNeeded`` is set.
    ///
    /// - Returns: Whether there was something.
    package func write() -> Bool {
        engine.writer.write()
    }

    private static func makeStorage(
        _ storage: Storage,
        _ configuration: LogConfiguration,
        _ logger: Logger
    ) -> any LogStorage {
        switch storage {
        case .memory: MemoryStorage()
        case .directory(let path): DirectoryStorage.make(path: path, configuration: configuration, logger: logger)
        }
    }
}
