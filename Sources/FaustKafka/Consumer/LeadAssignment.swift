// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// What a member reads: its share of the lead topics, extended by the topics that follow them.
///
/// Only the first topic of each co-partitioned set is subscribed to. Whoever the group gives a partition of it reads the
/// same partition of all topics of the set, so that co-partitioning holds by construction whatever the group's assignor
/// does. The rules, without any effects.
struct LeadAssignment {
    /// The sets by their lead topic.
    private(set) var sets: [String: CopartitionedSet] = [:]
    /// The partitions of lead topics that the member has, with all that it reads with each.
    private var units: [TopicPartition: [TopicPartition]] = [:]

    /// The topics to subscribe to.
    var leads: [String] { sets.keys.sorted() }

    /// Everything that the member reads.
    var held: Set<TopicPartition> { Set(units.values.joined()) }

    /// Takes partitions of lead topics.
    ///
    /// - Returns: What is to be read now and was not before. Topics that are in no set are passed over.
    mutating func assign(_ leads: [TopicPartition]) -> [TopicPartition] {
        var given: [TopicPartition] = []
        for lead in leads where units[lead] == nil {
            guard let set = sets[lead.topic] else { continue }
            let partitions = set.topics.map { TopicPartition($0, lead.partition) }
            units[lead] = partitions
            given += partitions
        }
        return given.sorted()
    }

    /// What is read because of partitions of lead topics.
    func partitions(of leads: [TopicPartition]) -> [TopicPartition] {
        leads.flatMap { units[$0] ?? [] }.sorted()
    }

    /// Gives partitions of lead topics up; what is read because of them is not read any more.
    mutating func revoke(_ leads: [TopicPartition]) {
        for lead in leads { units[lead] = nil }
    }

    /// Gives everything up.
    mutating func revokeAll() {
        units = [:]
    }

    /// The partitions of lead topics that the member has.
    var heldLeads: [TopicPartition] { units.keys.sorted() }

    /// What another subscription takes away at once, without asking the group: all that is read because of sets that do
    /// not stay as they are.
    func lapsing(with sets: [CopartitionedSet]) -> [TopicPartition] {
        let next = Self.byLead(sets)
        return units.filter { self.sets[$0.key.topic] != next[$0.key.topic] }.flatMap(\.value).sorted()
    }

    /// Changes the subscription.
    ///
    /// - Returns: What is to be read now, anew, because the member has partitions of a lead topic whose set is another one.
    mutating func resubscribe(_ sets: [CopartitionedSet]) -> [TopicPartition] {
        let changed = Set(units.keys.filter { self.sets[$0.topic] != Self.byLead(sets)[$0.topic] })
        self.sets = Self.byLead(sets)
        var given: [TopicPartition] = []
        for lead in changed {
            units[lead] = self.sets[lead.topic]?.topics.map { TopicPartition($0, lead.partition) }
            given += units[lead] ?? []
        }
        return given.sorted()
    }

    /// Whether an offset may be committed: a partition of a topic that the group reads belongs to its holder; any other
    /// is open to all members.
    func mayCommit(_ partition: TopicPartition) -> Bool {
        let isRead = sets.values.contains { $0.topics.contains(partition.topic) }
        return !isRead || units.values.contains { $0.contains(partition) }
    }

    private static func byLead(_ sets: [CopartitionedSet]) -> [String: CopartitionedSet] {
        var result: [String: CopartitionedSet] = [:]
        for set in sets {
            if let lead = set.topics.first { result[lead] = set }
        }
        return result
    }

    /// Checks a subscription.
    ///
    /// - Parameters:
    ///   - sets: The sets.
    ///   - counts: The number of partitions of each topic that exists.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/unknownPartition`` for a topic that does not exist,
    ///   ``FaustError/Code/configuration`` for one that is named twice or has another number of partitions.
    static func check(_ sets: [CopartitionedSet], counts: [String: Int32]) throws(FaustError) {
        var seen: Set<String> = []
        for set in sets {
            guard let lead = set.topics.first else { continue }
            for topic in set.topics {
                guard let count = counts[topic] else {
                    throw FaustError(.unknownPartition, "there is no topic \(topic): create it before subscribing")
                }
                guard seen.insert(topic).inserted else {
                    throw FaustError(.configuration, "topic \(topic) is named more than once in the subscription")
                }
                let expected = counts[lead] ?? count
                guard count == expected else {
                    throw FaustError(
                        .configuration,
                        "topics \(lead) and \(topic) are read together but have \(expected) and \(count) partitions: "
                            + "add partitions to the one with fewer, or create it anew with as many as the other"
                    )
                }
            }
        }
    }
}
