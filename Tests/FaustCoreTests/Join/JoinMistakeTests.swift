// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Joins that can't work")
struct JoinMistakeTests {
    private func failure(_ app: App) async throws -> FaustError? {
        let kit = try await TestKit()
        let error = await #expect(throws: FaustError.self) { try await kit.start(app) }
        try await kit.end()
        #expect(error?.code == .configuration)
        return error
    }

    @Test("topics with different numbers of partitions are an error at the start that says how to mend it")
    func topics() async throws {
        let app = kitApp("mistake")
        let left = app.topic("left", key: String.self, value: Int.self, partitions: 4)
        let right = app.topic("right", key: String.self, value: Int.self, partitions: 3)
        app.agent("joiner", left.join(right, within: .seconds(1))) { stream in for try await _ in stream {} }
        let error = try await failure(app)
        #expect(error?.message.contains("agent joiner joins what differs in the number of partitions") == true)
        #expect(error?.message.contains("topic left has 4") == true)
        #expect(error?.message.contains("topic right has 3") == true)
        #expect(error?.message.contains("groupBy or through") == true)
    }

    @Test("so is a table with another number of partitions than the stream, also behind a groupBy")
    func table() async throws {
        for isGrouped in [false, true] {
            let app = kitApp("mistake", partitions: 3)
            let orders = app.topic("orders", key: String.self, value: String.self, partitions: 3)
            let names = app.table(
                "names",
                key: String.self,
                default: "",
                configuration: TableConfiguration(partitions: isGrouped ? 3 : 4)
            )
            app.agent("joiner", orders) { stream in
                if isGrouped {
                    let stream = stream.groupBy(name: "value", partitions: 5) { $0 }.join(names)
                    for try await _ in stream {}
                } else {
                    for try await _ in stream.join(names) {}
                }
            }
            let error = try await failure(app)
            #expect(error?.message.contains("table names has \(isGrouped ? 3 : 4)") == true)
            #expect(error?.message.contains(isGrouped ? "repartition has 5" : "topic orders has 3") == true)
        }
    }

    @Test("so are two tables with different numbers of partitions")
    func tables() async throws {
        let app = kitApp("mistake")
        let words = app.topic("words", key: String.self, value: Int.self)
        let left = app.table("left", key: String.self, default: 0, configuration: TableConfiguration(partitions: 2))
        let right = app.table("right", key: String.self, default: 0, configuration: TableConfiguration(partitions: 3))
        _ = left.join(right)
        app.agent("read", words) { stream in for try await _ in stream {} }
        let error = try await failure(app)
        #expect(error?.message.contains("table left has 2, table right has 3") == true)
    }

    @Test("a table that is not global can't be joined by a key that is not the stream's")
    func notGlobal() async throws {
        let app = kitApp("mistake")
        let orders = app.topic("orders", key: String.self, value: String.self)
        let names = app.table("names", key: String.self, default: "")
        app.agent("joiner", orders) { stream in for try await _ in stream.join(names, by: \.self) {} }
        let error = try await failure(app)
        #expect(error?.message.contains("declare it with app.globalTable") == true)
    }

    @Test("a topic can't be joined with itself, with several topics, with other keys, or within less than no time")
    func declarations() async throws {
        let joins: [(App) -> StreamJoin<String, (Int, Int)>] = [
            { app in
                let topic = app.topic("a", key: String.self, value: Int.self)
                return topic.join(topic, within: .seconds(1))
            },
            { app in
                let topic = app.topic("a", key: String.self, value: Int.self)
                let several = app.topics(
                    ["b", "c"],
                    schema: Schema(key: Serde<String>.keyDefault, value: Serde<Int>.json)
                )
                return topic.join(several, within: .seconds(1))
            },
            { app in
                let topic = app.topic("a", key: String.self, value: Int.self)
                let other = app.topic("b", schema: Schema(key: Serde<String>.json, value: Serde<Int>.json))
                return topic.join(other, within: .seconds(1))
            },
            { app in
                let topic = app.topic("a", key: String.self, value: Int.self)
                return topic.join(app.topic("b", key: String.self, value: Int.self), within: .seconds(-1))
            },
            { app in
                let other = kitApp("other").topic("b", key: String.self, value: Int.self)
                return app.topic("a", key: String.self, value: Int.self).join(other, within: .seconds(1))
            },
        ]
        let parts = ["with itself", "several names", "written differently", "negative", "another app"]
        for (make, part) in zip(joins, parts) {
            let app = kitApp("mistake")
            app.agent("joiner", make(app)) { stream in for try await _ in stream {} }
            #expect(try await failure(app)?.message.contains(part) == true)
        }
    }
}
