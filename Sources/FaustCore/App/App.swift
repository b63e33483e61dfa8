// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Logging
public import ServiceLifecycle
import Synchronization

/// A stream-processing application: its topics, agents, tasks and settings, and the worker that runs them.
///
/// ```swift
/// let app = App("orders")
/// let orders = app.topic("orders", key: String.self, value: Order.self)
///
/// app.agent("spending", orders) { stream in
///     for try await order in stream { print(order.accountID, order.price) }
/// }
///
/// try await app.run()
/// ```
///
/// Everything is declared before the app runs, usually at the top level of a program; making an app touches neither
/// network nor disk. Handles such as topics and agents are values that can be used from any task. Several workers with
/// one name share the partitions of its topics.
public final class App: Sendable {
    /// Makes the connection to the broker that the settings name.
    public typealias TransportMaker = @Sendable (Settings, Logger) throws -> any Transport

    /// The settings in force: command line beats environment beats argument beats default.
    public var settings: Settings { surroundings.withLock { $0.settings } }
    /// The codecs that topics can be declared with by name.
    public let codecs: CodecRegistry
    /// The kinds of stores that tables can be kept in.
    public let stores: StoreRegistry
    /// What the worker has done so far.
    public let monitor = Monitor()
    /// For lines about what the app does.
    public var logger: Logger { surroundings.withLock { $0.logger } }
    /// The time as the app sees it.
    public let clock: AppClock
    let clockSlot: ClockSlot
    let makeTransport: TransportMaker
    private let surroundings: Mutex<(settings: Settings, logger: Logger)>
    let declarations: Mutex<Declarations>
    let engine = Mutex<Engine?>(nil)
    /// Ends ``run()``; made anew by each.
    let stopSignal = StopSignal()

    /// An app on a broker of your choice.
    ///
    /// Programs that import `Faust` use its shorter initialiser.
    ///
    /// - Parameters:
    ///   - settings: The settings before the environment is applied. The name in them is the consumer group's and
    ///     prefixes the names of the app's own topics.
    ///   - environment: The environment variables that override settings.
    ///   - readFile: Returns the text of the file that a variable such as `BROKER_CREDENTIALS_FILE` names.
    ///   - codecs: The codecs that topics can be declared with by name.
    ///   - stores: The kinds of stores that tables can be kept in; in memory alone by default.
    ///   - clock: The time as the app sees it; tests move it by hand.
    ///   - logger: For lines about what the app does; one with the app's name by default.
    ///   - makeTransport: Makes the connection to the broker; called when the app runs.
    public init(
        settings: Settings,
        environment: [String: String] = [:],
        readFile: ((String) throws -> String)? = nil,
        codecs: CodecRegistry = CodecRegistry(),
        stores: StoreRegistry = StoreRegistry(),
        clock: AppClock = .system,
        logger: Logger? = nil,
        makeTransport: @escaping TransportMaker
    ) {
        var settings = settings
        var declarations = Declarations()
        do {
            try settings.applyEnvironment(environment, readFile: readFile)
            try settings.validate()
        } catch {
            declarations.faults.append(error)
        }
        self.surroundings = Mutex((settings, logger ?? Logger(label: settings.name)))
        self.codecs = codecs
        self.stores = stores
        self.clockSlot = ClockSlot(clock)
        self.clock = AppClock(clockSlot)
        self.makeTransport = makeTransport
        self.declarations = Mutex(declarations)
        monitor.setTables { [weak self] in self?.declarations.withLock { $0.tables }.flatMap(\.status) ?? [] }
    }

    /// The name of the app with its version, if that is above 1: the consumer group.
    public var id: String { settings.id }

    /// Runs a worker until ``stop()``, a graceful shutdown of its `ServiceGroup`, or an error that it can't go on after.
    ///
    /// Shutting down takes this order: fetching stops; events in hand are finished, within
    /// ``Settings/shutdownTimeout``; what they sent is flushed; their offsets are committed; streams end; tasks are
    /// cancelled; the group is left; connections are closed. Cancelling the task does the same.
    ///
    /// - Throws: ``FaustError``: a mistake in the declarations, a broker that can't be reached, or an agent that has
    ///   failed for good.
    public func run() async throws {
        try seal()
        defer { stopSignal.reset() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await runEngine()
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            stop()
        }
    }

