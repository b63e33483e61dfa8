// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a client of the broker reports about itself and its connections, at a moment.
///
/// Counts are since the client was made. A worker on Kafka has several clients: one that reads, one that is the member
/// of the group, and one or two that write.
public struct BrokerStatistics: Sendable, Hashable {
    /// The client, such as `orders#consumer-1`; no two of a process have the same name.
    public var client: String
    /// When it was reported, in milliseconds since 1970.
    public var timestampMilliseconds: Int64 = 0
    /// The number of messages that were written to brokers.
    public var messagesSent = 0
    /// The bytes of those messages.
    public var bytesSent = 0
    /// The number of messages that were fetched.
    public var messagesReceived = 0
    /// The bytes of those messages.
    public var bytesReceived = 0
    /// The number of messages that wait to be written, or to be confirmed.
    public var queuedMessages = 0
    /// The bytes of those messages.
    public var queuedBytes = 0
    /// The number of events, such as delivery reports, that the worker has not taken yet.
    public var queuedEvents = 0
    /// The brokers that the client knows, in the order of their names.
    public var brokers: [Broker] = []
    /// The partitions that the client reads.
    public var partitions: [TopicPartition: Partition] = [:]

    /// The statistics of a client that has done nothing yet.
    public init(client: String) {
        self.client = client
    }

    /// The connection to a broker.
    public struct Broker: Sendable, Hashable {
        /// The broker as `host:port/number`.
        public var name: String
        /// Whether requests can be sent.
        public var isConnected = false
        /// The number of requests that wait to be sent, and of those that wait for an answer.
        public var queuedRequests = 0
        /// The median of the time from request to answer since the last report; `nil` without answers.
        public var roundTripMedian: Duration?
        /// The time that 99 of 100 answers did not exceed; `nil` without answers.
        public var roundTrip99thPercentile: Duration?
        /// The longest time that the broker has made the client wait for exceeding a quota since the last report.
        public var longestThrottle: Duration?
        /// The number of requests that failed, or were not answered in time.
        public var errors = 0

        /// A broker that nothing is known of.
        public init(name: String) {
            self.name = name
        }
    }

    /// A partition that is read.
    public struct Partition: Sendable, Hashable {
        /// The offset behind the last message that the client may read; `nil` when it is not known yet.
        public var endOffset: Int64?
        /// The offset behind the last message that the worker has taken; `nil` before the first.
        public var position: Int64?
        /// What this worker has committed last; `nil` when it has committed nothing yet.
        public var committedOffset: Int64?
        /// The number of messages that are fetched and wait for the worker.
        public var queuedMessages = 0

        /// A partition that nothing is known of.
        public init() {}

        /// How many offsets the group is behind the end: from what is committed or, before the first commit, taken.
        public var lag: Int64? {
            guard let endOffset, let start = committedOffset ?? position else { return nil }
            let (lag, isTooLarge) = endOffset.subtractingReportingOverflow(start)
            return isTooLarge ? nil : max(lag, 0)
        }
    }
}
