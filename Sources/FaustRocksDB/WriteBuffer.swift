// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore

/// Changes of a store that its database does not have yet: the latest of each key.
///
/// RocksDB takes longest for finding the place of a key among all those that it has in memory. Keys that are written in
/// every commit are put there once in many, and all of them in order, which makes it several times faster.
///
/// The bytes of all keys and values lie in one array, so that a change asks for no memory of its own; a hash table with
/// open addressing finds the keys. A value that does not fit into the place of the one before leaves it unused until the
/// buffer is written.
struct WriteBuffer {
    /// A key and its latest value, as they lie in the bytes.
    fileprivate struct Entry {
        /// Where the database's key is: the mark of entries and the key.
        var keyStart: UInt32
        var keyCount: UInt32
        var valueStart: UInt32
        /// How many bytes of value fit there.
        var valueRoom: UInt32
        /// -1 when the key was removed.
        var valueCount: Int32
        var hash: UInt32
    }

    private var bytes: ContiguousArray<UInt8> = []
    private var entries: ContiguousArray<Entry> = []
    /// The upper half is the hash, the lower one the number of the entry plus one, 0 where there is nothing.
    private var buckets: ContiguousArray<UInt64> = []
    private(set) var position: StorePosition?
    /// How many changes came since the buffer was empty.
    private(set) var changeCount = 0

    /// The number of keys from which on the database gets them.
    private static let keyLimit = 32_768
    /// The number of bytes from which on it does, and that a batch may have; less than four times as many are reached.
    private static let byteLimit = 8_388_608
    /// The number of changes from which on it does, so that a crash has no more to be read again from the changelog.
    private static let changeLimit = 262_144