    /// Makes ``run()`` shut down and return; may be called from any thread, more than once.
    ///
    /// A stop that comes before the run, such as by a signal while the program starts, ends the next run as soon as it has
    /// begun.
    public func stop() {
        stopSignal.fire(nil)
    }

    /// Connects to the broker without running agents, for programs that only send (Faust's client mode).
    ///
    /// - Parameter body: May send to topics and agents of the app.
    /// - Returns: What the closure returns, after everything that was sent has arrived.
    /// - Throws: What the closure throws, or ``FaustError``: a broker that can't be reached, a message that was lost.
    public func withClient<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        if let fault = declarations.withLock({ $0.faults.first }) { throw fault }
        let client = try await Engine.connect(self, isClient: true)
        try await install(client)
        let result: Result
        do {
            result = try await body()
            try await client.producer.flush()
        } catch {
            await uninstall(client)
            throw error
        }
        await uninstall(client)
        return result
    }

    /// Commits what is finished now.
    ///
    /// - Returns: The next offset to read for each partition that the broker has confirmed; empty without news.
    /// - Throws: ``FaustError`` when the commit failed or no worker runs; under exactly-once also with code
    ///   ``FaustError/Code/lifecycle`` inside of an agent, since the commit waits for the event in hand.
    @discardableResult
    public func commit() async throws -> [TopicPartition: Int64] {
        if settings.processingGuarantee == .exactlyOnce, EventScope.current != nil {
            throw FaustError(.lifecycle, "under exactly_once an agent can't commit: the event in hand has to end first")
        }
        switch try await running().committer.commit() {
        case .committed(let offsets): return offsets
        case .failed(let error): throw error
        }
    }

    /// The partitions that this worker reads now; empty while it does not run.
    public var assignment: [TopicPartition] {
        engine.withLock { $0 }?.conductor?.assignment ?? []
    }

    /// Changes settings and logger before the app runs; for the command line.
    ///
    /// - Throws: The first mistake in the environment or the declarations, or what `change` throws.
    package func configure(_ change: (inout Settings, inout Logger) throws -> Void) throws {
        if let fault = declarations.withLock({ $0.faults.first }) { throw fault }
        try surroundings.withLock { surroundings in
            var (settings, logger) = surroundings
            try change(&settings, &logger)
            try settings.validate()
            surroundings = (settings, logger)
        }
    }

    // MARK: The running worker

    func running() throws -> Engine {
        guard let engine = engine.withLock({ $0 }) else {
            throw FaustError(
                .lifecycle,
                "app \(id) does not run: call this inside of an agent, a task or a hook, or in app.withClient { … }"
            )
        }
        return engine
    }

    func producer() throws -> Producer { try running().producer }

    private func seal() throws {
        try declarations.withLock { declarations in
            if let fault = declarations.faults.first { throw fault }
            if settings.processingGuarantee == .exactlyOnce, let topic = declarations.topicsReadInsideAndOutside.first {
                throw FaustError(
                    .configuration,
                    "under exactly_once topic \(topic) can't be read by an agent and by a stream outside of agents:"
                        + " read it by two agents"
                )
            }
            declarations.isSealed = true
        }
    }

    private func runEngine() async throws {
        let engine = try await Engine.connect(self)
        try await install(engine)
        let failure = await engine.run(declarations.withLock { $0 }, app: self)
        await uninstall(engine)
        for hook in declarations.withLock({ $0.onShutdown }) { await hook() }
        if let failure { throw failure }
    }

    /// Has an engine serve the app, or closes it when another one does.
    private func install(_ new: Engine) async throws {
        let isFirst = engine.withLock { engine in
            if engine == nil { engine = new }
            return engine === new
        }
        guard !isFirst else { return }
        await new.close()
        throw FaustError(.lifecycle, "app \(id) runs already")
    }

    private func uninstall(_ old: Engine) async {
        await old.close()
        engine.withLock { $0 = nil }
    }
}

extension App: Service {}
