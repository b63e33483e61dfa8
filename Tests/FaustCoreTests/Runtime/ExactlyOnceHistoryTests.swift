// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustLog
import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

/// The accidents of one history, drawn from its seed.
private final class Fate: Sendable {
    private let random: Mutex<SeededRandom>
    /// How many operations of the producer are left before the worker is killed; none when negative.
    private let fuse: Mutex<Int>
    private let killed = FaustError(.transport, "killed", isFatal: true)
    /// The chance of a lost send or a body that throws, one in so many; 0 for never.
    private let odds: Int
    /// Is called when the worker is killed.
    private let kill: Mutex<(@Sendable (FaustError) -> Void)?> = Mutex(nil)

    init(seed: UInt64, fuse: Int, odds: Int) {
        random = Mutex(SeededRandom(seed: seed))
        self.fuse = Mutex(fuse)
        self.odds = odds
    }

    func onKill(_ action: @escaping @Sendable (FaustError) -> Void) {
        kill.withLock { $0 = action }
    }

    func isHit() -> Bool { odds > 0 && random.withLock { Int.random(in: 0..<odds, using: &$0) } == 0 }
    func flips() -> Bool { random.withLock { Bool.random(using: &$0) } }

    func judge(_ operation: FaultyTransport.Operation) -> FaultyTransport.Verdict {
        let left = fuse.withLock { fuse in
            if fuse > 0 { fuse -= 1 }
            return fuse
        }
        if left == 0 {
            let action = kill.withLock { kill in
                defer { kill = nil }
                return kill
            }
            action?(killed)
            // The last thing that a worker does before it dies may take effect.
            return action != nil && operation == .commit && flips() ? .failsAfterwards(killed) : .fails(killed)
        }
        switch operation {
        case .send, .commit: return isHit() ? .fails(FaustError(.transport, "lost", isRetriable: true)) : .passes
        case .begin, .abort: return .passes
        }
    }
}

/// One history: workers that are killed, fail and follow each other, on one log.
private struct History: Sendable {
    let log: LogTransport
    let count: Int
    /// Whether the app has another agent of the same topic, which is behind or ahead.
    let hasOther: Bool
    let lag = Watched<Int64>(-1)

    init(_ random: inout SeededRandom) async throws {
        count = Int.random(in: 1...80, using: &random)
        hasOther = Bool.random(using: &random)
        log = try await LogTransport.filled(0..<count, partitions: Int32.random(in: 1...4, using: &random))
    }

    /// A worker with bodies of a random kind.
    private func worker(_ fate: Fate, _ random: inout SeededRandom) -> ExactlyOnceWorker {
        let kind = Int.random(in: 0..<4, using: &random)
        let (concurrency, lanes) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...2, using: &random))
        var settings = ExactlyOnceWorker.settings
        settings.parallelism = lanes
        settings.brokerCommitEvery = [1, 1, 7, 30].randomElement(using: &random) ?? 1
        let worker = ExactlyOnceWorker(
            log,
            concurrency: concurrency,
            judge: fate.judge,
            lag: lag,
            settings: settings
        ) { stream, output in
            @Sendable func process(_ number: Int) async throws {
                try await output.send(number)
                if fate.flips() { await Task.yield() }
                if fate.isHit() { throw FaustError(.handler, "unlucky") }
                try await output.send(1_000 + number)
            }
            switch kind {
            case 0: for try await number in stream { try await process(number) }
            case 1: for try await event in stream.events() { try await process(event.value) }
            case 2: for try await numbers in stream.take(5) { for number in numbers { try await process(number) } }
            default:
                for try await event in stream.noack().events() {
                    try await process(event.value)
                    event.ack()
                }
            }
        }
        if hasOther {
            worker.app.agent("other", worker.app.topic("in", value: Int.self)) { [output = worker.output] stream in
                for try await number in stream {
                    if fate.flips() { await Task.yield() }
                    try await output.send(2_000 + number)
                }
            }
        }
        let app = worker.app
        fate.onKill { [stopSignal = app.stopSignal] in stopSignal.fire($0) }
        return worker
    }

    /// Runs one or two workers with accidents until they die or everything is done.
    func runWithAccidents(_ random: inout SeededRandom) async throws {
        let workers = (0..<Int.random(in: 1...2, using: &random))
            .map { _ in
                let fate = Fate(
                    seed: random.next(),
                    fuse: Int.random(in: 1...150, using: &random),
                    odds: [0, 10, 40].randomElement(using: &random) ?? 0
                )
                return worker(fate, &random)
            }
        await withTaskGroup(of: Void.self) { group in
            // How they end is of no interest: what they leave behind is.
            for worker in workers { group.addTask { try? await worker.run(untilDone: lag, ticks: true) } }
        }
    }

    /// Runs a last worker, which commits all that is left.
    func finish(_ random: inout SeededRandom) async throws {
        let rest = try await log.lag(of: "exact", topic: "in")
        lag.update { $0 = rest }
        try await worker(Fate(seed: 0, fuse: -1, odds: 0), &random).run(untilDone: lag, ticks: true)
    }
}

@Suite("Exactly once, whatever happens", .serialized)
struct ExactlyOnceHistoryTests {
    /// Workers killed at any operation, lost sends, lost answers, bodies that throw, rebalances; loops of all kinds.
    @Test("the output is that of one undisturbed run", arguments: 0..<200)
    func history(seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        let history = try await History(&random)
        for _ in 0..<Int.random(in: 1...4, using: &random) { try await history.runWithAccidents(&random) }
        try await history.finish(&random)
        let numbers = try await history.log.numbers(of: "out").sorted()
        let kinds = history.hasOther ? [0, 1_000, 2_000] : [0, 1_000]
        #expect(numbers == kinds.flatMap { kind in (0..<history.count).map { kind + $0 } })
        await history.log.stop()
    }
}
