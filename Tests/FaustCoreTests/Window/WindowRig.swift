// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting

@testable import FaustCore

/// One partition of a windowed table with its changelog, without a worker around it: commits, crashes and restarts are
/// function calls.
final class WindowRig {
    typealias Partition = TablePartition<WindowedKey<String>, [Int]>

    /// What becomes of a commit.
    enum Fate: CaseIterable {
        case done
        /// The worker dies after it has handed over, before anything is in the changelog.
        case lostBefore
        /// The worker dies when the changelog has everything and the store nothing.
        case lostBetween
        /// The transaction is aborted, and the worker goes on.
        case aborted
    }

    let window: Window
    private let combine: (@Sendable ([Int], [Int]) -> [Int])?
    private let keepsStore: Bool
    private let table: TableForm<String, [Int]>
    let clock = TestClock()
    private var store = MemoryStore()
    private var stored = 0
    private(set) var changelog: [(key: Bytes, value: Bytes?)] = []
    private(set) var keeper: WindowKeeper<String, [Int]>
    private(set) var partition: Partition
    private let emitted = Watched<[WindowModel.Content]>([])
    private let id = TopicPartition("t-changelog", 0)

    init(_ window: Window, keepsStore: Bool, combine: (@Sendable ([Int], [Int]) -> [Int])?) throws {
        (self.window, self.keepsStore, self.combine) = (window, keepsStore, combine)
        table = TableForm(
            name: "t",
            key: .natural(json: .json),
            value: .json,
            partitionKey: { _ in nil }
        )
        let times = WindowTimes(clock: AppClock(clock))
        let method = window.method(table, times, combine) { [] }
        keeper = WindowKeeper(window: window, times: times, method: method)
        partition = Partition(changelog: id, form: method.form, cacheLimit: 8)
        try start()
    }

    /// A worker starts, with the store as the last one has left it or from the changelog.
    func start() throws {
        let times = WindowTimes(clock: AppClock(clock))
        let method = window.method(table, times, combine) { [] }
        keeper = WindowKeeper(window: window, times: times, method: method)
        keeper.onClose { [emitted] key, window, ids in
            let content = WindowModel.Content(
                key: key,
                start: window.start.milliseconds,
                end: window.end.milliseconds,
                ids: ids.sorted()
            )
            emitted.update { $0.append(content) }
        }
        partition = Partition(changelog: id, form: method.form, cacheLimit: 8)
        if !keepsStore { (store, stored) = (MemoryStore(), 0) }
        var batch = StoreBatch()
        for message in changelog[stored...] {
            let key = try method.form.key.storeKey(message.key)
            let companion = try method.form.key.companion?(key)
            if let value = message.value { batch.put(key, value) } else { batch.delete(key) }
            if let companion {
                if message.value == nil { batch.delete(companion) } else { batch.put(companion, .empty) }
            }
        }
        try store.apply(batch)
        stored = changelog.count
        partition.install(store)
        try keeper.open(0, marker: try store.value(of: .empty))
        partition.markReady()
    }

    func change(_ id: Int, _ key: String, at time: Int64) throws {
        try keeper.change(key, at: Timestamp(milliseconds: time), in: partition, nil) { $0.append(id) }
    }

    /// Commits.
    ///
    /// - Returns: What was emitted, if the commit counts.
    func commit(_ fate: Fate = .done) async throws -> [WindowModel.Content]? {
        emitted.update { $0 = [] }
        let scope = EventScope(owner: "test", partition: id, partitionCount: 1)
        try await keeper.advance(partition, keeper.method.form, scope: scope)
        let marker = try keeper.handOver(0)
        let delta = try partition.handOver(marker: marker)
        switch fate {
        case .lostBefore:
            try start()
            return nil
        case .aborted:
            partition.rollBack()
            keeper.rollBack()
            return nil
        case .lostBetween, .done: break
        }
        for message in delta?.messages ?? [] { changelog.append((message.key ?? .empty, message.value)) }
        if fate == .lostBetween {
            try start()
        } else {
            if let delta { try partition.apply(delta) }
            stored = changelog.count
            keeper.settle()
        }
        return emitted.value
    }

    /// All entries, as iteration has them.
    func contents(_ selection: WindowSelection = .all) throws -> [WindowModel.Content] {
        let pages = keeper.method.pages(selection, of: partition)
        var result: [WindowModel.Content] = []
        while let page = try pages.next() {
            for (key, ids) in page {
                let (start, end) = (key.window.start.milliseconds, key.window.end.milliseconds)
                result.append(WindowModel.Content(key: key.key, start: start, end: end, ids: ids.sorted()))
            }
        }
        return result.sorted()
    }

    /// The windows of a key.
    func windows(of key: String) throws -> [WindowModel.Content] {
        try keeper.method.windows(of: key, in: partition)
            .map { window, ids in
                let (start, end) = (window.start.milliseconds, window.end.milliseconds)
                return WindowModel.Content(key: key, start: start, end: end, ids: ids.sorted())
            }
    }

    /// How many entries the store has, besides the marker.
    func storeCount() throws -> Int { try store.entries(in: .all, limit: .max).filter { !$0.key.isEmpty }.count }
}
