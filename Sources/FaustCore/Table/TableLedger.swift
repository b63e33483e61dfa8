// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Where an entry of a table partition was found, so that writing it needs no second look.
@usableFromInline
struct TablePlace: Sendable {
    /// The place in the index; -1 when it is not known.
    @usableFromInline var number = -1
    @usableFromInline var stamp: UInt32 = 0
    /// The hash of the key.
    @usableFromInline var hash: UInt32 = 0

    @inlinable init() {}
}

/// The part of a table partition that does not depend on its types, and the lock of all of it.
///
/// The code of an event asks it twice: to find an entry, and to change it. Both are plain calls, in which nothing of the
/// table's types has to be found out.
@usableFromInline
final class TableLedger: Sendable {
    struct State: Sendable {
        /// `nil` while the partition is not assigned.
        var store: (any Store)?
        /// Whether the store is at the end of its changelog.
        var isReady = false
        /// Whether the entries are those of another worker, which are read from the changelog as they come.
        var isFollowing = false
        var isOwned: Bool { isReady && !isFollowing }
        var index: TableIndex
        /// Keys that were handed over by a commit that failed: the changelog may have a value that does not count.
        var handedOver: Set<Bytes> = []
        /// Keys all of which are removed by the next commit: the store does so at one go.
        var removed: StoreRange?
        /// What the next commit removes of the order in which entries expire.
        var passed: StoreRange?
        /// The partitions of topics that the table partition is assigned with.
        var owners: Set<TopicPartition> = []
        /// Another number whenever what was read from the store before may be out of date.
        var version: UInt64 = 0
    }

    /// How a look or a change has ended.
    @usableFromInline
    enum Outcome: Sendable {
        case done
        /// The entry is not at hand; the store may have it.
        case missing
        /// The partition is not here.
        case notHere
        /// The event in hand no longer counts.
        case expelled
    }

    private let state: Mutex<State>
    private let cacheLimit: Int

    init(cacheLimit: Int) {
        self.cacheLimit = cacheLimit
        state = Mutex(State(index: TableIndex(limit: cacheLimit)))
    }

    /// Runs `body` with the state, alone; nobody reads or writes the store in it.
    func withLock<Result, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try state.withLock(body)
    }

    /// Looks for an entry.
    ///
    /// - Parameters:
    ///   - key: The key, as the store has it.
    ///   - place: Becomes where the entry is.
    ///   - read: Takes its value, under the lock.
    /// - Returns: `done`, `missing` or `notHere`.
    @usableFromInline
    func look(_ key: UnsafeRawBufferPointer, _ place: inout TablePlace, _ read: (Int) -> Void) -> Outcome {
        place.hash = TableIndex.hash(key)
        return state.withLock { state in
            guard state.isReady else { return .notHere }
            let number = state.index.find(key, place.hash)
            guard number >= 0 else { return .missing }
            place.number = number
            place.stamp = state.index.stamp(of: number)
            read(number)
            return .done
        }
    }

    /// Notes the change of an entry that was looked up.
    ///
    /// - Parameters:
    ///   - place: Where the entry was.
    ///   - isRemoved: Whether it is removed.
    ///   - scope: What the change belongs to.
    ///   - write: Sets the value, under the lock; not called unless the outcome is `done`.
    /// - Returns: `missing` when the entry is not there any more.
    @usableFromInline
    func change(_ place: TablePlace, isRemoved: Bool, _ scope: EventScope?, _ write: (Int) -> Void) -> Outcome {
        state.withLock { state in
            guard state.isOwned else { return .notHere }
            if let scope, scope.isExpelled { return .expelled }
            guard state.index.has(place.number, stamp: place.stamp) else { return .missing }
            state.index.change(place.number, isRemoved: isRemoved)
            write(place.number)
            return .done
        }
    }

    /// Makes a state that of a partition that nobody has.
    func clear(_ state: inout State) {
        let version = state.version
        // A place that somebody has found before is none any more.
        state = State(index: TableIndex(limit: cacheLimit, after: state.index.lastStamp))
        state.version = version &+ 1
    }
}
