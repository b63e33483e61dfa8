// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What is joined by key, and so needs equally many partitions: else equal keys would be on different workers.
struct CopartitionCheck: Sendable {
    /// One of those that are joined.
    enum Party: Sendable {
        /// What a stream reads: the name of a topic, the names of several, or a pattern.
        case stream(String)
        case table(any DeclaredTable)

        var label: String {
            switch self {
            case .stream(let name): "topic \(name)"
            case .table(let table): "table \(table.name)"
            }
        }
    }

    /// Who joins, such as an agent.
    let owner: String
    let parties: [Party]

    /// What tells one check from another.
    var label: String { ([owner] + parties.map(\.label)).joined(separator: "|") }

    /// Looks whether all have as many partitions.
    ///
    /// - Parameters:
    ///   - declarations: What the app reads.
    ///   - partitions: The number of partitions of every topic that exists.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that says how to mend it.
    func check(_ declarations: Declarations, partitions: [String: Int32]) throws(FaustError) {
        var counts: [(label: String, count: Int32)] = []
        for party in parties {
            switch party {
            case .table(let table): if let count = table.partitionCount { counts.append((party.label, count)) }
            case .stream(let name):
                for topic in declarations.topics(ofStream: name, among: partitions) {
                    if let count = partitions[topic] { counts.append(("topic \(topic)", count)) }
                }
            }
        }
        guard let first = counts.first, counts.contains(where: { $0.count != first.count }) else { return }
        let list = counts.map { "\($0.label) has \($0.count)" }.joined(separator: ", ")
        throw FaustError(
            .configuration,
            "\(owner) joins what differs in the number of partitions (\(list)), so that equal keys would be on different"
                + " workers: create topics and tables with equally many, or send the events of one topic through another"
                + " one first, with groupBy or through and the right number of partitions",
            isFatal: true
        )
    }
}

extension Declarations {
    /// The topics that a stream of some name reads.
    fileprivate func topics(ofStream name: String, among existing: [String: Int32]) -> [String] {
        selections.first { $0.description == name }?.names(among: existing.keys) ?? [name]
    }
}

extension App {
    /// Has it checked at the start, and whenever there are more topics, that what is joined has equally many partitions.
    func declare(_ join: CopartitionCheck) {
        let isLate = declarations.withLock { declarations in
            guard !declarations.joins.contains(where: { $0.label == join.label }) else { return false }
            declarations.joins.append(join)
            return declarations.isSealed
        }
        if isLate { engine.withLock { $0 }?.diversions?.lookForTopics() }
    }
}
