// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the entries of a table become bytes, and what it is called.
struct TableForm<Key: Sendable, Value: Sendable>: Sendable {
    /// The name of the table.
    let name: String
    let key: TableKeyForm<Key>
    let value: Serde<Value>
    /// The form that keys have in the topics that the table is written from, by which their partition is found.
    let partitionKey: @Sendable (Key) throws -> Bytes?
    /// How long entries live; `nil` when they stay.
    var timeToLive: TimeToLive?

    func encode(_ key: Key) throws(FaustError) -> Bytes {
        do { return try self.key.encode(key) } catch { throw fault(.encode, "key can't be written", error) }
    }

    func decodeKey(_ bytes: Bytes) throws(FaustError) -> Key {
        do { return try key.decode(bytes) } catch { throw fault(.decode, "key can't be read", error) }
    }

    // MARK: The store

    /// What the store's keys of entries begin with.
    var lead: Bytes { timeToLive == nil ? .empty : TimeToLive.entryLead }

    /// The part of a range that has entries.
    func entries(in range: StoreRange) -> StoreRange {
        guard timeToLive != nil else { return range }
        let all = StoreRange(prefix: TimeToLive.entryLead)
        var range = range
        if range.lowerBound.precedes(all.lowerBound) { range.lowerBound = all.lowerBound }
        if range.upperBound == nil { range.upperBound = all.upperBound }
        return range
    }

    /// The value's own bytes of what the store has.
    func valueBytes(_ stored: Bytes) -> Bytes {
        timeToLive == nil ? stored : TimeToLive.value(ofStored: stored)
    }

    /// Adds a change of an entry to a batch for the store.
    ///
    /// - Parameters:
    ///   - key: The entry, or no bytes for what a ``TableKeeper`` keeps.
    ///   - value: The value; `nil` removes the entry.
    ///   - time: When it was written.
    ///   - batch: The batch.
    ///   - removed: What the batch removes as a range.
    /// - Throws: ``FaustError`` when the key can't be read.
    func change(
        _ key: Bytes,
        _ value: Bytes?,
        writtenAt time: Int64?,
        in batch: inout StoreBatch,
        within removed: StoreRange? = nil
    ) throws(FaustError) {
        let companion = try companion(key)
        guard let value else {
            if !(removed?.contains(key) ?? false) { batch.delete(key) }
            if let companion { batch.delete(companion) }
            return
        }
        if let companion { batch.put(companion, .empty) }
        guard let timeToLive, let time, !key.isEmpty else { return batch.put(key, value) }
        timeToLive.put(key, value, writtenAt: time, into: &batch)
    }

    // MARK: Bytes

    /// The bytes of a value; `nil` for null, which removes the key.
    func encode(_ value: Value) throws(FaustError) -> Bytes? {
        do { return try self.value.encode(value) } catch { throw fault(.encode, "value can't be written", error) }
    }

    func decodeValue(_ bytes: Bytes) throws(FaustError) -> Value {
        do { return try value.decode(valueBytes(bytes)) } catch { throw fault(.decode, "value can't be read", error) }
    }

    func changelogKey(_ bytes: Bytes) throws(FaustError) -> Bytes {
        do { return try key.changelogKey(bytes) } catch { throw fault(.encode, "key can't be written", error) }
    }

    func companion(_ bytes: Bytes) throws(FaustError) -> Bytes? {
        guard let companion = key.companion else { return nil }
        do { return try companion(bytes) } catch { throw fault(.encode, "key can't be written", error) }
    }

    private func fault(_ code: FaustError.Code, _ what: String, _ cause: any Error) -> FaustError {
        FaustError(code, "table \(name): a \(what)", cause: cause)
    }
}