    /// The number of keys.
    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty && position == nil }
    /// Whether the database should get the changes.
    var isFull: Bool {
        entries.count >= Self.keyLimit || changeCount >= Self.changeLimit || bytes.count >= Self.byteLimit
    }

    /// Whether the buffer can have a batch: ranges and very much at a time are the database's business.
    static func takes(_ batch: StoreBatch) -> Bool {
        var byteCount = 0
        for change in batch.changes {
            switch change {
            case .put(let key, let value): byteCount += key.count + 1 + value.count
            case .delete(let key): byteCount += key.count + 1
            case .deleteRange: return false
            }
        }
        return byteCount <= byteLimit
    }

    // MARK: Changes

    /// Makes the changes of a batch.
    mutating func merge(_ batch: StoreBatch) {
        for change in batch.changes {
            switch change {
            case .put(let key, let value):
                let number = key.withUnsafeBytes { entryNumber(of: $0) }
                value.withUnsafeBytes { set($0, at: number) }
            case .delete(let key):
                let number = key.withUnsafeBytes { entryNumber(of: $0) }
                entries[number].valueCount = -1
            case .deleteRange: preconditionFailure("a range is no change of a single key")
            }
        }
        changeCount += batch.count
        if let position = batch.position { self.position = position }
    }

    /// The number of a key's entry, a new one if there is none.
    private mutating func entryNumber(of key: UnsafeRawBufferPointer) -> Int {
        let hash = UInt32(truncatingIfNeeded: KeyHash.hash(key))
        if let known = find(key, hash) { return known }
        if 2 * (entries.count + 1) > buckets.count { grow() }
        let start = UInt32(bytes.count)
        bytes.append(StoreLayout.entryMark)
        bytes.append(contentsOf: key)
        entries.append(
            Entry(
                keyStart: start,
                keyCount: UInt32(key.count + 1),
                valueStart: 0,
                valueRoom: 0,
                valueCount: -1,
                hash: hash
            )
        )
        enter(entries.count - 1, hash)
        return entries.count - 1
    }

    private mutating func set(_ value: UnsafeRawBufferPointer, at number: Int) {
        if value.count <= Int(entries[number].valueRoom) {
            let start = Int(entries[number].valueStart)
            bytes.withUnsafeMutableBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + value.count]).copyMemory(from: value)
            }
        } else {
            entries[number].valueStart = UInt32(bytes.count)
            entries[number].valueRoom = UInt32(value.count)
            bytes.append(contentsOf: value)
        }
        entries[number].valueCount = Int32(value.count)
    }

    // MARK: Looking

    /// What the buffer knows of a key: its value, none when it was removed; `nil` when it does not know the key.
    func change(of key: Bytes) -> Bytes?? {
        key.withUnsafeBytes { find($0, UInt32(truncatingIfNeeded: KeyHash.hash($0))) }.map { value(of: entries[$0]) }
    }

    /// The changes of a range, in the order of their keys.
    func changes(in range: StoreRange) -> [(key: Bytes, value: Bytes?)] {
        var result: [(key: Bytes, value: Bytes?)] = []
        for entry in entries {
            let key = key(of: entry)
            if range.contains(key) { result.append((key, value(of: entry))) }
        }
        return result.sorted { $0.key.precedes($1.key) }
    }

    /// Calls `body` with all changes in the order of their keys.
    ///
    /// - Parameter body: Gets the database's key, and the value or `nil` for a key that was removed. They must not escape.
    func forEachInOrder(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var order = entries.map { (prefix: Self.prefix(of: $0.key(in: bytes)), entry: $0) }
            order.sort { left, right in
                if left.prefix != right.prefix { return left.prefix < right.prefix }
                return byteOrder(left.entry.key(in: bytes), right.entry.key(in: bytes)) < 0
            }
            for (_, entry) in order { body(entry.key(in: bytes), entry.value(in: bytes)) }
        }
    }

    private func key(of entry: Entry) -> Bytes {
        bytes.withUnsafeBytes { Bytes(UnsafeRawBufferPointer(rebasing: entry.key(in: $0).dropFirst())) }
    }

    private func value(of entry: Entry) -> Bytes? {
        bytes.withUnsafeBytes { entry.value(in: $0).map { Bytes($0) } }
    }

    /// The first eight bytes of a key behind its mark as a number, by which most keys are told apart.
    private static func prefix(of key: UnsafeRawBufferPointer) -> UInt64 {
        if key.count >= 9 { return UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self)) }
        var prefix: UInt64 = 0
        for (index, byte) in key.dropFirst().enumerated() { prefix |= UInt64(byte) &<< UInt64(56 - 8 * index) }
        return prefix
    }

    // MARK: Buckets

    private func find(_ key: UnsafeRawBufferPointer, _ hash: UInt32) -> Int? {
        guard !buckets.isEmpty else { return nil }
        let mask = buckets.count &- 1
        var bucket = Int(hash) & mask
        while buckets[bucket] != 0 {
            if UInt32(truncatingIfNeeded: buckets[bucket] &>> 32) == hash {
                let number = Int(truncatingIfNeeded: buckets[bucket] & 0xFFFF_FFFF) &- 1
                let entry = entries[number]
                let isIt = bytes.withUnsafeBytes {
                    byteOrder(UnsafeRawBufferPointer(rebasing: entry.key(in: $0).dropFirst()), key) == 0
                }
                if isIt { return number }
            }
            bucket = (bucket &+ 1) & mask
        }
        return nil
    }

    private mutating func enter(_ entry: Int, _ hash: UInt32) {
        let mask = buckets.count &- 1
        var bucket = Int(hash) & mask
        while buckets[bucket] != 0 { bucket = (bucket &+ 1) & mask }
        buckets[bucket] = UInt64(hash) &<< 32 | UInt64(entry &+ 1)
    }

    private mutating func grow() {
        buckets = ContiguousArray(repeating: 0, count: max(2 * buckets.count, 1_024))
        for entry in entries.indices { enter(entry, entries[entry].hash) }
    }
}

extension WriteBuffer.Entry {
    fileprivate func key(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(keyStart)..<Int(keyStart + keyCount)])
    }

    fileprivate func value(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard valueCount >= 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[Int(valueStart)..<Int(valueStart) + Int(valueCount)])
    }
}
#endif
