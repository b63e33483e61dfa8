// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Creating, listing and deleting topics.
enum TopicChecks {
    static let all: [TransportConformance.Definition] = [
        .init("a topic that was created is listed with its partitions", listsCreatedTopics),
        .init("only the topics asked for are listed", listsOnlyWhatIsAskedFor),
        .init("creating a topic that exists leaves it as it is", leavesExistingTopics),
        .init("names and numbers that no topic can have are refused", refusesInvalidDeclarations),
        .init("a declaration that is refused keeps no valid ones from being created later", recoversFromRefusal),
        .init("a topic that was deleted is gone with its messages", needs: [.topicDeletion], deletes),
        .init("deleting an unknown topic is passed over", needs: [.topicDeletion], passesOverUnknownTopics),
        .init("the transport describes itself", describesItself),
    ]

    static func listsCreatedTopics(_ rig: ConformanceRig) async throws {
        let one = try await rig.makeTopic("one", partitions: 1)
        let many = try await rig.makeTopic("many.with_all-KINDS.of.characters", partitions: 7)
        let topics = try await rig.transport.topics(nil)
        try rig.expectEqual(topics[one]?.partitions, 1, "partitions of \(one)")
        try rig.expectEqual(topics[many]?.partitions, 7, "partitions of \(many)")
        try rig.expectEqual(topics[many]?.name, many, "the name in the metadata")
    }

    static func listsOnlyWhatIsAskedFor(_ rig: ConformanceRig) async throws {
        let first = try await rig.makeTopic("first")
        let second = try await rig.makeTopic("second")
        let topics = try await rig.transport.topics([first, rig.name("never-created")])
        try rig.expectEqual(Set(topics.keys), [first], "the topics listed")
        let none = try await rig.transport.topics([])
        try rig.expect(none.isEmpty, "asking for no topic listed \(none.keys)")
        let both = try await rig.transport.topics([second, first])
        try rig.expectEqual(Set(both.keys), [first, second], "the topics listed")
    }

    static func leavesExistingTopics(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic(partitions: 3)
        try await rig.fill(TopicPartition(topic, 0), 0..<5)
        let fresh = rig.name("fresh")
        rig.atEnd { try? await rig.transport.deleteTopics([fresh]) }
        try await rig.transport.createTopics([
            TopicDeclaration(name: topic, partitions: 9, configuration: ["cleanup.policy": "compact"]),
            TopicDeclaration(name: fresh, partitions: 2),
        ])
        let topics = try await rig.transport.topics([topic, fresh])
        try rig.expectEqual(topics[topic]?.partitions, 3, "partitions of the topic that existed")
        try rig.expectEqual(topics[fresh]?.partitions, 2, "partitions of the new topic")
        let offsets = try await rig.transport.offsets(of: [TopicPartition(topic, 0)])
        try rig.expectEqual(offsets[TopicPartition(topic, 0)], 0..<5, "offsets of the topic that existed")
    }

    static func refusesInvalidDeclarations(_ rig: ConformanceRig) async throws {
        let names = ["", ".", "..", "a/b", "a b", "\u{e9}t\u{e9}", "a\0b", String(repeating: "x", count: 250)]
        for name in names {
            try await rig.expectError(.invalidTopic, from: "creating a topic named '\(name.prefix(20))'") {
                try await rig.transport.createTopics([TopicDeclaration(name: name, partitions: 1)])
            }
        }
        for partitions: Int32 in [0, -1] {
            try await rig.expectError(.invalidTopic, from: "creating a topic with \(partitions) partitions") {
                try await rig.transport.createTopics([
                    TopicDeclaration(name: rig.name("odd"), partitions: partitions)
                ])
            }
        }
        let topics = try await rig.transport.topics(names.filter { !$0.isEmpty } + [rig.name("odd")])
        try rig.expect(topics.isEmpty, "topics were created all the same: \(topics.keys)")
    }

    static func recoversFromRefusal(_ rig: ConformanceRig) async throws {
        let good = rig.name("good")
        rig.atEnd { try? await rig.transport.deleteTopics([good]) }
        let declarations = [
            TopicDeclaration(name: good, partitions: 2), TopicDeclaration(name: "not/good", partitions: 1),
        ]
        try await rig.expectError(.invalidTopic, from: "creating a good and a bad topic") {
            try await rig.transport.createTopics(declarations)
        }
        try await rig.transport.createTopics([TopicDeclaration(name: good, partitions: 2)])
        let topics = try await rig.transport.topics([good])
        try rig.expectEqual(topics[good]?.partitions, 2, "partitions of the good topic")
    }

    static func deletes(_ rig: ConformanceRig) async throws {
        let doomed = try await rig.makeTopic("doomed", partitions: 2)
        let kept = try await rig.makeTopic("kept")
        try await rig.fill(TopicPartition(doomed, 1), 0..<10)
        try await rig.transport.deleteTopics([doomed])
        let topics = try await rig.transport.topics([doomed, kept])
        try rig.expectEqual(Set(topics.keys), [kept], "the topics that are left")
        try await rig.transport.createTopics([TopicDeclaration(name: doomed, partitions: 2)])
        let offsets = try await rig.transport.offsets(of: [TopicPartition(doomed, 1)])
        try rig.expectEqual(offsets[TopicPartition(doomed, 1)], 0..<0, "offsets of the topic made anew")
    }

    static func passesOverUnknownTopics(_ rig: ConformanceRig) async throws {
        let topic = try await rig.makeTopic()
        try await rig.transport.deleteTopics([rig.name("never-created"), topic])
        let topics = try await rig.transport.topics([topic])
        try rig.expect(topics.isEmpty, "the topic next to the unknown one was not deleted")
        try await rig.transport.deleteTopics([topic])
    }

    static func describesItself(_ rig: ConformanceRig) async throws {
        try rig.expect(!rig.transport.description.isEmpty, "the description is empty")
    }
}
