// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a join of two topics is about.
struct JoinPlan: Sendable {
    /// The names of the topics.
    let topics: JoinPair<String>
    let window: JoinWindow
    /// Of which streams events without a partner are results.
    let keeps: JoinPair<Bool>

    /// The partitions of a number.
    func partitions(_ number: Int32) -> JoinPair<TopicPartition> {
        topics.map { TopicPartition($0, number) }
    }

    /// What events of a topic without a partner come from.
    func companion(_ side: JoinSide, _ number: Int32) -> TopicPartition {
        TopicPartition(companionTopic(side), number)
    }

    func companionTopic(_ side: JoinSide) -> String { topics[side] + " (unmatched)" }
}
