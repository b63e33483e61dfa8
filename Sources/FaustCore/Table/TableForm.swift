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

    /// What of the form does not depend on the types.
    var entries: EntryForm {
        EntryForm(
            table: name,
            changelogKey: key.changelogKey,
            changelogKeys: key.changelogKeys,
            storeKey: key.storeKey,
            companion: key.companion,
            timeToLive: timeToLive
        )
    }

    // MARK: Bytes

    /// The bytes of a value; `nil` for null, which removes the key.
    func encode(_ value: Value) throws(FaustError) -> Bytes? {
        do { return try self.value.encode(value) } catch { throw fault(.encode, "value can't be written", error) }
    }

    func decodeValue(_ bytes: Bytes) throws(FaustError) -> Value {
        let bytes = timeToLive == nil ? bytes : TimeToLive.value(ofStored: bytes)
        do { return try value.decode(bytes) } catch { throw fault(.decode, "value can't be read", error) }
    }

    private func fault(_ code: FaustError.Code, _ what: String, _ cause: any Error) -> FaustError {
        FaustError(code, "table \(name): a \(what)", cause: cause)
    }
}
