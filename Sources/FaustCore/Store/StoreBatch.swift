// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Changes of a store that are made all at once or not at all.
public struct StoreBatch: Sendable {
    /// One change.
    public enum Change: Sendable, Hashable {
        /// Sets the value of a key.
        case put(Bytes, Bytes)
        /// Removes a key, if it is there.
        case delete(Bytes)
        /// Removes all keys of a range.
        case deleteRange(StoreRange)
    }

    /// The changes, in the order in which they are to be made.
    public private(set) var changes: ContiguousArray<Change> = []
    /// The position in the changelog after the changes; `nil` leaves the store's as it is.
    public var position: StorePosition?

    /// No changes.
    public init() {}

    /// Whether there is nothing to be done.
    public var isEmpty: Bool { changes.isEmpty && position == nil }
    /// The number of changes.
    public var count: Int { changes.count }

    /// Makes room for a number of changes.
    mutating func reserveCapacity(_ count: Int) {
        changes.reserveCapacity(count)
    }

    /// Sets the value of a key.
    public mutating func put(_ key: Bytes, _ value: Bytes) {
        changes.append(.put(key, value))
    }

    /// Removes a key, if it is there.
    public mutating func delete(_ key: Bytes) {
        changes.append(.delete(key))
    }

    /// Removes all keys of a range.
    public mutating func deleteRange(_ range: StoreRange) {
        if !range.isEmpty { changes.append(.deleteRange(range)) }
    }

    /// Forgets the changes and the position, to be used again.
    public mutating func removeAll() {
        changes.removeAll(keepingCapacity: true)
        position = nil
    }
}
