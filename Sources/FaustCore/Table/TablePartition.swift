// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// One partition of a table on this worker: its store, and what is not in it yet.
///
/// It belongs to the lane of its number, whose thread alone writes; everyone else reads under the lock.
final class TablePartition<Key: Sendable, Value: Sendable>: Sendable {
    private struct State {
        /// `nil` while the partition is not assigned.
        var store: (any Store)?
        /// Whether the store is at the end of its changelog.
        var isReady = false
        /// Whether the entries are those of another worker, which are read from the changelog as they come.
        var isFollowing = false
        var isOwned: Bool { isReady && !isFollowing }
        var cache: TableCache<Value>
        /// Keys that were handed over by a commit that failed: the changelog may have a value that does not count.
        var handedOver: Set<Bytes> = []
        /// Keys all of which are removed by the next commit: the store does so at one go.
        var removed: StoreRange?
        /// What keys had when their change was told last, of those that have changed since.
        var untold: [Bytes: Value?] = [:]
        /// What the next commit removes of the order in which entries expire.
        var passed: StoreRange?
        /// The partitions of topics that the table partition is assigned with.
        var owners: Set<TopicPartition> = []
    }

    /// What a commit makes of a partition.
    struct Delta: Sendable {
        /// The store that the changes belong to.
        let store: any Store
        var batch: StoreBatch
        var messages: [OutgoingMessage]
    }

    /// The partition of the changelog.
    let changelog: TopicPartition
    /// Lets one recovery at a time work on the partition.
    let turn = AsyncTurn()
    let form: TableForm<Key, Value>
    private let cacheLimit: Int
    /// Whether somebody wants to be told of changes.
    private let tellsChanges: Bool
    /// Whether the partition can be read while another worker has it.
    private let isGlobal: Bool
    private let end = Atomic<Int64>(0)
    private let next = Atomic<Int64>(0)
    private let state: Mutex<State>

    init(
        changelog: TopicPartition,
        form: TableForm<Key, Value>,
        cacheLimit: Int,
        tellsChanges: Bool = false,
        isGlobal: Bool = false
    ) {
        self.changelog = changelog
        self.form = form
        self.cacheLimit = cacheLimit
        self.tellsChanges = tellsChanges
        self.isGlobal = isGlobal
        state = Mutex(State(cache: TableCache(limit: cacheLimit)))
    }

    var number: Int32 { changelog.partition }
    /// Whether entries can be read.
    var isReady: Bool { state.withLock { $0.isReady } }
    /// Whether entries can be read and changed.
    var isOwned: Bool { state.withLock { $0.isOwned } }

    // MARK: Entries

    /// The value of a key; `nil` when there is none.
    func value(of key: Bytes) throws(FaustError) -> Value? {
        try state.withLock { state throws(FaustError) in try value(of: key, &state) }
    }

    private func value(of key: Bytes, _ state: inout State) throws(FaustError) -> Value? {
        guard state.isReady, let store = state.store else { throw notHere }
        if let known = state.cache.value(of: key) { return known }
        guard let bytes = try store.value(of: key) else { return nil }
        let value = try form.decodeValue(bytes)
        state.cache.keep(key, value)
        return value
    }

    /// Sets the value of a key, or removes it.
    ///
    /// - Throws: ``FaustError`` when the partition is not here, or the event in hand no longer counts.
    func write(_ key: Bytes, _ value: Value?, in scope: EventScope?) throws(FaustError) {
        try state.withLock { state throws(FaustError) in
            guard state.isOwned else { throw notHere }
            if let scope, scope.isExpelled { throw Self.expelled(form.name, scope) }
            try noteChange(key, &state)
            form.timeToLive?.noteWrite(key, in: number, scope)
            state.cache.write(key, value)
        }
    }

    private func noteChange(_ key: Bytes, _ state: inout State) throws(FaustError) {
        guard tellsChanges, state.untold[key] == nil else { return }
        state.untold.updateValue(try value(of: key, &state), forKey: key)
    }

    /// The value that a key had when its change was told last, or has if it has not changed since.
    func toldValue(of key: Bytes) throws(FaustError) -> Value? {
        try state.withLock { state throws(FaustError) in
            if let told = state.untold[key] { return told }
            return try value(of: key, &state)
        }
    }

    /// The keys whose values have changed since the last call, in order, with the values before and now.
    ///
    /// - Throws: ``FaustError`` when a value can't be read or written.
    func takeChanges() throws(FaustError) -> [(key: Bytes, old: Value?, new: Value?)] {
        try state.withLock { state throws(FaustError) in
            var changes: [(key: Bytes, old: Value?, new: Value?)] = []
            for (key, old) in state.untold {
                let new = try value(of: key, &state)
                // What was set to the same again, or rolled back, is no change.
                if try bytes(old) != bytes(new) { changes.append((key, old, new)) }
            }
            state.untold = [:]
            return changes.sorted { $0.key.precedes($1.key) }
        }
    }

