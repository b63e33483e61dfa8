// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// One partition of a table on this worker: its store, and what is not in it yet.
///
/// It belongs to the lane of its number, whose thread alone writes; everyone else reads under the lock. What every event
/// needs is in the ``TableLedger``, which has the lock; here are the values and what is done with them.
@usableFromInline
final class TablePartition<Key: Sendable, Value: Sendable>: Sendable {
    /// The partition of the changelog.
    let changelog: TopicPartition
    /// Lets one recovery at a time work on the partition.
    let turn = AsyncTurn()
    let form: TableForm<Key, Value>
    let entries: EntryForm
    @usableFromInline let ledger: TableLedger
    /// The values of what the ledger has an index of.
    ///
    /// It is safe to share, although it can't tell so itself: it is touched only in closures that the ledger runs under
    /// its lock.
    @usableFromInline nonisolated(unsafe) let values = TableValues<Value>()
    /// Whether a change need be noted nowhere but in the ledger.
    @usableFromInline let isPlain: Bool
    /// Whether somebody wants to be told of changes.
    private let tellsChanges: Bool
    /// Whether the partition can be read while another worker has it.
    let isGlobal: Bool
    let end = Atomic<Int64>(0)
    let next = Atomic<Int64>(0)

    init(
        changelog: TopicPartition,
        form: TableForm<Key, Value>,
        cacheLimit: Int,
        tellsChanges: Bool = false,
        isGlobal: Bool = false
    ) {
        self.changelog = changelog
        self.form = form
        entries = form.entries
        self.tellsChanges = tellsChanges
        self.isGlobal = isGlobal
        isPlain = !tellsChanges && form.timeToLive == nil
        ledger = TableLedger(cacheLimit: cacheLimit)
    }

    var number: Int32 { changelog.partition }
    /// Whether entries can be read.
    var isReady: Bool { ledger.withLock { $0.isReady } }
    /// Whether entries can be read and changed.
    var isOwned: Bool { ledger.withLock { $0.isOwned } }

    // MARK: Reading

    /// The value of a key; `nil` when there is none.
    func value(of key: Bytes) throws(FaustError) -> Value? {
        var place = TablePlace()
        return try value(of: key, at: &place)
    }

    /// The value of a key, and where it is.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - place: Becomes the place of the entry, or stays without a number when there is none.
    /// - Returns: The value; `nil` when there is none.
    /// - Throws: ``FaustError``: the partition is not here, the store can't be read, or the value not decoded.
    func value(of key: Bytes, at place: inout TablePlace) throws(FaustError) -> Value? {
        var value: Value?
        let outcome = key.withUnsafeBytes { ledger.look($0, &place) { value = values.all[$0] } }
        switch outcome {
        case .done: return value
        case .missing: return try read(key, &place)
        case .notHere, .expelled: throw notHere
        }
    }

    /// Reads a value from the store, without the lock, and keeps it at hand if it still counts by then.
    private func read(_ key: Bytes, _ place: inout TablePlace) throws(FaustError) -> Value? {
        let (store, version) = ledger.withLock { ($0.isReady ? $0.store : nil, $0.version) }
        guard let store else { throw notHere }
        let stored = try store.value(of: key)
        let value = try stored.map { bytes throws(FaustError) in try form.decodeValue(bytes) }
        let hash = place.hash
        var (found, latest) = (-1, value)
        let stamp = ledger.withLock { state -> UInt32 in
            found = key.withUnsafeBytes { state.index.find($0, hash) }
            if found >= 0 {
                // Somebody was faster.
                latest = values.all[found]
            } else if value != nil, state.version == version {
                found = insert(key, hash, value, [], &state)
            }
            return found >= 0 ? state.index.stamp(of: found) : 0
        }
        (place.number, place.stamp) = (found, stamp)
        return latest
    }

    /// Takes an entry up that is not at hand.
    private func insert(
        _ key: Bytes,
        _ hash: UInt32,
        _ value: Value?,
        _ flags: TableIndex.Flags,
        _ state: inout TableLedger.State
    ) -> Int {
        if state.index.isFull { values.clear(state.index.sweep()) }
        let place = state.index.insert(key, hash, flags)
        values.put(value, at: place)
        return place
    }

    // MARK: Writing

    /// Sets the value of a key, or removes it.
    ///
    /// - Throws: ``FaustError`` when the partition is not here, or the event in hand no longer counts.
    @usableFromInline
    func write(_ key: Bytes, _ value: Value?, in scope: EventScope?) throws(FaustError) {
        try changing(CollectionOfOne(key), scope) { state in
            form.timeToLive?.noteWrite(key, in: number, scope)
            put(key, value, &state)
        }
    }

