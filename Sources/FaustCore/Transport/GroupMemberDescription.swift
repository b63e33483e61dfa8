// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A member of a consumer group, as the broker describes it.
public struct GroupMemberDescription: Sendable, Hashable {
    /// The id that the broker gave the member; another one each time that it joins.
    public var memberID: String
    /// How the member names itself, as ``ConsumerConfiguration/clientID``; workers put their URL into it.
    public var clientID: String
    /// The partitions that the member has been given, in order; of a co-partitioned set at least those of the lead topic.
    public var assignment: [TopicPartition]

    /// A member of a group.
    public init(memberID: String, clientID: String, assignment: [TopicPartition]) {
        self.memberID = memberID
        self.clientID = clientID
        self.assignment = assignment
    }

    /// The URL by which other workers reach this one, ``Settings/canonicalURL``; `nil` for a member that is no worker of
    /// this library.
    public var url: String? {
        let starts = ["@http://", "@https://"].compactMap { clientID.firstRange(of: $0)?.lowerBound }
        guard let start = starts.min() else { return nil }
        return String(clientID[clientID.index(after: start)...])
    }

    /// The member with all that it reads: where it has a partition of a lead topic, it has that of all topics of the set.
    ///
    /// - Parameter sets: What the group is subscribed to.
    /// - Returns: The member with more partitions.
    package func expanded(with sets: [CopartitionedSet]) -> GroupMemberDescription {
        var expanded = self
        var partitions = Set(assignment)
        for set in sets {
            guard let lead = set.topics.first else { continue }
            for partition in assignment where partition.topic == lead {
                partitions.formUnion(set.topics.map { TopicPartition($0, partition.partition) })
            }
        }
        expanded.assignment = partitions.sorted()
        return expanded
    }
}

extension Settings {
    /// How a worker names itself to the broker: with its URL, so that the group's description tells who can be asked for
    /// what.
    var workerClientID: String { "\(brokerClientID)@\(canonicalURL)" }
}
