// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import RocksDB

/// What lies where in the database of a store.
enum StoreLayout {
    /// The layout that is written; a store of a later one is not touched.
    static let version = 1
    /// The key of the layout's version.
    static let formatKey: [UInt8] = [0, UInt8(ascii: "f")]
    /// The key of the position in the changelog.
    static let positionKey: [UInt8] = [0, UInt8(ascii: "p")]
    /// The number of keys that are the store's own.
    static let ownKeyCount = 2
    /// What the keys of entries begin with.
    static let entryMark: UInt8 = 1

    /// Calls `body` with the database's key of an entry.
    static func withEntryKey<Result, Failure: Error>(
        _ key: Bytes,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The temporary memory is freed when the closure returns; RocksDB keeps no pointer to a key.
        let outcome = withUnsafeTemporaryAllocation(byteCount: key.count + 1, alignment: 1) { buffer in
            buffer[0] = entryMark
            key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0) }
            do throws(Failure) {
                return Swift.Result<Result, Failure>.success(try body(UnsafeRawBufferPointer(buffer)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    static func entryKey(_ key: Bytes) -> [UInt8] {
        [entryMark] + key
    }

    /// The database's key of the end of a range of entries.
    static func entryBound(_ bound: Bytes?) -> [UInt8] {
        bound.map(entryKey) ?? [entryMark + 1]
    }

    /// A position as the text that is stored: the next offset, then offset and time of the last message if known.
    static func bytes(_ position: StorePosition) -> [UInt8] {
        var text = "\(position.next)"
        if let last = position.last { text += " \(last.offset) \(last.timestampMilliseconds)" }
        return Array(text.utf8)
    }

    static func position(_ bytes: [UInt8]) -> StorePosition? {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == parts.count, let next = numbers.first, next >= 0 else { return nil }
        switch numbers.count {
        case 1: return StorePosition(next: next)
        case 3: return StorePosition(next: next, last: .init(offset: numbers[1], timestampMilliseconds: numbers[2]))
        default: return nil
        }
    }
}

extension Database {
    /// Calls `body` with the value of a key where it lies, without a copy.
    func withValueOfKey<Result>(
        _ key: [UInt8],
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(RocksDBError) -> Result? {
        guard let value = try get(key) else { return nil }
        return withExtendedLifetime(value) { body(value.bytes) }
    }
}
#endif
