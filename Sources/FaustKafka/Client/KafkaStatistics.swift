// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

/// Reads librdkafka's statistics (its STATISTICS.md).
package enum KafkaStatistics {
    /// The statistics in a text of librdkafka.
    ///
    /// What is missing in it, or is not what it should be, is left out: versions of librdkafka differ.
    ///
    /// - Parameter json: The text.
    /// - Returns: The statistics; a consumer's without committed offsets.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/corruption`` when the text is not JSON or names no client.
    package static func parse(_ json: String) throws(FaustError) -> BrokerStatistics {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSON.decode(JSONValue.self, from: Bytes(json))
        } catch {
            throw FaustError(.corruption, "librdkafka's statistics can't be read: \(error)")
        }
        guard let client = root["name"]?.text else {
            throw FaustError(.corruption, "librdkafka's statistics name no client")
        }
        var result = BrokerStatistics(client: client)
        let (milliseconds, isTooLarge) = (root["time"]?.number ?? 0).multipliedReportingOverflow(by: 1_000)
        result.timestampMilliseconds = isTooLarge ? 0 : milliseconds
        result.messagesSent = root.count("txmsgs")
        result.bytesSent = root.count("txmsg_bytes")
        result.messagesReceived = root.count("rxmsgs")
        result.bytesReceived = root.count("rxmsg_bytes")
        result.queuedMessages = root.count("msg_cnt")
        result.queuedBytes = root.count("msg_size")
        result.queuedEvents = root.count("replyq")
        result.brokers = root.fields("brokers").compactMap { broker($0.value) }.sorted { $0.name < $1.name }
        for (topic, value) in root.fields("topics") {
            for (number, value) in value.fields("partitions") {
                // Partition -1 holds messages whose partition is not known yet.
                guard let number = Int32(number), number >= 0, let partition = partition(value) else { continue }
                result.partitions[TopicPartition(topic, number)] = partition
            }
        }
        return result
    }

    private static func broker(_ value: JSONValue) -> BrokerStatistics.Broker? {
        // The others are no brokers, but the client's own threads and coordinators.
        guard let name = value["name"]?.text, let id = value["nodeid"]?.number, id >= 0 else { return nil }
        var broker = BrokerStatistics.Broker(name: name)
        broker.isConnected = value["state"]?.text == "UP"
        let waiting = value.count("outbuf_cnt").addingReportingOverflow(value.count("waitresp_cnt"))
        broker.queuedRequests = waiting.overflow ? 0 : waiting.partialValue
        let failed = value.count("txerrs").addingReportingOverflow(value.count("req_timeouts"))
        broker.errors = failed.overflow ? 0 : failed.partialValue
        if let times = value["rtt"], times.count("cnt") > 0 {
            broker.roundTripMedian = .microseconds(times.count("p50"))
            broker.roundTrip99thPercentile = .microseconds(times.count("p99"))
        }
        if let throttle = value["throttle"], throttle.count("max") > 0 {
            broker.longestThrottle = .milliseconds(throttle.count("max"))
        }
        return broker
    }

    private static func partition(_ value: JSONValue) -> BrokerStatistics.Partition? {
        guard value["fetch_state"]?.text == "active" else { return nil }
        var partition = BrokerStatistics.Partition()
        // The end for readers of committed messages; it is that of the partition for others.
        partition.endOffset = value.offset("ls_offset") ?? value.offset("hi_offset")
        partition.position = value.offset("app_offset")
        partition.queuedMessages = value.count("fetchq_cnt")
        return partition
    }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var number: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    fileprivate func fields(_ name: String) -> [String: JSONValue] {
        if case .object(let fields) = self[name] { fields } else { [:] }
    }

    /// A number that can't be negative.
    fileprivate func count(_ name: String) -> Int {
        max(self[name]?.number.flatMap(Int.init(exactly:)) ?? 0, 0)
    }

    /// An offset; negative numbers are librdkafka's words for none.
    fileprivate func offset(_ name: String) -> Int64? {
        self[name]?.number.flatMap { $0 >= 0 ? $0 : nil }
    }
}
