// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// How far the recovery of a table is, as ``App/onRecoveryProgress(_:)`` is told.
package struct RecoveryReport: Sendable, Equatable {
    /// The name of the table.
    package let table: String
    /// The number of partitions that are recovered, or were.
    package let partitions: Int
    /// How many messages have been read.
    package let done: Int64
    /// How many there are in all.
    package let total: Int64
    /// How many have been read per second since the start.
    package let rate: Double
    /// How long the rest takes at that rate; `nil` when nobody can tell.
    package let timeLeft: Duration?
    /// How long it has taken so far.
    package let elapsed: Duration
    /// Whether this is the last report.
    package let isOver: Bool

    /// A report.
    package init(
        table: String,
        partitions: Int,
        done: Int64,
        total: Int64,
        elapsed: Duration,
        isOver: Bool = false
    ) {
        (self.table, self.partitions, self.done, self.total) = (table, partitions, done, total)
        (self.elapsed, self.isOver) = (elapsed, isOver)
        let seconds = elapsed / .seconds(1)
        rate = seconds > 0 ? Double(done) / seconds : 0
        timeLeft = rate > 0 ? .seconds(Double(total - done) / rate) : nil
    }
}

/// How far the recovery of a table's partitions is, for lines in the log or for somebody who draws it.
final class RecoveryProgress: Sendable {
    private struct State {
        var rests: [Int32: Int64] = [:]
        var total: Int64 = 0
        var start = Duration.zero
        var lastReport = Duration.zero
        var partitions = 0
    }

    private let table: String
    private let logger: Logger
    private let elapsed: @Sendable () -> Duration
    private let sink: (@Sendable (RecoveryReport) -> Void)?
    private let state = Mutex(State())
    private let interval: Duration

    /// - Parameters:
    ///   - table: The name of the table.
    ///   - logger: Gets a line every five seconds and one at the end.
    ///   - elapsed: The time.
    ///   - sink: Gets ten reports per second in place of the lines on the way.
    init(
        table: String,
        logger: Logger,
        elapsed: @escaping @Sendable () -> Duration,
        sink: (@Sendable (RecoveryReport) -> Void)? = nil
    ) {
        self.table = table
        self.sink = sink
        interval = sink == nil ? .seconds(5) : .milliseconds(100)
        self.logger = logger
        self.elapsed = elapsed
    }

    /// Notes that a partition starts to recover, with some messages to go.
    func begin(_ partition: Int32, _ count: Int64) {
        state.withLock { state in
            if state.rests.isEmpty {
                state = State()
                state.start = elapsed()
                state.lastReport = state.start
            }
            state.rests[partition] = count
            state.total += count
            state.partitions += 1
        }
    }

    /// Notes how many messages a partition has to go; reports now and then.
    func note(_ partition: Int32, rest: Int64) {
        let now = elapsed()
        let report = state.withLock { state -> RecoveryReport? in
            if state.rests[partition] != nil { state.rests[partition] = rest }
            guard now - state.lastReport >= interval else { return nil }
            state.lastReport = now
            return makeReport(state, now)
        }
        guard let report else { return }
        if let sink { sink(report) } else { logger.info("Recovering a table", metadata: report.metadata) }
    }

    /// Notes that a partition is recovered, or was interrupted; reports after the last one.
    func end(_ partition: Int32) {
        let now = elapsed()
        let report = state.withLock { state -> RecoveryReport? in
            guard let rest = state.rests.removeValue(forKey: partition) else { return nil }
            // What an interrupted recovery has left does not count as done.
            state.total -= rest
            return state.rests.isEmpty ? makeReport(state, now, isOver: true) : nil
        }
        guard let report else { return }
        sink?(report)
        logger.info("Table recovered", metadata: report.metadata)
    }

    private func makeReport(_ state: State, _ now: Duration, isOver: Bool = false) -> RecoveryReport {
        RecoveryReport(
            table: table,
            partitions: state.partitions,
            done: state.total - state.rests.values.reduce(0, +),
            total: state.total,
            elapsed: now - state.start,
            isOver: isOver
        )
    }
}

extension RecoveryReport {
    /// The report as that of a line in the log.
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "table": "\(table)", "partitions": "\(partitions)", "done": "\(done)", "total": "\(total)",
            "seconds": "\(elapsed.components.seconds)", "rate": "\(Int64(rate))/s",
        ]
        if !isOver, let timeLeft { metadata["time left"] = "\(timeLeft.components.seconds) s" }
        return metadata
    }
}
