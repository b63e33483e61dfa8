// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What a windowed table does besides keeping entries: it follows time, closes windows and removes expired ones.
final class WindowKeeper<BaseKey: Sendable, Value: Sendable>: TableKeeper {
    typealias Key = WindowedKey<BaseKey>
    typealias CloseHook = @Sendable (BaseKey, WindowRange, Value) async throws -> Void
    typealias LateHook = @Sendable (BaseKey, Timestamp) -> Void

    let window: Window
    let times: WindowTimes
    private let hooks = Mutex<(close: [CloseHook], late: [LateHook])>(([], []))
    private let lateCounter = Atomic<Int>(0)
    /// How many expired entries of a partition one commit removes; the others have to wait for the next.
    private static var expiryLimit: Int { 20_000 }

    init(window: Window, clock: AppClock) {
        self.window = window
        times = WindowTimes(window: window, clock: clock)
    }

    var lateCount: Int { lateCounter.load(ordering: .relaxed) }

    func onClose(_ hook: @escaping CloseHook) { hooks.withLock { $0.close.append(hook) } }
    func onLate(_ hook: @escaping LateHook) { hooks.withLock { $0.late.append(hook) } }

    // MARK: Commits

    func open(_ partition: Int32, marker: Bytes?) throws { try times.open(partition, marker) }
    func handOver(_ partition: Int32) throws(FaustError) -> Bytes? { times.handOver(partition) }
    func settle() { times.settle() }
    func rollBack() { times.rollBack() }

    /// Notes a write that was late for all of its windows.
    func noteLate(_ key: BaseKey, _ time: Timestamp) {
        lateCounter.wrappingAdd(1, ordering: .relaxed)
        for hook in hooks.withLock({ $0.late }) { hook(key, time) }
    }

    /// Closes the windows of a partition whose time has come, and removes those that have expired.
    ///
    /// Runs on the partition's lane, so that no body writes in the midst of a step.
    func advance(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        scope: EventScope
    ) async throws {
        guard let times = times.advance(partition.number), let time = times.streamTime else { return }
        if time > times.closedUpTo {
            try await close(partition, form, after: times.closedUpTo, upTo: time, scope)
            self.times.noteClosed(partition.number, upTo: time)
        }
        try await expire(partition, form, at: Timestamp(milliseconds: time), scope)
    }

    private func close(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        after closed: Int64,
        upTo time: Int64,
        _ scope: EventScope
    ) async throws {
        let hooks = hooks.withLock { $0.close }
        guard !hooks.isEmpty else { return }
        let (from, before) = window.starts(ofClosedAfter: closed, upTo: time)
        var pages = TablePages(partition: partition, range: WindowedKeyLayout.range(from: from, before: before))
        while let page = try pages.next() {
            for entry in page {
                let key = try form.decodeKey(entry.key)
                let value = try entry.value(form)
                for hook in hooks { try await hook(key.key, key.window, value) }
                if let fault = scope.takeFault() { throw fault }
            }
            await Task.yield()
        }
    }

    private func expire(
        _ partition: TablePartition<Key, Value>,
        _ form: TableForm<Key, Value>,
        at time: Timestamp,
        _ scope: EventScope
    ) async throws {
        guard let before = window.startOfUnexpired(at: time) else { return }
        var pages = TablePages(partition: partition, range: WindowedKeyLayout.range(from: nil, before: before))
        var count = 0
        while count < Self.expiryLimit, let page = try pages.next() {
            for entry in page { try partition.write(entry.key, nil, in: scope) }
            count += page.count
            await Task.yield()
        }
    }
}

extension Window {
    /// The starts of the windows that closed after one time of the stream and no later than another one.
    ///
    /// - Returns: The first start that may be among them (`nil` for any), and the first one that is too late.
    func starts(ofClosedAfter closed: Int64, upTo time: Int64) -> (from: Int64?, before: Int64) {
        let lead = size + grace.boundedMilliseconds
        let first = closed == .min ? nil : Self.bounded(Timestamp(milliseconds: closed)) - lead + 1
        return (first, Self.bounded(Timestamp(milliseconds: time)) - lead + 1)
    }

    /// The first start of windows that have not expired; `nil` when windows are kept for good.
    func startOfUnexpired(at time: Timestamp) -> Int64? {
        guard let expires else { return nil }
        return Self.bounded(time) - expires.boundedMilliseconds - size + 1
    }

    /// The size of windows, or of the session of a lone event, in milliseconds.
    private var size: Int64 {
        switch kind {
        case .hopping(let size, _): size
        case .session(let gap): gap
        }
    }
}
