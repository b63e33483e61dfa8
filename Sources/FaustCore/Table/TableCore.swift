// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// A table that the app has declared, whatever its types.
protocol DeclaredTable: AnyObject, Sendable {
    /// The name of the table.
    var name: String { get }
    /// What the table is for, in a sentence.
    var help: String { get }
    /// The name of the topic that the table is recovered from.
    var changelogTopic: String { get }
    /// How the changelog is created.
    ///
    /// - Parameters:
    ///   - partitions: The number of partitions if the declaration names none.
    ///   - replicas: The number of copies.
    /// - Returns: What the broker is asked for.
    func changelog(partitions: Int32, replicas: Int16) -> TopicDeclaration
    /// How the partitions are that the worker has.
    var status: [TablePartitionStatus] { get }
    /// Whether its entries have neither windows nor a time to live.
    var isPlain: Bool { get }
    /// The number of partitions, once the worker knows it.
    var partitionCount: Int32? { get }
    /// What takes part in the commits of a worker for the table.
    func makeParticipant(_ engine: Engine, _ app: App) throws -> any CommitParticipant
}

/// What a table does in each commit besides handing over what has changed.
protocol TableKeeper<Key, Value>: Sendable {
    associatedtype Key: Sendable
    associatedtype Value: Sendable

    /// Takes up a partition; `marker` is what ``handOver(_:)`` of an earlier worker has returned.
    func open(_ partition: Int32, marker: Bytes?) throws
    /// Whether nothing has come to a partition for so long that its time would go on with the clock.
    func isSilent(_ partition: Int32) -> Bool
    /// Nothing has come since messages wait to be read or finished: the silence begins anew.
    func noteDelay(_ partition: Int32)
    /// Does what is due, on the lane of the partition.
    func advance(_ partition: TablePartition<Key, Value>, _ form: TableForm<Key, Value>, scope: EventScope) async throws
    /// What is to be kept under no bytes as the key, if there is news.
    func handOver(_ partition: Int32) throws(FaustError) -> Bytes?
    /// What was handed over is in the store.
    func settle()
    /// What was handed over since the last ``settle()`` does not count.
    func rollBack()
}

/// What the handles of a table share: its declaration, and its partitions while a worker runs.
///
/// What every event needs is inlinable, so that it is compiled for the types of the user's table.
@usableFromInline
final class TableCore<Key: Sendable, Value: Sendable>: DeclaredTable {
    let form: TableForm<Key, Value>
    let configuration: TableConfiguration
    let help: String
    let app: App
    @usableFromInline let life = TableLife()
    /// Whether keys are strings or integers that the store has as they are, so that they need not be encoded to be found.
    @usableFromInline let hasPlainKeys: Bool
    @usableFromInline let isGlobal: Bool
    private let changeHooks = Mutex<[@Sendable (Key, Value?, Value?) async throws -> Void]>([])
    private let recoverHooks = Mutex<[@Sendable (Int32) async -> Void]>([])
    private let extraKeeper = Mutex<(any TableKeeper<Key, Value>)?>(nil)
    /// Whether a value stands for none, where the type has such values.
    @usableFromInline let isNull: (@Sendable (Value) -> Bool)?

    init(_ form: TableForm<Key, Value>, configuration: TableConfiguration, help: String, app: App) {
        self.form = form
        self.configuration = configuration
        self.help = help
        self.app = app
        hasPlainKeys = form.key.isPlain && (Key.self == String.self || Key.self == Int.self)
        isGlobal = configuration.isGlobal
        if Value.self is any NilCheckable.Type {
            isNull = { value in (value as? any NilCheckable)?.isNil ?? false }
        } else {
            isNull = nil
        }
    }

    var name: String { form.name }
    var changelogTopic: String { "\(app.id)-\(name)-changelog" }
    /// What the stores are called: entries that expire lie in another way, so that those of one way are not taken for
    /// those of the other when the program is changed.
    var storeName: String { form.timeToLive == nil ? name : name + ".ttl" }
    func changelog(partitions: Int32, replicas: Int16) -> TopicDeclaration {
        TopicDeclaration(
            name: changelogTopic,
            partitions: configuration.partitions.map { Int32(clamping: $0) } ?? partitions,
            replicas: replicas,
            configuration: ["cleanup.policy": "compact"].merging(configuration.extraTopicConfigs) { $1 }
        )
    }

    var partitionCount: Int32? { life.count }

    var keeper: (any TableKeeper<Key, Value>)? { extraKeeper.withLock { $0 } }

    var isPlain: Bool { keeper == nil }
    var status: [TablePartitionStatus] { live?.status ?? [] }
    /// The partitions, while a worker runs.
    private var live: TablePartitions<Key, Value>? {
        // Nothing else is ever given to it, see `setLive(_:)`.
        life.partitions.map { unsafeDowncast($0, to: TablePartitions<Key, Value>.self) }
    }

    func setKeeper(_ keeper: any TableKeeper<Key, Value>) {
        extraKeeper.withLock { $0 = keeper }
    }

    func makeParticipant(_ engine: Engine, _ app: App) throws -> any CommitParticipant {
        TableRun(self, try TableContext(engine, app, url: configuration.store))
    }

    func setLive(_ partitions: TablePartitions<Key, Value>?) {
        life.set(partitions, count: partitions?.count ?? 0)
    }

    func onRecover(_ hook: @escaping @Sendable (Int32) async -> Void) {
        recoverHooks.withLock { $0.append(hook) }
    }

