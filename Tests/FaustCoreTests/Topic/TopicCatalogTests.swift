// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("TopicCatalog")
struct TopicCatalogTests {
    @Test func aTopicThatExistsIsLeftAsItIs() async throws {
        let transport = FakeTransport(["known": 7])
        let catalog = TopicCatalog.test(transport)
        #expect(catalog.knownPartitions(of: "known") == nil)
        let partitions = try await catalog.declare([TopicDeclaration(name: "known", partitions: 3)])
        #expect(partitions == ["known": 7])
        #expect(transport.created.value == [])
        #expect(catalog.knownPartitions(of: "known") == 7)
    }

    @Test func missingTopicsAreCreated() async throws {
        let transport = FakeTransport(["known": 7])
        let catalog = TopicCatalog.test(transport)
        let partitions = try await catalog.declare([
            TopicDeclaration(name: "new", partitions: 3), TopicDeclaration(name: "known", partitions: 3),
        ])
        #expect(partitions == ["known": 7, "new": 3])
        #expect(transport.created.value == ["new"])
    }

    @Test func aTopicThatIsSentToIsCreatedWithTheDefaultsOnce() async throws {
        let transport = FakeTransport()
        let catalog = TopicCatalog.test(transport)
        #expect(try await catalog.partitions(of: "out") == 4)
        #expect(try await catalog.partitions(of: "out") == 4)
        #expect(transport.created.value == ["out"])
    }

    @Test func nothingIsCreatedWhenThatIsNotAllowed() async throws {
        let transport = FakeTransport(["known": 1])
        let catalog = TopicCatalog.test(transport, allowsDeclaring: false)
        #expect(try await catalog.partitions(of: "known") == 1)
        let error = await #expect(throws: FaustError.self) { try await catalog.partitions(of: "out") }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("out") == true)
        #expect(transport.created.value == [])
    }

    @Test func aNameThatNoBrokerTakesIsRefusedBeforeAnythingIsCreated() async {
        let transport = FakeTransport()
        let catalog = TopicCatalog.test(transport)
        let error = await #expect(throws: FaustError.self) {
            try await catalog.declare([
                TopicDeclaration(name: "fine", partitions: 1), TopicDeclaration(name: "not fine", partitions: 1),
            ])
        }
        #expect(error?.code == .invalidTopic)
        #expect(transport.created.value == [])
    }

    @Test func aTopicThatWasNotCreatedAfterAllIsAnError() async {
        let catalog = TopicCatalog.test(FakeTransport(creates: false))
        let error = await #expect(throws: FaustError.self) { try await catalog.partitions(of: "out") }
        #expect(error?.code == .unknownPartition)
    }
}
