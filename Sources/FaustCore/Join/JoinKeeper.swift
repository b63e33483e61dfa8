// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

/// What the table of a join does besides keeping events: it follows time, removes events that get no partners any more,
/// and puts out those that have had none.
///
/// **Without a partner.** When the window of such an event has closed, it is handed to the body as a message of the
/// worker's own making. Only the commit after the body has finished it removes it from the table: then its effects are
/// flushed with the same commit, or are in the same transaction. Before it is handed out, the time at which it has closed
/// is stored, so that nothing can join it any more, whatever crashes.
final class JoinKeeper: TableKeeper {
    typealias Key = JoinKey
    typealias Value = JoinEntry
    typealias Partition = TablePartition<JoinKey, JoinEntry>

    /// What is known of a partition.
    struct Content {
        var time: JoinTime
        /// The time that the store has.
        var stored: JoinTime.Stored
        /// What the next commit hands over.
        var next: JoinTime.Stored
        /// Whether events have come since the last commit.
        var hasNews = false
        /// Whether the partition was used, so that it is not on its way here any more.
        var isUsed = false
        var handedOver: JoinTime.Stored?
        /// `nil` until the partition is used.
        var index: JoinIndex?
        /// How many events have been kept.
        var arrivals = 0
        var outboxes = JoinPair(JoinOutbox(.left), JoinOutbox(.right))
        /// Where the first events of each side are: what lies before was removed.
        var fronts = JoinPair<Bytes?>(nil, nil)
    }

    /// Where the messages of a partition go; `nil` while the partition is not assigned.
    typealias Finder = @Sendable (_ partition: Int32) -> StreamBuffer?

    let plan: JoinPlan
    private let clock: AppClock
    private let stream: Finder
    private let isHere: @Sendable (Int32) -> Bool
    /// Tells for each stream whether something of a partition waits to be read.
    private let backlogs: JoinPair<Backlog>
    private let contents = Mutex<[Int32: Content]>([:])
    /// How many events without a partner of a partition are on their way at a time.
    private static let sendLimit = 1_000
    /// How many events of a side one commit removes at least; the others have to wait for the next.
    private static let removalLimit = 8_192

    init(
        _ plan: JoinPlan,
        clock: AppClock,
        backlogs: JoinPair<Backlog>,
        stream: @escaping Finder,
        isHere: @escaping @Sendable (Int32) -> Bool
    ) {
        (self.plan, self.clock, self.stream, self.isHere) = (plan, clock, stream, isHere)
        self.backlogs = backlogs
    }

    // MARK: Events

    /// Notes an event that has come.
    ///
    /// - Returns: Its partners, in the order of their times; `nil` when it is too late.
    /// - Throws: ``FaustError`` when the partition is not here or can't be read.
    func arrive(_ id: JoinKey, epoch: UInt64, in partition: Partition) throws(FaustError) -> [JoinKey]? {
        try load(partition)
        let window = plan.window
        return contents.withLock { contents -> [JoinKey]? in
            guard
                let time = contents[partition.number]?.time.note(id.side, at: id.time, offset: id.offset, epoch: epoch),
                let index = contents[partition.number]?.index
            else { return [] }
            contents[partition.number]?.hasNews = true
            // One that was taken once is not late when it comes again.
            if window.isClosed(id.side, at: id.time, now: time), index.slot(id) == nil { return nil }
            let other = id.side.other
            return index.slots(other, id.key, in: window.partners(of: id.side, at: id.time))
                .filter { !window.isClosed(other, at: $0.time, now: time) }
                .map { JoinKey(other, $0.time, $0.offset, id.key) }
        }
    }

    /// Keeps an event, and notes that it and its partners have had one.
    ///
    /// - Throws: ``FaustError`` when the partition is not here, or the event in hand no longer counts.
    func keep(
        _ id: JoinKey,
        _ message: Message,
        partners: [(key: JoinKey, entry: JoinEntry)],
        in partition: Partition,
        _ scope: EventScope?
    ) throws(FaustError) {
        let known = slot(id, in: partition.number)
        let isMatched = !partners.isEmpty || known?.isMatched ?? false
        if known?.isMatched != isMatched {
            try partition.write(id.bytes, JoinEntry(message, isMatched: isMatched), in: scope)
            change(partition.number) { content in
                content.index?.set(id, isMatched: isMatched)
                if known == nil { content.arrivals += 1 }
            }
        }
        guard plan.keeps[id.side.other] else { return }
        for partner in partners where !partner.entry.isMatched {
            try partition.write(partner.key.bytes, partner.entry.matched, in: scope)
            change(partition.number) { $0.index?.set(partner.key, isMatched: true) }
        }
    }