    func onChange(_ hook: @escaping @Sendable (Key, Value?, Value?) async throws -> Void) {
        changeHooks.withLock { $0.append(hook) }
    }

    /// Whether somebody wants to be told of changes.
    var tellsChanges: Bool { changeHooks.withLock { !$0.isEmpty } }

    /// Tells what has changed in a partition since the last call.
    func tellChanges(of partition: TablePartition<Key, Value>, scope: EventScope) async throws {
        let hooks = changeHooks.withLock { $0 }
        guard !hooks.isEmpty else { return }
        for change in try partition.takeChanges() {
            let key = try form.decodeKey(change.key)
            for hook in hooks { try await hook(key, change.old, change.new) }
            if let fault = scope.takeFault() { throw fault }
        }
    }

    func recovered(_ partition: Int32) async {
        for hook in recoverHooks.withLock({ $0 }) { await hook(partition) }
    }

    // MARK: Reading

    /// What is found out about a key, where the code that asks can see it.
    func find<Found>(
        _ key: Key,
        _ look: (TablePartition<Key, Value>) throws(FaustError) -> Found?
    ) throws(FaustError) -> Found? {
        let partitions = try partitions()
        if let scope = EventScope.current, let number = try partitions.number(for: key, in: scope, form) {
            let found = try look(partitions[number])
            if found != nil || !configuration.isGlobal { return found }
        }
        return try partitions.search(for: key, form, look)
    }

    /// A partition by its number, whatever events the code that asks has in hand.
    func partition(_ number: Int32) throws(FaustError) -> TablePartition<Key, Value> {
        let partitions = try partitions()
        guard number >= 0, number < partitions.count else {
            throw FaustError(
                .configuration,
                "table \(name) has \(partitions.count) partitions and no partition \(number): topics that are joined with it"
                    + " need as many partitions as it has"
            )
        }
        return partitions[number]
    }

    /// The partitions that the code that asks can see.
    func visible() throws(FaustError) -> [TablePartition<Key, Value>] {
        let partitions = try partitions()
        if !configuration.isGlobal, let scope = EventScope.current, let number = partitions.number(in: scope) {
            return [partitions[number]]
        }
        return partitions.ready
    }

    private func partitions() throws(FaustError) -> TablePartitions<Key, Value> {
        guard let partitions = live else {
            throw FaustError(.lifecycle, "table \(name) has no entries here: app \(app.id) does not run a worker")
        }
        return partitions
    }

    // MARK: Writing

    /// Finds the partition that a write belongs to.
    func partition(for key: Key) throws(FaustError) -> (TablePartition<Key, Value>, EventScope) {
        try partition { [form] in try form.partitionKey(key) }
    }

    /// Finds the partition that a write belongs to.
    ///
    /// The key as topics have it is asked for when several partitions come into question.
    func partition(
        topicKey: () throws -> Bytes?
    ) throws(FaustError) -> (TablePartition<Key, Value>, EventScope) {
        if let spot = life.spot() { return (partition(spot), spot.scope) }
        let partitions = try partitions()
        guard let scope = EventScope.current else { throw noStream("outside of an agent's stream") }
        guard let number = try partitions.number(in: scope, name, topicKey: topicKey) else {
            throw partitions.refusal(of: scope, name)
        }
        return (partitions[number], scope)
    }

    /// Finds the partition that all writes of the code that asks belong to.
    func writable() throws(FaustError) -> (TablePartition<Key, Value>, EventScope) {
        let partitions = try partitions()
        guard let scope = EventScope.current else { throw noStream("outside of an agent's stream") }
        guard let number = partitions.number(in: scope) else { throw partitions.refusal(of: scope, name) }
        return (partitions[number], scope)
    }

    /// The number of entries of a range that are visible here, counted one by one.
    func count(in range: StoreRange) throws(FaustError) -> Int {
        var (entries, count) = (TableItems(core: self, range: range, fault: nil).makeAsyncIterator(), 0)
        while try entries.nextEntry() != nil { count += 1 }
        return count
    }

    /// Removes the entries of a range that a closure chooses.
    func removeAll(
        in range: StoreRange,
        of partition: TablePartition<Key, Value>,
        _ scope: EventScope,
        where isChosen: (Bytes) -> Bool = { _ in true }
    ) throws(FaustError) {
        var pages = TablePages(partition: partition, range: range)
        while let page = try pages.next() {
            for entry in page where isChosen(entry.key) { try partition.write(entry.key, nil, in: scope) }
        }
    }

    private func noStream(_ place: String) -> FaustError {
        FaustError(
            .lifecycle,
            "table \(name) can't be changed \(place): its partitions follow those of the events, so change it inside of"
                + " an agent that iterates over a topic with as many partitions, or send an event to such an agent"
        )
    }

    /// Makes an error of code that can't throw known: the event in hand fails; without one, the worker stops.
    @usableFromInline
    func report(_ error: FaustError, isWrite: Bool) {
        if let scope = EventScope.current { return scope.fail(error) }
        app.logger.error("A table was used where it can't be", metadata: ["table": "\(name)", "error": "\(error)"])
        guard isWrite else { return }
        if app.engine.withLock({ $0 }) == nil { app.fault(error) } else { app.stopSignal.fire(error) }
    }
}

/// A type some of whose values stand for none.
private protocol NilCheckable {
    var isNil: Bool { get }
}

extension Optional: NilCheckable {
    fileprivate var isNil: Bool {
        if case .none = self { true } else { false }
    }
}
