// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

/// Lets very many windowed entries expire at once, and measures how long events wait meanwhile.
struct ExpiryBenchmark {
    private struct Waits {
        var count = 0
        var greatest = Duration.zero
        var over50 = 0
    }

    let keys: Int
    let store: String

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "window-benchmark-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let app = App("expiry-benchmark", broker: "memory://") { settings in
            settings.datadir = folder.path
            settings.brokerCommitInterval = .milliseconds(100)
        }
        let numbers = Schema(key: Serde<String>.string, value: Serde<Int>.json)
        let topic = app.topic("events", schema: numbers, partitions: 1)
        let configuration = TableConfiguration(store: store)
        let table = app.table("counts", key: String.self, default: 0, configuration: configuration)
            .tumbling(.seconds(1), expires: .seconds(1))
        let (waits, clock) = (SharedWaits(), ContinuousClock())
        let start = clock.now
        app.agent("count", topic) { stream in
            for try await (key, sent) in stream.items() {
                table[key] += 1
                waits.note(start.duration(to: clock.now) - .nanoseconds(sent))
            }
        }
        let keys = keys
        /// Sends events for a while, some each millisecond, until there is no reason to go on.
        @Sendable func send(at time: Int64, while isWanted: () async throws -> Bool) async throws {
            var number = 0
            while true {
                // Asking costs something, too.
                if number > 0, number % 1_000 == 0, try await !isWanted() { return }
                for _ in 0..<10 {
                    let now = start.duration(to: clock.now)
                    let sent =
                        Int(now.components.seconds) * 1_000_000_000 + Int(now.components.attoseconds / 1_000_000_000)
                    try await topic.post(sent, key: "live-\(number % 100)", timestamp: Timestamp(milliseconds: time))
                    number += 1
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        app.task {
            for number in 0..<keys {
                try await topic.post(0, key: "key-\(number)", timestamp: Timestamp(milliseconds: 1_000))
            }
            while waits.count < keys { try await Task.sleep(for: .milliseconds(10)) }
            try await app.commit()
            waits.report(nil)
            let before = clock.now
            try await send(at: 1_001) { before.duration(to: clock.now) < .seconds(3) }
            waits.report("before")
            let expiry = clock.now
            try await send(at: 1_000_000) {
                for try await _ in table.items(relativeTo: Timestamp(milliseconds: 1_000)) { return true }
                return false
            }
            waits.report("while \(keys) entries expire, in \(expiry.duration(to: clock.now))")
            app.stop()
        }
        try await app.run()
    }

    /// What the agent notes and the measuring task reports.
    private final class SharedWaits: Sendable {
        private let state = Mutex(Waits())

        var count: Int { state.withLock { $0.count } }

        func note(_ wait: Duration) {
            state.withLock { waits in
                waits.count += 1
                waits.greatest = max(waits.greatest, wait)
                if wait > .milliseconds(50) { waits.over50 += 1 }
            }
        }

        /// Prints what was noted, if it has a name, and begins anew.
        func report(_ name: String?) {
            let waits = state.withLock { waits in
                defer { waits = Waits() }
                return waits
            }
            guard let name else { return }
            print("\(name): \(waits.count) events, longest wait \(waits.greatest), \(waits.over50) longer than 50 ms")
        }
    }
}
