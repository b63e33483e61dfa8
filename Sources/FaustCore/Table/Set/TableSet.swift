// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The set of one key of a ``SetTable``, with the manners of Swift's `Set`.
///
/// It is a view of the table, not a copy: each call looks at, or changes, the table as it is at that moment. Changes work
/// only where tables may be changed, see ``Table``; every method throws ``FaustError`` as ``Table/set(_:for:)`` and
/// ``Table/value(for:)`` do.
public struct TableSet<Key: Sendable, Member: Hashable & Sendable>: Sendable {
    let table: SetTable<Key, Member>
    /// The key.
    public let key: Key

    // MARK: Reading

    /// Whether something is a member.
    public func contains(_ member: Member) throws(FaustError) -> Bool {
        try table.core.value(for: entry(member)) != nil
    }

    /// Whether there is no member.
    public func isEmpty() throws(FaustError) -> Bool {
        var entries = TableItems(core: table.core, range: try table.range(of: key), fault: nil).makeAsyncIterator()
        return try entries.nextEntry() == nil
    }

    /// The number of members, counted one by one.
    public func count() throws(FaustError) -> Int {
        try table.core.count(in: try table.range(of: key))
    }

    /// The members in the order that ``TableItems`` says of keys: numbers by size, strings by their UTF-8.
    public func members() -> some AsyncSequence<Member, any Error> & Sendable {
        let items: TableItems<KeyedMember<Key, Member>, Membership>
        do throws(FaustError) {
            items = TableItems(core: table.core, range: try table.range(of: key), fault: nil)
        } catch {
            items = TableItems(core: table.core, range: .all, fault: error)
        }
        return items.map { $0.key.member }
    }

    /// All members, as a set in memory.
    public func elements() throws(FaustError) -> Set<Member> {
        var entries = TableItems(core: table.core, range: try table.range(of: key), fault: nil).makeAsyncIterator()
        var elements: Set<Member> = []
        while let entry = try entries.nextEntry() {
            elements.insert(try table.core.form.decodeKey(entry.key).member)
        }
        return elements
    }

    // MARK: Changing

    /// Makes something a member (Faust's `add`).
    ///
    /// - Returns: Whether it was none before.
    @discardableResult
    public func insert(_ member: Member) throws(FaustError) -> Bool {
        let access = try table.core.access(entry(member))
        guard access.value == nil else { return false }
        try table.core.finish(access, Membership(), entry(member))
        return true
    }

    /// Makes something no member any more (Faust's `discard`).
    ///
    /// - Returns: Whether it was one before.
    @discardableResult
    public func remove(_ member: Member) throws(FaustError) -> Bool {
        let access = try table.core.access(entry(member))
        guard access.value != nil else { return false }
        try table.core.finish(access, nil, entry(member))
        return true
    }

    /// Adds members (Faust's `update`, `|=`).
    public func formUnion(_ members: some Sequence<Member>) throws(FaustError) {
        for member in members { try insert(member) }
    }

    /// Removes members (Faust's `difference_update`, `-=`).
    public func subtract(_ members: some Sequence<Member>) throws(FaustError) {
        for member in members { try remove(member) }
    }

    /// Removes all members that are not among these (Faust's `intersection_update`, `&=`).
    public func formIntersection(_ members: some Sequence<Member>) throws(FaustError) {
        var kept: Set<Bytes> = []
        for member in members { kept.insert(try table.core.form.encode(entry(member))) }
        let (partition, scope) = try writable()
        try table.core.removeAll(in: try table.range(of: key), of: partition, scope) { !kept.contains($0) }
    }

    /// Adds those of some members that are not there, and removes those that are (Faust's
    /// `symmetric_difference_update`, `^=`).
    public func formSymmetricDifference(_ members: some Sequence<Member>) throws(FaustError) {
        for member in Set(members) where try !remove(member) { try insert(member) }
    }

    /// Removes all members (Faust's `clear`).
    ///
    /// Each is a message to the changelog, as it was when it was added.
    public func removeAll() throws(FaustError) {
        let (partition, scope) = try writable()
        try table.core.removeAll(in: try table.range(of: key), of: partition, scope)
    }

    private func entry(_ member: Member) -> KeyedMember<Key, Member> {
        KeyedMember(key: key, member: member)
    }

    /// The partition that the set is changed in.
    private func writable() throws(FaustError) -> (TablePartition<KeyedMember<Key, Member>, Membership>, EventScope) {
        try table.core.partition { try table.partitionKey(key) }
    }
}
