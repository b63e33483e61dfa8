// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A fast hash of keys, for tables in memory only: it differs from process to process.
///
/// It multiplies 16 bytes at a time into 128 bits and folds these, as wyhash does (Wang Yi, 2019). Both factors depend on
/// a secret of the process, so that nobody who sends keys can choose such as collide. `Hasher` takes more than twice as
/// long for the short keys of tables.
package enum KeyHash {
    private static let secret = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// The hash of some bytes.
    package static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        let (first, second) = secret
        var state = first ^ (UInt64(key.count) &* 0x9E37_79B9_7F4A_7C15)
        var start = 0
        while key.count &- start > 16 {
            state = fold(word(key, start) ^ second, word(key, start &+ 8) ^ state)
            start &+= 16
        }
        let (low, high) = tail(key, start)
        return fold(fold(low ^ second, high ^ state) ^ first, second)
    }

    /// The last sixteen bytes or fewer as two words, so that others give others, given the number of bytes.
    private static func tail(_ key: UnsafeRawBufferPointer, _ start: Int) -> (UInt64, UInt64) {
        let rest = key.count &- start
        if rest >= 8 { return (word(key, start), word(key, key.count &- 8)) }
        if rest >= 4 { return (half(key, start), half(key, key.count &- 4)) }
        var low: UInt64 = 0
        for index in start..<key.count { low = low &<< 8 | UInt64(key[index]) }
        return (low, 0)
    }

    private static func word(_ key: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        key.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func half(_ key: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(key.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
