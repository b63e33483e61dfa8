// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// A running worker, or a client that only sends: connections, lanes, conductor, committer.
final class Engine: Sendable {
    let transport: any Transport
    let catalog: TopicCatalog
    let producer: Producer
    let consumer: any TransportConsumer
    let committer: Committer
    /// Whether this worker leads those of its app.
    let leadership = Leadership()
    /// Reads changelogs outside of the group.
    let changelogReader: ChangelogReader
    /// Sends requests to agents.
    let asker: Asker
    /// Sends the replies of this worker's agents.
    let replier: Replier
    /// What this worker's state is made with, for what takes part in commits.
    let settings: Settings
    private let conductorBox: ConductorBox
    let diversionsBox = Mutex<Diversions?>(nil)
    private let watchdogBox = Mutex<Watchdog?>(nil)
    let lanes = Mutex<[Lane]>([])
    let logger: Logger

    /// Holds the conductor, which is made when the worker knows its topics.
    final class ConductorBox: Sendable {
        let value = Mutex<Conductor?>(nil)
    }

    var conductor: Conductor? { conductorBox.value.withLock { $0 } }
    /// The streams that go through topics; `nil` until the worker runs.
    var diversions: Diversions? { diversionsBox.withLock { $0 } }

    /// Watches over the partitions; `nil` in a client.
    var watchdog: Watchdog? { watchdogBox.withLock { $0 } }

    /// Connects to the broker, without transactions for a client, which only sends.
    static func connect(_ app: App, isClient: Bool = false) async throws -> Engine {
        let transport = try Hosting.host?.makeTransport() ?? app.makeTransport(app.settings, app.logger)
        try await transport.start()
        do {
            return try Engine(app, transport, isClient: isClient)
        } catch {
            await transport.stop()
            throw error
        }
    }

    private init(_ app: App, _ transport: any Transport, isClient: Bool) throws {
        let settings = app.settings
        self.settings = settings
        self.logger = app.logger
        self.transport = transport
        self.catalog = TopicCatalog(
            transport: transport,
            allowsDeclaring: settings.topicAllowDeclare,
            creation: { [settings] name in app.declarations.withLock { $0.creation(of: name, settings) } }
        )
        var producerConfiguration = ProducerConfiguration(logger: app.logger)
        producerConfiguration.clientID = settings.brokerClientID
        producerConfiguration.statistics = { [monitor = app.monitor] in monitor.note($0) }
        let isExactlyOnce = settings.processingGuarantee == .exactlyOnce && !isClient
        self.producer = Producer(
            transport: try transport.makeProducer(producerConfiguration),
            transactional: try isExactlyOnce
                ? transport.makeProducer(producerConfiguration.with(transactionalID: settings.transactionalID)) : nil,
            catalog: catalog,
            partitioner: settings.producerPartitioner,
            monitor: app.monitor
        )
        var consumerConfiguration = ConsumerConfiguration(group: settings.id, logger: app.logger)
        consumerConfiguration.clientID = settings.workerClientID
        consumerConfiguration.statistics = { [monitor = app.monitor] in monitor.note($0) }
        consumerConfiguration.readCommitted = true
        consumerConfiguration.offsetReset = settings.consumerAutoOffsetReset
        self.consumer = try transport.makeConsumer(consumerConfiguration)
        self.changelogReader = ChangelogReader(
            transport: transport,
            clientID: settings.brokerClientID,
            threads: settings.parallelism,
            logger: app.logger
        )
        self.asker = Asker(
            Asker.Surroundings(
                transport: transport,
                catalog: catalog,
                producer: producer,
                settings: settings,
                clock: app.clock,
                logger: app.logger
            )
        )
        self.replier = Replier(transport: transport, producer: producer, settings: settings, logger: app.logger)
        let box = ConductorBox()
        self.conductorBox = box
        self.committer = Committer(
            conductor: { box.value.withLock { $0 } },
            consumer: consumer,
            producer: producer,
            options: Committer.Options(
                interval: settings.brokerCommitInterval,
                commitEvery: settings.brokerCommitEvery,
                patience: settings.drainTimeout,
                maxRollBacks: settings.agentMaxRestarts
            ),
            monitor: app.monitor,
            logger: app.logger,
            failed: { [stopSignal = app.stopSignal] in stopSignal.fire($0) },
            sleep: app.clock.sleep
        )
    }

    // MARK: Running

