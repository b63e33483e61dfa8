// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// The key of a ``TableIndex``'s entry: up to 40 bytes lie in the slot itself, longer ones in ``LongKeys``.
///
/// Most keys are that short, also with the sixteen bytes of a window. They need no memory of their own, and comparing them
/// touches none either, which saves two of four cache misses.
struct IndexedKey: Sendable {
    static let inlineLimit = 40

    /// The bytes, or the number of the long key.
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    private let length: UInt32

    /// How many bytes the key has.
    var count: Int { Int(length) }

    /// A key of at most ``inlineLimit`` bytes.
    init(short key: Bytes) {
        precondition(key.count <= Self.inlineLimit, "too long for a slot")
        length = UInt32(key.count)
        key.withUnsafeBytes { bytes in withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) } }
    }

    /// A key of `count` bytes that lies among the long ones.
    fileprivate init(long number: Int, count: Int) {
        length = UInt32(count)
        words.0 = UInt64(number)
    }

    /// How many bytes lie in the slot.
    var inlineCount: Int { count <= Self.inlineLimit ? count : 0 }

    /// The number of the long key; `nil` when the key is short.
    fileprivate var number: Int? { count <= Self.inlineLimit ? nil : Int(words.0) }

    /// Whether the key has the bytes of some memory.
    func isEqual(to other: UnsafeRawBufferPointer, _ longKeys: borrowing LongKeys) -> Bool {
        guard count == other.count else { return false }
        if count > Self.inlineLimit { return longKeys[self]?.withUnsafeBytes { byteOrder($0, other) == 0 } ?? false }
        return withUnsafeBytes(of: words) { bytes in
            byteOrder(UnsafeRawBufferPointer(rebasing: bytes[..<count]), other) == 0
        }
    }

    /// Writes the bytes that lie in the slot.
    ///
    /// - Returns: How many they are.
    func copy(to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        let end = start + inlineCount
        withUnsafeBytes(of: words) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[start..<end])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<inlineCount]))
        }
        return inlineCount
    }
}

/// The keys of an index that are too long for its slots.
struct LongKeys: Sendable {
    private var keys: ContiguousArray<Bytes> = []
    private var free: ContiguousArray<Int> = []

    /// The bytes of a key that is long; `nil` when it is not.
    subscript(key: IndexedKey) -> Bytes? { key.number.map { keys[$0] } }

    /// Takes a key up, here if it is long.
    mutating func insert(_ key: Bytes) -> IndexedKey {
        if key.count <= IndexedKey.inlineLimit { return IndexedKey(short: key) }
        if let number = free.popLast() {
            keys[number] = key.owned
            return IndexedKey(long: number, count: key.count)
        }
        keys.append(key.owned)
        return IndexedKey(long: keys.count - 1, count: key.count)
    }

    /// Lets a key go.
    mutating func remove(_ key: IndexedKey) {
        guard let number = key.number else { return }
        keys[number] = .empty
        free.append(number)
    }
}
