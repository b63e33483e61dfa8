// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustLog
import FaustTesting
import Logging
import Synchronization
import Testing

@Record
struct Order {
    var accountID: String
    var productID: String
    var amount: Int = 1
    var price: Double
}

@Suite("A program on the embedded log in memory")
struct PipelineTests {
    @Test func anAgentGetsWhatIsSentInTheOrderOfItsKey() async throws {
        let app = App("pipeline", broker: "memory://")
        let orders = app.topic("orders", key: String.self, value: Order.self, partitions: 4)
        let seen = Recorder<Order>()
        app.agent("spending", orders) { stream in
            for try await order in stream { seen.append(order) }
        }
        app.task {
            for number in 0..<1_000 {
                let order = Order(accountID: "a\(number % 10)", productID: "p", amount: number, price: 1.5)
                try await orders.post(order, key: order.accountID)
            }
        }
        try await app.run(until: seen, has: 1_000)
        let byAccount = Dictionary(grouping: seen.values, by: \.accountID)
        #expect(byAccount.count == 10)
        for (_, orders) in byAccount { #expect(orders.map(\.amount) == orders.map(\.amount).sorted()) }
        #expect(Set(seen.values.map(\.amount)).count == 1_000)
    }

    @Test func aChainOfAgentsThroughTopicsLosesNothing() async throws {
        let app = App("chain", broker: "memory://") { $0.parallelism = 2 }
        let lines = app.topic("lines", value: String.self)
        let words = app.topic("words", key: String.self, value: Int.self)
        let counts = Mutex<[String: Int]>([:])
        let done = Recorder<String>()
        app.agent("split", lines) { stream in
            for try await line in stream {
                for word in line.split(separator: " ") { try await words.post(1, key: String(word)) }
            }
        }
        app.agent("count", words) { stream in
            for try await (word, number) in stream.items() {
                counts.withLock { $0[word, default: 0] += number }
                done.append(word)
            }
        }
        app.task { for _ in 0..<500 { try await lines.post("the cat and the dog", key: nil) } }
        try await app.run(until: done, has: 2_500)
        #expect(counts.withLock { $0 } == ["the": 1_000, "cat": 500, "and": 500, "dog": 500])
    }

    @Test func sinksGetWhatAnAgentYields() async throws {
        let app = App("sinks", broker: "memory://")
        let numbers = app.topic("numbers", value: Int.self)
        let squares = app.topic("squares", value: Int.self)
        let seen = Recorder<Int>()
        app.agent("square", numbers, sinks: [.topic(squares)]) { stream in stream.map { $0 * $0 } }
        app.agent("print", each: squares) { seen.append($0) }
        app.task { for number in 1...50 { try await numbers.send(number) } }
        try await app.run(until: seen, has: 50)
        #expect(seen.values.sorted() == (1...50).map { $0 * $0 })
    }

    @Test func aPatternReadsTopicsThatAreCreatedWhileTheAppRuns() async throws {
        let clock = TestClock()
        let app = App("patterns", broker: "memory://", clock: AppClock(clock))
        let early = app.topic("orders-eu", key: String.self, value: Int.self)
        let all = app.topics(matching: "orders-.*", key: String.self, value: Int.self)
        let seen = Recorder<String>()
        app.agent("all", all) { stream in
            for try await event in stream.events() { seen.append("\(event.message.topic) \(event.value)") }
        }
        app.task {
            try await early.send(1, key: "k")
            try await app.send(to: "orders-us", key: "k", value: "2")
            try await app.send(to: "returns", key: "k", value: "3")
            await seen.wait(for: 1)
            clock.advance(by: .seconds(300))
        }
        try await app.run(until: seen, has: 2)
        #expect(seen.values == ["orders-eu 1", "orders-us 2"])
    }

    @Test func aPatternThatIsNoneIsRefusedWhenTheAppStarts() async throws {
        let app = App("patterns", broker: "memory://")
        _ = app.topics(matching: "orders-(", key: String.self, value: Int.self)
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
    }

    @Test func exactlyOnceRunsTheSameProgram() async throws {
        let app = App("exact", broker: "memory://") { $0.processingGuarantee = .exactlyOnce }
        let numbers = app.topic("numbers", value: Int.self)
        let squares = app.topic("squares", value: Int.self)
        let seen = Recorder<Int>()
        app.agent("square", numbers, sinks: [.topic(squares)]) { stream in stream.map { $0 * $0 } }
        app.agent("print", each: squares) { seen.append($0) }
        app.task { for number in 1...50 { try await numbers.send(number) } }
        try await app.run(until: seen, has: 50)
        #expect(seen.values.sorted() == (1...50).map { $0 * $0 })
    }

    @Test func oneSendMayHaveAnotherSchemaThanItsTopic() async throws {
        let app = App("schemas", broker: "memory://")
        let notes = app.topic("notes", schema: Schema(key: Serde<String>.string, value: Serde<String>.json))
        let plain = app.topic("notes", schema: Schema(key: Serde<String>.string, value: Serde<String>.raw))
        let seen = Recorder<String>()
        app.agent("read", each: plain) { seen.append($0) }
        app.task {
            try await notes.send("a", key: "k")
            try await notes.send("b", key: "k", schema: plain.schema)
        }
        try await app.run(until: seen, has: 2)
        #expect(seen.values == ["\"a\"", "b"])
    }

    @Test func anAppRunsAgainAfterItHasStopped() async throws {
        let transport = LogTransport(storage: .memory)
        let app = App(settings: Settings(name: "again")) { _, _ in Kept(transport: transport) }
        let numbers = app.topic("numbers", value: Int.self)
        let stream = numbers.stream()
        let seen = Recorder<Int>()
        app.task { for try await number in stream { seen.append(number) } }
        app.task { try await numbers.send(seen.values.count) }
        try await transport.start()
        try await app.run(until: seen, has: 1)
        try await app.run(until: seen, has: 2)
        await transport.stop()
        #expect(seen.values.prefix(2) == [0, 1])
    }

    @Test func aMessageThatCannotBeDecodedStopsNobodyByDefault() async throws {
        let app = App("bad", broker: "memory://")
        let numbers = app.topic("numbers", value: Int.self, partitions: 1)
        let seen = Recorder<Int>()
        app.agent("read", each: numbers) { seen.append($0) }
        app.task {
            try await numbers.send(1)
            try await app.send(to: "numbers", key: nil, value: "no number")
            try await numbers.send(2)
        }
        try await app.run(until: seen, has: 2)
        #expect(seen.values == [1, 2])
        #expect(app.monitor.decodeErrors.value == 1)
    }

    @Test func decodeErrorsStopTheWorkerWhenThePolicySaysSoWhateverOnErrorSays() async throws {
        let app = App("strict", broker: "memory://") {
            $0.agentMaxRestarts = 1
            $0.agentRestartDelay = .milliseconds(1)
        }
        let numbers = app.topic("numbers", value: Int.self, partitions: 1)
        app.agent("read", each: numbers, onError: .skip, onDecodeError: .stop) { _ in }
        app.task { try await app.send(to: "numbers", key: nil, value: "no number") }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.isFatal == true)
        #expect(error?.offset == 0)
    }
}

/// A log that outlives the runs of an app.
struct Kept: Transport {
    let transport: LogTransport
    var description: String { transport.description }

    func start() async throws {}
    func stop() async {}
    func createTopics(_ declarations: [TopicDeclaration]) async throws {
        try await transport.createTopics(declarations)
    }
    func deleteTopics(_ names: [String]) async throws { try await transport.deleteTopics(names) }
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await transport.topics(names) }
    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await transport.offsets(of: partitions)
    }
    func offsets(of partitions: [TopicPartition], from time: Int64) async throws -> [TopicPartition: Int64] {
        try await transport.offsets(of: partitions, from: time)
    }
    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await transport.committedOffsets(group: group, partitions: partitions)
    }
    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try transport.makeConsumer(configuration)
    }
    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try transport.makeProducer(configuration)
    }
}
