// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import FaustTesting
import Testing

@testable import FaustCore

@Suite("Shutdown")
struct ShutdownTests {
    @Test("what a body finishes while the worker stops is committed", arguments: [true, false])
    func lastEvent(waitsForEmpty: Bool) async throws {
        let log = try await LogTransport.filled(0..<3, partitions: 1)
        var settings = Settings(name: "last")
        settings.streamWaitEmpty = waitsForEmpty
        // With a wait, it ends without the event.
        settings.shutdownTimeout = .zero
        let app = App(settings: settings, clock: AppClock(TestClock()), logger: .silent) { _, _ in FaultyTransport(log)
        }
        let (begun, isCancelled) = (Watched(false), Watched(false))
        app.agent("slow", app.topic("in", value: Int.self)) { stream in
            for try await _ in stream {
                await withTaskCancellationHandler {
                    begun.update { $0 = true }
                    // Goes on when it is cancelled: the worker has committed by then.
                    await Task.detached { _ = try? await isCancelled.wait { $0 } }.value
                } onCancel: {
                    isCancelled.update { $0 = true }
                }
            }
        }
        async let running: Void = app.run()
        try await begun.wait { $0 }
        app.stop()
        try await running
        let committed = try await log.committedOffsets(group: "last", partitions: [TopicPartition("in", 0)])
        #expect(committed == [TopicPartition("in", 0): 1])
        await log.stop()
    }

    /// A signal may come while the program starts.
    @Test("a stop before the run ends that run, and only that", .timeLimit(.minutes(5))) func earlyStop() async throws {
        let log = try await LogTransport.filled(0..<1, partitions: 1)
        let app = App(settings: Settings(name: "early"), logger: .silent) { _, _ in FaultyTransport(log) }
        let hasRun = Flag()
        app.agent("read", app.topic("in", value: Int.self)) { stream in
            for try await value in stream where value == 1 {
                hasRun.set()
                app.stop()
            }
        }
        app.stop()
        try await app.run()
        #expect(!hasRun.isSet)
        try await log.fill("in", partitions: 1, 1..<2)
        try await app.run()
        #expect(hasRun.isSet)
        await log.stop()
    }

    @Test("an app that runs already can't be run again, and runs on", .timeLimit(.minutes(5))) func twice() async throws
    {
        let log = try await LogTransport.filled(0..<1, partitions: 1)
        let app = App(settings: Settings(name: "twice"), logger: .silent) { _, _ in FaultyTransport(log) }
        let code = Collected<FaustError.Code?>()
        app.agent("read", app.topic("in", value: Int.self)) { stream in
            for try await _ in stream {
                do { try await app.run() } catch { code.add((error as? FaustError)?.code) }
                app.stop()
            }
        }
        try await app.run()
        #expect(code.values == [.lifecycle])
        await log.stop()
    }

    @Test func healthTellsWhetherTheWorkerRuns() async throws {
        let log = try await LogTransport.filled(0..<1, partitions: 1)
        let app = App(settings: Settings(name: "health"), logger: .silent) { _, _ in FaultyTransport(log) }
        let found = Collected<Health.Status>()
        app.agent("look", app.topic("in", value: Int.self)) { stream in
            for try await _ in stream {
                found.add(app.health.status)
                app.stop()
            }
        }
        #expect(app.health.status == .stopped)
        try await app.run()
        #expect(found.values == [.healthy])
        #expect(app.health.status == .stopped)
        await log.stop()
    }
}
