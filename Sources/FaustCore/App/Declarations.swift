// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ServiceLifecycle

/// Something that runs from the start of the worker until it is cancelled.
struct BackgroundWork: Sendable {
    /// What it is called in errors.
    let name: String
    let run: @Sendable (App, Leadership) async throws -> Void
}

/// What was declared of an app before it runs.
struct Declarations: Sendable {
    /// A topic that the app reads or writes.
    struct DeclaredTopic: Sendable {
        var partitions: Int32?
        var configuration: TopicConfiguration
        /// What keys and values are written with, as chains of names; a topic of dead letters has any bytes.
        var keySerde = "raw"
        var valueSerde = "raw"
        /// The name of the table that the topic has as many partitions as.
        var besideTable: String?
    }

    /// A stream that is read outside of agents.
    struct DeclaredStream: Sendable {
        let topics: TopicSelection
        let buffer: StreamBuffer
    }

    /// A stream outside of agents that goes through a topic.
    struct DeclaredDiversion: Sendable {
        let source: StreamBuffer
        let topic: String
        let target: StreamBuffer
        /// Whether the stream reads a topic, so that what is sent on belongs to the worker's transaction.
        let isTransactional: Bool
        let job: Forwarder.Job
    }

    /// Topics that streams of an agent go through.
    struct Diverted: Sendable {
        /// What the streams read before; `nil` for a channel.
        let from: TopicSelection?
        let to: TopicSelection
    }

    var topics: [String: DeclaredTopic] = [:]
    var agents: [AgentDeclaration] = []
    var streams: [DeclaredStream] = []
    var diversions: [DeclaredDiversion] = []
    /// What the bodies of agents have declared since the worker runs; see ``Diversions``.
    var diverted: [Diverted] = []
    var tasks: [@Sendable () async throws -> Void] = []
    /// Timers, crontabs and services, which run beside the agents like tasks.
    var background: [BackgroundWork] = []
    var schedules: [Schedule] = []
    var services: [any Service] = []
    var onStartup: [@Sendable () async throws -> Void] = []
    var onShutdown: [@Sendable () async -> Void] = []
    var onAssigned: [@Sendable ([TopicPartition]) async -> Void] = []
    var onRevoked: [@Sendable ([TopicPartition]) async -> Void] = []
    /// Make what takes part in commits, once per run, when the broker is connected.
    var participants: [@Sendable (Engine, App) throws -> any CommitParticipant] = []
    /// The tables, in the order of their declaration.
    var tables: [any DeclaredTable] = []
    /// What is joined, and so has to have equally many partitions.
    var joins: [CopartitionCheck] = []
    /// Make what takes part in commits behind all tables, once per run.
    var observers: [@Sendable (Engine, App) throws -> any CommitParticipant] = []
    /// Is told how far the recoveries of tables are, in place of the log.
    var recoverySink: (@Sendable (RecoveryReport) -> Void)?
    /// Mistakes in the declarations, thrown when the app starts.
    var faults: [FaustError] = []
    var isSealed = false

    /// What agents and streams read.
    var selections: [TopicSelection] {
        agents.compactMap(\.topics) + streams.map(\.topics) + diverted.map(\.to)
    }

    /// The names of all topics that are read by name, in order.
    var topicsRead: [String] { Set(selections.flatMap(\.names)).sorted() }

    /// The same without the topics that bodies have declared, which other workers may not know yet.
    var topicsDeclared: [String] {
        Set((agents.compactMap(\.topics) + streams.map(\.topics)).flatMap(\.names)).sorted()
    }

    /// The topics that have as many partitions as a table of the app, in order, each with the table.
    var topicsBesideTables: [(topic: String, table: any DeclaredTable)] {
        topics.sorted { $0.key < $1.key }
            .compactMap { topic, declared in
                tables.first { $0.name == declared.besideTable }.map { (topic, $0) }
            }
    }

    /// The topics that are read and whose partitions do not follow those of a table, but the other way round.
    var topicsBeforeTables: [String] { topicsRead.filter { topics[$0]?.besideTable == nil } }

    /// Whether anything is read at all.
    var readsTopics: Bool { !selections.isEmpty }

    /// Whether topics that do not exist yet may be read later.
    var readsPatterns: Bool { selections.contains { $0.isPattern } }

    /// The topics that agents read, and streams outside of agents, too.
    var topicsReadInsideAndOutside: [String] {
        let (inside, outside) = (agents.compactMap(\.topics), streams.map(\.topics))
        return topicsRead.filter { name in
            inside.contains { $0.contains(name) } && outside.contains { $0.contains(name) }
        }
    }

    /// How a topic is to be created; one that was not declared gets the app's defaults.
    func creation(of name: String, _ settings: Settings) -> TopicDeclaration {
        let declared = topics[name]
        let table = tables.first { $0.name == declared?.besideTable }
        return TopicDeclaration(
            name: name,
            partitions: declared?.partitions ?? table.map { changelog(of: $0, settings).partitions }
                ?? Int32(clamping: settings.topicPartitions),
            replicas: declared?.configuration.replicas ?? Int16(clamping: settings.topicReplicationFactor),
            configuration: declared?.configuration.brokerConfiguration ?? [:]
        )
    }

    /// How the changelog of a table is to be created, as far as it is known without asking the broker.
    ///
    /// One that names no number of partitions has that of the topics that are read, if it is the same.
    func changelog(of table: any DeclaredTable, _ settings: Settings) -> TopicDeclaration {
        let counts = Set(topicsBeforeTables.map { topics[$0]?.partitions ?? Int32(clamping: settings.topicPartitions) })
        return table.changelog(
            partitions: counts.count == 1 ? counts.first ?? 1 : Int32(clamping: settings.topicPartitions),
            replicas: Int16(clamping: settings.topicReplicationFactor)
        )
    }

    /// Topics whose partitions go together: those that one agent or stream reads, when they have equally many, also
    /// those that the agent's events go through; and all that have as many as a table, since each of their agents may
    /// write to it.
    ///
    /// - Parameters:
    ///   - partitions: The number of partitions of every topic that exists.
    ///   - tableCounts: The numbers of partitions that tables have.
    /// - Returns: The sets, in the order of their lead topics; no topic is in two of them.
    func copartitionedSets(partitions: [String: Int32], tableCounts: Set<Int32> = []) -> [CopartitionedSet] {
        var readTogether = selections.map { $0.names(among: partitions.keys) }
        for diverted in diverted {
            readTogether.append((diverted.from?.names(among: partitions.keys) ?? []) + diverted.to.names)
        }
        let read = Set(readTogether.joined())
        let besideTables = tableCounts.map { count in read.filter { partitions[$0] == count }.sorted() }
        var sets = read.map { Set([$0]) }
        for names in readTogether + besideTables where names.count > 1 {
            guard Set(names.map { partitions[$0] }).count == 1 else { continue }
            let joined = sets.filter { !$0.isDisjoint(with: names) }
            sets.removeAll { !$0.isDisjoint(with: names) }
            sets.append(joined.reduce(into: []) { $0.formUnion($1) })
        }
        return sets.map { CopartitionedSet($0) }.sorted { $0.topics[0] < $1.topics[0] }
    }
}

extension AgentDeclaration {
    /// The topics that it reads; `nil` when it reads a channel.
    var topics: TopicSelection? {
        if case .topics(let topics) = input { topics } else { nil }
    }
}
