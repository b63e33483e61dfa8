// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// A range of keys in the order of their bytes, with its start and without its end.
public struct StoreRange: Sendable, Hashable {
    /// The first key that may be in the range.
    public var lowerBound: Bytes
    /// The first key behind the range; `nil` when it has no end.
    public var upperBound: Bytes?

    /// The keys from one on and before another one.
    ///
    /// - Parameters:
    ///   - lowerBound: The first key that may be in the range; no bytes for the very first.
    ///   - upperBound: The first key behind the range; `nil` for all keys to the last.
    public init(from lowerBound: Bytes = .empty, before upperBound: Bytes? = nil) {
        self.lowerBound = lowerBound
        self.upperBound = upperBound
    }

    /// All keys.
    public static let all = StoreRange()

    /// The keys that start with some bytes.
    public init(prefix: Bytes) {
        self.init(from: prefix, before: prefix.successorOfPrefix)
    }

    /// Whether no key can be in the range.
    public var isEmpty: Bool {
        guard let upperBound else { return false }
        return !lowerBound.precedes(upperBound)
    }

    /// Whether a key is in the range.
    public func contains(_ key: Bytes) -> Bool {
        if key.precedes(lowerBound) { return false }
        return upperBound.map { key.precedes($0) } ?? true
    }

    /// The part of the range behind a key.
    public func after(_ key: Bytes) -> StoreRange {
        StoreRange(from: key.successor, before: upperBound)
    }
}

extension Bytes {
    /// Whether the bytes come before others: byte by byte as unsigned numbers, a prefix before what it is a prefix of.
    package func precedes(_ other: Bytes) -> Bool {
        withUnsafeBytes { left in other.withUnsafeBytes { byteOrder(left, $0) < 0 } }
    }

    /// The first bytes that come after these.
    package var successor: Bytes {
        Bytes(
            ByteStorage(count: count + 1) { buffer in
                _ = buffer.initialize(from: self)
                buffer[count] = 0
                return count + 1
            }
        )
    }

    /// The first bytes that come after everything that starts with these; `nil` when there are none.
    package var successorOfPrefix: Bytes? {
        var bytes = [UInt8](self)
        while let last = bytes.popLast() {
            if last < 0xFF { return Bytes(bytes + [last + 1]) }
        }
        return nil
    }
}

/// Less than, equal to or greater than 0, as the first bytes come before, are, or come after the second.
package func byteOrder(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let count = min(left.count, right.count)
    if count > 0, let first = left.baseAddress, let second = right.baseAddress {
        let order = memcmp(first, second, count)
        if order != 0 { return Int(order) }
    }
    return left.count - right.count
}
