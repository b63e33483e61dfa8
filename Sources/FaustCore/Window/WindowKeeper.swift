// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What a windowed table does besides keeping entries: it follows time, closes windows and removes expired ones.
final class WindowKeeper<BaseKey: Sendable, Value: Sendable>: TableKeeper {
    typealias Key = WindowedKey<BaseKey>
    typealias CloseHook = @Sendable (BaseKey, WindowRange, Value) async throws -> Void
    typealias LateHook = @Sendable (BaseKey, Timestamp) -> Void

    typealias Partition = TablePartition<Key, Value>

    let window: Window
    let times: WindowTimes
    let method: any WindowMethod<BaseKey, Value>
    private let hooks = Mutex<(close: [CloseHook], late: [LateHook])>(([], []))
    private let lateCounter = Atomic<Int>(0)
    /// Where in each partition expired entries may be found: what lies before was removed.
    private let kept = Mutex<[Int32: Bytes]>([:])
    /// How many expired entries of a partition one commit removes, besides twice as many as were changed.
    private static var expiryLimit: Int { 8_192 }

    init(window: Window, times: WindowTimes, method: any WindowMethod<BaseKey, Value>) {
        (self.window, self.times, self.method) = (window, times, method)
    }

    var lateCount: Int { lateCounter.load(ordering: .relaxed) }

    func onClose(_ hook: @escaping CloseHook) { hooks.withLock { $0.close.append(hook) } }
    func onLate(_ hook: @escaping LateHook) { hooks.withLock { $0.late.append(hook) } }

    // MARK: Changes

    /// Changes the value of a key in the open windows of a time.
    func change(
        _ key: BaseKey,
        at time: Timestamp,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws {
        let moment = WindowMoment(time: time, streamTime: times.note(time, in: partition.number))
        if try method.change(key, at: moment, in: partition, scope, body) { return }
        lateCounter.wrappingAdd(1, ordering: .relaxed)
        for hook in hooks.withLock({ $0.late }) { hook(key, time) }
    }

    /// Removes a key from the open windows of a time.
    func remove(
        _ key: BaseKey,
        at time: Timestamp,
        in partition: Partition,
        _ scope: EventScope?
    ) throws(FaustError) {
        let moment = WindowMoment(time: time, streamTime: times.note(time, in: partition.number))
        try method.remove(key, at: moment, in: partition, scope)
    }

    // MARK: Commits

    func open(_ partition: Int32, marker: Bytes?) throws {
        forget(partition)
        try times.open(partition, marker)
    }

    func handOver(_ partition: Int32) throws(FaustError) -> Bytes? { times.handOver(partition) }

    func isSilent(_ partition: Int32) -> Bool { times.isSilent(partition) }

    func noteDelay(_ partition: Int32) { times.noteDelay(partition) }

    func settle() {
        times.settle()
        method.settle()
    }

    func rollBack() {
        for partition in times.rollBack() { forget(partition) }
    }

    private func forget(_ partition: Int32) {
        method.forget(partition)
        kept.withLock { $0[partition] = nil }
    }

    /// Closes the windows of a partition whose time has come, and removes those that have expired.
    ///
    /// Runs on the partition's lane, so that no body writes in the midst of a step.
    func advance(_ partition: Partition, _ form: TableForm<Key, Value>, scope: EventScope) async throws {
        guard let times = times.advance(partition.number), let time = times.streamTime else { return }
        if time > times.closedUpTo {
            try await close(partition, after: times.closedUpTo, upTo: time, scope)
            self.times.noteClosed(partition.number, upTo: time)
        }
        if let range = method.expired(at: time) { try await expire(range, of: partition, scope) }
    }

    private func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ scope: EventScope) async throws
    {
        let hooks = hooks.withLock { $0.close }
        guard !hooks.isEmpty else { return try await method.close(partition, after: closed, upTo: time, nil) }
        try await method.close(partition, after: closed, upTo: time) { key, window, value in
            for hook in hooks { try await hook(key, window, value) }
            if let fault = scope.takeFault() { throw fault }
        }
    }

    /// Removes expired entries, as far as the budget reaches.
    private func expire(_ range: StoreRange, of partition: Partition, _ scope: EventScope) async throws {
        var rest = range
        if let start = kept.withLock({ $0[partition.number] }) { rest.lowerBound = start }
        guard !rest.isEmpty else { return }
        let due = 2 * partition.changeCount
        var budget = ExpiryBudget(due: due, limit: Self.expiryLimit + due)
        var pages = TablePages(partition: partition, range: rest)
        while budget.isLeft {
            let start = times.clock.elapsed()
            guard let page = try pages.next() else {
                return keep(from: range.upperBound ?? rest.lowerBound, of: partition.number)
            }
            if let last = page.last {
                let end = last.key.successor
                try partition.remove(page.map(\.key), in: StoreRange(from: rest.lowerBound, before: end), scope: scope)
                rest.lowerBound = end
                keep(from: end, of: partition.number)
            }
            budget.spend(page.count, times.clock.elapsed() - start)
            await Task.yield()
        }
    }

    private func keep(from key: Bytes, of partition: Int32) {
        kept.withLock { $0[partition] = key }
    }
}
