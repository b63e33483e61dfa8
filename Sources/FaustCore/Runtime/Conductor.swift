// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Hands what the consumer fetches to the streams, and follows the group's assignments.
///
/// `[Consumer] → [Conductor] → [StreamBuffer] → EventStream`, as in Faust, with one conductor for all lanes.
final class Conductor: RebalanceListener {
    struct State {
        var assigned: [TopicPartition: AssignedPartition] = [:]
        var epoch: UInt64 = 0
        /// The partitions that are not fetched because a stream is full.
        var paused: Set<TopicPartition> = []
        /// The partitions that are being given up.
        var draining: Set<TopicPartition> = []
        /// Which streams read which topic.
        var routes: Routes
        /// How many hold all streams back.
        var holds = 0

        /// Puts a partition in place under a new epoch.
        mutating func assign(
            _ id: TopicPartition,
            lane: Int,
            groups: [StreamGroup],
            committed: Int64?,
            isRecovering: Bool = false
        ) -> AssignedPartition {
            epoch += 1
            let partition = AssignedPartition(
                id,
                epoch: epoch,
                lane: lane,
                groups: groups,
                committed: committed,
                isRecovering: isRecovering
            )
            assigned[id] = partition
            return partition
        }
    }

    /// What the conductor tells the app.
    struct Hooks: Sendable {
        /// Partitions were assigned and will be read.
        var assigned: @Sendable ([TopicPartition]) async -> Void
        /// Partitions were finished, committed and are given up.
        var revoked: @Sendable ([TopicPartition]) async -> Void
        /// Commits what is finished; `isDrained` tells whether no event of the partitions is in hand any more.
        var commit: @Sendable (_ isDrained: Bool) async -> Void
        /// Takes back what was done since the last commit, where that can be done.
        var undo: @Sendable (FaustError) async -> Void = { _ in }
        /// The worker can't go on.
        var failed: @Sendable (FaustError) -> Void
    }

    let consumer: any TransportConsumer
    private let queues: [any TransportQueue]
    private let hooks: Hooks
    private let monitor: Monitor
    private let logger: Logger
    private let drainTimeout: Duration
    /// Whether there are transactions, in which no stream of a partition may be ahead of another.
    private let isTransactional: Bool
    let sleep: @Sendable (Duration) async throws -> Void
    let state: Mutex<State>
    private let recoveries = Recoveries()
    /// Held while a partition gets another epoch, until streams and consumer know it: of two changes at a time the
    /// conductor would have the epoch of one, and the consumer that of the other.
    let changeTurn = Mutex(())
    /// Held by whoever needs the barrier: nobody may let streams go on while another one takes back what they did.
    let barrierTurn = Turn()
    /// What is committed together with the offsets.
    let participants: Participants

    init(
        consumer: any TransportConsumer,
        queues: [any TransportQueue],
        routes: Routes,
        participants: Participants = Participants(),
        hooks: Hooks,
        monitor: Monitor,
        logger: Logger,
        drainTimeout: Duration,
        isTransactional: Bool = false,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.consumer = consumer
        self.queues = queues
        self.state = Mutex(State(routes: routes))
        self.participants = participants
        self.hooks = hooks
        self.monitor = monitor
        self.logger = logger
        self.drainTimeout = drainTimeout
        self.isTransactional = isTransactional
        self.sleep = sleep
        connect(buffers)
    }

    private func connect(_ buffers: [StreamBuffer]) {
        let pressure = StreamBuffer.Pressure(
            changed: { [weak self] partition, _ in self?.regulate(partition) }
        )
        for buffer in buffers { buffer.connect(pressure) }
    }

    /// All streams that partitions go to.
    var buffers: [StreamBuffer] { state.withLock { $0.routes.buffers } }

    /// Has further streams read topics, from the next assignment on.
    ///
    /// - Returns: Partitions of these topics that are assigned already: the streams get nothing of them before they have
    ///   gone back to their last commit.
    func add(_ topics: TopicSelection, _ lanes: [[StreamGroup]]) -> [TopicPartition] {
        let buffers = lanes.joined().flatMap(\.buffers)
        connect(buffers)
        return state.withLock { state in
            state.routes.add(topics, lanes)
            if state.holds > 0 { for buffer in buffers { buffer.holdBack(true) } }
            return state.assigned.keys.filter { topics.contains($0.topic) }.sorted()
        }
    }

    /// Hands a batch to the streams of its partition; one that was fetched before a rebalance or seek is dropped.
    func deliver(_ batch: MessageBatch) {
        let partition = state.withLock { $0.assigned[batch.topicPartition] }
        guard let partition, partition.epoch == batch.epoch else { return }
        if partition.isRecovering { return partition.withhold(batch) }
        monitor.messagesReceived.add(batch.count)
        if let first = batch.entries.first?.offset, partition.isBehind(first) {
            follow(partition, back: first)
            return
        }
        partition.deliver(batch)
    }

