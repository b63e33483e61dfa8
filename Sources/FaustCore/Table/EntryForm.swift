// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What becomes of the bytes of a table's entries, whatever their types.
///
/// It is apart from ``TableForm`` so that commits and recoveries, which go through thousands of entries, have nothing to
/// find out about types at each of them.
struct EntryForm: Sendable {
    /// The name of the table.
    let table: String
    /// What the changelog has of a key of the store.
    let changelogKey: @Sendable (Bytes) throws -> Bytes
    /// The same of many keys, if that is cheaper.
    let changelogKeys: (@Sendable ([Bytes]) throws -> [Bytes])?
    /// What the store has of a key of the changelog.
    let storeKey: @Sendable (Bytes) throws -> Bytes
    /// A second key of the store that comes and goes with one.
    let companion: (@Sendable (Bytes) throws -> Bytes?)?
    /// How long entries live; `nil` when they stay.
    let timeToLive: TimeToLive?

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
        if let companion {
            let second: Bytes?
            do { second = try companion(key) } catch { throw fault(error) }
            if let second {
                if value == nil { batch.delete(second) } else { batch.put(second, .empty) }
            }
        }
        guard let value else {
            if !(removed?.contains(key) ?? false) { batch.delete(key) }
            return
        }
        guard let timeToLive, let time, !key.isEmpty else { return batch.put(key, value) }
        timeToLive.put(key, value, writtenAt: time, into: &batch)
    }

    /// What the changelog has of keys of the store.
    func changelogKeys(_ keys: [Bytes]) throws(FaustError) -> [Bytes] {
        do {
            if let changelogKeys { return try changelogKeys(keys) }
            return try keys.map { try changelogKey($0) }
        } catch {
            throw fault(error)
        }
    }

    private func fault(_ cause: any Error) -> FaustError {
        FaustError(.encode, "table \(table): a key can't be written", cause: cause)
    }
}
