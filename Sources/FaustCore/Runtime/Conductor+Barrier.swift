// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The barrier of a transaction.
extension Conductor {
    /// Holds all streams back, until as many calls of ``release()``.
    func holdBack() {
        state.withLock { $0.holds += 1 }
        for buffer in buffers { buffer.holdBack(true) }
    }

    /// Lets the streams go on, unless somebody else holds them back, too.
    func release() {
        let isFree = state.withLock { state in
            state.holds -= 1
            return state.holds == 0
        }
        if isFree { for buffer in buffers { buffer.holdBack(false) } }
    }

    /// Holds all streams back and waits until no body works on an event, and all streams of each partition are at the
    /// same place.
    ///
    /// - Parameter patience: How long to wait for an event.
    /// - Returns: Whether that is so; the streams are held back in any case.
    func reachBarrier(patience: Duration) async -> Bool {
        holdBack()
        guard await quiesce(buffers, upTo: [:], patience) else { return false }
        var left = Int.max
        while let lag = lag() {
            // Whoever goes on may take longer in all, as the streams that lag behind have more to do. Who still has the
            // last event in hand lags behind, too.
            guard lag.count < left else { return false }
            left = lag.count
            _ = await quiesce(lag.buffers, upTo: lag.limits, patience)
        }
        return true
    }

    private func quiesce(
        _ buffers: [StreamBuffer],
        upTo limits: [TopicPartition: Int64],
        _ patience: Duration
    ) async -> Bool {
        let latch = Latch(count: buffers.count)
        for buffer in buffers { buffer.quiesce(upTo: limits) { latch.arrive() } }
        return await latch.wait(atMost: patience, sleep: sleep)
    }

    /// What streams have to catch up with, where several read a partition: the offset that is committed is that of the
    /// slowest, and what the others have made of events behind it would be made once more.
    private func lag() -> (limits: [TopicPartition: Int64], buffers: [StreamBuffer], count: Int)? {
        let shared = state.withLock { $0.assigned.values.filter { !$0.isRecovering } }
            .filter { $0.buffers.count > 1 }
        var lag = (limits: [TopicPartition: Int64](), buffers: [StreamBuffer](), count: 0)
        for partition in shared {
            let front = partition.buffers.map { $0.handedOut(partition.id) }.max() ?? -1
            let late = partition.buffers.map { ($0, $0.pending(partition.id, below: front)) }.filter { $1 > 0 }
            guard !late.isEmpty else { continue }
            lag.limits[partition.id] = front
            for (buffer, count) in late {
                lag.count += count
                if !lag.buffers.contains(where: { $0 === buffer }) { lag.buffers.append(buffer) }
            }
        }
        return lag.count > 0 ? lag : nil
    }

    /// The names of the agents whose bodies work on an event.
    var busy: [String] { Set(buffers.filter { !$0.isIdle }.map(\.name)).sorted() }

    /// Shuts out the bodies that still work on an event.
    func expelBusy() {
        for buffer in buffers { buffer.expel() }
    }
}
