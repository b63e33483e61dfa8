// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Counts what the worker does; read it from any thread (Faust's `app.monitor`).
///
/// The counters are updated per batch of messages, not per message, so that they cost nothing on the event path.
public final class Monitor: Sendable {
    /// A number that only grows.
    public final class Counter: Sendable {
        private let count = Atomic<Int>(0)

        init() {}

        /// The number counted so far.
        public var value: Int { count.load(ordering: .relaxed) }

        func add(_ number: Int) {
            count.wrappingAdd(number, ordering: .relaxed)
        }
    }

    /// Messages that were fetched from the broker.
    public let messagesReceived = Counter()
    /// Events that streams have handed out, counted when they go on to others; a message that two agents read counts
    /// twice.
    public let events = Counter()
    /// Messages that were sent.
    public let messagesSent = Counter()
    /// Sends that failed for good.
    public let sendErrors = Counter()
    /// Messages that could not be decoded.
    public let decodeErrors = Counter()
    /// Events that were given up: skipped or sent to a dead-letter topic.
    public let eventsFailed = Counter()
    /// Times that an agent was started again after an error.
    public let agentRestarts = Counter()
    /// Commits that the broker confirmed.
    public let commits = Counter()
    /// Commits that failed.
    public let commitErrors = Counter()
    /// Runs of timers and crontabs.
    public let scheduleRuns = Counter()
    /// Runs of timers and crontabs that have thrown.
    public let scheduleErrors = Counter()
    /// Beats of timers and crontabs that were left out, since the one before took too long or several came at once.
    public let scheduleMisses = Counter()
    /// Changes of the assignment of partitions.
    public let rebalances = Counter()

    /// Where ``tables`` come from; a struct, since a closure that lies in a mutex by itself gets one more layer around it
    /// each time it is read.
    private struct TableSource {
        var list: @Sendable () -> [TablePartitionStatus] = { [] }
    }

    private let tableSource = Mutex(TableSource())
    private let statistics = Mutex<[String: BrokerStatistics]>([:])

    init() {}

    /// The partitions of tables that the worker has, with the statistics of their stores, by table and number.
    ///
    /// Asks the stores, which may block for some milliseconds; empty while no worker runs.
    public var tables: [TablePartitionStatus] {
        tableSource.withLock { $0.list }().sorted { ($0.table, $0.partition) < ($1.table, $1.partition) }
    }

    func setTables(_ source: @escaping @Sendable () -> [TablePartitionStatus]) {
        tableSource.withLock { $0.list = source }
    }

    /// The last report of each client of the broker, by the client's name; empty unless
    /// ``Settings/brokerStatisticsInterval`` is set and the broker is Kafka.
    public var brokerStatistics: [BrokerStatistics] {
        statistics.withLock { $0.values.sorted { $0.client < $1.client } }
    }

    /// Keeps a report in the place of the client's last one.
    func note(_ report: BrokerStatistics) {
        statistics.withLock { $0[report.client] = report }
    }
}
