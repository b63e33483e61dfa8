// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The decoded values of a table partition, by the places of its ``TableIndex``, and what else has their type.
///
/// Whoever uses it holds the lock of the partition.
@usableFromInline
final class TableValues<Value: Sendable> {
    /// Accesses need no check at run time that they don't overlap: each is a statement of its own under the lock.
    @exclusivity(unchecked) @usableFromInline var all: ContiguousArray<Value?> = []
    /// What keys had when their change was told last, of those that have changed since.
    var untold: [Bytes: Value?] = [:]

    init() {}

    /// Sets the value of a place, which may be behind the last one.
    func put(_ value: Value?, at place: Int) {
        if place < all.count { all[place] = value } else { all.append(value) }
    }

    /// Lets values go.
    func clear(_ places: ContiguousArray<Int32>) {
        for place in places { all[Int(place)] = nil }
    }

    /// Forgets everything.
    func forgetAll() {
        all = []
        untold = [:]
    }

    /// The values of some places.
    func values(at places: ContiguousArray<Int32>) -> ContiguousArray<Value?> {
        var result: ContiguousArray<Value?> = []
        result.reserveCapacity(places.count)
        for place in places { result.append(all[Int(place)]) }
        return result
    }
}
