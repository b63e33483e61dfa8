// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// How long the messages of a topic are kept, by its configuration under Kafka's names.
struct TopicPolicy: Sendable, Equatable {
    /// Whether old messages are deleted (`cleanup.policy` has `delete`, the default).
    var deletes = true
    /// Whether only the latest message of each key is kept (`cleanup.policy` has `compact`).
    var compacts = false
    /// `retention.ms`: how long messages are kept, in milliseconds; `nil` for ever. Kafka's default is 7 days.
    var retentionMilliseconds: Int64? = 604_800_000
    /// `retention.bytes`: how much of a partition is kept, in bytes; `nil`, the default, everything.
    var retentionBytes: Int64?
    /// `delete.retention.ms`: how long a tombstone is kept, in milliseconds; Kafka's default is 1 day.
    var deleteRetentionMilliseconds: Int64 = 86_400_000
    /// `min.cleanable.dirty.ratio`: the share of new bytes from which compaction sets in by itself.
    var minDirtyRatio = 0.5
    /// `max.message.bytes`: the greatest size of a message, in bytes; `nil` leaves it to the log.
    var maxMessageBytes: Int?

    /// Reads a configuration; settings that can't be read keep their default, see ``fault(in:)``.
    init(_ configuration: [String: String]) {
        if let policies = Self.policies(configuration["cleanup.policy"]) {
            deletes = policies.contains("delete")
            compacts = policies.contains("compact")
        }
        if let value = Self.integer(configuration["retention.ms"]) { retentionMilliseconds = value < 0 ? nil : value }
        if let value = Self.integer(configuration["retention.bytes"]) { retentionBytes = value < 0 ? nil : value }
        if let value = Self.integer(configuration["delete.retention.ms"]) { deleteRetentionMilliseconds = value }
        if let value = configuration["min.cleanable.dirty.ratio"].flatMap(Double.init) { minDirtyRatio = value }
        if let value = Self.integer(configuration["max.message.bytes"]) { maxMessageBytes = Int(value) }
    }

    /// Why a configuration can't work; `nil` when it can. Settings of other names are kept and not looked at.
    static func fault(in configuration: [String: String]) -> String? {
        if let policy = configuration["cleanup.policy"], policies(policy) == nil {
            return "cleanup.policy is '\(policy)': use delete, compact or both, with a comma between"
        }
        for name in ["retention.ms", "retention.bytes", "delete.retention.ms", "max.message.bytes"] {
            if let value = configuration[name], integer(value) == nil {
                return "\(name) is '\(value)': use a whole number"
            }
        }
        for name in ["delete.retention.ms", "max.message.bytes"] {
            if let value = integer(configuration[name]), value < 0 { return "\(name) must not be negative" }
        }
        if let value = configuration["min.cleanable.dirty.ratio"], !(0...1).contains(Double(value) ?? -1) {
            return "min.cleanable.dirty.ratio is '\(value)': use a number from 0 to 1"
        }
        return nil
    }

    private static func integer(_ text: String?) -> Int64? {
        text.flatMap { Int64($0) }
    }

    private static func policies(_ text: String?) -> Set<Substring>? {
        guard let text else { return nil }
        let parts = Set(text.split(separator: ",").map { $0.drop { $0 == " " } })
        return parts.isEmpty || !parts.isSubset(of: ["delete", "compact"]) ? nil : parts
    }
}
