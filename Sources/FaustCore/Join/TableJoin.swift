// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Two tables joined by key: a view of both that is never stale, and a stream of its changes.
///
/// ```swift
/// let profiles = users.leftJoin(accounts)
/// profiles.onChange { id, old, new in … }
/// let profile = profiles["alice"]        // (User, Account?)?
/// ```
///
/// The view keeps nothing of its own: reading looks into both tables. What is said of ``Table`` about where entries can be
/// read holds here, too. Both tables need equally many partitions, which is checked when the app starts; then equal keys are
/// on one worker.
public struct TableJoin<Key: Sendable, Joined: Sendable>: Sendable {
    /// Is told of a key whose joined value has changed.
    typealias Hook = @Sendable (Key, Joined?, Joined?) async throws -> Void

    private let read: @Sendable (Key) throws(FaustError) -> Joined?
    private let report: @Sendable (FaustError) -> Void
    private let observe: @Sendable (@escaping Hook) -> Void

    init<Left: Sendable, LeftEntry: Sendable, Right: Sendable, RightEntry: Sendable>(
        _ left: TableCore<Key, LeftEntry>,
        _ right: TableCore<Key, RightEntry>,
        _ leftValue: @escaping @Sendable (LeftEntry?) -> Left?,
        _ rightValue: @escaping @Sendable (RightEntry?) -> Right?,
        _ combine: @escaping @Sendable (Left?, Right?) -> Joined?
    ) {
        let observer = TableJoinObserver<Key, LeftEntry, RightEntry, Joined>(left, right) { left, right in
            combine(leftValue(left), rightValue(right))
        }
        left.app.declare(CopartitionCheck(owner: observer.name, parties: [.table(left), .table(right)]))
        read = { key throws(FaustError) in
            combine(leftValue(try left.value(for: key)), rightValue(try right.value(for: key)))
        }
        report = { left.report($0, isWrite: false) }
        observe = { observer.add($0) }
    }

    /// The joined value of a key; `nil` when there is none.
    ///
    /// What goes wrong fails the event in hand; use ``value(for:)`` to catch it on the spot.
    public subscript(key: Key) -> Joined? {
        do throws(FaustError) { return try value(for: key) } catch {
            report(error)
            return nil
        }
    }

    /// The joined value of a key; `nil` when there is none.
    ///
    /// - Parameter key: The key.
    /// - Returns: What the tables have for it.
    /// - Throws: ``FaustError``: the partition is not on this worker, a store can't be read, or a value not decoded.
    public func value(for key: Key) throws(FaustError) -> Joined? {
        try read(key)
    }

    /// Adds a closure that is told of each key whose joined value has changed.
    ///
    /// It runs as part of a commit, as ``Table/onChange(_:)`` does: once per key, however often either table was changed
    /// since the last commit, in the order of the keys. What it sends and writes belongs to that commit; under exactly-once
    /// it counts once. A commit that fails, or that is repeated after a crash, tells again; what a recovery replays is not
    /// told. When it throws, the worker stops.
    ///
    /// - Parameter hook: Gets the key, the joined value before and the one now; `nil` where there was or is none. One of
    ///   them is there at least.
    public func onChange(
        _ hook: @escaping @Sendable (Key, _ old: Joined?, _ new: Joined?) async throws -> Void
    ) {
        observe(hook)
    }
}
