// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// What a member of a group wants to read.
struct GroupSubscription: Sendable {
    /// The co-partitioned sets.
    let sets: [CopartitionedSet]
    private let partitionCounts: [String: Int32]
    private let leads: [String: String]

    /// Checks and takes sets.
    ///
    /// - Parameters:
    ///   - sets: The sets.
    ///   - partitions: The number of partitions of a topic; `nil` when there is no such topic.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/unknownPartition`` for a topic that does not exist,
    ///   ``FaustError/Code/configuration`` for one in two sets or with another number of partitions.
    init(_ sets: [CopartitionedSet], partitions: (String) -> Int32?) throws(FaustError) {
        var counts: [String: Int32] = [:]
        var leads: [String: String] = [:]
        for set in sets {
            guard let lead = set.topics.first else { continue }
            for topic in set.topics {
                guard let count = partitions(topic) else {
                    throw FaustError(.unknownPartition, "there is no topic \(topic): create it before subscribing")
                }
                if leads.updateValue(lead, forKey: topic) != nil {
                    throw FaustError(.configuration, "topic \(topic) is named more than once in the subscription")
                }
                let expected = counts[lead] ?? count
                if count != expected {
                    throw FaustError(
                        .configuration,
                        "topics \(lead) and \(topic) are read together but have \(expected) and \(count) partitions: "
                            + "create one of them anew with as many partitions as the other"
                    )
                }
                counts[lead] = count
            }
        }
        self.sets = sets
        self.leads = leads
        partitionCounts = counts
    }

    /// Everything that can be assigned.
    var units: [GroupState.Unit] {
        partitionCounts.flatMap { lead, count in (0..<count).map { GroupState.Unit(lead: lead, partition: $0) } }
    }

    /// Whether a unit of another subscription stands for the same partitions in this one.
    func keeps(_ unit: GroupState.Unit, of other: GroupSubscription) -> Bool {
        guard let count = partitionCounts[unit.lead] else { return false }
        return unit.partition < count && set(of: unit.lead) == other.set(of: unit.lead)
    }

    /// The set of a lead topic.
    func set(of lead: String) -> CopartitionedSet? {
        sets.first { $0.topics.first == lead }
    }

    /// The lead topic of the set that a topic is in.
    func lead(of topic: String) -> String? { leads[topic] }
}