    /// Sets the value of an entry that was looked up, or removes it.
    ///
    /// - Returns: Whether it was done: not so when the entry is not at hand any more.
    /// - Throws: ``FaustError`` when the partition is not here, or the event in hand no longer counts.
    @inlinable
    func write(_ value: Value?, at place: TablePlace, in scope: EventScope) throws(FaustError) -> Bool {
        switch ledger.change(place, isRemoved: value == nil, scope, { values.all[$0] = value }) {
        case .done: return true
        case .missing: return false
        case .notHere, .expelled: throw refusal(of: scope)
        }
    }

    /// Sets the value of a key that was looked up.
    ///
    /// - Throws: ``FaustError`` as ``write(_:_:in:)``.
    @inlinable
    func write(
        _ key: UnsafeRawBufferPointer,
        _ value: Value,
        at place: TablePlace,
        in scope: EventScope
    ) throws(FaustError) {
        if try write(value, at: place, in: scope) { return }
        try write(Bytes(key), value, in: scope)
    }

    /// Sets the value of a key that was looked up, or removes it.
    ///
    /// - Throws: ``FaustError`` as ``write(_:_:in:)``.
    func write(_ key: Bytes, _ value: Value?, at place: TablePlace, in scope: EventScope?) throws(FaustError) {
        if isPlain, let scope, try write(value, at: place, in: scope) { return }
        try write(key, value, in: scope)
    }

