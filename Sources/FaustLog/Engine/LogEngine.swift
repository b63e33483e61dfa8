// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization

/// What the consumers and producers of one log share.
final class LogEngine: Sendable {
    /// How the log behaves.
    let configuration: LogConfiguration
    /// For lines about what the log does.
    let logger: Logger
    /// Where the log is kept.
    let storage: any LogStorage
    /// The one thread that changes the log.
    let writer: LogWriter
    /// The groups' coordinators.
    let groups = GroupRegistry()
    private let topics = Mutex<Catalog>(Catalog())
    private let committed = Mutex<[String: [TopicPartition: Int64]]>([:])
    private let transactionEpochs = Mutex<[String: UInt64]>([:])

    private struct Catalog {
        var topics: [String: Topic] = [:]
        var nextID: UInt32 = 1
    }

    init(storage: any LogStorage, configuration: LogConfiguration, logger: Logger) {
        self.storage = storage
        self.configuration = configuration
        self.logger = logger
        writer = LogWriter(
            storage: storage,
            maxBufferedBytes: configuration.maxBufferedBytes,
            isNeeded: configuration.writerIsNeeded,
            logger: logger
        )
    }

    /// Opens the storage and starts the writer.
    func start() throws(FaustError) {
        let stored = try storage.open()
        var names: [UInt32: TopicMetadata] = [:]
        topics.withLock { catalog in
            catalog = Catalog()
            catalog.nextID = stored.nextTopicID
            for topic in stored.topics {
                names[topic.id] = topic.metadata
                catalog.topics[topic.metadata.name] = Topic(
                    id: topic.id,
                    metadata: topic.metadata,
                    states: stored.states,
                    configuration: configuration
                )
            }
        }
        let offsets = stored.offsets.mapValues { offsets in
            var result: [TopicPartition: Int64] = [:]
            for (id, offset) in offsets {
                if let topic = names[id.topic] { result[TopicPartition(topic.name, id.partition)] = offset }
            }
            return result
        }
        committed.withLock { $0 = offsets }
        do throws(FaustError) {
            try writer.start()
        } catch {
            storage.close()
            throw error
        }
    }

    /// Writes what is waiting and closes the storage.
    func stop() {
        writer.stop()
        storage.close()
    }
}

// MARK: - Topics

extension LogEngine {
    /// The greatest number of partitions of a topic; each takes memory even when it is empty.
    private static let maxPartitions: Int32 = 100_000

    /// All the topics.
    var allTopics: [Topic] { topics.withLock { Array($0.topics.values) } }

    /// The topic of a name.
    func topic(_ name: String) -> Topic? {
        topics.withLock { $0.topics[name] }
    }

    /// The log of a partition.
    func log(_ partition: TopicPartition) -> PartitionLog? {
        topic(partition.topic)?.partition(partition.partition)
    }

    /// Creates the topics that do not exist yet.
    func createTopics(_ declarations: [TopicDeclaration]) async throws(FaustError) {
        for declaration in declarations {
            if let fault = declaration.fault ?? TopicPolicy.fault(in: declaration.configuration) {
                throw FaustError(.invalidTopic, fault)
            }
            if declaration.partitions > Self.maxPartitions {
                throw FaustError(
                    .invalidTopic,
                    "topic \(declaration.name) can't have \(declaration.partitions) partitions: the embedded log takes up "
                        + "to \(Self.maxPartitions)"
                )
            }
        }
        // Decided on the writer's thread, so that two calls at a time can't create a topic twice.
        try await writer.execute { set in
            for declaration in declarations
            where self.topic(declaration.name) == nil && set.createdTopics.insert(declaration.name).inserted {
                let id = self.topics.withLock { catalog in
                    defer { catalog.nextID += 1 }
                    return catalog.nextID
                }
                let metadata = TopicMetadata(
                    name: declaration.name,
                    partitions: declaration.partitions,
                    configuration: declaration.configuration
                )
                let topic = Topic(id: id, metadata: metadata, states: [:], configuration: self.configuration)
                set.add(.putTopic(id, metadata))
                set.whenStored { self.topics.withLock { $0.topics[metadata.name] = topic } }
            }
        }
    }

    /// Deletes topics with their messages and the groups' offsets in them.
    func deleteTopics(_ names: [String]) async throws(FaustError) {
        try await writer.execute { set in
            for name in Set(names) {
                guard let topic = self.topic(name) else { continue }
                set.add(.removeTopic(topic.id))
                set.discardStates(of: topic.id)
                for (group, partition) in self.groupsWithOffsets(in: name) {
                    set.add(.removeOffset(group: group, PartitionID(topic: topic.id, partition: partition)))
                }
                set.whenStored { self.forget(topic) }
            }
        }
        groups.topicsWereDeleted(names)
        storage.reclaim()
    }

    private func forget(_ topic: Topic) {
        _ = topics.withLock { $0.topics.removeValue(forKey: topic.metadata.name) }
        committed.withLock { committed in
            committed = committed.mapValues { $0.filter { $0.key.topic != topic.metadata.name } }
        }
        for log in topic.partitions { log.delete() }
    }

    private func groupsWithOffsets(in topic: String) -> [(String, Int32)] {
        committed.withLock { committed in
            committed.flatMap { group, offsets in
                offsets.keys.filter { $0.topic == topic }.map { (group, $0.partition) }
            }
        }
    }
}

// MARK: - Offsets

extension LogEngine {
    /// What a group has committed.
    func committedOffsets(group: String, _ partitions: [TopicPartition]) -> [TopicPartition: Int64] {
        committed.withLock { committed in
            guard let offsets = committed[group] else { return [:] }
            var result: [TopicPartition: Int64] = [:]
            for partition in partitions { result[partition] = offsets[partition] }
            return result
        }
    }

    /// Adds a group's offsets to a write.
    ///
    /// All the partitions must exist.
    func addOffsets(_ offsets: [TopicPartition: Int64], group: String, to set: inout WriteSet) {
        for (partition, offset) in offsets {
            guard let log = log(partition) else { continue }
            set.add(.putOffset(group: group, log.id, offset))
        }
        set.whenStored {
            self.committed.withLock { $0[group, default: [:]].merge(offsets) { $1 } }
        }
    }

    /// Where reading starts when there is no valid position: the offset, or `nil` for nowhere.
    func resetOffset(_ log: PartitionLog, _ reset: OffsetReset) -> Int64? {
        let state = log.state
        switch reset {
        case .earliest: return state.start
        case .latest: return state.end
        case .none: return nil
        }
    }
}

// MARK: - Transactions

extension LogEngine {
    /// Takes a transactional identity over; whoever had it is fenced.
    func takeOver(_ transactionalID: String) -> UInt64 {
        transactionEpochs.withLock { epochs in
            epochs[transactionalID, default: 0] += 1
            return epochs[transactionalID, default: 0]
        }
    }

    /// Whether the identity is still that of the one who took it over with this epoch.
    func holds(_ transactionalID: String, epoch: UInt64) -> Bool {
        transactionEpochs.withLock { $0[transactionalID] == epoch }
    }
}
