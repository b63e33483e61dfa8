// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Removes the entries of a table that have outlived their time.
final class ExpiryKeeper<Key: Sendable, Value: Sendable>: TableKeeper {
    private let timeToLive: TimeToLive
    /// How many places in the order of expiry one commit looks at; the others have to wait for the next.
    private static var limit: Int { 20_000 }
    /// How many of them are looked at before others have a turn on the lane.
    private static var pageLength: Int { 256 }

    init(_ timeToLive: TimeToLive) {
        self.timeToLive = timeToLive
    }

    func open(_ partition: Int32, marker: Bytes?) throws {
        timeToLive.forget(partition)
        try timeToLive.times.open(partition, marker)
    }

    func handOver(_ partition: Int32) throws(FaustError) -> Bytes? { timeToLive.times.handOver(partition) }

    func settle() { timeToLive.times.settle() }

    func isSilent(_ partition: Int32) -> Bool { timeToLive.times.isSilent(partition) }

    func noteDelay(_ partition: Int32) { timeToLive.times.noteDelay(partition) }

    func rollBack() {
        timeToLive.forget()
        _ = timeToLive.times.rollBack()
    }

    /// Removes what has expired, on the partition's lane, some entries at a time.
    func advance(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        scope: EventScope
    ) async throws {
        guard let time = timeToLive.times.advance(partition.number)?.streamTime else { return }
        let due = TimeToLive.order(upTo: timeToLive.bound(at: time))
        let store = try partition.readyStore()
        var budget = ExpiryBudget(due: min(2 * partition.changeCount, Self.limit), limit: Self.limit)
        var rest = due
        while budget.isLeft {
            let start = timeToLive.times.clock.elapsed()
            let places = try store.entries(in: rest, limit: Self.pageLength)
            for place in places {
                let (end, key) = try TimeToLive.place(place.key)
                try partition.expire(key, ifWrittenUpTo: end, in: scope)
            }
            guard let last = places.last else { break }
            budget.spend(places.count, timeToLive.times.clock.elapsed() - start)
            rest = rest.after(last.key)
            guard places.count == Self.pageLength else { break }
            await Task.yield()
        }
        if rest.lowerBound != due.lowerBound {
            partition.pass(StoreRange(from: due.lowerBound, before: rest.lowerBound))
        }
    }
}

extension Table {
    /// Lets each entry expire when it has not been written for some time.
    ///
    /// ```swift
    /// let sessions = app.table("sessions", key: String.self, value: Session.self).useTimeToLive(.seconds(1_800))
    /// ```
    ///
    /// The time is that of the stream: the greatest time of the events that were in hand when something was written to the
    /// partition; when nothing is written for five seconds, it goes on with the clock. An entry written at a time *t* is
    /// removed, from store and changelog, by the first commit after the stream's time has reached *t* plus the time to
    /// live, or at the latest plus a 64th of that; a commit removes up to 20,000, so that it does not take long. Until then
    /// it can be read. Writing an entry again lets it live on, reading it does not. Restarts change nothing: the changelog
    /// has the times as those of its messages. ``onChange(_:)`` is told of what expires.
    ///
    /// ``estimatedCount()`` counts what the table keeps besides its entries, too: up to 65 times for entries that are written
    /// all the time. A table that is given a time to live later is read anew from the changelog; another one takes effect at once.
    ///
    /// - Parameter duration: How long entries live, in whole milliseconds.
    /// - Returns: The handle; the one without a time to live is not to be used any more.
    public func useTimeToLive(_ duration: Duration) -> Table {
        let milliseconds = duration.wholeMilliseconds
        if milliseconds == nil {
            core.app.fault(
                FaustError(.configuration, "table \(name): a time to live is whole milliseconds, 1 or more")
            )
        }
        let timeToLive = TimeToLive(milliseconds: milliseconds ?? 1, clock: core.app.clock)
        let expiring = TableCore(
            core.form.expiring(timeToLive),
            configuration: core.configuration,
            help: core.help,
            app: core.app
        )
        expiring.setKeeper(ExpiryKeeper(timeToLive))
        core.app.replace(core, with: expiring)
        return Table(core: expiring, makeDefault: makeDefault)
    }
}

extension TableForm {
    /// The same with a time to live.
    func expiring(_ timeToLive: TimeToLive) -> TableForm {
        TableForm(
            name: name,
            key: key.expiring,
            value: value,
            partitionKey: partitionKey,
            timeToLive: timeToLive
        )
    }
}

extension TableKeyForm {
    /// The changelog's key of how far a partition's time is: no table has it otherwise, since it refuses null.
    private static var markerKey: Bytes { "null" }

    /// The form of keys whose entries expire: in the store they begin with a byte that sets them apart.
    fileprivate var expiring: TableKeyForm {
        let (base, lead) = (self, TimeToLive.entryLead)
        return TableKeyForm(
            encode: { lead.appending(try base.encode($0)) },
            decode: { try base.decode($0.dropFirst(lead.count)) },
            changelogKey: { bytes in
                if bytes.isEmpty { return Self.markerKey }
                let key = try base.changelogKey(bytes.dropFirst(lead.count))
                guard key != Self.markerKey else {
                    throw FaustError(.encode, "a table with a time to live can't have the key null")
                }
                return key
            },
            storeKey: { $0 == Self.markerKey ? .empty : lead.appending(try base.storeKey($0)) }
        )
    }
}
