// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a commit makes of a partition.
struct TableDelta: Sendable {
    /// The store that the changes belong to.
    let store: any Store
    var batch = StoreBatch()
    var messages: [OutgoingMessage] = []
}

extension TablePartition {
    /// What a commit takes out of the partition, as it is at one moment.
    private struct Taken {
        let store: any Store
        var keys: [Bytes] = []
        var values: ContiguousArray<Value?> = []
        var passed: StoreRange?
        var removed: StoreRange?
        /// What a failed commit has handed over.
        var again: Set<Bytes> = []
    }

    /// Hands over what is dirty, and once more what a failed commit had handed over.
    ///
    /// The lock is held only to take the changes out; they become bytes while events go on.
    ///
    /// - Parameter marker: What is to be kept under no bytes as the key; `nil` leaves it as it is.
    /// - Returns: `nil` when there is nothing.
    /// - Throws: ``FaustError`` when a value can't be written; everything stays as it was then.
    func handOver(marker: Bytes? = nil) throws(FaustError) -> TableDelta? {
        guard let taken = take(isWanted: marker != nil) else { return nil }
        do throws(FaustError) {
            return try delta(taken, marker)
        } catch {
            ledger.withLock { state in
                state.index.takeBack()
                (state.passed, state.removed) = (taken.passed, taken.removed)
            }
            throw error
        }
    }

    private func take(isWanted: Bool) -> Taken? {
        var taken: Taken?
        ledger.withLock { state in
            guard state.isOwned, let store = state.store,
                isWanted || !state.index.dirty.isEmpty || !state.handedOver.isEmpty || state.passed != nil
            else { return }
            let places = state.index.handOver()
            var changes = Taken(store: store, passed: state.passed, removed: state.removed, again: state.handedOver)
            changes.keys = state.index.keys(at: places)
            changes.values = values.values(at: places)
            (state.passed, state.removed) = (nil, nil)
            taken = changes
        }
        return taken
    }

    private func delta(_ taken: Taken, _ marker: Bytes?) throws(FaustError) -> TableDelta {
        var changes = EntryChanges(keys: taken.keys, values: try encoded(taken.values))
        changes.removed = taken.removed
        if let timeToLive = form.timeToLive {
            changes.times = taken.keys.map { timeToLive.takeTime(of: $0, in: number) }
        }
        if !taken.again.isEmpty { try changes.append(again: taken.again, from: taken.store, entries) }
        if let marker { changes.append(.empty, marker) }
        var delta = TableDelta(store: taken.store)
        if let passed = taken.passed { delta.batch.deleteRange(passed) }
        if let removed = taken.removed { delta.batch.deleteRange(removed) }
        try changes.add(to: &delta, changelog, entries)
        // They count as in flight: if this commit fails too, they are handed over again.
        return delta
    }

    /// The bytes of values; `nil` for what is removed.
    private func encoded(_ values: ContiguousArray<Value?>) throws(FaustError) -> ContiguousArray<Bytes?> {
        let encode = form.value.encoder
        var result: ContiguousArray<Bytes?> = []
        result.reserveCapacity(values.count)
        do {
            for index in values.indices {
                guard let value = values[index] else {
                    result.append(nil)
                    continue
                }
                var headers = Headers()
                result.append(try encode(value, &headers))
            }
        } catch {
            throw FaustError(.encode, "table \(form.name): a value can't be written", cause: error)
        }
        return result
    }

    // MARK: The end of a commit

    /// Writes what was handed over to the store, unless the partition was lost since, even if it has come back.
    func apply(_ delta: TableDelta) throws(FaustError) {
        guard ledger.withLock({ $0.store === delta.store }) else { return }
        // The store is not changed under the lock: readers find what is in flight at hand.
        try delta.store.apply(delta.batch)
        ledger.withLock { state in
            guard state.store === delta.store else { return }
            state.index.settle()
            if state.index.isFull { values.clear(state.index.sweep()) }
            state.handedOver.removeAll()
            state.version &+= 1
        }
    }

    /// Goes back to what the store has.
    func rollBack() {
        ledger.withLock { state in
            let (keys, freed) = state.index.rollBack()
            values.clear(freed)
            state.handedOver.formUnion(keys)
            state.removed = nil
            state.passed = nil
            state.version &+= 1
        }
    }
}
