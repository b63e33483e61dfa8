// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// The latest offset of each key, for a bounded number of keys.
///
/// Keys are told apart by 128 bits of hash, as Kafka's offset map does: that two of some million keys collide is far
/// less likely than a fault of the machine.
struct CompactionMap {
    private struct Hash: Hashable {
        let low: UInt64
        let high: UInt64
    }

    private let maxKeys: Int
    private var offsets: [Hash: Int64] = [:]

    /// An empty map.
    init(maxKeys: Int) {
        self.maxKeys = max(maxKeys, 1)
    }

    /// The number of keys.
    var count: Int { offsets.count }

    /// Notes that a key occurs at an offset, which is behind all that were noted before.
    ///
    /// - Returns: Whether there was room.
    mutating func note(_ key: Bytes, at offset: Int64) -> Bool {
        let hash = Self.hash(key)
        if offsets.count >= maxKeys, offsets[hash] == nil { return false }
        offsets[hash] = offset
        return true
    }

    /// Whether a later message has the same key.
    func hasLater(_ key: Bytes, than offset: Int64) -> Bool {
        offsets[Self.hash(key)].map { $0 > offset } ?? false
    }

    private static func hash(_ key: Bytes) -> Hash {
        key.withUnsafeBytes { Hash(low: XXHash64.hash($0, seed: 0), high: XXHash64.hash($0, seed: 1)) }
    }
}