    /// Starts a partition anew whose log has lost its end and begun again: what comes now is not what was read before.
    private func follow(_ old: AssignedPartition, back offset: Int64) {
        logger.warning(
            "The log of a partition has gone back: messages from here on are processed as new ones",
            metadata: ["partition": "\(old.id)", "offset": "\(offset)"]
        )
        changeTurn.withLock { _ in
            let renewed = state.withLock { state -> AssignedPartition? in
                guard state.assigned[old.id] === old, !state.draining.contains(old.id) else { return nil }
                return state.assign(old.id, lane: old.lane, groups: old.groups, committed: nil)
            }
            guard let renewed else { return }
            restart(renewed, from: offset)
        }
        regulate(old.id)
    }

    /// The partitions that this worker reads.
    var assignment: [TopicPartition] { state.withLock { $0.assigned.keys.sorted() } }

    // MARK: Commit

    /// What may be committed: the next offset to read, for each partition with news.
    func committable() -> [TopicPartition: Int64] {
        let partitions = state.withLock { Array($0.assigned.values) }
        return partitions.reduce(into: [:]) { offsets, partition in
            offsets[partition.id] = partition.committable()
        }
    }

    /// Notes what the broker has confirmed.
    func noteCommitted(_ offsets: [TopicPartition: Int64]) {
        let assigned = state.withLock { $0.assigned }
        for (partition, offset) in offsets { assigned[partition]?.noteCommitted(offset) }
    }

    /// Goes back to the last commit, with the state that is committed together with the offsets.
    ///
    /// All streams must be held back: what came anew before the state has gone back would be lost with it.
    func rollBack() async {
        await participants.rollBack(ready)
        rewind(assignment)
    }

    /// Goes back to the last commit on partitions whose output was lost.
    ///
    /// A partition that is being given up is not read again: nothing more of it is committed, and whoever reads it
    /// next starts at the last commit.
    func rewind(_ partitions: some Sequence<TopicPartition>) {
        for id in partitions {
            changeTurn.withLock { _ in rewindInTurn(id) }
            regulate(id)
        }
    }

    private func rewindInTurn(_ id: TopicPartition) {
        let (renewed, isDraining) = state.withLock { state -> (AssignedPartition?, Bool) in
            guard let old = state.assigned[id], !old.isRecovering else { return (nil, false) }
            let groups = state.routes.groups(of: id.topic, lane: old.lane)
            let renewed = state.assign(id, lane: old.lane, groups: groups, committed: old.lastCommitted)
            return (renewed, state.draining.contains(id))
        }
        guard let renewed else { return }
        if isDraining { attachStreams(to: renewed) } else { restart(renewed, from: renewed.lastCommitted) }
    }

    /// Has the streams of an assignment that is new follow its epoch.
    private func attachStreams(to partition: AssignedPartition) {
        for buffer in partition.buffers { buffer.attach(partition.id, epoch: partition.epoch) }
    }

    /// Goes on with a partition under an assignment that has taken the place of another one.
    ///
    /// - Parameters:
    ///   - partition: The new assignment.
    ///   - offset: Where to read on; `nil` for what is committed.
    func restart(_ partition: AssignedPartition, from offset: Int64?) {
        attachStreams(to: partition)
        consumer.seek(partition.id, to: offset, epoch: partition.epoch)
    }

    // MARK: Rebalance

    func assigned(_ partitions: [TopicPartition]) async {
        monitor.rebalances.add(1)
        logger.info("Partitions assigned", metadata: ["partitions": "\(describe(partitions))"])
        for id in partitions {
            let partition = changeTurn.withLock { _ in take(id) }
            if partition.isRecovering {
                recoveries.start(id) { [self] in await recover(partition) }
            } else {
                regulate(id)
            }
        }
        await hooks.assigned(partitions)
    }

    private func take(_ id: TopicPartition) -> AssignedPartition {
        let lane = Int(id.partition) % queues.count
        let isRecovering = participants.needsRecovery(id)
        let partition = state.withLock { state in
            state.paused.remove(id)
            state.draining.remove(id)
            let groups = state.routes.groups(of: id.topic, lane: lane)
            return state.assign(id, lane: lane, groups: groups, committed: nil, isRecovering: isRecovering)
        }
        attachStreams(to: partition)
        consumer.read(id, from: nil, into: queues[lane], epoch: partition.epoch)
        if isRecovering { consumer.pause([id]) }
        return partition
    }

    /// Recovers the state of a partition, then starts its streams.
    private func recover(_ partition: AssignedPartition) async {
        do {
            try await participants.recover(partition.id)
        } catch {
            // A partition that is revoked or lost in the meantime is no reason to stop.
            guard !Task.isCancelled else { return }
            hooks.failed(error as? FaustError ?? FaustError(.storage, "a recovery has failed", cause: error))
            return
        }
        guard changeTurn.withLock({ _ in start(partition) }) else { return }
        logger.debug("Partition recovered", metadata: ["partition": "\(partition.id)"])
        regulate(partition.id)
    }

