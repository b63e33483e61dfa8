// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation
package import Logging

/// Asks a cluster about topics, offsets and groups, and creates and deletes topics.
///
/// The calls may come from any task, several at a time; each runs on a thread that may block, for at most about the
/// setting `brokerRequestTimeout`.
package final class KafkaAdmin: Sendable {
    let client: KafkaClient
    let timeout: Duration
    /// How long to wait until the brokers agree that a topic has come or gone.
    static let propagationTimeout = Duration.seconds(15)

    /// Makes the client; it connects in the background.
    ///
    /// - Parameters:
    ///   - settings: The settings of the app.
    ///   - overrides: Values by librdkafka's names, which beat all others.
    ///   - handlers: What to do with errors, statistics and tokens.
    ///   - logger: For lines of librdkafka.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for settings that can't be used.
    package init(
        _ settings: Settings,
        overrides: [String: String] = [:],
        handlers: KafkaEventHandlers = KafkaEventHandlers(),
        logger: Logger
    ) throws(FaustError) {
        let properties = try KafkaProperties.admin(settings, overrides: overrides)
        // A consumer without a group: it creates no topics by asking for them, and may ask for offsets of uncommitted
        // messages, which a producer would be warned about.
        client = try KafkaClient(.consumer, properties, handlers: handlers, logger: logger)
        timeout = settings.brokerRequestTimeout
    }

    /// Closes the client.
    package func close() async {
        await client.close()
    }

    /// Asks the cluster for its topics.
    func metadata(within timeout: Duration? = nil) async throws(FaustError) -> KafkaMetadata {
        let timeout = timeout ?? self.timeout
        return try await client.blocking { (handle) throws(FaustError) in
            try KafkaMetadata(handle, timeout: timeout)
        }
    }

    // MARK: Topics

    /// See ``Transport/createTopics(_:)``; returns when all partitions have leaders.
    package func createTopics(_ declarations: [TopicDeclaration]) async throws(FaustError) {
        for declaration in declarations {
            if let fault = declaration.fault { throw FaustError(.invalidTopic, fault) }
        }
        let existing = try await metadata().topics
        // The first declaration of a name counts; Kafka would refuse the request.
        var names = Set(existing.keys)
        let missing = declarations.filter { names.insert($0.name).inserted }
        guard !missing.isEmpty else { return }
        let timeout = timeout
        try await client.blocking { (handle) throws(FaustError) in
            try Self.create(missing, handle, timeout)
            try Self.waitForTopics(handle) { metadata in
                missing.allSatisfy { metadata.topics[$0.name]?.hasLeaders == true }
            }
        }
    }

    private static func create(
        _ declarations: [TopicDeclaration],
        _ handle: OpaquePointer,
        _ timeout: Duration
    ) throws(FaustError) {
        let call = AdminCall(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS, "creating topics", timeout: timeout)
        var topics: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&topics, topics.count) }
        for declaration in declarations {
            topics.append(try newTopic(declaration))
        }
        rd_kafka_CreateTopics(handle, &topics, topics.count, call.options, call.queue)
        try call.answer { (event) throws(FaustError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            try check(results, count, passing: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "creating the topic")
        }
    }

    private static func newTopic(_ declaration: TopicDeclaration) throws(FaustError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        // -1 leaves it to the broker.
        let replicas = declaration.replicas > 0 ? Int32(declaration.replicas) : -1
        guard
            let topic = rd_kafka_NewTopic_new(declaration.name, declaration.partitions, replicas, &text, text.count)
        else {
            let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw FaustError(.invalidTopic, "topic \(declaration.name) can't be declared like this: \(reason)")
        }
        for (name, value) in declaration.configuration {
            rd_kafka_NewTopic_set_config(topic, name, value)
        }
        return topic
    }

    /// See ``Transport/deleteTopics(_:)``; returns when the brokers no longer list the topics.
    package func deleteTopics(_ names: [String]) async throws(FaustError) {
        let existing = try await metadata().topics
        let doomed = Set(names).filter { existing[$0] != nil }
        guard !doomed.isEmpty else { return }
        let timeout = timeout
        try await client.blocking { (handle) throws(FaustError) in
            let call = AdminCall(handle, RD_KAFKA_ADMIN_OP_DELETETOPICS, "deleting topics", timeout: timeout)
            var topics = doomed.map { rd_kafka_DeleteTopic_new($0) }
            defer { rd_kafka_DeleteTopic_destroy_array(&topics, topics.count) }
            rd_kafka_DeleteTopics(handle, &topics, topics.count, call.options, call.queue)
            try call.answer { (event) throws(FaustError) in
                var count = 0
                let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
                try Self.check(results, count, passing: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "deleting the topic")
            }
            try Self.waitForTopics(handle) { metadata in doomed.allSatisfy { metadata.topics[$0] == nil } }
        }
    }

    private static func check(
        _ results: UnsafeMutablePointer<OpaquePointer?>?,
        _ count: Int,
        passing: rd_kafka_resp_err_t,
        _ action: String
    ) throws(FaustError) {
        for index in 0..<count {
            guard let result = results?[index] else { continue }
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != passing else { continue }
            let name = rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? "?"
            let detail = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            throw KafkaError.make(code, "\(action) \(name)", detail: detail)
        }
    }

    /// Waits until the cluster's answer is as expected; goes on when it takes too long, since the request succeeded.
    private static func waitForTopics(
        _ handle: OpaquePointer,
        until condition: (KafkaMetadata) -> Bool
    ) throws(FaustError) {
        let deadline = ContinuousClock.now + propagationTimeout
        while !condition(try KafkaMetadata(handle, timeout: .seconds(10))), ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    // MARK: Listing

    /// See ``Transport/topics(_:)``.
    ///
    /// The configuration is what was set on the topic itself; it is left empty where the cluster does not tell, as
    /// without the ACL `DescribeConfigs`.
    package func topics(_ names: [String]?) async throws(FaustError) -> [String: TopicMetadata] {
        if names?.isEmpty == true { return [:] }
        var found = try await metadata().topics
        if let names { found = found.filter { names.contains($0.key) } }
        let configurations = found.isEmpty ? [:] : await self.configurations(of: Array(found.keys))
        return Dictionary(
            uniqueKeysWithValues: found.map { name, topic in
                let configuration = configurations[name] ?? [:]
                return (name, TopicMetadata(name: name, partitions: topic.partitions, configuration: configuration))
            }
        )
    }

    private func configurations(of topics: [String]) async -> [String: [String: String]] {
        // Who asks for topics must not wait long for what is only nice to know.
        let timeout = min(timeout, .seconds(10))
        do {
            return try await client.blocking { (handle) throws(FaustError) in
                let call = AdminCall(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "describing topics", timeout: timeout)
                var resources = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
                defer { rd_kafka_ConfigResource_destroy_array(&resources, resources.count) }
                rd_kafka_DescribeConfigs(handle, &resources, resources.count, call.options, call.queue)
                return try call.answer { (event) throws(FaustError) in
                    Self.configurations(rd_kafka_event_DescribeConfigs_result(event))
                }
            }
        } catch {
            client.logger.debug("the configuration of topics is not known: \(error)")
            return [:]
        }
    }

    private static func configurations(_ result: OpaquePointer?) -> [String: [String: String]] {
        var count = 0
        let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
        var configurations: [String: [String: String]] = [:]
        for index in 0..<count {
            guard let resource = resources?[index], let name = rd_kafka_ConfigResource_name(resource) else { continue }
            var entryCount = 0
            let entries = rd_kafka_ConfigResource_configs(resource, &entryCount)
            var configuration: [String: String] = [:]
            for index in 0..<entryCount {
                guard let entry = entries?[index], let key = rd_kafka_ConfigEntry_name(entry),
                    let value = rd_kafka_ConfigEntry_value(entry),
                    rd_kafka_ConfigEntry_source(entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
                    rd_kafka_ConfigEntry_is_sensitive(entry) != 1
                else { continue }
                configuration[String(cString: key)] = String(cString: value)
            }
            configurations[String(cString: name)] = configuration
        }
        return configurations
    }
}
#endif
