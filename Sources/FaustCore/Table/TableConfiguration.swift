// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How a table is kept.
public struct TableConfiguration: Sendable {
    /// The number of partitions.
    ///
    /// `nil` takes as many as the topics have that the app reads, if they have equally many, else
    /// ``Settings/topicPartitions``. An existing changelog keeps the number that it has.
    public var partitions: Int?
    /// The URL of the store, such as `rocksdb://`; `nil` takes ``Settings/store``.
    public var store: String?
    /// Further settings of the changelog topic under Kafka's names, if it is created.
    public var extraTopicConfigs: [String: String]
    /// How many decoded entries of a partition are kept at hand, besides those that are not committed yet.
    ///
    /// One takes about 120 bytes, and what a key of more than 40 bytes and the value need.
    public var cachedEntries: Int
    /// Whether every worker has all partitions.
    var isGlobal = false

    /// How a table is kept; everything that is not named is left to the settings.
    public init(
        partitions: Int? = nil,
        store: String? = nil,
        extraTopicConfigs: [String: String] = [:],
        cachedEntries: Int = 65_536
    ) {
        self.partitions = partitions
        self.store = store
        self.extraTopicConfigs = extraTopicConfigs
        self.cachedEntries = cachedEntries
    }
}
