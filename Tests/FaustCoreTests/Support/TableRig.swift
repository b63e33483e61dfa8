// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging
import Synchronization

@testable import FaustCore

extension AppClock {
    /// A clock that stands still: however busy the machine is, no deadline passes.
    static var still: AppClock { AppClock(TestClock()) }
}

/// A log, and the stores of the workers that use it, which survive a worker when they are told to.
final class TableRig: Sendable {
    let log = LastingLog()
    private let stores = Mutex<[String: LastingStore]>([:])
    private let keepsStores: Bool
    let errors = Watched<[String]>([])

    /// - Parameter keepsStores: Whether stores are there when a worker starts anew, like those on disk.
    init(keepsStores: Bool = false) {
        self.keepsStores = keepsStores
    }

    /// An app of the rig.
    func app(
        _ name: String = "tables",
        clock: AppClock = .system,
        configure: (inout Settings) -> Void = { _ in },
        register: (inout StoreRegistry) -> Void = { _ in }
    ) -> App {
        var settings = Settings(name: name)
        settings.topicPartitions = 4
        settings.brokerCommitInterval = .seconds(3_600)
        settings.brokerCommitEvery = .max
        settings.agentRestartDelay = .zero
        configure(&settings)
        var registry = StoreRegistry()
        registry.register("memory") { [self] location in
            let name = "\(location.table)-\(location.partition)"
            guard keepsStores else { return MemoryStore() }
            return stores.withLock { stores in
                if let store = stores[name], store.reopen() { return store }
                let store = LastingStore()
                stores[name] = store
                return store
            }
        }
        register(&registry)
        let errors = errors
        let logger = Logger(label: "test") { _ in ErrorLines(lines: errors) }
        return App(settings: settings, stores: registry, clock: clock, logger: logger) { [log] _, _ in log }
    }

    /// The store of a table partition.
    func store(_ table: String, _ partition: Int32) -> LastingStore? {
        stores.withLock { $0["\(table)-\(partition)"] }
    }

    /// Runs a worker until `body`, which runs when it has started, returns.
    func run(_ app: App, _ body: @escaping @Sendable () async throws -> Void) async throws {
        app.task {
            try await body()
            app.stop()
        }
        try await withDeadline(.seconds(240), "the end of a worker") { try await app.run() }
    }
}

/// A store in memory that keeps its entries when it is closed.
final class LastingStore: Store {
    private let base = MemoryStore()
    private let state = Mutex<(isClosed: Bool, isDestroyed: Bool)>((false, false))
    private let changeCount = Mutex(0)
    /// How many changes were applied.
    var changes: Int { changeCount.withLock { $0 } }

    /// Opens the store again, unless it was destroyed.
    func reopen() -> Bool {
        state.withLock { state in
            state.isClosed = false
            return !state.isDestroyed
        }
    }

    func position() throws(FaustError) -> StorePosition? { try open.position() }
    func value(of key: Bytes) throws(FaustError) -> Bytes? { try open.value(of: key) }
    func apply(_ batch: StoreBatch) throws(FaustError) {
        changeCount.withLock { $0 += batch.count }
        try open.apply(batch)
    }
    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry] {
        try open.entries(in: range, limit: limit)
    }
    func estimatedCount() throws(FaustError) -> Int { try open.estimatedCount() }
    func setBulkLoading(_ isLoading: Bool) throws(FaustError) { try open.setBulkLoading(isLoading) }
    func statistics() -> [String: Int64] { base.statistics() }
    func close() { state.withLock { $0.isClosed = true } }
    func destroy() throws(FaustError) { state.withLock { $0 = (true, true) } }

    private var open: MemoryStore {
        get throws(FaustError) {
            if state.withLock({ $0.isClosed }) { throw FaustError(.closed, "the store is closed") }
            return base
        }
    }
}

/// Keeps the lines of level error.
private struct ErrorLines: LogHandler {
    let lines: Watched<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    init(lines: Watched<[String]>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = "\(event.message) \(event.metadata ?? [:])"
        lines.update { $0.append(text) }
    }
}

extension App {
    /// Waits until something has stopped the app, which cancels its tasks.
    func untilStopped() async throws {
        while !Task.isCancelled { await Task.yield() }
    }
}
