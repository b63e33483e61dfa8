// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// How far the recovery of a table's partitions is, for lines in the log.
final class RecoveryProgress: Sendable {
    private struct State {
        var rests: [Int32: Int64] = [:]
        var total: Int64 = 0
        var start = Duration.zero
        var lastLine = Duration.zero
        var partitions = 0
    }

    private let table: String
    private let logger: Logger
    private let elapsed: @Sendable () -> Duration
    private let state = Mutex(State())
    private static let interval = Duration.seconds(5)

    init(table: String, logger: Logger, elapsed: @escaping @Sendable () -> Duration) {
        self.table = table
        self.logger = logger
        self.elapsed = elapsed
    }

    /// Notes that a partition starts to recover, with some messages to go.
    func begin(_ partition: Int32, _ count: Int64) {
        state.withLock { state in
            if state.rests.isEmpty {
                state = State()
                state.start = elapsed()
                state.lastLine = state.start
            }
            state.rests[partition] = count
            state.total += count
            state.partitions += 1
        }
    }

    /// Notes how many messages a partition has to go; writes a line now and then.
    func note(_ partition: Int32, rest: Int64) {
        let now = elapsed()
        let line = state.withLock { state -> Logger.Metadata? in
            if state.rests[partition] != nil { state.rests[partition] = rest }
            guard now - state.lastLine >= Self.interval else { return nil }
            state.lastLine = now
            return metadata(state, now)
        }
        if let line { logger.info("Recovering a table", metadata: line) }
    }

    /// Notes that a partition is recovered, or was interrupted; writes a line after the last one.
    func end(_ partition: Int32) {
        let now = elapsed()
        let line = state.withLock { state -> Logger.Metadata? in
            guard let rest = state.rests.removeValue(forKey: partition) else { return nil }
            // What an interrupted recovery has left does not count as done.
            state.total -= rest
            return state.rests.isEmpty ? metadata(state, now) : nil
        }
        if let line { logger.info("Table recovered", metadata: line) }
    }

    private func metadata(_ state: State, _ now: Duration) -> Logger.Metadata {
        let rest = state.rests.values.reduce(0, +)
        let done = state.total - rest
        let seconds = (now - state.start) / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        var metadata: Logger.Metadata = [
            "table": "\(table)", "partitions": "\(state.partitions)", "done": "\(done)", "total": "\(state.total)",
            "seconds": "\(Int64(seconds))", "rate": "\(Int64(rate))/s",
        ]
        if rest > 0, rate > 0 { metadata["time left"] = "\(Int64(Double(rest) / rate)) s" }
        return metadata
    }
}
