// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What is known of some partitions, by their numbers.
///
/// Numbers are small and close together: an array spares each look-up the hash that a dictionary takes, which counts
/// where every event looks something up.
struct PartitionArray<Element: Sendable>: Sendable {
    private var elements: ContiguousArray<Element?> = []

    /// The numbers of the partitions that something is known of, in order.
    var numbers: [Int32] {
        elements.indices.filter { elements[$0] != nil }.map { Int32(truncatingIfNeeded: $0) }
    }

    /// What is known of a partition; `nil` when nothing is.
    subscript(number: Int32) -> Element? {
        get {
            let index = Int(number)
            return elements.indices.contains(index) ? elements[index] : nil
        }
        _modify {
            let index = Int(number)
            let missing = index + 1 - elements.count
            if missing > 0 { elements.append(contentsOf: repeatElement(nil, count: missing)) }
            yield &elements[index]
        }
    }
}
