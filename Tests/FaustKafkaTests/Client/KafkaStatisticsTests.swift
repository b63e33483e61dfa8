// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct KafkaStatisticsTests {
    private static let text = """
        {"name": "app#consumer-2", "client_id": "app", "type": "consumer", "ts": 5016483227792, "time": 1527060869,
         "replyq": 3, "msg_cnt": 22710, "msg_size": 704010, "txmsgs": 1000, "txmsg_bytes": 65000, "rxmsgs": 7,
         "rxmsg_bytes": 700, "future": [{"deep": [1, 2.5e3, null, true]}],
         "brokers": {
           "b:9092/3": {"name": "b:9092/3", "nodeid": 3, "state": "UP", "outbuf_cnt": 1, "waitresp_cnt": 2, "txerrs": 4,
             "req_timeouts": 5, "rtt": {"min": 1, "p50": 1500, "p99": 31487, "cnt": 34},
             "throttle": {"max": 12, "cnt": 3}},
           "a:9092/1": {"name": "a:9092/1", "nodeid": 1, "state": "TRY_CONNECT", "rtt": {"p50": 0, "p99": 0, "cnt": 0}},
           "GroupCoordinator": {"name": "GroupCoordinator", "nodeid": -1, "state": "UP"}
         },
         "topics": {
           "orders": {"topic": "orders", "partitions": {
             "0": {"partition": 0, "fetch_state": "active", "app_offset": 90, "hi_offset": 120, "ls_offset": 110,
               "committed_offset": -1001, "fetchq_cnt": 6, "consumer_lag": -1},
             "1": {"partition": 1, "fetch_state": "active", "app_offset": -1001, "hi_offset": 5},
             "2": {"partition": 2, "fetch_state": "none", "app_offset": 4, "hi_offset": 5},
             "-1": {"partition": -1, "fetch_state": "active"}
           }}
         }}
        """

    @Test("statistics are read from librdkafka's text")
    func readsStatistics() throws {
        let statistics = try KafkaStatistics.parse(Self.text)
        var expected = BrokerStatistics(client: "app#consumer-2")
        expected.timestampMilliseconds = 1_527_060_869_000
        (expected.messagesSent, expected.bytesSent) = (1_000, 65_000)
        (expected.messagesReceived, expected.bytesReceived) = (7, 700)
        (expected.queuedMessages, expected.queuedBytes, expected.queuedEvents) = (22_710, 704_010, 3)
        let idle = BrokerStatistics.Broker(name: "a:9092/1")
        var busy = BrokerStatistics.Broker(name: "b:9092/3")
        (busy.isConnected, busy.queuedRequests, busy.errors) = (true, 3, 9)
        busy.roundTripMedian = .microseconds(1_500)
        busy.roundTrip99thPercentile = .microseconds(31_487)
        busy.longestThrottle = .milliseconds(12)
        expected.brokers = [idle, busy]
        var read = BrokerStatistics.Partition()
        (read.endOffset, read.position, read.queuedMessages) = (110, 90, 6)
        var unread = BrokerStatistics.Partition()
        unread.endOffset = 5
        expected.partitions = [TopicPartition("orders", 0): read, TopicPartition("orders", 1): unread]
        #expect(statistics == expected)
        #expect(read.lag == 20)
        #expect(unread.lag == nil)
        read.committedOffset = 80
        #expect(read.lag == 30)
        read.committedOffset = 111
        #expect(read.lag == 0)
    }

    @Test("text that is cut off is refused, wherever it is cut")
    func truncated() throws {
        for count in 0..<(Self.text.utf8.count - 1) {
            let error = #expect(throws: FaustError.self) {
                _ = try KafkaStatistics.parse(String(decoding: Self.text.utf8.prefix(count), as: UTF8.self))
            }
            #expect(error?.code == .corruption, "after \(count) bytes")
        }
    }

    @Test("text of other shapes is refused, or what does not fit is left out")
    func hostile() throws {
        for text in ["[]", "null", "1", "{}", #"{"name": 7}"#, #"{"name": null, "brokers": {}}"#, "\u{FEFF}{}"] {
            let error = #expect(throws: FaustError.self, "\(text)") { _ = try KafkaStatistics.parse(text) }
            #expect(error?.code == .corruption)
        }
        let odd = """
            {"name": "x", "time": 9223372036854775807, "txmsgs": "many", "rxmsgs": -4, "replyq": 99999999999999999999,
             "brokers": {"b": [], "c": {"name": "c", "nodeid": 1, "outbuf_cnt": 9223372036854775807, "waitresp_cnt": 1,
               "txerrs": 9223372036854775807, "req_timeouts": 9223372036854775807,
               "rtt": {"cnt": 1, "p50": 9223372036854775807, "p99": 9223372036854775807},
               "throttle": {"max": 9223372036854775807}}},
             "topics": {"t": 1, "u": {"partitions": {"99999999999": {"fetch_state": "active"}, "x": {}, "0": 3,
               "1": {"fetch_state": "active", "hi_offset": 9223372036854775807, "app_offset": 0}}}}}
            """
        let statistics = try KafkaStatistics.parse(odd)
        #expect(statistics.timestampMilliseconds == 0)
        #expect((statistics.messagesSent, statistics.messagesReceived, statistics.queuedEvents) == (0, 0, 0))
        #expect(statistics.brokers.map(\.queuedRequests) == [0])
        #expect(statistics.brokers.map(\.errors) == [0])
        #expect(statistics.partitions[TopicPartition("u", 1)]?.lag == .max)
        #expect(statistics.partitions.count == 1)
    }

    @Test("a consumer reports what it has read and committed, a producer what it has sent")
    func reporting() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            var settings = rig.cluster.settings()
            settings.brokerStatisticsInterval = .milliseconds(20)
            let reports = AsyncStream.makeStream(of: BrokerStatistics.self)
            var writing = ProducerConfiguration(logger: rig.recorder.logger())
            writing.statistics = { reports.continuation.yield($0) }
            let producer = try KafkaProducer(writing, settings)
            _ = await producer.deliver((0..<100).map { _ in OutgoingMessage(to: partition, key: nil, value: "12345") })
            var iterator = reports.stream.makeAsyncIterator()
            var report = await iterator.next()
            while let last = report, last.messagesSent < 100 { report = await iterator.next() }
            #expect(report?.messagesSent == 100)
            #expect(report.map { $0.bytesSent >= 500 } == true)
            #expect(report?.partitions.isEmpty == true)
            #expect(report?.brokers.contains { $0.isConnected && $0.roundTripMedian != nil } == true)
            await producer.close()

            var reading = ConsumerConfiguration(group: "group", logger: rig.recorder.logger())
            reading.statistics = { reports.continuation.yield($0) }
            let interval = ["statistics.interval.ms": "20"]
            let consumer = try rig.makeConsumer(group: "group", overrides: interval) { $0 = reading }
            let queue = consumer.makeQueue()
            let listener = RecordingListener(consumer, queue)
            try await consumer.subscribe([CopartitionedSet([partition.topic])], listener: listener)
            _ = try await collect(queue, "all messages") { $0.messageCount == 100 }
            _ = try await consumer.commit([partition: 40])
            report = await iterator.next()
            while let last = report, last.partitions[partition]?.lag != 60 { report = await iterator.next() }
            #expect(report?.partitions[partition]?.position == 100)
            #expect(report?.partitions[partition]?.endOffset == 100)
            #expect(report?.partitions[partition]?.committedOffset == 40)
            #expect(report?.messagesReceived == 100)
        }
    }

    @Test("the app's monitor shows the last report of each client")
    func monitor() async throws {
        let cluster = try MockCluster()
        try cluster.makeTopic("orders", partitions: 1)
        var settings = cluster.settings("stats")
        settings.brokerStatisticsInterval = .milliseconds(50)
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let app = App(settings: settings, logger: quiet) { try KafkaTransport($0, logger: $1) }
        #expect(app.monitor.brokerStatistics.isEmpty)
        try await app.withClient {
            try await app.topic("orders", partitions: 1).send(Bytes("v"), key: nil)
            let deadline = ContinuousClock.now + .seconds(30)
            while !app.monitor.brokerStatistics.contains(where: { $0.messagesSent == 1 }) {
                try #require(ContinuousClock.now < deadline)
                await Task.yield()
            }
        }
        let clients = app.monitor.brokerStatistics.map(\.client)
        #expect(clients == clients.sorted() && Set(clients).count == clients.count)
        #expect(clients.contains { $0.contains("#producer-") })
    }

    @Test("the interval is set only where it is asked for, at most a day")
    func interval() throws {
        var settings = kafkaSettings()
        #expect(try KafkaProperties.producer(writing(), settings)["statistics.interval.ms"] == nil)
        settings.brokerStatisticsInterval = .milliseconds(1_500)
        #expect(try KafkaProperties.producer(writing(), settings)["statistics.interval.ms"] == "1500")
        #expect(try KafkaProperties.consumer(reading(), settings)["statistics.interval.ms"] == "1500")
        #expect(try KafkaProperties.admin(settings)["statistics.interval.ms"] == nil)
        settings.brokerStatisticsInterval = .seconds(1_000_000)
        let properties = try KafkaProperties.producer(writing(), settings)
        #expect(properties["statistics.interval.ms"] == "86400000")
        _ = try KafkaConfiguration(properties)
    }
}
#endif
