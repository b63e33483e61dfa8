// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A fast hash of keys, for tables in memory only: it differs from process to process.
///
/// It multiplies 16 bytes at a time into 128 bits and folds these, as wyhash does (Wang Yi, 2019). Both factors depend on
/// a secret of the process, so that nobody who sends keys can choose such as collide. `Hasher` takes about three times as
/// long for the short keys of tables.
package enum KeyHash {
    private static let secret = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// The hash of some bytes.
    package static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        let (first, second) = secret
        var state = first ^ (UInt64(key.count) &* 0x9E37_79B9_7F4A_7C15)
        var rest = key[...]
        while rest.count > 16 {
            state = fold(word(rest, 0) ^ second, word(rest, 8) ^ state)
            rest = rest.dropFirst(16)
        }
        let (low, high) = tail(rest)
        return fold(fold(low ^ second, high ^ state) ^ first, second)
    }

    /// At most sixteen bytes as two words, so that others give others, given the number of bytes.
    private static func tail(_ bytes: Slice<UnsafeRawBufferPointer>) -> (UInt64, UInt64) {
        let count = bytes.count
        if count >= 8 { return (word(bytes, 0), word(bytes, count - 8)) }
        if count >= 4 { return (half(bytes, 0), half(bytes, count - 4)) }
        var low: UInt64 = 0
        for byte in bytes { low = low &<< 8 | UInt64(byte) }
        return (low, 0)
    }

    private static func word(_ bytes: Slice<UnsafeRawBufferPointer>, _ offset: Int) -> UInt64 {
        bytes.base.loadUnaligned(fromByteOffset: bytes.startIndex + offset, as: UInt64.self)
    }

    private static func half(_ bytes: Slice<UnsafeRawBufferPointer>, _ offset: Int) -> UInt64 {
        UInt64(bytes.base.loadUnaligned(fromByteOffset: bytes.startIndex + offset, as: UInt32.self))
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
