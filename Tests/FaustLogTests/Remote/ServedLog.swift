// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Foundation
import Logging

/// A log in memory with a server, and a client that reaches it from outside: together they are one transport.
final class ServedLog: Transport {
    let log = LogTransport(storage: .memory)
    let server: LogServer
    let client: RemoteLogTransport
    private let directory: ServedDirectory

    init(configuration: LogServer.Configuration = LogServer.Configuration()) throws {
        directory = try ServedDirectory()
        server = LogServer(transport: log, directory: directory.path, configuration: configuration)
        client = RemoteLogTransport(directory: directory.path)
    }

    var description: String { client.description }

    func start() async throws {
        try await log.start()
        try await server.start()
        try await client.start()
    }

    func stop() async {
        await client.stop()
        await server.stop()
        await log.stop()
    }

    func createTopics(_ declarations: [TopicDeclaration]) async throws { try await client.createTopics(declarations) }
    func deleteTopics(_ names: [String]) async throws { try await client.deleteTopics(names) }
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await client.topics(names) }

    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await client.offsets(of: partitions)
    }

    func offsets(
        of partitions: [TopicPartition],
        from timestampMilliseconds: Int64
    ) async throws -> [TopicPartition: Int64] {
        try await client.offsets(of: partitions, from: timestampMilliseconds)
    }

    func committedOffsets(
        group: String,
        partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        try await client.committedOffsets(group: group, partitions: partitions)
    }

    func groupMembers(_ group: String) async throws -> [GroupMemberDescription] {
        try await client.groupMembers(group)
    }

    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try client.makeConsumer(configuration)
    }

    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try client.makeProducer(configuration)
    }
}

/// The directory of a log, which goes away with the test.
final class ServedDirectory: Sendable {
    let path: String

    /// - Parameter suffix: What to append to the path, to make it long.
    /// - Throws: What the file system throws.
    init(suffix: String = "") throws {
        path = "/tmp/faust-remote-\(UInt64.random(in: .min ... .max))\(suffix)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path that the server has published.
    var socketPath: String {
        get throws { try String(contentsOfFile: path + "/remote/address", encoding: .utf8) }
    }

    /// The mode bits of a file.
    static func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int ?? -1) & 0o777
    }
}
