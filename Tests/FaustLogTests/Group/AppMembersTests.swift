// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Logging
import Testing

@Suite(.timeLimit(.minutes(5))) struct AppMembersTests {
    @Test("an app tells its workers and what they read, partitions of all topics that go together")
    func members() async throws {
        var settings = Settings(name: "members")
        settings.canonicalURL = "http://node7:6066"
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let app = App(settings: settings, logger: quiet) { LogTransport(storage: .memory, logger: $1) }
        for name in ["orders", "payments"] { _ = app.topic(name, partitions: 3) }
        let both = app.topics(
            ["orders", "payments"],
            schema: Schema<Bytes?, Bytes>(key: .raw, value: .raw),
            partitions: 3
        )
        app.agent("both", both) { stream in
            for try await _ in stream {}
        }
        let assigned = Watched<Set<TopicPartition>>([])
        app.onPartitionsAssigned { partitions in assigned.update { $0.formUnion(partitions) } }
        let told = Watched<[GroupMemberDescription]>([])
        let owners = Watched<[GroupMemberDescription?]>([])
        app.task {
            _ = try await assigned.wait { $0.count == 6 }
            let members = try await app.groupMembers()
            let missing = try await app.owner(of: TopicPartition("orders", 3))
            let owner = try await app.owner(of: TopicPartition("payments", 2))
            told.update { $0 = members }
            owners.update { $0 = [missing, owner] }
            app.stop()
        }
        let error = await #expect(throws: FaustError.self) { _ = try await app.groupMembers() }
        #expect(error?.code == .lifecycle)
        try await app.run()
        let all = ["orders", "payments"].flatMap { topic in (0..<3).map { TopicPartition(topic, $0) } }
        #expect(told.value.map(\.assignment) == [all])
        #expect(told.value.map(\.url) == ["http://node7:6066"])
        #expect(owners.value == [nil, told.value.first])
    }

    @Test("a group that nobody has joined has no members")
    func unknownGroup() async throws {
        let transport = LogTransport(storage: .memory)
        try await transport.start()
        #expect(try await transport.groupMembers("none").isEmpty)
        await transport.stop()
    }
}
