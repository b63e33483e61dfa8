// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How a partition of a table is on this worker; see ``Monitor/tables``.
public struct TablePartitionStatus: Sendable, Hashable {
    /// What the worker does with the partition.
    public enum Role: String, Sendable {
        /// Its agents change the entries.
        case owned
        /// It reads what another worker changes: a partition of a global table.
        case following
        /// It reads the changelog, before anything else.
        case recovering
    }

    /// The name of the table.
    public let table: String
    /// The number of the partition.
    public let partition: Int32
    /// What the worker does with it.
    public let role: Role
    /// How many messages of the changelog the worker has not read yet, of which some may be no messages any more.
    ///
    /// For a partition that is followed, the end of the changelog is looked at every five seconds.
    public let behind: Int64
    /// What the store says of itself, see ``Store/statistics()``.
    public let store: [String: Int64]
}