    /// Runs the agents and tasks until the app is told to stop, then shuts down in order.
    ///
    /// - Returns: The error that it stopped for.
    func run(_ declarations: Declarations, app: App) async -> FaustError? {
        let participants: Participants
        do {
            try await declareTopics(declarations)
            participants = Participants(
                try declarations.participants.map { try $0(self, app) }
                    + declarations.tables.map { try $0.makeParticipant(self, app) }
                    + declarations.observers.map { try $0(self, app) }
            )
        } catch {
            return error as? FaustError ?? FaustError(.transport, "the topics can't be declared", cause: error)
        }
        let assembly = Assembly(
            declarations,
            app: app,
            lanes: settings.parallelism,
            partitions: catalog.knownPartitions
        )
        let queues = assembly.laneIndices.map { _ in consumer.makeQueue() }
        let lanes = zip(assembly.laneIndices, queues)
            .map { index, queue in
                Lane(index: index, queue: queue, pollLimit: settings.brokerMaxPollRecords ?? Lane.defaultPollLimit)
            }
        let conductor = makeConductor(assembly, queues, participants, declarations, app: app)
        conductorBox.value.withLock { $0 = conductor }
        self.lanes.withLock { $0 = lanes }
        let (watch, diversions) = makeDiversions(assembly, conductor, app: app)
        let watchdog = makeWatchdog(conductor, app: app)
        watchdogBox.withLock { $0 = watchdog }
        let work = Lane.Work(deliver: { conductor.deliver($0) }, settle: { [producer] in producer.handOver() })
        for lane in lanes { lane.start(work) }
        let cause = await withDiscardingTaskGroup { group in
            group.addTask { [committer] in await committer.run() }
            group.addTask { await watchdog.run() }
            let groups = siblings(assembly.seats)
            for seat in assembly.seats {
                let runner = makeRunner(seat, groups[seat.agent.name], app: app)
                group.addTask(executorPreference: lanes[seat.lane]) { await Self.run(runner, app: app) }
            }
            group.addTask { [self] in await divert(diversions, conductor, lanes, app: app) }
            for diversion in declarations.diversions { diversions.forward(diversion) }
            await begin(declarations, conductor, watch, app: app, &group)
            let cause = await app.stopSignal.wait()
            await shutDown(conductor, assembly.buffers + diversions.buffers, cause: cause)
            group.cancelAll()
            return cause
        }
        // Bodies may have finished events, and sent, while they were ending.
        if cause == nil { _ = await committer.commitNow() }
        return cause
    }

    /// Creates the app's topics and learns how many partitions each has.
    private func declareTopics(_ declarations: Declarations) async throws {
        let besideTables = declarations.topicsBesideTables
        let names = Set(declarations.topics.keys).union(declarations.topicsRead).subtracting(besideTables.map(\.topic))
        try await catalog.declare(names.sorted().map { declarations.creation(of: $0, settings) })
        guard !besideTables.isEmpty else { return }
        // An existing changelog keeps the number of partitions that it has.
        let changelogs = try await transport.topics(besideTables.map(\.table.changelogTopic))
        for (topic, table) in besideTables {
            var creation = declarations.creation(of: topic, settings)
            creation.partitions =
                changelogs[table.changelogTopic]?.partitions
                ?? table.changelog(partitions: tablePartitions(declarations), replicas: creation.replicas).partitions
            try await catalog.declare([creation])
        }
    }

    /// The number of partitions of tables that name none: as many as the topics have that the app reads, if they have
    /// equally many; else the app's default.
    func tablePartitions(_ declarations: Declarations) -> Int32 {
        let counts = Set(declarations.topicsBeforeTables.compactMap(catalog.knownPartitions))
        if counts.count == 1, let count = counts.first { return count }
        return Int32(clamping: settings.topicPartitions)
    }

    /// Runs the start hooks, joins the group and starts the tasks; what fails here stops the app.
    private func begin(
        _ declarations: Declarations,
        _ conductor: Conductor,
        _ watch: TopicWatch,
        app: App,
        _ group: inout DiscardingTaskGroup
    ) async {
        do {
            try await producer.transactions?.begin()
            try await conductor.participants.start()
            if settings.replyCreateTopic { try await asker.prepare() }
            for hook in declarations.onStartup { try await hook() }
            await settle()
            try await watch.look()
            if !declarations.readsTopics { leadership.readNothing() }
            group.addTask { [interval = settings.consumerMetadataMaxAge] in
                await watch.run(every: interval, sleep: app.clock.sleep) { app.stopSignal.fire($0) }
            }
            logger.info("Worker ready", metadata: ["agents": "\(declarations.agents.count)"])
        } catch {
            app.stopSignal.fire(Self.fatal(error, "the start"))
            return
        }
        let tasks = declarations.tasks.map { task in BackgroundWork(name: "a task") { _, _ in try await task() } }
        for work in tasks + declarations.background {
            group.addTask { [leadership] in
                do {
                    try await work.run(app, leadership)
                } catch {
                    // A task that is cancelled by the shutdown has every right to throw.
                    app.stopSignal.fire(Self.fatal(error, work.name))
                }
            }
        }
    }

