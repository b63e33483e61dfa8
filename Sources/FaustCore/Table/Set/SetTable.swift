// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A table whose values are sets.
///
/// ```swift
/// let tags = app.setTable("tags", key: String.self, value: String.self)
///
/// app.agent("tag", edits) { stream in
///     for try await edit in stream { try tags[edit.page].insert(edit.tag) }
/// }
/// ```
///
/// Each member is an entry of its own in store and changelog, so that a change costs the same whatever the size of the set.
/// The changelog has a message per member that has changed since the last commit, with the key `[key, member]` and the value
/// `true` or null, and is compacted; Faust's has one message per operation and grows for ever, since nothing can be
/// compacted away. A key is there as long as its set has members.
///
/// What is said of ``Table`` about partitions, durability, and where it may be changed and read, holds here too. Code that
/// is not in an agent's stream, also of other programs, changes sets through the ``manager``.
public struct SetTable<Key: Sendable, Member: Hashable & Sendable>: Sendable {
    let core: TableCore<KeyedMember<Key, Member>, Membership>
    let keyForm: TableKeyForm<Key>
    /// The form that keys have in the topics that the table is written from.
    let partitionKey: @Sendable (Key) throws -> Bytes?
    /// Changes sets from anywhere, by messages to the worker that has their partition.
    ///
    /// Its methods throw unless the table was declared with `startManager: true`.
    public let manager: SetManager<Key, Member>

    /// The name of the table.
    public var name: String { core.name }
    /// What the table is for, in a sentence; may be empty.
    public var help: String { core.help }
    /// The name of the topic that the table is recovered from.
    public var changelogTopic: String { core.changelogTopic }
    /// The number of partitions; `nil` while no worker runs.
    public var partitionCount: Int? { core.partitionCount.map { Int($0) } }

    /// The set of a key, which may be empty.
    public subscript(key: Key) -> TableSet<Key, Member> {
        TableSet(table: self, key: key)
    }

    /// All members of all sets that are visible here, each with its key; see ``Table/items()``.
    ///
    /// Keys are in the order that ``TableItems`` says, the members of a key too.
    public func items() -> some AsyncSequence<(key: Key, member: Member), any Error> & Sendable {
        TableItems(core: core, range: .all, fault: nil).map { ($0.key.key, $0.key.member) }
    }

    /// The keys whose sets have members, as far as they are visible here; see ``Table/items()``.
    ///
    /// Goes through all members.
    public func keys() -> some AsyncSequence<Key, any Error> & Sendable {
        SetTableKeys(table: self)
    }

    /// The number of members of all sets that are visible here, counted one by one.
    ///
    /// - Throws: ``FaustError`` when the store can't be read.
    public func count() throws(FaustError) -> Int {
        try core.count(in: .all)
    }

    /// Removes all members of all sets of the partition in hand (Faust's `clear`).
    ///
    /// - Throws: ``FaustError`` as ``Table/set(_:for:)``.
    public func removeAll() throws(FaustError) {
        let (partition, scope) = try core.writable()
        try core.removeAll(in: .all, of: partition, scope)
    }

    /// Adds a closure that is told of each member that has come or gone; see ``Table/onChange(_:)``.
    ///
    /// - Parameter hook: Gets the key, the member, and whether it is one now.
    public func onChange(_ hook: @escaping @Sendable (Key, Member, _ isMember: Bool) async throws -> Void) {
        core.onChange { key, _, new in try await hook(key.key, key.member, new != nil) }
    }

    /// Adds a closure that runs whenever a partition of the table is ready on this worker, before its events come.
    ///
    /// - Parameter hook: Gets the number of the partition.
    public func onRecover(_ hook: @escaping @Sendable (Int32) async -> Void) {
        core.onRecover(hook)
    }

    /// The store's keys of all members of a key.
    func range(of key: Key) throws(FaustError) -> StoreRange {
        do {
            return StoreRange(prefix: KeyedMemberLayout.prefix(try keyForm.encode(key)))
        } catch {
            throw FaustError(.encode, "table \(name): a key can't be written", cause: error)
        }
    }
}

/// The keys of a set table, each once.
struct SetTableKeys<Key: Sendable, Member: Hashable & Sendable>: AsyncSequence, Sendable {
    typealias Element = Key

    let table: SetTable<Key, Member>

    func makeAsyncIterator() -> Iterator {
        let items = TableItems(core: table.core, range: .all, fault: nil)
        return Iterator(entries: items.makeAsyncIterator(), keyForm: table.keyForm)
    }

    struct Iterator: AsyncIteratorProtocol {
        var entries: TableItems<KeyedMember<Key, Member>, Membership>.Iterator
        let keyForm: TableKeyForm<Key>
        private var last: Bytes?

        init(entries: TableItems<KeyedMember<Key, Member>, Membership>.Iterator, keyForm: TableKeyForm<Key>) {
            self.entries = entries
            self.keyForm = keyForm
        }

        mutating func next() async throws -> Key? {
            while let entry = try entries.nextEntry() {
                let prefix = entry.key[0..<(try KeyedMemberLayout.keyBound(of: entry.key))]
                if prefix == last { continue }
                last = prefix
                return try keyForm.decode(try KeyedMemberLayout.parts(of: entry.key).key)
            }
            return nil
        }
    }
}
