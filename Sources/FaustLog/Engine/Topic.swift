// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// A topic of the log.
final class Topic: Sendable {
    /// The number in the storage.
    let id: UInt32
    /// What others see of it.
    let metadata: TopicMetadata
    /// How long messages are kept.
    let policy: TopicPolicy
    /// The partitions, by number.
    let partitions: [PartitionLog]

    init(
        id: UInt32,
        metadata: TopicMetadata,
        states: [PartitionID: PartitionState],
        configuration: LogConfiguration
    ) {
        self.id = id
        self.metadata = metadata
        let policy = TopicPolicy(metadata.configuration)
        self.policy = policy
        partitions = (0..<metadata.partitions)
            .map { number in
                let partition = PartitionID(topic: id, partition: number)
                return PartitionLog(
                    topicPartition: TopicPartition(metadata.name, number),
                    id: partition,
                    state: states[partition] ?? PartitionState(),
                    maxMessageBytes: policy.maxMessageBytes ?? configuration.maxMessageBytes
                )
            }
    }

    /// The partition of a number, if there is one.
    func partition(_ number: Int32) -> PartitionLog? {
        number >= 0 && number < metadata.partitions ? partitions[Int(number)] : nil
    }
}
