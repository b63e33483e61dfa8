// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Table used where it can't be")
struct TableMistakeTests {
    @Test("a write outside of a stream is thrown by methods, and stops the worker when a subscript makes it")
    func outside() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self)
        let counts = app.table("counts", key: String.self, default: 0)
        app.agent("read", words) { stream in for try await _ in stream {} }
        let error = await #expect(throws: FaustError.self) {
            try await rig.run(app) {
                try await rig.ready(app)
                let error = #expect(throws: FaustError.self) { try counts.set(1, for: "a") }
                #expect(error?.code == .lifecycle)
                counts["a"] = 1
                try await app.untilStopped()
            }
        }
        #expect(error?.message.contains("table counts can't be changed") == true)
    }

    @Test("a write before the app runs is a mistake that it does not start with")
    func beforeRun() async throws {
        let rig = TableRig()
        let app = rig.app()
        let counts = app.table("counts", key: String.self, default: 0)
        counts["a"] += 1
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .lifecycle)
    }

    @Test("a write for a topic with another number of partitions fails the event, and the agent's policy decides")
    func otherPartitions() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self, partitions: 3)
        let others = app.topic("others", key: String.self, value: Int.self)
        let counts = app.table("counts", key: String.self, default: 0)
        app.agent("read", others) { stream in for try await _ in stream {} }
        app.agent("count", words, onError: .skip) { stream in
            for try await (word, number) in stream.items() { counts[word] += number }
        }
        try await rig.run(app) {
            for number in 0..<3 { try await words.send(1, key: "w\(number)") }
            try await rig.errors.wait { $0.count >= 3 }
            #expect(rig.errors.value.allSatisfy { $0.contains("3 partitions") && $0.contains("skipped") })
            #expect(try counts.count() == 0)
        }
        #expect(app.monitor.eventsFailed.value == 3)
    }

    @Test("an event whose write has failed is not finished, also when it is the last one")
    func failedEventsComeAgain() async throws {
        let rig = TableRig()
        let app = rig.app { $0.topicPartitions = 1 }
        let words = app.topic("words", key: String.self, value: Int.self)
        let seen = Watched<[Int]>([])
        app.agent("one", words) { stream in
            for try await number in stream {
                let isFirst = seen.update {
                    $0.append(number)
                    return $0.filter { $0 == number }.count == 1
                }
                if isFirst, number == 7 { EventScope.current?.fail(FaustError(.storage, "no such luck")) }
            }
        }
        try await rig.run(app) {
            for number in 0...7 { try await words.post(number, key: "a") }
            try await seen.wait { $0.count >= 9 }
        }
        #expect(seen.value == [0, 1, 2, 3, 4, 5, 6, 7, 7])
    }

    @Test("a value that can't be written stops the worker with the table's name")
    func unwritable() async throws {
        let rig = TableRig()
        let app = rig.app()
        let words = app.topic("words", key: String.self, value: Int.self)
        let means = app.table("means", key: String.self, default: 0.0)
        let seen = Watched(0)
        app.agent("mean", words) { stream in
            for try await (word, _) in stream.items() {
                means[word] = .infinity
                seen.update { $0 += 1 }
            }
        }
        let error = await #expect(throws: FaustError.self) {
            try await rig.run(app) {
                try await words.send(1, key: "a")
                try await seen.wait { $0 == 1 }
                _ = try? await app.commit()
                try await app.untilStopped()
            }
        }
        #expect(error?.code == .encode)
        #expect(error?.message.contains("means") == true)
    }

    @Test("two tables of one name, names that no topic can have and unknown stores are mistakes")
    func declarations() async throws {
        let rig = TableRig()
        let twice = rig.app()
        _ = twice.table("t", key: String.self, default: 0)
        _ = twice.table("t", key: String.self, default: 0)
        await #expect(throws: FaustError.self) { try await twice.run() }
        let misnamed = rig.app()
        _ = misnamed.table("a/b", key: String.self, default: 0)
        await #expect(throws: FaustError.self) { try await misnamed.run() }
        let unknown = rig.app { $0.store = "aerospike://x" }
        _ = unknown.table("t", key: String.self, default: 0)
        let error = await #expect(throws: FaustError.self) { try await unknown.run() }
        #expect(error?.code == .configuration)
    }

    @Test("tables and their changelogs are listed without running the app")
    func listing() {
        let app = TableRig().app()
        _ = app.topic("words", key: String.self, value: Int.self, partitions: 6)
        let words = app.topic("words", key: String.self, value: Int.self)
        app.agent("count", words) { stream in for try await _ in stream {} }
        _ = app.table("views", key: String.self, default: 0, help: "Views per minute.").tumbling(.seconds(60))
        _ = app.table("counts", key: String.self, default: 0, configuration: TableConfiguration(partitions: 3))
        #expect(app.tables.map(\.name) == ["counts", "views"])
        #expect(app.tables.map(\.help) == ["", "Views per minute."])
        let planned = app.deploymentPlan.topics.filter { $0.name.hasSuffix("-changelog") }
        #expect(planned.map(\.name) == ["tables-counts-changelog", "tables-views-changelog"])
        #expect(planned.map(\.partitions) == [3, 6])
        #expect(planned.allSatisfy { $0.configuration == ["cleanup.policy": "compact"] })
    }

    @Test("further settings of a changelog are planned and used, and win")
    func extraTopicConfigs() async throws {
        let rig = TableRig()
        let app = rig.app()
        let extra = ["segment.ms": "60000", "cleanup.policy": "compact,delete"]
        let configuration = TableConfiguration(partitions: 2, extraTopicConfigs: extra)
        _ = app.table("counts", key: String.self, default: 0, configuration: configuration)
        _ = app.setTable("tags", key: String.self, value: String.self, help: "Tags.", configuration: configuration)
        #expect(app.deploymentPlan.topics.map(\.configuration) == [extra, extra])
        #expect(app.tables.map(\.help) == ["", "Tags."])
        try await rig.run(app) {}
        let topics = try await rig.log.topics(["tables-counts-changelog", "tables-tags-changelog"])
        #expect(topics.mapValues(\.configuration).values.allSatisfy { $0 == extra })
        #expect(topics.mapValues(\.partitions).values.allSatisfy { $0 == 2 })
    }

    @Test("a changelog with another number of partitions than declared is a mistake")
    func changedPartitions() async throws {
        let rig = TableRig()
        try await rig.log.start()
        try await rig.log.createTopics([TopicDeclaration(name: "tables-t-changelog", partitions: 3)])
        let app = rig.app()
        _ = app.table("t", key: String.self, default: 0, configuration: TableConfiguration(partitions: 5))
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
    }
}

extension TableRig {
    /// Waits until an app has partitions.
    fileprivate func ready(_ app: App) async throws {
        while app.assignment.isEmpty { await Task.yield() }
    }
}
