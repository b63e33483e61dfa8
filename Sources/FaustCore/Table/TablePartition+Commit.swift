// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

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
    func handOver(marker: Bytes? = nil) throws(FaustError) -> Delta? {
        guard var taken = take(isWanted: marker != nil) else { return nil }
        do throws(FaustError) {
            return try delta(&taken, marker)
        } catch {
            ledger.withLock { [taken] state in
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

    private func delta(_ taken: inout Taken, _ marker: Bytes?) throws(FaustError) -> Delta {
        var delta = Delta(store: taken.store, batch: StoreBatch(), messages: [])
        delta.messages.reserveCapacity(taken.keys.count + taken.again.count + 1)
        delta.batch.reserveCapacity(taken.keys.count + taken.again.count + 4)
        if let passed = taken.passed { delta.batch.deleteRange(passed) }
        if let removed = taken.removed { delta.batch.deleteRange(removed) }
        for index in taken.keys.indices {
            let key = taken.keys[index]
            if !taken.again.isEmpty { taken.again.remove(key) }
            let encoded = try bytes(taken.values[index])
            let time = form.timeToLive?.takeTime(of: key, in: number)
            try add(key, encoded, writtenAt: time, to: &delta, within: taken.removed)
        }
        for key in taken.again {
            let stored = try taken.store.value(of: key)
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

    // MARK: The end of a commit

    /// Writes what was handed over to the store, unless the partition was lost since, even if it has come back.
    func apply(_ delta: Delta) throws(FaustError) {
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