    /// Starts the streams of a partition that has recovered.
    private func start(_ partition: AssignedPartition) -> Bool {
        let id = partition.id
        let ready = state.withLock { state -> AssignedPartition? in
            guard state.assigned[id] === partition, !state.draining.contains(id) else { return nil }
            let groups = state.routes.groups(of: id.topic, lane: partition.lane)
            return state.assign(id, lane: partition.lane, groups: groups, committed: nil)
        }
        guard let ready else { return false }
        restart(ready, from: partition.start)
        resume(id)
        return true
    }

    /// The partitions whose streams have started.
    var ready: [TopicPartition] {
        state.withLock { $0.assigned.values.filter { !$0.isRecovering }.map(\.id).sorted() }
    }

    func revoked(_ partitions: [TopicPartition]) async {
        monitor.rebalances.add(1)
        logger.info("Partitions revoked", metadata: ["partitions": "\(describe(partitions))"])
        await recoveries.cancel(partitions)
        let isDrained = await drain(partitions)
        await hooks.commit(isDrained)
        forget(partitions)
        await participants.revoked(partitions)
        await hooks.revoked(partitions)
    }

    func lost(_ partitions: [TopicPartition]) async {
        monitor.rebalances.add(1)
        logger.warning(
            "Partitions lost: what was not committed will be processed again by another worker",
            metadata: ["partitions": "\(describe(partitions))"]
        )
        await recoveries.cancel(partitions)
        forget(partitions)
        await hooks.undo(FaustError(.group, "partitions were lost", isRetriable: true))
        await participants.lost(partitions)
        await hooks.revoked(partitions)
    }

    func failed(_ error: FaustError) async {
        hooks.failed(error)
    }

    /// Stops fetching partitions and waits, within the deadline, until the events in hand are finished.
    ///
    /// Under exactly-once all streams of a partition end at the same place.
    ///
    /// - Returns: Whether they were.
    @discardableResult
    func drain(_ partitions: [TopicPartition]) async -> Bool {
        let streams = state.withLock { state in
            state.draining.formUnion(partitions)
            consumer.pause(partitions)
            return partitions.flatMap { id in state.assigned[id]?.buffers.map { (id, $0) } ?? [] }
        }
        guard isTransactional else { return await drain(streams) }
        return await barrierTurn.take {
            let isQuiet = await reachBarrier(patience: drainTimeout)
            // What waits is taken back while nobody gets it: the barrier has waited long enough for what is in hand.
            for (id, buffer) in streams { buffer.drain(id) {} }
            release()
            return isQuiet
        }
    }

    private func drain(_ streams: [(TopicPartition, StreamBuffer)]) async -> Bool {
        let latch = Latch(count: streams.count)
        for (id, buffer) in streams { buffer.drain(id) { latch.arrive() } }
        let isDrained = await latch.wait(atMost: drainTimeout, sleep: sleep)
        guard !isDrained else { return true }
        let stuck = Set(streams.lazy.filter { $1.lowestUnfinished($0) != nil }.map { "\($1.name) at \($0)" })
        logger.warning(
            "Events were still being processed at the deadline; they will be processed again",
            metadata: ["streams": "\(stuck.sorted().joined(separator: ", "))", "deadline": "\(drainTimeout)"]
        )
        return false
    }

    private func forget(_ partitions: [TopicPartition]) {
        for id in partitions {
            changeTurn.withLock { _ in
                consumer.stopReading(id)
                let partition = state.withLock { state in
                    state.paused.remove(id)
                    state.draining.remove(id)
                    return state.assigned.removeValue(forKey: id)
                }
                for buffer in partition?.buffers ?? [] { buffer.detach(id) }
            }
        }
    }

    // MARK: Back-pressure

    /// Fetches a partition or not, as its streams have room.
    ///
    /// News of the streams may come late and in any order: what counts is how they are now.
    func regulate(_ id: TopicPartition) {
        state.withLock { state in
            guard let partition = state.assigned[id], !state.draining.contains(id) else { return }
            let isFull = partition.buffers.contains { $0.isFull(id) }
            guard isFull != state.paused.contains(id) else { return }
            if isFull {
                state.paused.insert(id)
                consumer.pause([id])
            } else {
                state.paused.remove(id)
                consumer.resume([id])
            }
        }
    }

    private func describe(_ partitions: [TopicPartition]) -> String {
        Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }
            .map { topic, members in
                "\(topic)[\(members.map { String($0.partition) }.joined(separator: ","))]"
            }
            .joined(separator: " ")
    }
}
