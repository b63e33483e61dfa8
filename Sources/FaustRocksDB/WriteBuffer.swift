// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore

/// Changes of a store that its database does not have yet: the latest of each key.
///
/// RocksDB takes longest for finding the place of a key among all those that it has in memory. Keys that are written in
/// every commit are put there once in many, and all of them in order, which makes it several times faster.
struct WriteBuffer {
    /// The values, `nil` for keys that were removed.
    private(set) var changes: [Bytes: Bytes?] = [:]
    private(set) var position: StorePosition?
    /// How many changes came since the buffer was empty.
    private(set) var changeCount = 0
    /// How many bytes the keys and values have.
    private(set) var byteCount = 0

    /// The number of keys from which on the database gets them.
    private static let keyLimit = 32_768
    /// The number of bytes from which on it does.
    private static let byteLimit = 8_388_608
    /// The number of changes from which on it does, so that a crash has no more to be read again from the changelog.
    private static let changeLimit = 262_144

    var isEmpty: Bool { changes.isEmpty && position == nil }
    /// Whether the database should get the changes.
    var isFull: Bool {
        changes.count >= Self.keyLimit || changeCount >= Self.changeLimit || byteCount >= Self.byteLimit
    }

    /// Whether the buffer can have a batch: ranges are the database's business.
    static func takes(_ batch: StoreBatch) -> Bool {
        batch.changes.allSatisfy { change in
            if case .deleteRange = change { return false }
            return true
        }
    }

    /// Makes the changes of a batch.
    mutating func merge(_ batch: StoreBatch) {
        for change in batch.changes {
            switch change {
            case .put(let key, let value): set(key, Bytes(copying: value))
            case .delete(let key): set(key, nil)
            case .deleteRange: preconditionFailure("a range is no change of a single key")
            }
        }
        changeCount += batch.count
        if let position = batch.position { self.position = position }
    }

    private mutating func set(_ key: Bytes, _ value: Bytes?) {
        byteCount += value?.count ?? 0
        if let index = changes.index(forKey: key) {
            byteCount -= (changes.values[index] ?? .empty).count
            changes.values[index] = value
        } else {
            // A slice would keep all of its buffer in memory.
            changes[key.count == key.storage.count ? key : Bytes(copying: key)] = .some(value)
            byteCount += key.count
        }
    }

    /// The changes in the order of their keys, and the position.
    func sorted() -> StoreBatch {
        var order = changes.indices.map { (prefix: Self.prefix(of: changes[$0].key), index: $0) }
        order.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return changes[left.index].key.precedes(changes[right.index].key)
        }
        var batch = StoreBatch()
        for (_, index) in order {
            let (key, value) = changes[index]
            if let value { batch.put(key, value) } else { batch.delete(key) }
        }
        batch.position = position
        return batch
    }

    /// The changes of a range, in the order of their keys.
    func changes(in range: StoreRange) -> [(key: Bytes, value: Bytes?)] {
        changes.filter { range.contains($0.key) }.map { ($0.key, $0.value) }.sorted { $0.key.precedes($1.key) }
    }

    /// The first eight bytes as a number, by which most keys are told apart.
    private static func prefix(of key: Bytes) -> UInt64 {
        key.withUnsafeBytes { bytes in
            if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
            var prefix: UInt64 = 0
            for (index, byte) in bytes.enumerated() { prefix |= UInt64(byte) &<< UInt64(56 - 8 * index) }
            return prefix
        }
    }
}
#endif