    /// Changes the value of a key, or a default value where there is none.
    ///
    /// - Throws: ``FaustError`` as ``value(of:)`` and ``write(_:_:in:)``, and what `body` throws.
    func change(
        _ key: Bytes,
        default makeDefault: () -> Value,
        in scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws {
        var place = TablePlace()
        var value = try value(of: key, at: &place) ?? makeDefault()
        try body(&value)
        try write(key, value, at: place, in: scope)
    }

    /// Removes the value of a key, if there is one.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``FaustError`` as ``value(of:)`` and ``write(_:_:in:)``.
    func removeValue(of key: Bytes, in scope: EventScope?) throws(FaustError) -> Bool {
        guard try value(of: key) != nil else { return false }
        try write(key, nil, in: scope)
        return true
    }

    /// Looks for a value that is at hand.
    ///
    /// - Parameters:
    ///   - key: The key, as the store has it.
    ///   - place: Becomes the place of the entry.
    ///   - value: Becomes the value.
    /// - Returns: Whether the entry is at hand; also not so when the partition is not here.
    @inlinable
    func look(_ key: UnsafeRawBufferPointer, _ place: inout TablePlace, _ value: inout Value?) -> Bool {
        ledger.look(key, &place) { value = values.all[$0] } == .done
    }

    /// Changes entries under the lock.
    private func changing(
        _ keys: some Collection<Bytes>,
        _ scope: EventScope?,
        _ body: (inout TableLedger.State) -> Void
    ) throws(FaustError) {
        // What is told of a change is read before the lock is taken, as far as it is not at hand.
        if tellsChanges { for key in keys { try noteChange(key) } }
        let isDone = ledger.withLock { state in
            guard state.isOwned, scope?.isExpelled != true else { return false }
            body(&state)
            return true
        }
        if !isDone { throw refusal(of: scope) }
    }

    private func put(
        _ key: Bytes,
        _ value: Value?,
        _ state: inout TableLedger.State,
        isNew: Bool = false
    ) {
        let place = state.index.place(of: key)
        if place >= 0 {
            state.index.change(place, isRemoved: value == nil)
            values.all[place] = value
            return
        }
        var flags: TableIndex.Flags = isNew ? [.dirty, .isNew] : .dirty
        if value == nil { flags.insert(.removed) }
        _ = insert(key, key.withUnsafeBytes { TableIndex.hash($0) }, value, flags, &state)
    }

    /// Removes an entry if it was not written any more after a time.
    func expire(_ key: Bytes, ifWrittenUpTo time: Int64, in scope: EventScope) throws(FaustError) {
        let (store, isUnsettled) = ledger.withLock { state in
            let place = state.index.place(of: key)
            let isUnsettled = place >= 0 && !state.index.flags(at: place).isDisjoint(with: .unsettled)
            return (state.isOwned ? state.store : nil, isUnsettled)
        }
        guard let store else { throw notHere }
        // What is on its way to the store has its own place in the order of expiry. Nobody else writes on this lane.
        guard !isUnsettled, let stored = try store.value(of: key), TimeToLive.time(ofStored: stored) <= time else {
            return
        }
        try changing(CollectionOfOne(key), scope) { state in put(key, nil, &state) }
    }

    /// Lets the next commit remove a part of the order in which entries expire.
    func pass(_ range: StoreRange) {
        ledger.withLock { $0.passed = range }
    }

    /// Sets the value of a key that has none, in place of other entries, which are removed.
    ///
    /// An entry that was never handed over is moved: neither store nor changelog hear of its old key.
    ///
    /// - Throws: ``FaustError`` as ``write(_:_:in:)``; nothing is changed then.
    func replace(_ keys: [Bytes], by key: Bytes, _ value: Value, in scope: EventScope?) throws(FaustError) {
        try changing(keys + [key], scope) { state in
            var isMoved = false
            for old in keys {
                if !isMoved, state.index.move(old, to: key) { isMoved = true } else { put(old, nil, &state) }
            }
            put(key, value, &state, isNew: true)
        }
    }

    /// Removes entries that lie behind each other, and lets the store remove the range that they lie in.
    ///
    /// - Parameters:
    ///   - keys: All entries of the range that there are.
    ///   - range: Where they lie.
    ///   - scope: What the removal belongs to.
    /// - Throws: ``FaustError`` as ``write(_:_:in:)``.
    func remove(_ keys: [Bytes], in range: StoreRange, scope: EventScope?) throws(FaustError) {
        try changing(keys, scope) { state in
            for key in keys { put(key, nil, &state) }
            // Ranges of one commit lie behind each other.
            state.removed = StoreRange(from: state.removed?.lowerBound ?? range.lowerBound, before: range.upperBound)
        }
    }

    // MARK: Changes that are told

    private func noteChange(_ key: Bytes) throws(FaustError) {
        if ledger.withLock({ _ in values.untold[key] != nil }) { return }
        let old = try value(of: key)
        ledger.withLock { _ in _ = values.untold.updateValue(old, forKey: key) }
    }

    /// The value that a key had when its change was told last, or has if it has not changed since.
    func toldValue(of key: Bytes) throws(FaustError) -> Value? {
        if let told = ledger.withLock({ _ in values.untold[key] }) { return told }
        return try value(of: key)
    }

    /// The keys whose values have changed since the last call, in order, with the values before and now.
    ///
    /// - Throws: ``FaustError`` when a value can't be read or written.
    func takeChanges() throws(FaustError) -> [(key: Bytes, old: Value?, new: Value?)] {
        let untold = ledger.withLock { _ in
            defer { values.untold = [:] }
            return values.untold
        }
        var changes: [(key: Bytes, old: Value?, new: Value?)] = []
        for (key, old) in untold {
            let new = try value(of: key)
            // What was set to the same again, or rolled back, is no change.
            if try bytes(old) != bytes(new) { changes.append((key, old, new)) }
        }
        return changes.sorted { $0.key.precedes($1.key) }
    }

    func bytes(_ value: Value?) throws(FaustError) -> Bytes? {
        try value.flatMap { value throws(FaustError) in try form.encode(value) }
    }

    // MARK: What is not in the store

    /// How many changes the next commit hands over.
    var changeCount: Int { ledger.withLock { $0.index.dirty.count } }

    /// What of a range is not in the store yet, with `nil` for keys that were removed, in the order of the keys.
    func unsettled(in range: StoreRange) throws(FaustError) -> [(key: Bytes, value: Value?)] {
        var result: [(key: Bytes, value: Value?)] = []
        let isReady = ledger.withLock { state in
            guard state.isReady else { return false }
            for (key, place) in state.index.unsettled(in: range) { result.append((key, values.all[place])) }
            return true
        }
        guard isReady else { throw notHere }
        return result.sorted { $0.key.precedes($1.key) }
    }

    /// The store, once it is at the end of its changelog.
    func readyStore() throws(FaustError) -> any Store {
        let store = ledger.withLock { $0.isReady ? $0.store : nil }
        guard let store else { throw notHere }
        return store
    }

    // MARK: Errors

    @usableFromInline var notHere: FaustError {
        FaustError(
            .lifecycle,
            "partition \(number) of table \(form.name) is not on this worker: it belongs to another one, or has just moved",
            topicPartition: changelog,
            isRetriable: true
        )
    }

    /// Why a change was refused.
    @usableFromInline
    func refusal(of scope: EventScope?) -> FaustError {
        guard let scope, scope.isExpelled else { return notHere }
        return FaustError(
            .handler,
            "\(scope.owner) writes to table \(form.name) for an event whose transaction was aborted: the event comes again"
        )
    }
}