    private func slot(_ id: JoinKey, in partition: Int32) -> JoinIndex.Slot? {
        contents.withLock { $0[partition]?.index?.slot(id) }
    }

    private func change(_ partition: Int32, _ body: (inout Content) -> Void) {
        contents.withLock { contents in
            guard let place = contents.index(forKey: partition) else { return }
            body(&contents.values[place])
        }
    }

    /// Reads which events a partition has, if that is not known.
    private func load(_ partition: Partition) throws(FaustError) {
        if contents.withLock({ $0[partition.number]?.index != nil }) { return }
        var pages = TablePages(partition: partition, range: JoinKey.all)
        var index = JoinIndex()
        while let page = try pages.next() {
            for entry in page {
                index.set(try JoinKey(entry.key), isMatched: try entry.value(partition.form).isMatched)
            }
        }
        change(partition.number) { if $0.index == nil { $0.index = index } }
    }

    // MARK: Partitions and commits

    func open(_ partition: Int32, marker: Bytes?) throws {
        let stored = try marker.map { try JoinTime.Stored($0) } ?? JoinTime.Stored()
        contents.withLock { $0[partition] = fresh(stored) }
    }

    private func fresh(_ stored: JoinTime.Stored) -> Content {
        let time = JoinTime(stored, elapsed: clock.elapsed(), granule: plan.window.granule)
        return Content(time: time, stored: stored, next: stored)
    }

    func handOver(_ partition: Int32) throws(FaustError) -> Bytes? {
        contents.withLock { contents in
            guard let content = contents[partition], content.next != content.stored else { return nil }
            contents[partition]?.handedOver = content.next
            return content.next.bytes
        }
    }

    // Each stream has a silence of its own: see ``look(_:)``.
    func isSilent(_ partition: Int32) -> Bool { false }
    func noteDelay(_ partition: Int32) {}

    /// Finds out of streams that bring nothing whether they are behind.
    private func look(_ partition: Int32) async {
        let elapsed = clock.elapsed()
        for side in JoinSide.allCases {
            let isSilent = contents.withLock { $0[partition]?.time.isSilent(side, elapsed) ?? false }
            guard isSilent else { continue }
            let isBehind = await backlogs[side].without([partition]).isEmpty
            change(partition) { $0.time.noteLook(side, elapsed, isBehind: isBehind) }
        }
    }

    func settle() {
        let numbers = contents.withLock { contents in
            for number in contents.keys {
                guard let time = contents[number]?.handedOver else { continue }
                contents[number]?.stored = time
                contents[number]?.handedOver = nil
            }
            return Array(contents.keys)
        }
        for number in numbers {
            if isHere(number) { send(number) } else { forget(number) }
        }
    }

    /// Lets go of a partition that is not here any more, unless it is being taken up once more.
    private func forget(_ partition: Int32) {
        contents.withLock { if $0[partition]?.isUsed == true { $0[partition] = nil } }
    }

    func rollBack() {
        contents.withLock { contents in
            for (number, content) in contents { contents[number] = fresh(content.stored) }
        }
    }

    func advance(_ partition: Partition, _ form: TableForm<JoinKey, JoinEntry>, scope: EventScope) async throws {
        guard let stream = stream(partition.number) else { return }
        try load(partition)
        await look(partition.number)
        for side in JoinSide.allCases { try removeSent(side, stream, partition, scope) }
        let unfinished = plan.partitions(partition.number).map(stream.lowestUnfinished)
        let elapsed = clock.elapsed()
        var safe = JoinTime.Stored()
        change(partition.number) { content in
            content.isUsed = true
            content.time.tick(elapsed, isBusy: unfinished.map { $0 != nil })
            safe = content.time.safe(unfinished: unfinished)
            if let stored = content.stored.now { safe.now = max(safe.now ?? stored, stored) }
        }
        var hasClosed = false
        for side in JoinSide.allCases {
            guard let now = safe.now else { continue }
            if try await close(side, partition, form, scope, at: now) { hasClosed = true }
        }
        // The clock alone is no reason to write.
        change(partition.number) { content in
            if content.hasNews || hasClosed { content.next = safe }
            // What is not finished yet is news once more when it is.
            if unfinished.left == nil, unfinished.right == nil { content.hasNews = false }
        }
        let isStored = contents.withLock { $0[partition.number].map { $0.next == $0.stored } ?? false }
        if isStored { send(partition.number) }
    }

    // MARK: Events without a partner

