// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import FaustTesting
import Logging
import ServiceLifecycle
import Testing

private struct Broken: Error {}

/// A log that several workers of a test share; the test starts and stops it.
private struct SharedLog: Transport {
    let log = LogTransport(storage: .memory)

    var description: String { log.description }
    func start() async throws {}
    func stop() async {}
    func createTopics(_ declarations: [TopicDeclaration]) async throws { try await log.createTopics(declarations) }
    func deleteTopics(_ names: [String]) async throws { try await log.deleteTopics(names) }
    func topics(_ names: [String]?) async throws -> [String: TopicMetadata] { try await log.topics(names) }
    func offsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await log.offsets(of: partitions)
    }
    func offsets(of partitions: [TopicPartition], from time: Int64) async throws -> [TopicPartition: Int64] {
        try await log.offsets(of: partitions, from: time)
    }
    func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await log.committedOffsets(group: group, partitions: partitions)
    }
    func makeConsumer(_ configuration: ConsumerConfiguration) throws -> any TransportConsumer {
        try log.makeConsumer(configuration)
    }
    func makeProducer(_ configuration: ProducerConfiguration) throws -> any TransportProducer {
        try log.makeProducer(configuration)
    }
}

/// What has happened, in order.
private final class Diary: Sendable {
    private let lines = Watched<[String]>([])

    var all: [String] { lines.value }
    func note(_ line: String) { lines.update { $0.append(line) } }
    func wait(for line: String) async throws { try await lines.wait { $0.contains(line) } }
}

