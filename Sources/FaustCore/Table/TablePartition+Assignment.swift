// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension TablePartition {
    // MARK: What comes from the changelog

    /// Notes up to where the changelog goes, and up to where the store has it.
    func note(end: Int64? = nil, next: Int64? = nil) {
        if let end { self.end.store(end, ordering: .relaxed) }
        if let next { self.next.store(next, ordering: .relaxed) }
    }

    /// Forgets decoded values of what a replay has changed in the store.
    func noteReplayed(_ batch: StoreBatch) {
        ledger.withLock { state in
            // What somebody is reading from the store just now is not to be kept.
            state.version &+= 1
            guard state.index.count > 0 else { return }
            for change in batch.changes {
                switch change {
                case .put(let key, _), .delete(let key):
                    let place = state.index.place(of: key)
                    guard place >= 0, state.index.flags(at: place).isDisjoint(with: .unsettled) else { continue }
                    state.index.remove(place)
                    values.all[place] = nil
                case .deleteRange: break
                }
            }
        }
    }

    /// How the partition is on this worker; `nil` when it is not here.
    var status: TablePartitionStatus? {
        let (store, isReady, isFollowing) = ledger.withLock { ($0.store, $0.isReady, $0.isFollowing) }
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

    // MARK: Assignment

    /// Notes a partition of a topic that the table partition is assigned with.
    ///
    /// - Returns: Whether the partition is ready.
    func join(_ owner: TopicPartition) -> Bool {
        ledger.withLock { state in
            state.owners.insert(owner)
            return state.isOwned
        }
    }

    /// Closes the store when nobody is left, unless the table is global.
    ///
    /// - Returns: Whether nobody is left.
    @discardableResult
    func leave(_ owner: TopicPartition) -> Bool {
        let (store, isLast) = ledger.withLock { state -> ((any Store)?, Bool) in
            state.owners.remove(owner)
            guard state.owners.isEmpty else { return (nil, false) }
            let store = state.store
            forget(&state)
            guard isGlobal else { return (store, true) }
            (state.store, state.isReady, state.isFollowing) = (store, store != nil, true)
            return (nil, true)
        }
        store?.close()
        return isLast
    }

    /// Closes the store, whoever has the partition.
    func close() {
        let store = ledger.withLock { state -> (any Store)? in
            let store = state.store
            forget(&state)
            return store
        }
        store?.close()
    }

    /// Makes the state that of a partition that nobody has.
    private func forget(_ state: inout TableLedger.State) {
        ledger.clear(&state)
        values.forgetAll()
    }

    /// The store that a recovery that was interrupted has left open.
    func openStore() -> (any Store)? {
        ledger.withLock { $0.store }
    }

    /// Sets the store that is being recovered.
    func install(_ store: (any Store)?) {
        ledger.withLock { state in
            state.store = store
            state.version &+= 1
        }
    }

    /// Opens the partition to readers and writers.
    func markReady() {
        ledger.withLock { ($0.isReady, $0.isFollowing) = (true, false) }
    }

    /// Opens the partition to readers.
    func markFollowing() {
        ledger.withLock { ($0.isReady, $0.isFollowing) = (true, true) }
    }
}