    /// Removes the events that the body has finished.
    private func removeSent(
        _ side: JoinSide,
        _ stream: StreamBuffer,
        _ partition: Partition,
        _ scope: EventScope
    ) throws {
        let outbox = contents.withLock { $0[partition.number]?.outboxes[side] }
        guard let outbox, !outbox.sent.isEmpty else { return }
        let id = plan.companion(side, partition.number)
        let progress = stream.progress(ofCompanion: id, epoch: outbox.epoch)
        var finished: [JoinKey] = []
        change(partition.number) { content in
            finished = content.outboxes[side].settle(progress)
            // What has got lost on its way is sent once more.
            if progress == nil { for key in outbox.sent.map(\.key) { content.index?.setSent(key, false) } }
            for key in finished { content.index?.remove(key) }
        }
        for key in finished { try partition.write(key.bytes, nil, in: scope) }
    }

    /// Removes the events of a side whose windows have closed, and gets those ready to be sent that have had no partner.
    ///
    /// Between two turns the lane goes on with its streams. It then brings more events than a page has, so that a turn goes
    /// through twice as many as have come since the last one: else there would be more and more of them for as long as
    /// the streams have something to read.
    ///
    /// - Returns: Whether there was one.
    private func close(
        _ side: JoinSide,
        _ partition: Partition,
        _ form: TableForm<JoinKey, JoinEntry>,
        _ scope: EventScope,
        at time: Int64
    ) async throws -> Bool {
        var range = JoinKey.range(side, before: plan.window.firstOpen(side, now: time))
        if let front = contents.withLock({ $0[partition.number]?.fronts[side] }) { range.lowerBound = front }
        guard !range.isEmpty else { return false }
        let limit = Self.removalLimit + 2 * partition.changeCount
        var (pages, count, isFront, hasClosed) = (TablePages(partition: partition, range: range), 0, true, false)
        let first = arrivals(partition.number)
        var (known, turn) = (first, 0)
        while count < limit + 2 * (known - first), let page = try pages.next() {
            for entry in page {
                let key = try JoinKey(entry.key)
                let slot = slot(key, in: partition.number)
                if plan.keeps[side], slot?.isMatched == false {
                    isFront = false
                    if slot?.isSent == true { continue }
                    guard prepare(key, try entry.value(form), in: partition.number) else { return hasClosed }
                    hasClosed = true
                } else {
                    hasClosed = true
                    change(partition.number) { $0.index?.remove(key) }
                    try partition.write(entry.key, nil, in: scope)
                    if isFront { change(partition.number) { $0.fronts[side] = entry.key.successor } }
                }
            }
            count += page.count
            turn += page.count
            let arrived = arrivals(partition.number)
            guard turn >= 2 * (arrived - known) else { continue }
            (known, turn) = (arrived, 0)
            await Task.yield()
        }
        return hasClosed
    }

    private func arrivals(_ partition: Int32) -> Int {
        contents.withLock { $0[partition]?.arrivals ?? 0 }
    }

    /// Gets an event ready to be sent.
    ///
    /// - Returns: Whether there is room.
    private func prepare(_ key: JoinKey, _ entry: JoinEntry, in partition: Int32) -> Bool {
        var hasRoom = false
        change(partition) { content in
            guard content.outboxes[key.side].count < Self.sendLimit else { return }
            content.outboxes[key.side].ready.append((key, entry))
            content.index?.setSent(key, true)
            hasRoom = true
        }
        return hasRoom
    }

    /// Hands what is ready to the stream.
    private func send(_ partition: Int32) {
        for side in JoinSide.allCases {
            let outbox = contents.withLock { $0[partition]?.outboxes[side] }
            guard let outbox, !outbox.ready.isEmpty else { continue }
            let id = plan.companion(side, partition)
            let stream = stream(partition)
            var epoch = outbox.epoch
            if stream?.progress(ofCompanion: id, epoch: epoch) == nil { epoch = nextEpoch() }
            let isNew = epoch != outbox.epoch
            let owners = plan.partitions(partition)
            let isThere =
                !isNew || stream?.attach(companion: id, of: [owners.left, owners.right], epoch: epoch) ?? false
            var messages: [Message] = []
            change(partition) { content in
                if isNew {
                    for key in content.outboxes[side].begin(epoch) { content.index?.setSent(key, false) }
                }
                if isThere {
                    messages = content.outboxes[side].take(in: id)
                } else {
                    for key in content.outboxes[side].drop() { content.index?.setSent(key, false) }
                }
            }
            for message in messages { stream?.append(Run(message.batch)) }
        }
    }

    private let epochs = Atomic<UInt64>(0)

    private func nextEpoch() -> UInt64 {
        epochs.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