    private func bytes(_ value: Value?) throws(FaustError) -> Bytes? {
        try value.flatMap { value throws(FaustError) in try form.encode(value) }
    }

    /// Removes an entry if it was not written any more after a time.
    func expire(_ key: Bytes, ifWrittenUpTo time: Int64, in scope: EventScope) throws(FaustError) {
        try state.withLock { state throws(FaustError) in
            guard state.isOwned, let store = state.store else { throw notHere }
            // What is on its way to the store has its own place in the order of expiry.
            guard !state.cache.isUnsettled(key), let stored = try store.value(of: key),
                TimeToLive.time(ofStored: stored) <= time
            else { return }
            if scope.isExpelled { throw Self.expelled(form.name, scope) }
            try noteChange(key, &state)
            state.cache.write(key, nil)
        }
    }

    /// Lets the next commit remove a part of the order in which entries expire.
    func pass(_ range: StoreRange) {
        state.withLock { $0.passed = range }
    }

    /// Sets the value of a key that has none, in place of other entries, which are removed.
    ///
    /// An entry that was never handed over is moved: neither store nor changelog hear of its old key.
    ///
    /// - Throws: ``FaustError`` as ``write(_:_:in:)``; nothing is changed then.
    func replace(_ keys: [Bytes], by key: Bytes, _ value: Value, in scope: EventScope?) throws(FaustError) {
        try state.withLock { state throws(FaustError) in
            guard state.isOwned else { throw notHere }
            if let scope, scope.isExpelled { throw Self.expelled(form.name, scope) }
            for changed in keys + [key] { try noteChange(changed, &state) }
            var isMoved = false
            for old in keys {
                if !isMoved, state.cache.move(old, to: key) { isMoved = true } else { state.cache.write(old, nil) }
            }
            state.cache.write(key, value, isNew: true)
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
        try state.withLock { state throws(FaustError) in
            guard state.isOwned else { throw notHere }
            if let scope, scope.isExpelled { throw Self.expelled(form.name, scope) }
            for key in keys {
                try noteChange(key, &state)
                state.cache.write(key, nil)
            }
            // Ranges of one commit lie behind each other.
            state.removed = StoreRange(from: state.removed?.lowerBound ?? range.lowerBound, before: range.upperBound)
        }
    }

    /// How many changes the next commit hands over.
    var changeCount: Int { state.withLock { $0.cache.dirtyCount } }

    /// What of a range is not in the store yet, with `nil` for keys that were removed, in the order of the keys.
    func unsettled(in range: StoreRange) throws(FaustError) -> [(key: Bytes, value: Value?)] {
        try state.withLock { state throws(FaustError) in
            guard state.isReady else { throw notHere }
            return state.cache.unsettled(in: range)
        }
        .sorted { $0.key.precedes($1.key) }
    }

    /// The store, once it is at the end of its changelog.
    func readyStore() throws(FaustError) -> any Store {
        let store = state.withLock { $0.isReady ? $0.store : nil }
        guard let store else { throw notHere }
        return store
    }

    private var notHere: FaustError {
        FaustError(
            .lifecycle,
            "partition \(number) of table \(form.name) is not on this worker: it belongs to another one, or has just moved",
            topicPartition: changelog,
            isRetriable: true
        )
    }

    private static func expelled(_ table: String, _ scope: EventScope) -> FaustError {
        FaustError(
            .handler,
            "\(scope.owner) writes to table \(table) for an event whose transaction was aborted: the event comes again"
        )
    }

    // MARK: Commit

    /// Hands over what is dirty, and once more what a failed commit had handed over.
    ///
    /// - Parameter marker: What is to be kept under no bytes as the key; `nil` leaves it as it is.
    /// - Returns: `nil` when there is nothing.
    /// - Throws: ``FaustError`` when a value can't be written; everything stays as it was then.
    func handOver(marker: Bytes? = nil) throws(FaustError) -> Delta? {
        try state.withLock { state throws(FaustError) in
            guard state.isOwned, let store = state.store,
                marker != nil || state.cache.isDirty || !state.handedOver.isEmpty || state.passed != nil
            else { return nil }
            var delta = Delta(store: store, batch: StoreBatch(), messages: [])
            if let passed = state.passed { delta.batch.deleteRange(passed) }
            state.passed = nil
            var rest = state.handedOver
            let removed = state.removed
            if let removed { delta.batch.deleteRange(removed) }
            try state.cache.handOver { key, value throws(FaustError) in
                rest.remove(key)
                let encoded = try bytes(value)
                let time = form.timeToLive?.takeTime(of: key, in: number)
                try add(key, encoded, writtenAt: time, to: &delta, within: removed)
            }
            state.removed = nil
            for key in rest {
                let stored = try store.value(of: key)
                try add(
                    key,
                    stored.map(form.valueBytes),
                    writtenAt: form.timeToLive == nil ? nil : stored.map(TimeToLive.time),
                    to: &delta
                )
            }
            if let marker { try add(.empty, marker, to: &delta) }
            // They count as in flight: if this commit fails too, they are handed over again.
            return delta
        }
    }

    private func add(
        _ key: Bytes,
        _ value: Bytes?,
        writtenAt time: Int64? = nil,
        to delta: inout Delta,
        within removed: StoreRange? = nil
    ) throws(FaustError) {
        try form.change(key, value, writtenAt: time, in: &delta.batch, within: removed)
        delta.messages.append(
            OutgoingMessage(
                to: changelog,
                key: try form.changelogKey(key),
                value: value,
                timestampMilliseconds: time
            )
        )
    }

    // MARK: What comes from the changelog

    /// Notes up to where the changelog goes, and up to where the store has it.
    func note(end: Int64? = nil, next: Int64? = nil) {
        if let end { self.end.store(end, ordering: .relaxed) }
        if let next { self.next.store(next, ordering: .relaxed) }
    }

    /// Forgets decoded values of what a replay has changed in the store.
    func noteReplayed(_ batch: StoreBatch) {
        state.withLock { state in
            guard state.cache.count > 0 else { return }
            for change in batch.changes {
                switch change {
                case .put(let key, _), .delete(let key): state.cache.forget(CollectionOfOne(key))
                case .deleteRange: break
                }
            }
        }
    }

    /// How the partition is on this worker; `nil` when it is not here.
    var status: TablePartitionStatus? {
        let (store, isReady, isFollowing) = state.withLock { ($0.store, $0.isReady, $0.isFollowing) }
        guard let store else { return nil }
        let behind = end.load(ordering: .relaxed) - next.load(ordering: .relaxed)
        return TablePartitionStatus(
            table: form.name,
            partition: number,
            role: !isReady ? .recovering : isFollowing ? .following : .owned,
            behind: isReady && !isFollowing ? 0 : max(behind, 0),
            store: store.statistics()
        )
    }

    // MARK: The end of a commit

    /// Writes what was handed over to the store, unless the partition was lost since, even if it has come back.
    func apply(_ delta: Delta) throws(FaustError) {
        guard state.withLock({ $0.store === delta.store }) else { return }
        // The store is not changed under the lock: readers find what is in flight in the cache.
        try delta.store.apply(delta.batch)
        state.withLock { state in
            guard state.store === delta.store else { return }
            state.cache.settle()
            state.handedOver.removeAll()
        }
    }

    /// Goes back to what the store has.
    func rollBack() {
        state.withLock { state in
            state.handedOver.formUnion(state.cache.rollBack())
            state.removed = nil
            state.passed = nil
        }
    }

    // MARK: Assignment

    /// Notes a partition of a topic that the table partition is assigned with.
    ///
    /// - Returns: Whether the partition is ready.
    func join(_ owner: TopicPartition) -> Bool {
        state.withLock { state in
            state.owners.insert(owner)
            return state.isOwned
        }
    }

    /// Closes the store when nobody is left, unless the table is global.
    ///
    /// - Returns: Whether nobody is left.
    @discardableResult
    func leave(_ owner: TopicPartition) -> Bool {
        let (store, isLast) = state.withLock { state -> ((any Store)?, Bool) in
            state.owners.remove(owner)
            guard state.owners.isEmpty else { return (nil, false) }
            let store = state.store
            state = State(cache: TableCache(limit: cacheLimit))
            guard isGlobal else { return (store, true) }
            (state.store, state.isReady, state.isFollowing) = (store, store != nil, true)
            return (nil, true)
        }
        store?.close()
        return isLast
    }

    /// Closes the store, whoever has the partition.
    func close() {
        let store = state.withLock { state -> (any Store)? in
            defer { state = State(cache: TableCache(limit: cacheLimit)) }
            return state.store
        }
        store?.close()
    }

    /// The store that a recovery that was interrupted has left open.
    func openStore() -> (any Store)? {
        state.withLock { $0.store }
    }

    /// Sets the store that is being recovered.
    func install(_ store: (any Store)?) {
        state.withLock { $0.store = store }
    }

    /// Opens the partition to readers and writers.
    func markReady() {
        state.withLock { ($0.isReady, $0.isFollowing) = (true, false) }
    }

    /// Opens the partition to readers.
    func markFollowing() {
        state.withLock { ($0.isReady, $0.isFollowing) = (true, true) }
    }
}
