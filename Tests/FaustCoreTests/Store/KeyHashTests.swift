// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Hashes of keys")
struct KeyHashTests {
    private func hash(_ key: Bytes) -> UInt64 {
        key.withUnsafeBytes { KeyHash.hash($0) }
    }

    @Test("the same bytes have the same hash, wherever they lie", arguments: 0...70)
    func placement(length: Int) {
        let key = Bytes((0..<length).map { UInt8($0) })
        for shift in 1..<9 {
            let longer = [UInt8](repeating: 0xAA, count: shift) + [UInt8](key) + [0xBB]
            #expect(hash(Bytes(longer)[shift..<shift + length]) == hash(key))
        }
    }

    @Test("each byte counts, and so does the length", arguments: 0...70)
    func sensitivity(length: Int) {
        let key = [UInt8](repeating: 0, count: length)
        var hashes: Set<UInt64> = [hash(Bytes(key)), hash(Bytes(key + [0]))]
        for index in 0..<length {
            for bit in 0..<8 {
                var other = key
                other[index] ^= 1 << UInt8(bit)
                hashes.insert(hash(Bytes(other)))
            }
        }
        #expect(hashes.count == 2 + 8 * length)
    }

    @Test("keys that are alike spread over the buckets of a hash table")
    func spread() {
        let (count, bits) = (100_000, 12)
        for make in [{ Bytes("key\($0)") }, { orderedBytes(of: $0) }, { Bytes("/page/\($0 * 64)/a.html") }]
            as [(Int) -> Bytes]
        {
            var buckets = [Int](repeating: 0, count: 1 << bits)
            for number in 0..<count { buckets[Int(truncatingIfNeeded: hash(make(number))) & (1 << bits - 1)] += 1 }
            // 24 are expected; that any of 4,096 buckets gets 70 has a chance of less than one in ten billion.
            #expect(buckets.max() ?? 0 < 70)
            #expect(buckets.count { $0 == 0 } == 0)
        }
    }
}
