// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The changes of a commit as bytes, whatever their types: the latest of each key.
struct EntryChanges: Sendable {
    /// The keys as the store has them.
    private(set) var keys: [Bytes]
    /// Their values, `nil` for what is removed; as many as keys.
    private(set) var values: ContiguousArray<Bytes?>
    /// When they were written, of as many of the first keys as there are times.
    var times: [Int64?] = []
    /// What of the keys the store removes as a range.
    var removed: StoreRange?
    /// How many of the keys were changed; the others are handed over again.
    private let changedCount: Int

    init(keys: [Bytes], values: ContiguousArray<Bytes?>) {
        self.keys = keys
        self.values = values
        changedCount = keys.count
    }

    /// Adds a change, without a time.
    mutating func append(_ key: Bytes, _ value: Bytes?) {
        keys.append(key)
        values.append(value)
    }

    /// Adds what the store has of keys that a failed commit has handed over, as far as they have not changed since.
    ///
    /// - Throws: ``FaustError`` when the store can't be read.
    mutating func append(again: Set<Bytes>, from store: any Store, _ form: EntryForm) throws(FaustError) {
        if form.timeToLive != nil { times += Array(repeating: nil, count: keys.count - times.count) }
        for key in again.subtracting(keys) {
            let stored = try store.value(of: key)
            append(key, stored.map(form.valueBytes))
            if form.timeToLive != nil { times.append(stored.map(TimeToLive.time)) }
        }
    }

    /// Adds the changes to a batch for the store, and the messages of the changelog.
    ///
    /// - Throws: ``FaustError`` when a key can't be written.
    func add(to delta: inout TableDelta, _ changelog: TopicPartition, _ form: EntryForm) throws(FaustError) {
        delta.batch.reserveCapacity(delta.batch.count + keys.count)
        delta.messages.reserveCapacity(keys.count)
        let changelogKeys = try form.changelogKeys(keys)
        for index in keys.indices {
            let time = index < times.count ? times[index] : nil
            let removed = index < changedCount ? removed : nil
            try form.change(keys[index], values[index], writtenAt: time, in: &delta.batch, within: removed)
            delta.messages.append(
                OutgoingMessage(
                    to: changelog,
                    key: changelogKeys[index],
                    value: values[index],
                    timestampMilliseconds: time
                )
            )
        }
    }
}