@Suite("Schedules of an app", .timeLimit(.minutes(5))) struct AppSchedulesTests {
    private let diary = Diary()
    private let clock = TestClock()

    private func makeApp(_ transport: (any Transport)? = nil, configure: (inout Settings) -> Void = { _ in }) -> App {
        var settings = Settings(name: "schedules")
        configure(&settings)
        return App(
            settings: settings,
            // 2026-11-21T19:59:00Z.
            clock: AppClock(clock) { [clock] in 1_795_291_140_000 + Int64(clock.now.offset / .milliseconds(1)) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            makeTransport: { _, _ in transport ?? LogTransport(storage: .memory) }
        )
    }

    /// What sleeps in an app without schedules: the committer, the watchdog and the watch over its topics.
    private static let idleSleepers = 3

    /// Runs an app beside the steps of a test and stops it after them.
    private func run(_ app: App, steps: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run() }
            group.addTask {
                try await steps()
                app.stop()
            }
            while try await group.next() != nil {}
        }
    }

    @Test("timers and crontabs run with the app") func both() async throws {
        let app = makeApp { $0.timezone = "Europe/Berlin" }
        app.timer(every: .seconds(45)) { diary.note("timer") }
        // 20:59 in Berlin.
        app.crontab("0 21 * * *") { diary.note("crontab") }
        let utc = app.crontab("0 20 * * *", timeZone: "UTC", name: "utc") {}
        #expect(app.schedules.map(\.name) == ["timer every 45.0 seconds", "crontab 0 21 * * *", "utc"])
        try await run(app) {
            try await clock.waitForSleepers(Self.idleSleepers + 3)
            clock.advance(by: .seconds(45))
            try await diary.wait(for: "timer")
            try await clock.waitForSleepers(Self.idleSleepers + 3)
            clock.advance(by: .seconds(15))
            try await diary.wait(for: "crontab")
            try await clock.waitForSleepers(Self.idleSleepers + 3)
        }
        #expect(diary.all == ["timer", "crontab"])
        #expect(utc.runs.value == 1)
        #expect(app.monitor.scheduleRuns.value == 3)
        #expect(!app.isLeader)
    }

    @Test("mistakes are thrown when the app starts")
    func mistakes() async throws {
        let declare: [@Sendable (App) -> Void] = [
            { $0.crontab("0 25 * * *") {} }, { $0.crontab("@daily", timeZone: "Berlin") {} },
            { $0.timer(every: .zero) {} },
        ]
        for (declare, message) in zip(declare, ["hour 25", "no time zone 'Berlin'", "interval above zero"]) {
            let app = makeApp()
            declare(app)
            let error = await #expect(throws: FaustError.self) { try await app.run() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    @Test("a time zone of the settings that does not exist stops the app") func settingsZone() async throws {
        let app = makeApp { $0.timezone = "Nowhere/Land" }
        app.crontab("@daily") {}
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("Nowhere/Land") == true)
    }

    @Test("a timer that is declared too late is a mistake") func late() async throws {
        let app = makeApp()
        app.task { app.timer(every: .seconds(1)) {} }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .lifecycle)
    }

    @Test("a timer whose errors are fatal stops the app") func fatal() async throws {
        let app = makeApp()
        app.timer(every: .seconds(1), name: "backup", onError: .stop) { throw Broken() }
        let error = await #expect(throws: FaustError.self) {
            try await run(app) {
                try await clock.waitForSleepers(Self.idleSleepers + 1)
                clock.advance(by: .seconds(1))
                // The app ends by itself.
                try await Gate().wait()
            }
        }
        #expect(error?.message == "backup has failed")
        #expect(error?.cause is Broken)
    }

    @Test("an app that reads no topics leads itself") func alone() async throws {
        let app = makeApp()
        #expect(!app.isLeader)
        app.timer(every: .seconds(1), onLeader: true) { diary.note("leader: \(app.isLeader)") }
        app.task(onLeader: true) { diary.note("task") }
        app.task(onLeader: false) { diary.note("plain") }
        try await run(app) {
            try await clock.waitForSleepers(Self.idleSleepers + 1)
            clock.advance(by: .seconds(1))
            for line in ["leader: true", "task", "plain"] { try await diary.wait(for: line) }
        }
        #expect(diary.all.count == 3)
    }

    @Test("of two workers one leads, and the other takes over when it ends", arguments: [1, 3])
    func takeOver(partitions: Int) async throws {
        let shared = SharedLog()
        try await shared.log.start()
        let leaders = Watched(0)
        let workers = [makeApp(shared), makeApp(shared)]
        for (index, app) in workers.enumerated() {
            app.agent("read", app.topic("orders", key: String.self, value: String.self, partitions: partitions)) {
                for try await _ in $0 {}
            }
            app.task(onLeader: true) {
                leaders.update { $0 += 1 }
                diary.note("\(index) leads, of \(leaders.value); it says so: \(app.isLeader)")
                defer {
                    diary.note("\(index) ends")
                    leaders.update { $0 -= 1 }
                }
                try await Gate().wait()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await workers[0].run() }
            try await diary.wait(for: "0 leads, of 1; it says so: true")
            group.addTask { try await workers[1].run() }
            let diary = diary
            // With one partition the first worker may keep it; then only its end makes the second one lead.
            workers[0].stop()
            try await diary.wait(for: "1 leads, of 1; it says so: true")
            workers[1].stop()
            try await group.waitForAll()
        }
        #expect(
            diary.all == [
                "0 leads, of 1; it says so: true", "0 ends", "1 leads, of 1; it says so: true", "1 ends",
            ]
        )
        await shared.log.stop()
    }

    // MARK: Services

    /// A service that runs until it is told to stop.
    private struct Patient: Service {
        let name: String
        let diary: Diary

        func run() async throws {
            diary.note("\(name) runs")
            try await gracefulShutdown()
            diary.note("\(name) stops")
        }
    }

    private struct Failing: Service {
        func run() async throws { throw Broken() }
    }

    @Test("services run with the app and stop gracefully after its agents, the last one first")
    func services() async throws {
        let app = makeApp()
        let orders = app.topic("orders", key: String.self, value: String.self)
        let gate = Gate()
        app.service(Patient(name: "first", diary: diary))
        app.service(Patient(name: "second", diary: diary))
        app.agent("read", each: orders) { value in
            diary.note("\(value) begins")
            try await gate.wait()
            diary.note("\(value) is finished")
        }
        app.onShutdown { diary.note("closed") }
        app.task { try await orders.post("order", key: "k") }
        let group = ServiceGroup(
            configuration: .init(services: [app], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        )
        async let running: Void = group.run()
        for line in ["first runs", "second runs", "order begins"] { try await diary.wait(for: line) }
        await group.triggerGracefulShutdown()
        gate.open()
        try await running
        #expect(
            diary.all.suffix(4) == ["order is finished", "second stops", "first stops", "closed"],
            "\(diary.all)"
        )
    }

    @Test("a service that fails stops the app") func failingService() async throws {
        let app = makeApp()
        app.service(Failing())
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.message == "a service has failed")
        #expect(error?.cause is Broken)
    }

    @Test("a service that returns does not stop the app or the others") func returningService() async throws {
        struct Short: Service {
            let diary: Diary
            func run() async throws { diary.note("short") }
        }
        let app = makeApp()
        app.service(Short(diary: diary))
        app.service(Patient(name: "long", diary: diary))
        try await run(app) {
            for line in ["short", "long runs"] { try await diary.wait(for: line) }
        }
        #expect(diary.all.last == "long stops")
    }
}
