// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Changes the sets of a ``SetTable`` from anywhere: other agents, tasks, HTTP handlers, programs that only send.
///
/// ```swift
/// let tags = app.setTable("tags", key: String.self, value: String.self, startManager: true)
/// try await tags.manager.insert("swift", into: "faust")
/// ```
///
/// Each call sends one message to the table's manager topic and returns when the broker has it, or, inside of an agent
/// under exactly-once, when it is part of the transaction. An agent of the table makes the change on the worker that has the
/// key's partition: changes of one key are made in the order in which they were sent, at least once, which leaves the same
/// set as once for all but ``formSymmetricDifference(_:with:)``. The messages are those of Faust's manager.
///
/// Every method throws ``FaustError``: with code ``FaustError/Code/configuration`` when the table was declared without a
/// manager, else as ``Topic/send(_:key:partition:timestamp:headers:schema:)``.
public struct SetManager<Key: Sendable, Member: Hashable & Sendable>: Sendable {
    /// The name of the topic; `nil` when the table has no manager.
    public let topic: String?
    let send: @Sendable (Key, SetOperation<Member>) async throws -> Void

    /// Makes something a member of the set of a key (Faust's `add`).
    public func insert(_ member: Member, into key: Key) async throws {
        try await send(key, SetOperation(.add, [member]))
    }

    /// Makes something no member of the set of a key any more (Faust's `discard`).
    public func remove(_ member: Member, from key: Key) async throws {
        try await send(key, SetOperation(.discard, [member]))
    }

    /// Adds members to the set of a key, all in one message (Faust's `update`).
    public func formUnion(_ key: Key, with members: some Sequence<Member> & Sendable) async throws {
        try await send(key, SetOperation(.add, members))
    }

    /// Removes members from the set of a key, all in one message (Faust's `difference_update`).
    public func subtract(_ members: some Sequence<Member> & Sendable, from key: Key) async throws {
        try await send(key, SetOperation(.discard, members))
    }

    /// Removes all members of the set of a key that are not among these (Faust's `intersection_update`).
    public func formIntersection(_ key: Key, with members: some Sequence<Member> & Sendable) async throws {
        try await send(key, SetOperation(.intersection, members))
    }

    /// Adds those of some members that the set of a key does not have, and removes those that it has (Faust's
    /// `symmetric_difference_update`).
    public func formSymmetricDifference(_ key: Key, with members: some Sequence<Member> & Sendable) async throws {
        try await send(key, SetOperation(.symmetricDifference, members))
    }

    /// Removes all members of the set of a key (Faust's `clear`).
    public func removeAll(of key: Key) async throws {
        try await send(key, SetOperation(.clear, []))
    }
}
