// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import FaustLog
import FaustTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SharingTests {
    @Test("a log that nobody has open is opened")
    func opens() async throws {
        let directory = try ServedDirectory()
        let transport = try await LogTransport.openOrConnect(directory: directory.path)
        #expect(transport is LogTransport)
        try await transport.createTopics([TopicDeclaration(name: "orders", partitions: 1)])
        await transport.stop()
        let again = try await LogTransport.openOrConnect(directory: directory.path)
        #expect(try await again.topics(nil).keys.sorted() == ["orders"])
        await again.stop()
    }

    @Test("a log that is open elsewhere is reached through its owner")
    func connects() async throws {
        let directory = try ServedDirectory()
        let owner = LogTransport(directory: directory.path)
        try await owner.start()
        let server = LogServer(transport: owner, directory: directory.path)
        try await server.start()
        let transport = try await LogTransport.openOrConnect(directory: directory.path)
        #expect(transport is RemoteLogTransport)
        try await transport.createTopics([TopicDeclaration(name: "orders", partitions: 1)])
        #expect(try await owner.topics(nil).keys.sorted() == ["orders"])
        await transport.stop()
        await server.stop()
        await owner.stop()
    }

    @Test("an owner that does not serve its log yet is waited for")
    func waits() async throws {
        let directory = try ServedDirectory()
        let owner = LogTransport(directory: directory.path)
        try await owner.start()
        let clock = TestClock()
        async let transport = LogTransport.openOrConnect(directory: directory.path, clock: clock)
        try await clock.waitForSleepers(1)
        let server = LogServer(transport: owner, directory: directory.path)
        try await server.start()
        clock.advance(by: .seconds(1))
        #expect(try await transport is RemoteLogTransport)
        await (try transport).stop()
        await server.stop()
        await owner.stop()
    }

    @Test("an owner that never serves its log is given up on")
    func givesUp() async throws {
        let directory = try ServedDirectory()
        let owner = LogTransport(directory: directory.path)
        try await owner.start()
        await #expect(throws: FaustError.self) {
            _ = try await LogTransport.openOrConnect(directory: directory.path, patience: .zero)
        }
        await owner.stop()
    }
}
#endif