    static func fatal(_ error: any Error, _ place: String) -> FaustError {
        if let error = error as? FaustError { return error }
        return FaustError(.handler, "\(place) has failed", cause: error, isFatal: true)
    }

    private func makeConductor(
        _ assembly: Assembly,
        _ queues: [any TransportQueue],
        _ participants: Participants,
        _ declarations: Declarations,
        app: App
    ) -> Conductor {
        let committer = committer
        return Conductor(
            consumer: consumer,
            queues: queues,
            routes: assembly.routes,
            participants: participants,
            hooks: Conductor.Hooks(
                assigned: { [leadership] partitions in
                    leadership.assigned(partitions)
                    for hook in declarations.onAssigned { await hook(partitions) }
                },
                // The time of a rebalance has to do for the events in hand and the commit, too.
                revoked: { [leadership, patience = settings.drainTimeout / 2] partitions in
                    await leadership.revoked(partitions, patience: patience, sleep: app.clock.sleep)
                    for hook in declarations.onRevoked { await hook(partitions) }
                },
                commit: { isDrained in _ = await committer.commit(waits: isDrained) },
                undo: { await committer.undo($0) },
                failed: { app.stopSignal.fire($0) }
            ),
            monitor: app.monitor,
            logger: app.logger,
            drainTimeout: settings.drainTimeout,
            isTransactional: producer.transactions != nil,
            sleep: app.clock.sleep
        )
    }

    private func makeWatchdog(_ conductor: Conductor, app: App) -> Watchdog {
        Watchdog(
            Watchdog.Subject(
                statuses: { conductor.statuses() },
                ends: { [transport] in try await transport.offsets(of: $0).mapValues(\.upperBound) },
                fetchAnew: { conductor.fetchAnew($0) },
                stop: { app.stopSignal.fire($0) }
            ),
            limits: Watchdog.Limits(
                processing: settings.streamProcessingTimeout,
                commit: settings.brokerCommitLivelockSoftTimeout
            ),
            clock: app.clock,
            logger: app.logger
        )
    }

    /// The lane that a partition of any topic belongs to.
    func lane(of partition: Int32) -> Lane? {
        lanes.withLock { lanes in lanes.isEmpty ? nil : lanes[Int(partition) % lanes.count] }
    }

    /// The number of partitions that all of some topics have; `nil` when they differ.
    func partitionCount(of topics: [String]) -> Int32? {
        let counts = Set(topics.map(catalog.knownPartitions))
        return counts.count == 1 ? counts.first ?? nil : nil
    }

    /// Waits while too many sends are under way; a transaction that has grown large is committed early instead.
    func ebb() async {
        await producer.ebb()
        if producer.transactions?.isFull == true { committer.wake() }
    }

    // MARK: Shutting down

    private func shutDown(_ conductor: Conductor, _ streams: [StreamBuffer], cause: FaustError?) async {
        if let cause {
            logger.error("Worker stops because of an error", metadata: ["error": "\(cause)"])
        } else {
            logger.info("Worker stops")
        }
        // A transaction takes effect only if nothing in it is half done.
        if let cause, producer.transactions != nil { committer.breakOff(cause) }
        if cause == nil, settings.streamWaitEmpty || producer.transactions != nil {
            let isDrained = await conductor.drain(conductor.assignment)
            _ = await committer.commit(waits: isDrained)
        } else {
            _ = await committer.commit()
        }
        for stream in streams { stream.close() }
        committer.stop()
    }

    /// Leaves the group, ends the lanes and closes the connections.
    func close() async {
        await asker.stop()
        await consumer.close()
        await conductor?.participants.stop()
        await changelogReader.stop()
        await producer.close()
        for lane in lanes.withLock({ $0 }) { await lane.stop() }
        await transport.stop()
        // It knows the engine.
        diversionsBox.withLock { $0 = nil }
    }
}

extension ProducerConfiguration {
    fileprivate func with(transactionalID: String) -> ProducerConfiguration {
        var configuration = self
        configuration.transactionalID = transactionalID
        return configuration
    }
}
