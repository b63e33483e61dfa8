// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import Logging

/// librdkafka's mock cluster: a Kafka in this process whose faults are scripted.
///
/// It has topics (made with ``makeTopic(_:partitions:)``, or automatically with four partitions), producing, consuming,
/// groups and idempotence; no admin requests, and its transactions hide nothing.
///
/// It is `@unchecked Sendable` because of the pointers, which never change; librdkafka's mock functions may be called
/// from any thread. The cluster lives until the object goes.
final class MockCluster: @unchecked Sendable {
    /// The requests of Kafka by their number, for scripted errors.
    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case leaveGroup = 13
        case syncGroup = 14
        case apiVersions = 18
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case addOffsetsToTransaction = 25
        case endTransaction = 26
        case transactionOffsetCommit = 28
    }

    private let host: OpaquePointer
    private let cluster: OpaquePointer

    /// Starts a cluster.
    init(brokers: Int32 = 1) throws {
        let configuration = KafkaConfiguration().take()
        rd_kafka_conf_set_log_cb(configuration, nil)
        guard let host = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else {
            rd_kafka_conf_destroy(configuration)
            throw FaustError(.transport, "no client for the mock cluster")
        }
        guard let cluster = rd_kafka_mock_cluster_new(host, brokers) else {
            rd_kafka_destroy(host)
            throw FaustError(.transport, "no mock cluster")
        }
        self.host = host
        self.cluster = cluster
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }

    /// The brokers as `127.0.0.1:port`, separated by commas.
    var hosts: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    /// The brokers as the setting `broker` takes them.
    var broker: String { "kafka://" + hosts.split(separator: ",").joined(separator: ";") }

    /// Settings of an app that uses the cluster.
    func settings(_ name: String = "test") -> Settings {
        var settings = Settings(name: name)
        settings.broker = broker
        return settings
    }

    func makeTopic(_ name: String, partitions: Int32) throws {
        let error = rd_kafka_mock_topic_create(cluster, name, partitions, 1)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError.make(error, "creating \(name)") }
    }

    /// Lets the next requests of a kind fail, one error each; `RD_KAFKA_RESP_ERR_NO_ERROR` lets one pass.
    func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// Lets whatever is asked of a topic fail.
    func fail(topic: String, with error: rd_kafka_resp_err_t) {
        rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    /// Lets requests of a kind succeed again.
    func clearFailures(_ request: Request) {
        rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
    }

    /// Closes a broker's connections and refuses new ones.
    func takeDown(broker: Int32) {
        rd_kafka_mock_broker_set_down(cluster, broker)
    }

    /// Takes connections again.
    func bringUp(broker: Int32) {
        rd_kafka_mock_broker_set_up(cluster, broker)
    }

    /// Delays every answer of a broker.
    func delay(broker: Int32, milliseconds: Int32) {
        rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds)
    }

    /// Moves the leadership of a partition.
    func setLeader(_ partition: TopicPartition, broker: Int32) {
        rd_kafka_mock_partition_set_leader(cluster, partition.topic, partition.partition, broker)
    }

    /// Moves the coordinator of a group, or of a transactional id (`type` "transaction").
    func setCoordinator(_ type: String = "group", of name: String, broker: Int32) {
        rd_kafka_mock_coordinator_set(cluster, type, name, broker)
    }
}
#endif
